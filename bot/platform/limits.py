"""How often somebody may write: a token bucket in each gateway process.

The limiter needs no store, so that it neither fails nor lets everybody through when the store is down. With n gateway
processes somebody may write n times as often; the figures leave room for that.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

# Buckets kept; beyond, the one that was quiet longest is forgotten (and full again, which only helps its owner).
MOST = 20_000


@dataclass(frozen=True)
class Rate:
    """`burst` at once, then one every `seconds`."""

    burst: int
    seconds: float


# A fast typist sends a message every two seconds; a button-tapper three in one.
PER_SENDER = Rate(burst=20, seconds=1.0)
# A school's or an office's whole network shows up as one address.
PER_ADDRESS = Rate(burst=200, seconds=0.05)


class Limiter:
    """Token buckets by key; `now` is passed in, so that tests own the clock."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        tokens, at = self._buckets.pop(key, (float(self._rate.burst), now))
        tokens = min(self._rate.burst, tokens + (now - at) / self._rate.seconds)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * self._rate.seconds
