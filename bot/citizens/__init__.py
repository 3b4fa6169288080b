"""Citizens' personal data: consent, sealed fields, how long each is kept, the way to a copy and to erasure."""
