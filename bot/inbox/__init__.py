"""What waits for the staff: messages for a person, feedback, questions that nobody could answer."""
