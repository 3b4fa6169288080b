"""One delivery of a push: it joins the work on the push, wherever that is done, and takes the reply if it is in time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.channels.wechat.deliveries import URGENT, Deliveries
from bot.channels.wechat.inbound import Arrival, read
from bot.channels.wechat.leading import Leaders, kept_push
from bot.channels.wechat.messages import Push
from bot.channels.wechat.render import BUSY, Message, text_message
from bot.channels.wechat.sending import Sender
from bot.channels.wechat.turns import Turns
from bot.conversation import danger
from bot.conversation.model import MAX_TEXT
from bot.conversation.payloads import typed
from bot.directory.hours import SHANGHAI
from bot.errors import StoreUnavailable
from bot.platform.metrics import TURNS

# WeChat hangs up after 5 s, the way through the network included.
BUDGET_SECONDS = 4.5
# How often a delivery looks whether another process has finished; its own process tells it at once.
POLL_SECONDS = 0.1
# Here a missed word costs half a second; asking ten times a second costs the store most when it has least to spare.
OWN_POLL_SECONDS = 0.5
log = logging.getLogger("wechat")


class Answering:
    """Answers deliveries."""

    def __init__(
        self, deliveries: Deliveries, leaders: Leaders, turns: Turns, sender: Sender, clock: Callable[[], float]
    ) -> None:
        self._deliveries = deliveries
        self._leaders = leaders
        self._turns = turns
        self._sender = sender
        self._clock = clock
        self._alone: dict[str, asyncio.Task[Message | None]] = {}

    async def reply(self, push: Push, gone: Callable[[], bool] = lambda: False) -> Message | None:
        """Return the passive reply to a push, None for a bare acknowledgement.

        `gone` tells whether WeChat has hung up: what it does not get is kept for the next delivery. Raises StoreUnavailable
        for what must be noted and cannot be: not acknowledged, it is told again.
        """
        began = time.monotonic()
        now = self._clock()
        at = datetime.fromtimestamp(now, SHANGHAI)
        arrival = read(push, at)
        if not (arrival.said or arrival.trigger or arrival.permissions or arrival.outcomes):
            return None
        try:
            line = self._deliveries.line_of(arrival.user, is_urgent(arrival))
            digest = self._deliveries.digest_of(arrival.identity)
            state = await self._deliveries.arrive(line, digest, kept_push(push, at), now)
            if state != "new":
                TURNS.labels("wechat", "repeated").inc()
            state, kept = await self._awaited(line, digest, state, began + BUDGET_SECONDS, gone)
            if state in ("waiting", "late"):
                return self._busy(arrival)
            message: Message | None = kept["message"] if kept else None
            return message
        except StoreUnavailable as error:
            if arrival.must_be_noted:
                raise
            log.warning("answered without the store", extra={"reason": type(error.__cause__).__name__})
            return await self._unaided(arrival, began + BUDGET_SECONDS)

    async def _awaited(
        self, line: str, digest: str, state: str, until: float, gone: Callable[[], bool]
    ) -> tuple[str, Any]:
        """Return the state of a push and its reply once there is one, or the time is over."""
        kept: Any = None
        with self._leaders.told(digest) as event:
            if state not in ("new", "waiting"):
                state, kept = await self._collected(line, digest, gone)
            while state in ("new", "waiting"):
                self._leaders.start(line)
                left = until - time.monotonic()
                if left <= 0 or (self._leaders.full and not line.endswith(URGENT)):
                    state = await self._deliveries.move(line, digest, "waiting", "late")
                    if state in ("waiting", "late"):
                        return "late", None
                    return await self._collected(line, digest, gone) if state else ("", self._last(digest))
                with contextlib.suppress(TimeoutError):
                    pause = OWN_POLL_SECONDS if self._leaders.leads(line) else POLL_SECONDS
                    await asyncio.wait_for(event.wait(), min(left, pause))
                event.clear()
                state, kept = await self._collected(line, digest, gone)
            return state, kept or self._last(digest)

    def _last(self, digest: str) -> Any:
        last = self._leaders.parting(digest)
        return {"message": last} if last else None

    async def _collected(self, line: str, digest: str, gone: Callable[[], bool]) -> tuple[str, Any]:
        """Return the state of a push and its reply, which is taken to WeChat unless WeChat has hung up."""
        here = not gone()
        state, kept = await self._deliveries.collect(line, digest, here)
        if state == "answered" and here:
            self._leaders.tell(digest)
            if kept and kept["more"]:
                self._leaders.start(line)
        return state, kept

    def _busy(self, arrival: Arrival) -> Message | None:
        """Return what to say when the answer is not ready: nothing, where it can be sent as soon as it is."""
        return None if self._sender.open or arrival.said is None else text_message(BUSY)

    async def _unaided(self, arrival: Arrival, until: float) -> Message | None:
        """Answer without the store; deliveries to this process still share the work."""
        if (task := self._alone.get(arrival.identity)) is None:
            task = self._alone[arrival.identity] = asyncio.create_task(self._turns.alone(arrival))
            task.add_done_callback(lambda _: self._alone.pop(arrival.identity, None))
        done, _ = await asyncio.wait({task}, timeout=max(until - time.monotonic(), 0.1))
        if not done:
            return self._busy(arrival)
        try:
            message = task.result()
        except StoreUnavailable:
            return None
        self._leaders.answered_alone(self._deliveries.digest_of(arrival.identity))
        return message


def is_urgent(arrival: Arrival) -> bool:
    """Whether a message tells of danger: it must not wait for an answer to what was said before."""
    said = arrival.said
    return said is not None and said.kind == "text" and danger.is_danger(typed(said.body)[:MAX_TEXT])
