"""Organisations, services, people and their opening hours, in HSDS 3 terms."""
