"""The whole program, started once."""

from tests.live import live, live_var

__all__ = ["live", "live_var"]
