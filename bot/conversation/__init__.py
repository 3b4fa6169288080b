"""One turn of a conversation: danger, a person on duty, the engine, replies."""
