"""Settings, store connection, supervisor, logs, metrics: all that knows the machine."""
