"""Put what older keys sealed under the current one, wherever it lies, while the system runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Literal, cast

from redis.asyncio import Redis

from bot.citizens.keyring import TOKEN, Keyring, place
from bot.errors import CannotOpen
from bot.platform.store import store_errors, swap

# Keys looked at in one step; more would hold up the store for everybody.
ROUND = 500
Kind = Literal["string", "hash", "list"]


async def reseal(redis: Redis, keyring: Keyring, *patterns: str) -> Counter[str]:
    """Reseal every token under keys that match, and count "resealed" and "unreadable".

    A token that is replaced or deleted meanwhile is left alone: whoever writes, writes with the current key. What is
    done stays done, so that a round that was cut off is simply called again.
    """
    done: Counter[str] = Counter()
    for pattern in patterns:
        async with store_errors():
            async for name in redis.scan_iter(match=pattern, count=ROUND):
                async for kind, at, token in _tokens(redis, str(name)):
                    if not keyring.is_current(token):
                        done[await _reseal(redis, keyring, kind, str(name), at, token)] += 1
    del done["gone"]
    return done


async def _reseal(redis: Redis, keyring: Keyring, kind: Kind, name: str, at: str, token: str) -> str:
    where = place(name, at if kind == "hash" else "")
    try:
        new = keyring.seal(keyring.open(token, where), where)
    except CannotOpen:
        return "unreadable"
    return "resealed" if await swap(redis, kind, name, at, token, new) else "gone"


async def _tokens(redis: Redis, name: str) -> AsyncIterator[tuple[Kind, str, str]]:
    """Yield (kind, field or index, token) of a key; values that are not sealed are passed over."""
    kind = cast(Kind, await redis.type(name))
    found: Any = ()
    if kind == "string":
        found = [("", await redis.get(name) or "")]
    elif kind == "hash":
        found = list((await redis.hgetall(name)).items())
    elif kind == "list":
        found = [(str(index), value) for index, value in enumerate(await redis.lrange(name, 0, -1))]
    for at, value in found:
        if TOKEN.fullmatch(value):
            yield kind, at, value
