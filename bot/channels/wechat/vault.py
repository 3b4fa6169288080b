"""The access token and the pages' ticket in Valkey, for all processes.

`{district}:wechat:secret:<name>`          the secret, sealed, with its time; until its end
`{district}:wechat:secret:<name>:lease`    who gets a new one, a few seconds
`{district}:wechat:secret:<name>:failed`   why the last try failed, as long as nobody should try again
`{district}:wechat:secret:<name>:forced`   that a new one was demanded, as long as no other may be
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.platform.store import key, store_errors

# Longer than asking the platform can take, a demand for a new one included, so that a lease never ends under whoever works on it.
LEASE_SECONDS = 10
RELEASE = """#!lua
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(frozen=True)
class Held:
    """A secret of the platform's: good until `until`, to be replaced from `renew` on (seconds since 1970)."""

    value: str
    renew: float
    until: float

    def __repr__(self) -> str:
        """Never show the value."""
        return f"Held(until={self.until:.0f})"


class Vault:
    """Keeps one secret. `name` is "token" or "ticket", with the account's id: two accounts never share one."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring, name: str) -> None:
        self._redis = redis
        self._keyring = keyring
        self._name = key(district, "wechat", "secret", name)

    async def read(self) -> Held | None:
        """Return what is kept; None for nothing, and for what no key of ours opens. Raises StoreUnavailable."""
        async with store_errors():
            token: Any = await self._redis.get(self._name)
        text = self._keyring.opened(token, place(self._name)) if token else None
        return Held(*json.loads(text)) if text else None

    async def keep(self, held: Held, now: float) -> None:
        """Keep a secret until its end. Raises StoreUnavailable."""
        text = self._keyring.seal(json.dumps([held.value, held.renew, held.until]), place(self._name))
        async with store_errors():
            await self._redis.set(self._name, text, px=max(1, int((held.until - now) * 1000)))

    async def lease(self) -> str:
        """Return a lease, "" while somebody else has it. Raises StoreUnavailable."""
        mine = secrets.token_hex(8)
        async with store_errors():
            got = await self._redis.set(f"{self._name}:lease", mine, nx=True, ex=LEASE_SECONDS)
        return mine if got else ""

    async def release(self, lease: str) -> None:
        """Give a lease back, if it is still one's own. Raises StoreUnavailable."""
        async with store_errors():
            await self._redis.eval(RELEASE, 1, f"{self._name}:lease", lease)

    async def note_failure(self, code: int, reason: str, seconds: float) -> None:
        """Note that a try failed, for those who wait. Raises StoreUnavailable."""
        async with store_errors():
            await self._redis.set(f"{self._name}:failed", json.dumps([code, reason]), px=int(seconds * 1000))

    async def failure(self) -> tuple[int, str] | None:
        """Return code and reason of the last try, while it counts. Raises StoreUnavailable."""
        async with store_errors():
            found: Any = await self._redis.get(f"{self._name}:failed")
        if not found:
            return None
        code, reason = json.loads(found)
        return int(code), str(reason)

    async def may_force(self, seconds: int) -> bool:
        """Whether a new secret may be demanded; if so, no other may for so many seconds. Raises StoreUnavailable."""
        async with store_errors():
            return bool(await self._redis.set(f"{self._name}:forced", 1, nx=True, ex=seconds))
