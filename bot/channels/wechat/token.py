"""A secret that the platform gives for two hours: the access token, the ticket of the pages. One for all processes.

Source: developers.weixin.qq.com, "stable access token": asking again gives the same token until its last five minutes, in
which there is a new one and both are good; a new one can be demanded 20 times a day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.channels.wechat.codes import error_of
from bot.channels.wechat.vault import LEASE_SECONDS, Held, Vault
from bot.errors import PlatformDown, StoreUnavailable, WeChatError

# Within WeChat's last five minutes, and early enough that no call travels with a token that ends.
RENEW_BEFORE = 240.0
# Whoever waits for another's new token looks this often, and no longer than the lease of one that died.
LOOK_SECONDS = 0.05
WAIT_SECONDS = LEASE_SECONDS + 1.0
# What the platform refused it refuses the next moment too; those who wait need not all ask.
FAILURE_SECONDS = 2.0
# 16 times a day, of the 20 that WeChat allows.
FORCED_APART = 90 * 60
log = logging.getLogger("wechat")

# Asks the platform: (force) → the secret and the seconds that it is good for.
Fetch = Callable[[bool], Awaitable[tuple[str, float]]]


class Shared:
    """One secret. `vault` is None for a command that runs alone; `clock` gives seconds since 1970."""

    def __init__(self, fetch: Fetch, vault: Vault | None, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._vault = vault
        self._clock = clock
        self._held: Held | None = None
        self._one = asyncio.Lock()

    def __repr__(self) -> str:
        """Never show the secret."""
        return f"Shared({self._held})"

    async def get(self, refused: str = "") -> str:
        """Return a secret that is good, and not the one that the platform has just refused. Raises WeChatError.

        One process at a time asks the platform; the others take what it got, or go on with what is still good.
        """
        if held := self._fresh(self._held, refused):
            return held.value
        async with self._one:
            if held := self._fresh(self._held, refused):
                return held.value
            try:
                self._held = await self._shared(refused)
            except StoreUnavailable:
                # Without the store each process asks for itself, and WeChat gives all of them the same.
                log.warning("the store did not give the WeChat token")
                self._held = await self._asked(refused, False)
            return self._held.value

    def _fresh(self, held: Held | None, refused: str) -> Held | None:
        return held if held and held.value != refused and self._clock() < held.renew else None

    def _good(self, held: Held | None, refused: str) -> Held | None:
        return held if held and held.value != refused and self._clock() < held.until else None

    async def _shared(self, refused: str) -> Held:
        if self._vault is None:
            return await self._asked(refused, True)
        for _ in range(int(WAIT_SECONDS / LOOK_SECONDS)):
            found = await self._vault.read()
            if fresh := self._fresh(found, refused):
                return fresh
            if failure := await self._vault.failure():
                if good := self._good(found, refused):
                    return good
                raise error_of(*failure)
            if lease := await self._vault.lease():
                return await self._renewed(self._vault, lease, refused)
            if good := self._good(found, refused):
                return good
            await asyncio.sleep(LOOK_SECONDS)
        raise PlatformDown(0, "nobody got a token in time")

    async def _renewed(self, vault: Vault, lease: str, refused: str) -> Held:
        """Get a new secret, as the one who may; if another did so just before, take that."""
        try:
            found = await vault.read()
            if fresh := self._fresh(found, refused):
                return fresh
            try:
                held = await self._asked(refused, True)
            except WeChatError as error:
                await vault.note_failure(error.code, error.reason, FAILURE_SECONDS)
                if good := self._good(found, refused):
                    return good
                raise
            await vault.keep(held, self._clock())
            return held
        finally:
            await vault.release(lease)

    async def _asked(self, refused: str, may_force: bool) -> Held:
        """Ask the platform. When it gives the very token that it refuses, demand another, if that is still allowed."""
        value, seconds = await self._fetch(False)
        if value == refused and may_force and (self._vault is None or await self._vault.may_force(FORCED_APART)):
            value, seconds = await self._fetch(True)
        now = self._clock()
        return Held(value, now + max(seconds - RENEW_BEFORE, seconds / 2), now + seconds)
