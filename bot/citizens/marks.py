"""What the store remembers of the keys, so that nobody starts with others than those that filled it.

`{district}:keys`  hash: ":secret" → a digest that CHENGFATONG_HASH_SECRET gives; a key's id → a word sealed with that key

With another secret, nobody's data would be found again, and everybody would look new; with a key missing, what it sealed would not
open. Both are silent until a citizen asks, which is why the start asks first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.errors import CannotOpen, SettingError, StoreUnavailable, UnknownKey
from bot.platform.store import atomically, key, store_errors

SECRET, WORD = ":secret", "sealed with this key"
# As long as the store is away, nothing can be kept with the wrong keys.
AGAIN_SECONDS = 1.0
log = logging.getLogger("citizens")


async def check(redis: Redis, district: str, keyring: Keyring) -> None:
    """Note the keys when they are new to the store. Raises SettingError, one line, when the store was filled with others."""
    name = key(district, "keys")
    if await _compared(redis, name, keyring):
        return
    fresh = {SECRET: keyring.derive("mark").hex(), keyring.current: keyring.seal(WORD, place(name, keyring.current))}
    await atomically(redis, *(("HSETNX", name, field, value) for field, value in fresh.items()))
    await _compared(redis, name, keyring)  # Another process may have been first, with others.


async def _compared(redis: Redis, name: str, keyring: Keyring) -> bool:
    """Whether secret and current key are known to the store already."""
    async with store_errors():
        marks: Any = await redis.hgetall(name)
    secret = marks.pop(SECRET, "")
    if secret and secret != keyring.derive("mark").hex():
        raise SettingError("CHENGFATONG_HASH_SECRET is not the one that this store was filled with; put that one back.")
    for number, token in marks.items():
        try:
            keyring.open(token, place(name, number))
        except UnknownKey:
            raise SettingError(
                f"CHENGFATONG_KEYS lacks the key {number}, which sealed data in this store; put it back."
            ) from None
        except CannotOpen:
            raise SettingError(
                f"CHENGFATONG_KEYS has another key {number} than the one that sealed data in this store."
            ) from None
    return bool(secret) and keyring.current in marks


async def forget_others(redis: Redis, district: str, keyring: Keyring) -> None:
    """Let go of all keys but the current one: nothing is sealed with them any more."""
    name = key(district, "keys")
    async with store_errors():
        others: Any = [number for number in await redis.hkeys(name) if number not in (SECRET, keyring.current)]
    if others:
        await atomically(redis, ("HDEL", name, *others), frees=True)


async def guard(redis: Redis, district: str, keyring: Keyring, _: web.Application) -> AsyncIterator[None]:
    """Check before a server serves, or as soon as the store answers; what does not fit ends it. A cleanup context."""
    checked = partial(check, redis, district, keyring)
    later: asyncio.Task[None] | None = None
    try:
        await checked()
    except StoreUnavailable:
        later = asyncio.create_task(_until_answered(checked))
    yield
    if later:
        later.cancel()


async def _until_answered(checked: partial[Any]) -> None:
    while True:
        await asyncio.sleep(AGAIN_SECONDS)
        try:
            await checked()
            return
        except StoreUnavailable:
            continue
        except SettingError as error:
            # Whoever starts it again finds the store answering, and reads the line there.
            log.error("the keys are not the store's", extra={"reason": str(error)})
            raise web.GracefulExit from None
