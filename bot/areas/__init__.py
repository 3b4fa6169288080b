"""County, towns and villages: codes, names, aliases, what is near."""
