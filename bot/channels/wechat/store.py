"""Which pushes were seen, so that WeChat's redeliveries have one effect. The answers kept are sealed."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.platform.store import key, store_errors

# WeChat sends again within 15 s; four times that covers a slow clock and a fourth delivery.
SECONDS = 60


class Deliveries:
    """Claims a push before work and keeps its answer after."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring

    def _key(self, basis: str) -> str:
        # A push can be told by its sender's id: hashed with the secret, so that no id can be tried out on the keys.
        digest = hmac.new(self._keyring.secret, f"push:{basis}".encode("utf-8", "replace"), hashlib.sha256)
        return key(self._district, "wechat", "dedup", digest.hexdigest())

    async def claim(self, basis: str) -> bool:
        """Return whether this delivery is the one that does the work."""
        async with store_errors():
            return bool(await self._redis.set(self._key(basis), "", nx=True, ex=SECONDS))

    async def keep(self, basis: str, answer: str) -> None:
        """Keep the answer for the deliveries that come again."""
        name = self._key(basis)
        async with store_errors():
            await self._redis.set(name, self._keyring.seal(answer, place(name)), ex=SECONDS)

    async def answer(self, basis: str) -> str:
        """Return the answer that was kept; "" while the work is still going on."""
        name = self._key(basis)
        async with store_errors():
            token: Any = await self._redis.get(name)
        return (self._keyring.opened(token, place(name)) or "") if token else ""
