"""The whole program, started once."""

from tests.live import live

__all__ = ["live"]
