"""Which pushes were seen, so that WeChat's redeliveries have one effect."""

from __future__ import annotations

import hashlib

from redis.asyncio import Redis

from bot.platform.store import key, store_errors

# WeChat sends again within 15 s; four times that covers a slow clock and a fourth delivery.
SECONDS = 60


class Deliveries:
    """Claims a push before work and keeps its answer after."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district

    def _key(self, basis: str) -> str:
        return key(self._district, "wechat", "dedup", hashlib.sha256(basis.encode("utf-8", "replace")).hexdigest())

    async def claim(self, basis: str) -> bool:
        """Return whether this delivery is the one that does the work."""
        async with store_errors():
            return bool(await self._redis.set(self._key(basis), "", nx=True, ex=SECONDS))

    async def keep(self, basis: str, answer: str) -> None:
        """Keep the answer for the deliveries that come again."""
        async with store_errors():
            await self._redis.set(self._key(basis), answer, ex=SECONDS)

    async def answer(self, basis: str) -> str:
        """Return the answer that was kept; "" while the work is still going on."""
        async with store_errors():
            return str(await self._redis.get(self._key(basis)) or "")
