"""How many customer-service messages an account may send to a person. Pure; the caller owns the clock.

Source: developers.weixin.qq.com, customer-service messages, the rule since June 2023: a message of the person's allows 5
within 48 hours; a menu click, a follow or a scan 3 within a minute. Read strictly, as the word of the mini-program's page
says: allowances are renewed and do not add up, so that each message sent counts against all that are open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ALLOWED = {"message": (5, 48 * 3600.0), "menu": (3, 60.0), "subscribe": (3, 60.0), "scan": (3, 60.0)}
OUT_OF_TIME, OUT_OF_COUNT = 45015, 45047


@dataclass
class Allowances:
    """What one person's doings allow: trigger → how many are left, and until when."""

    open: dict[str, tuple[int, float]] = field(default_factory=dict)

    def heard(self, trigger: str, now: float) -> None:
        """Renew what this trigger allows."""
        number, seconds = ALLOWED[trigger]
        self.open[trigger] = (number, now + seconds)

    def take(self, now: float) -> int:
        """Spend one message; return 0, or the error code that says why there is none."""
        self.open = {name: (left, until) for name, (left, until) in self.open.items() if until > now}
        if not self.open:
            return OUT_OF_TIME
        if not any(left for left, _ in self.open.values()):
            return OUT_OF_COUNT
        self.open = {name: (max(0, left - 1), until) for name, (left, until) in self.open.items()}
        return 0

    def left(self, now: float) -> int:
        """How many more messages may be sent."""
        return max((left for left, until in self.open.values() if until > now), default=0)

    def close(self) -> None:
        """Forget all of it: the person has unfollowed."""
        self.open = {}
