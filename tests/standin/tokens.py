"""The platform's two mints of access tokens. Pure; the caller owns the clock.

Source: developers.weixin.qq.com, getStableAccessToken and getAccessToken. A token lives two hours. The stable mint gives the
same one again until its last five minutes; a forced refresh (20 a day, 30 s apart) makes the old one worthless at once.
Every call at the ordinary mint makes a new one, and the one before works for five minutes more. The mints do not know
each other.
"""

from __future__ import annotations

import secrets

LIFE, OVERLAP = 7200.0, 300.0
FORCED_A_DAY, FORCED_APART, DAY = 20, 30.0, 86400.0


class Refused(Exception):
    """An error code instead of an answer."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Mint:
    """Which tokens are good until when."""

    def __init__(self) -> None:
        self._good: dict[str, float] = {}
        self._stable = ""
        self._ordinary = ""
        self._forced: list[float] = []

    def stable(self, now: float, force: bool = False) -> tuple[str, int]:
        """Return the stable token and the seconds that it has left, never under 300. Raises Refused (45009, 45011)."""
        if force:
            self._count_forced(now)
            self._good.pop(self._stable, None)
        if self._good.get(self._stable, 0) - now <= OVERLAP:
            self._stable = self._new(now)
        return self._stable, int(self._good[self._stable] - now)

    def ordinary(self, now: float) -> tuple[str, int]:
        """Return a new token; the one before is good for five minutes more."""
        if self._ordinary in self._good:
            self._good[self._ordinary] = min(self._good[self._ordinary], now + OVERLAP)
        self._ordinary = self._new(now)
        return self._ordinary, int(LIFE)

    def check(self, token: str, now: float) -> None:
        """Raise Refused for a token that is missing (41001), over (42001) or none of ours (40001)."""
        if not token:
            raise Refused(41001)
        if token not in self._good:
            raise Refused(40001)
        if self._good[token] <= now:
            raise Refused(42001)

    def spoil(self) -> None:
        """Make every token worthless, as a leak of the secret would."""
        self._good.clear()

    def _new(self, now: float) -> str:
        token = secrets.token_urlsafe(96)
        self._good[token] = now + LIFE
        return token

    def _count_forced(self, now: float) -> None:
        self._forced = [at for at in self._forced if at > now - DAY]
        if len(self._forced) >= FORCED_A_DAY:
            raise Refused(45009)
        if self._forced and now - self._forced[-1] < FORCED_APART:
            raise Refused(45011)
        self._forced.append(now)
