"""Which door is the right one; statutes and answers to come."""
