"""Exact answers with their arithmetic: court fees, severance, deadlines, interest, shares of an estate."""
