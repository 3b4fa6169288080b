"""One process at a time answers a citizen's pushes, in order; when it dies, another goes on where it stopped.

A line is led by whoever took its lead. Each delivery that waits tries to take it, and a sweep takes the lines on which
nobody works; so it does not matter which gateway a delivery reaches, nor whether that gateway lives.

No more lines are answered at once than the engine can answer in a moment, the others queue: a rush makes answers late, and
loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.channels.wechat.deliveries import LEAD_MS, URGENT, Deliveries
from bot.channels.wechat.inbound import read
from bot.channels.wechat.messages import Push
from bot.channels.wechat.queue import Queue
from bot.channels.wechat.render import SORRY, Message, Part, text_message
from bot.channels.wechat.rest import Answer, Left, rest_from_json
from bot.channels.wechat.sending import Sender
from bot.channels.wechat.turns import Turns, answer_of
from bot.errors import StoreUnavailable
from bot.platform.logs import pseudonym
from bot.platform.metrics import SECONDS

# A push that took this many processes down with it is answered with an apology.
MOST_TRIES = 3
# What the ledger could not note is tried again each time its leader's lead has lapsed: for a minute and more, since the
# citizen's messages wait behind it.
MOST_NOTED = 20
SWEEP_SECONDS = 2.0
# Pushes answered without the store, of which this process remembers the last.
MOST_ALONE = 5000
# What is sent besides goes out when the passive reply is on its way. The next message waits this long for it.
REPLY_FIRST_SECONDS = 1.5
# A stopping gateway finishes what it works on, as long as the supervisor waits for it.
FAREWELL_SECONDS = 2.5
log = logging.getLogger("wechat")


def kept_push(push: Push, at: datetime) -> dict[str, Any]:
    """Return a push as the line keeps it."""
    return {"fields": dict(push.fields), "json": push.is_json, "at": at.isoformat()}


class Leaders:
    """The lines that this process leads, and the sweep."""

    def __init__(self, deliveries: Deliveries, turns: Turns, sender: Sender, clock: Callable[[], float]) -> None:
        self._deliveries = deliveries
        self._turns = turns
        self._sender = sender
        self._clock = clock
        self._led: dict[str, asyncio.Task[None]] = {}
        self._queue = Queue(time.monotonic)
        self._told: dict[str, list[asyncio.Event]] = {}
        self._alone: dict[str, None] = {}
        self._parting: dict[str, Message] = {}
        self._sweep: asyncio.Task[None] | None = None
        self._closing = False

    def start(self, line: str, overdue: Sequence[str] = ()) -> None:
        """See to it that somebody answers a line: this process, unless another does. What is urgent does not queue."""
        if line in self._led or self._closing:
            return
        self._queue.join(line, overdue)
        if line.endswith(URGENT):
            self._begin(line)
        self._fill()

    def _fill(self) -> None:
        while not self._closing and (line := self._queue.next()):
            self._begin(line)

    def _begin(self, line: str) -> None:
        task = self._led[line] = asyncio.create_task(self._lead(line, self._queue.admit(line)))
        task.add_done_callback(lambda _: self._ended(line))

    def _ended(self, line: str) -> None:
        del self._led[line]
        self._make_room(line)

    def _make_room(self, line: str) -> None:
        self._queue.leave(line)
        self._fill()

    def leads(self, line: str) -> bool:
        """Whether this process works on a line, tries to, or will."""
        return line in self._led or line in self._queue

    @property
    def full(self) -> bool:
        """Whether so many wait that a new message cannot be answered in time."""
        return self._queue.full

    @contextlib.contextmanager
    def told(self, digest: str) -> Any:
        """Give an event that is set when something happens to a push in this process."""
        event = asyncio.Event()
        self._told.setdefault(digest, []).append(event)
        try:
            yield event
        finally:
            self._told[digest].remove(event)
            if not self._told[digest]:
                del self._told[digest]
                self._parting.pop(digest, None)

    def parting(self, digest: str) -> Message | None:
        """Return the reply to a push of which the store knows nothing any more: it asked for everything to be erased."""
        return self._parting.get(digest)

    def answered_alone(self, digest: str) -> None:
        """Remember a push whose reply went out while the store was away: it is not sent once more when that is back."""
        self._alone[digest] = None
        if len(self._alone) > MOST_ALONE:
            del self._alone[next(iter(self._alone))]

    def tell(self, digest: str) -> None:
        """Wake whoever waits for a push."""
        for event in self._told.get(digest, ()):
            event.set()

    async def _lead(self, line: str, overdue: Sequence[str]) -> None:
        beat: asyncio.Task[None] | None = None
        try:
            lead = await self._deliveries.lead(line)
            if lead is None:
                return
            beat = asyncio.create_task(self._beat(line))
            rest = await self._caught_up(line, overdue, lead.rest)
            head = lead.head or await self._deliveries.leave(line)
            while head:
                if not await self._one(line, head, rest):
                    return
                head = await self._deliveries.leave(line)
                rest = await self._deliveries.rest(line) if head else None
        except StoreUnavailable as error:
            log.warning("a line was left: the store does not answer", extra={"error": type(error).__name__})
        except Exception as error:
            log.error("a line was left", exc_info=error)
        finally:
            if beat:
                beat.cancel()

    async def _caught_up(self, line: str, overdue: Sequence[str], rest: Any) -> Any:
        """Send what earlier answers left to be sent; return what is left after that."""
        for digest in overdue:
            await self._overdue(line, digest)
        if not overdue and rest_from_json(rest).first_fresh() is None:
            return rest
        await self._sender.flush(line)
        return await self._deliveries.rest(line)

    async def _beat(self, line: str) -> None:
        held = True
        while held:
            await asyncio.sleep(LEAD_MS / 3000)
            with contextlib.suppress(StoreUnavailable):
                held = await self._deliveries.renew(line, self._clock())

    async def _one(self, line: str, digest: str, left: Any) -> bool:
        """Answer the first in line, of which `left` is not seen yet; return whether the lead is still ours."""
        began, found = time.perf_counter(), await self._deliveries.open(line, digest)
        if found is None:
            return True
        kept, tries = found
        arrival = read(Push(kept["fields"], kept["json"]), datetime.fromisoformat(kept["at"]))
        rest = replace(rest_from_json(left, arrival.openid), openid=arrival.openid)
        if tries > (MOST_NOTED if arrival.must_be_noted else MOST_TRIES):
            log.error("a push was given up", extra={"user": pseudonym(arrival.user), "reason": arrival.name})
            sorry = answer_of([Part(text_message(SORRY))], rest, fresh=self._sender.open)
            answer = sorry if arrival.said else Answer(None, rest, rest)
        else:
            answer = await self._turns.answer(arrival, line, rest)
        if digest in self._alone:
            answer = replace(answer, first=None, late=answer.after)
        state = await self._committed(line, digest, answer)
        if state == "erased":
            await self._part(digest, answer)
        self.tell(digest)
        if state in ("lost", "erased"):
            return False
        if arrival.said:
            SECONDS.labels("wechat").observe(elapsed := time.perf_counter() - began)
            log.info(
                "turn", extra={"channel": "wechat", "user": pseudonym(arrival.user), "ms": round(elapsed * 1000, 1)}
            )
        await self._send_on(line, digest, answer, state)
        return True

    async def _part(self, digest: str, answer: Answer) -> None:
        """Let the reply to "erase everything" leave, of whose citizen the store knows nothing any more."""
        if digest not in self._told:
            await self._sender.part(answer.late)
        elif answer.first:
            self._parting[digest] = answer.first

    async def _committed(self, line: str, digest: str, answer: Answer) -> str:
        more = answer.after.first_fresh() is not None
        first = {"message": answer.first, "openid": answer.after.openid, "more": more}
        after, late = answer.after.to_json(), answer.late.to_json()
        return await self._deliveries.commit(line, digest, first, after, late, self._clock())

    async def _send_on(self, line: str, digest: str, answer: Answer, state: str) -> None:
        left = answer.after if state == "answered" else answer.late
        if left.first_fresh() is None:
            return
        until = time.monotonic() + REPLY_FIRST_SECONDS
        self._make_room(line)  # What waits for WeChat keeps nobody else from being answered.
        with self.told(digest) as event:
            while state == "answered" and time.monotonic() < until:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), 0.1)
                event.clear()
                state = await self._deliveries.state(line, digest)
        await self._sender.flush(line, left, "" if state == "answered" else digest)

    async def _overdue(self, line: str, digest: str) -> None:
        """Put a reply that WeChat never came for where it can be sent, or fetched."""
        kept = await self._deliveries.answer(line, digest)
        if await self._deliveries.move(line, digest, "answered", "pushed") != "answered" or not (
            kept and kept["message"] and digest not in self._alone
        ):
            await self._deliveries.forget(line, digest)
            return
        rest = rest_from_json(await self._deliveries.rest(line), kept["openid"])
        left = Left(Part(kept["message"]), True, "fresh" if self._sender.open else "kept")
        await self._deliveries.keep_rest(line, replace(rest, parts=(left, *rest.parts)).to_json())
        log.info("a reply goes another way", extra={"user": pseudonym(f"wechat:{kept['openid']}")})

    async def sweep(self) -> None:
        """Start work on what nobody works on, once. Raises StoreUnavailable."""
        now = self._clock()
        for line, digest in await self._deliveries.uncollected(now):
            self.start(line, (digest,))
        for line in await self._deliveries.left_alone(now):
            self.start(line)

    async def watch(self) -> None:
        """Sweep until cancelled."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)

    async def open(self) -> None:
        """Begin to sweep."""
        self._sweep = asyncio.create_task(self.watch())

    async def close(self) -> None:
        """Finish what is being worked on, as far as there is time; the rest is another process's."""
        self._closing = True
        if self._sweep:
            self._sweep.cancel()
        if tasks := list(self._led.values()):
            _, running = await asyncio.wait(tasks, timeout=FAREWELL_SECONDS)
            for task in running:
                task.cancel()
