"""The web chat: page and JSON."""
