"""Who has a page open, in Valkey.

`{district}:session:<digest>`   hash: subject, since, seen, and `form`, sealed by who keeps it there
`{district}:opened:<digest>`    a link that was opened once, until its own time is over
`{district}:tries:<what>`       how often something was tried, until the span is over

The digest of a session's id is kept and not the id: a copy of the store opens nobody's page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from bot.platform.store import atomically, key, store_errors


class SessionStore:
    """Keeps sessions, opened links and counts of tries."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district

    def _session(self, session_id: str) -> str:
        return key(self._district, "session", _digest(session_id))

    async def write(self, session_id: str, fields: Mapping[str, str], seconds: int) -> None:
        """Write fields of a session, and let it live so long from now on."""
        name = self._session(session_id)
        pairs = [part for pair in fields.items() for part in pair]
        await atomically(self._redis, ("HSET", name, *pairs), ("EXPIRE", name, max(1, seconds)))

    async def read(self, session_id: str) -> dict[str, str]:
        """Return a session's fields; {} when there is none."""
        async with store_errors():
            found: Any = await self._redis.hgetall(self._session(session_id))
        return dict(found)

    async def drop(self, session_id: str) -> None:
        """End a session."""
        async with store_errors():
            await self._redis.delete(self._session(session_id))

    async def first_time(self, nonce: str, seconds: int) -> bool:
        """Note that a link was opened; whether this was the first time."""
        async with store_errors():
            return bool(
                await self._redis.set(key(self._district, "opened", _digest(nonce)), 1, nx=True, ex=max(1, seconds))
            )

    async def tries(self, what: str, seconds: int) -> int:
        """Count one more try of something and return how many there were since the first, within so many seconds."""
        name = key(self._district, "tries", what)
        count, _ = await atomically(self._redis, ("INCR", name), ("EXPIRE", name, seconds, "NX"))
        return int(count)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
