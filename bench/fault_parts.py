"""The clients of the fault run: citizens on the pages and in the chat, and the staff at the desk.

Each process is killed at any moment and started again with the same arguments; what it must know it finds in its journal.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, DummyCookieJar
from redis.asyncio import Redis

from bench.fault_ways import TIMEOUT, AtTheDesk, Away, InTheChat, OnThePages, SessionOver, Way, wish
from bench.journal import read
from bot.booking import desk
from bot.booking.desk import Desk
from bot.booking.model import DAY, HOUR, MINUTE, Appointment
from bot.bootstrap import desk_of, page_links
from bot.citizens.keyring import keyring_of
from bot.citizens.model import person_of
from bot.citizens.store import CitizenStore
from bot.directory.model import Listing, Schedule
from bot.errors import BookingRefused, StoreUnavailable
from bot.platform.settings import Settings
from bot.platform.store import connect

DISTRICT = "440515"
PRACTITIONERS = 150
# Calls at once in each client process.
LANES = 4
# The clock goes on by this: a reminder of a quarter of an hour is never a whole step late.
STEP = 10 * MINUTE
# Citizens book from two hours to four days ahead, so that most reminders come due within the run.
AHEAD = (2 * HOUR, 4 * DAY)
PAUSE_SECONDS = 0.05
WEEK = (Schedule("08:30", "12:00", "FREQ=DAILY"), Schedule("14:30", "17:30", "FREQ=DAILY"))


@dataclass(frozen=True)
class World:
    """Where the run's files are. `twin` names what is done as one should not, to show that it is caught."""

    folder: Path
    settings: Settings
    seed: int
    twin: str = ""

    @property
    def url(self) -> str:
        """The store's address."""
        return self.settings.redis_url or ""

    @property
    def clustered(self) -> bool:
        """Whether the store is a cluster."""
        return self.url.endswith("?cluster=true")

    def now(self) -> int:
        """Return the run's clock."""
        return int((self.folder / "clock").read_text())

    def set(self, name: str, value: int) -> None:
        """Write a number that others read while it is written."""
        fresh = self.folder / f"{name}.{time.monotonic_ns()}"
        fresh.write_text(str(value))
        fresh.replace(self.folder / name)

    def note(self, error: Exception) -> None:
        """Write down what went wrong, but for what a kill explains: the store is away, or nobody answers at an address."""
        if not isinstance(error, StoreUnavailable | ClientError | TimeoutError | Away):
            with (self.folder / "unforeseen").open("a", encoding="utf-8") as notes:
                notes.write(f"{type(error).__name__}: {error}".replace("\n", " ") + "\n")

    def open(self) -> tuple[Redis, Desk]:
        """Return a connection and the desk on it."""
        redis = connect(self.url)
        return redis, desk_of(self.settings, redis)

    def way(self, client: str, redis: Redis, its_desk: Desk) -> Way:
        """Return the way in that a client takes."""
        keyring = keyring_of(self.settings)
        if client == "pages":
            http = ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar())
            return OnThePages(its_desk, http, page_links(self.settings, keyring))
        if client == "chat":
            people = CitizenStore(redis, DISTRICT, keyring)
            http = ClientSession(timeout=TIMEOUT)
            return InTheChat(its_desk, http, self.settings.actions_url, self.settings.token, people)
        return AtTheDesk(its_desk)

    def person(self, sender: str) -> str:
        """Return a citizen's pseudonym."""
        return person_of(keyring_of(self.settings).secret, sender)


def listings() -> list[Listing]:
    """Return lawyers who work every day."""
    return [
        Listing(f"p{n}", "lawyer", f"示例{n}", "firm", "示例所", (DISTRICT,), schedules=WEEK, demo=True)
        for n in range(PRACTITIONERS)
    ]


@dataclass
class Lane:
    """One citizen after another, one call after another, each written down before and after."""

    world: World
    client: str
    desk: Desk
    way: Way
    path: Path
    number: int = 0
    open_call: dict[str, Any] | None = None
    mine: dict[str, Appointment] = field(default_factory=dict)
    senders: dict[str, str] = field(default_factory=dict)

    def recall(self) -> None:
        """Read what an earlier process of this lane has written."""
        lines = self.path.read_text("utf-8").splitlines(keepends=True) if self.path.exists() else []
        whole = [line for line in lines if line.endswith("\n")]
        self.path.write_text("".join(whole), "utf-8")
        for call in read(whole, 0):
            self.number = max(self.number, call.number)
            if call.answer:
                self._remember(call.answer)
        begun = [entry for entry in map(json.loads, whole) if "do" in entry]
        self.senders = {entry["citizen"]: entry["sender"] for entry in begun}
        done = {entry["number"] for entry in map(json.loads, whole) if _is_end(entry)}
        self.open_call = next((entry for entry in begun if entry["number"] not in done), None)

    def _remember(self, answer: Appointment) -> None:
        if answer.state == "booked":
            self.mine[answer.id] = answer
        else:
            self.mine.pop(answer.id, None)

    async def work(self, calls: int) -> None:
        """Make the calls that are still to be made."""
        self.recall()
        while self.open_call or self.number < calls:
            call = self.open_call or await self._choose()
            self.open_call = None
            if call:
                await self._finish(call)

    async def _choose(self) -> dict[str, Any] | None:
        """Choose the next call and write it down; None when the store does not answer or has no time."""
        number = self.number + 1
        chance = random.Random(f"{self.world.seed}:{self.path.stem}:{number}")
        try:
            call = await self._call(chance, number, self.world.now())
            call = await self.way.prepare(call, self.world.now()) if call else None
        except Exception as error:
            self.world.note(error)
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        if call:
            self.number, self.senders[call["citizen"]] = number, call["sender"]
            self._write(call)
        return call

    async def _call(self, chance: random.Random, number: int, now: int) -> dict[str, Any] | None:
        call = {"number": number, "client": self.path.stem, "began": now, "slot": None, "id": ""}
        call["by"] = "staff" if self.client == "console" and self.mine else "citizen"
        ahead = [kept for kept in self.mine.values() if kept.start > now + HOUR]
        if not ahead or chance.random() < 0.5:
            sender = f"web:{self.path.stem}-{number:06d}"
            wanted = wish(self.world.person(sender), f"p{chance.randrange(PRACTITIONERS)}")
            found = await desk.times(self.desk, wanted, now, now + chance.randrange(*AHEAD))
            call |= {"do": "book", "citizen": wanted.citizen, "by": "citizen", "sender": sender}
        else:
            own = chance.choice(sorted(ahead, key=lambda kept: kept.id))
            sender = self.senders[own.citizen]
            call |= {"do": chance.choice(("move", "cancel")), "citizen": own.citizen, "id": own.id, "sender": sender}
            if call["do"] == "cancel":
                return call
            found = await desk.move_times(self.desk, own, now, now + chance.randrange(*AHEAD))
        # Where nobody is free, the next try asks at another clock and, when booking, somebody else.
        return call | {"slot": asdict(chance.choice(found.slots))} if found.slots else None

    async def _finish(self, call: dict[str, Any]) -> None:
        """Make a call until it has an answer."""
        while True:
            # The twin forgets that it has asked before.
            again = secrets.token_hex(4) if self.world.twin == "keys" else ""
            request = f"{call['citizen']}-{call['number']}{again}"
            end: dict[str, Any] = {"number": call["number"]}
            try:
                answer = await self.way.make(call, request, self.world.now())
                self._remember(answer)
                end |= {"outcome": "ok", "answer": answer.to_json()}
            except BookingRefused as refused:
                end |= {"outcome": "failed", "why": type(refused).__name__}
            except Exception as error:
                self.world.note(error)
                end |= {"outcome": "unknown", "why": type(error).__name__}
            self._write({**end, "ended": self.world.now(), "wall": time.time()})
            if _is_end(end):
                return
            await asyncio.sleep(PAUSE_SECONDS)

    def _write(self, entry: dict[str, Any]) -> None:
        # Handed to the kernel at once: that a process is killed loses nothing of it.
        with self.path.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _is_end(entry: dict[str, Any]) -> bool:
    """Whether a call is not made again: it has an answer, or can no longer be asked about."""
    return entry.get("outcome") in ("ok", "failed") or entry.get("why") == SessionOver.__name__


async def client(world: World, name: str, calls: int) -> None:
    """Make that many calls, in LANES at once."""
    redis, its_desk = world.open()
    way = world.way(name, redis, its_desk)
    lanes = [Lane(world, name, its_desk, way, world.folder / "journal" / f"{name}-{n}.jsonl") for n in range(LANES)]
    await asyncio.gather(*(lane.work(calls // LANES) for lane in lanes))
    await way.close()
    await redis.aclose()
