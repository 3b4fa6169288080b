"""Who can still be reached, by which way and until when; what was sent and what became of it; whom to call."""
