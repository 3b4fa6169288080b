"""The appointment book: schedules, free times, appointments."""
