"""What citizens are told without having asked: reminders, answers, changes."""
