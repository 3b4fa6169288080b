"""What follows the passive reply, as customer-service messages: in order, each once, and fetched by hand where it fails."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.channels.wechat.codes import QUOTA_SPENT
from bot.channels.wechat.deliveries import Deliveries
from bot.channels.wechat.inbound import CHANNEL
from bot.channels.wechat.ports import Ledger, Platform
from bot.channels.wechat.render import Message
from bot.channels.wechat.rest import Rest, rest_from_json
from bot.errors import NotPermitted, PlatformBusy, StoreUnavailable, WeChatError
from bot.platform.logs import pseudonym

# An account that lost the right, or has used up its day's calls, is asked again after this long; until then all is answered passively.
CLOSED_SECONDS = 600
# WeChat's "busy" passes within seconds.
BUSY_WAITS = (0.5, 2.0)
log = logging.getLogger("wechat")


class Sender:
    """Sends what is left of answers. Without a platform nothing is sent."""

    def __init__(
        self, platform: Platform | None, ledger: Ledger, deliveries: Deliveries, clock: Callable[[], float]
    ) -> None:
        self._platform = platform
        self._ledger = ledger
        self._deliveries = deliveries
        self._clock = clock
        self._closed_until = 0.0

    @property
    def open(self) -> bool:
        """Whether messages may be sent beside the passive reply."""
        return self._platform is not None and self._clock() >= self._closed_until

    async def flush(self, line: str, rest: Rest | None = None, taken: str = "") -> None:
        """Send what is fresh of a line's rest, which is read unless it is given. Only the line's leader calls this.

        `taken` is a push whose reply is known to be on its way. Raises StoreUnavailable.
        """
        if rest is None:
            rest = rest_from_json(await self._deliveries.rest(line))
        while (number := rest.first_fresh()) is not None:
            left = rest.parts[number]
            if left.behind not in ("", taken):
                if await self._deliveries.state(line, left.behind) == "answered":
                    return  # Its passive reply was not taken yet; whoever takes it, or sends it, comes back here.
                taken = left.behind
            rest = await self._paid(rest) if self.open else held(rest)
            if rest.first_fresh() is None:
                await self._deliveries.keep_rest(line, rest.to_json())
                return
            message = rest.message(number)
            # Noted before it is tried: whoever takes over from a dead process does not send it a second time.
            rest = rest.changed(number, replace(left, state="tried", paid=True))
            if not await self._deliveries.keep_rest(line, rest.to_json()):
                return
            arrived = await self._send(rest.openid, message)
            rest = rest.changed(number, None) if arrived else held(rest)
            if not await self._deliveries.keep_rest(line, rest.to_json()):
                return

    async def part(self, rest: Rest) -> None:
        """Send what is fresh of a rest whose citizen had everything erased: nothing is read, and nothing noted of it."""
        if self._platform is None or not self.open:
            return
        with contextlib.suppress(WeChatError):
            for left in rest.parts:
                if left.state == "fresh":
                    await self._platform.send(rest.openid, left.part.message)

    async def _paid(self, rest: Rest) -> Rest:
        """Return the rest with as many parts to be sent as can be paid for; the citizen is told of the others in time."""
        fresh = [left for left in rest.parts if left.state == "fresh"]
        paid = sum(left.paid for left in fresh)
        while paid < len(fresh) and await self._ledger.take(f"{CHANNEL}:{rest.openid}", self._clock()):
            paid += 1
        return rest.paid_for(paid)

    async def _send(self, openid: str, message: Message) -> bool:
        """Send one message; return whether WeChat has taken it."""
        if self._platform is None:
            return False
        for wait in (*BUSY_WAITS, None):
            try:
                await self._platform.send(openid, message)
                return True
            except PlatformBusy as busy:
                if wait is None or busy.code == QUOTA_SPENT:
                    await self._failed(openid, busy)
                    return False
                await asyncio.sleep(wait)
            except WeChatError as error:
                await self._failed(openid, error)
                return False
        return False

    async def _failed(self, openid: str, error: WeChatError) -> None:
        if isinstance(error, NotPermitted) or error.code == QUOTA_SPENT:
            self._closed_until = self._clock() + CLOSED_SECONDS
        user, reason = f"{CHANNEL}:{openid}", f"{type(error).__name__} {error.code}"
        log.warning("a message could not be sent", extra={"user": pseudonym(user), "reason": reason})
        try:
            await self._ledger.refused(user, "service", error.code, error.reason, self._clock())
        except StoreUnavailable:
            log.warning("a refusal could not be noted", extra={"user": pseudonym(user)})


def held(rest: Rest) -> Rest:
    """Return a rest of which nothing more is sent by itself: it waits for "继续", so that the order holds."""
    return replace(rest, parts=tuple(replace(p, state="kept") if p.state == "fresh" else p for p in rest.parts))
