"""Legal aid: whether somebody can probably get it, and the application for it."""
