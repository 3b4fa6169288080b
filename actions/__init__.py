"""Rasa custom actions: slots in, one service call, replies out."""
