"""Comparisons that print a ratio; each runs its rival in the same run."""
