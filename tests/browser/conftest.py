"""The whole program, started once; for the pages, the gateway alone."""

from tests.gateway import gateway
from tests.live import live, live_var, wechat

__all__ = ["gateway", "live", "live_var", "wechat"]
