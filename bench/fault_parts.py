"""The processes of the fault run: clients that stand for gateway, actions and the staff's console, and workers.

Each is killed at any moment and started again with the same arguments; what it must know it finds in its journal.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bench.journal import read
from bot.areas.importer import read_areas
from bot.booking import clock, desk
from bot.booking.desk import Desk
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Slot, Wish
from bot.booking.store import BookingStore
from bot.booking.timers import TOLD
from bot.directory.holidays import ChineseCalendar
from bot.directory.model import Listing, Schedule
from bot.directory.store import DirectoryStore
from bot.errors import BookingRefused, StoreUnavailable
from bot.platform.settings import ROOT
from bot.platform.store import connect, key, store_errors

DISTRICT = "440515"
PRACTITIONERS = 150
# Calls at once in each client process.
LANES = 4
# The clock goes on by this: a reminder of a quarter of an hour is never a whole step late.
STEP = 10 * MINUTE
# Citizens book from two hours to four days ahead, so that most reminders come due within the run.
AHEAD = (2 * HOUR, 4 * DAY)
PAUSE_SECONDS = 0.05
WEEK = (Schedule("08:30", "12:00", "FREQ=WEEKLY"), Schedule("14:30", "17:30", "FREQ=WEEKLY"))


@dataclass(frozen=True)
class World:
    """Where the run's files are. `twin` names what is done as one should not, to show that it is caught."""

    folder: Path
    url: str
    seed: int
    twin: str = ""

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
        """Write down what went wrong. The rooms promise a StoreUnavailable; the figures tell of anything else."""
        if not isinstance(error, StoreUnavailable):
            with (self.folder / "unforeseen").open("a", encoding="utf-8") as notes:
                notes.write(f"{type(error).__name__}: {error}".replace("\n", " ") + "\n")

    def open(self) -> tuple[Redis, Desk]:
        """Return a connection and the desk on it."""
        redis = connect(self.url)
        areas = read_areas(ROOT / "data" / "directory" / DISTRICT / "areas.csv")
        return redis, Desk(BookingStore(redis, DISTRICT), DirectoryStore(redis, DISTRICT), areas, ChineseCalendar())


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
    path: Path
    number: int = 0
    open_call: dict[str, Any] | None = None
    mine: dict[str, Appointment] = field(default_factory=dict)

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
        done = {entry["number"] for entry in map(json.loads, whole) if entry.get("outcome") in ("ok", "failed")}
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
        except Exception as error:
            self.world.note(error)
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        if call:
            self.number = number
            self._write(call)
        return call

    async def _call(self, chance: random.Random, number: int, now: int) -> dict[str, Any] | None:
        call = {"number": number, "client": self.path.stem, "began": now, "slot": None, "id": ""}
        call["by"] = "staff" if self.client == "console" and self.mine else "citizen"
        ahead = [kept for kept in self.mine.values() if kept.start > now + HOUR]
        if not ahead or chance.random() < 0.5:
            wish = self._wish(f"{self.path.stem}-{number}", f"p{chance.randrange(PRACTITIONERS)}")
            found = await desk.times(self.desk, wish, now, now + chance.randrange(*AHEAD))
            call |= {"do": "book", "citizen": wish.citizen, "by": "citizen"}
        else:
            own = chance.choice(sorted(ahead, key=lambda kept: kept.id))
            call |= {"do": chance.choice(("move", "cancel")), "citizen": own.citizen, "id": own.id}
            if call["do"] == "cancel":
                return call
            found = await desk.move_times(self.desk, own, now, now + chance.randrange(*AHEAD))
        # Where nobody is free, the next try asks at another clock and, when booking, somebody else.
        return call | {"slot": asdict(chance.choice(found.slots))} if found.slots else None

    @staticmethod
    def _wish(citizen: str, practitioner: str) -> Wish:
        return Wish("consultation", mode="video", practitioner=practitioner, citizen=citizen)

    async def _finish(self, call: dict[str, Any]) -> None:
        """Make a call until it has an answer."""
        while True:
            # The twin forgets that it has asked before.
            again = secrets.token_hex(4) if self.world.twin == "keys" else ""
            request = f"{call['citizen']}-{call['number']}{again}"
            end: dict[str, Any] = {"number": call["number"]}
            try:
                answer = await self._make(call, request)
                self._remember(answer)
                end |= {"outcome": "ok", "answer": answer.to_json()}
            except BookingRefused as refused:
                end |= {"outcome": "failed", "why": type(refused).__name__}
            except Exception as error:
                self.world.note(error)
                end |= {"outcome": "unknown", "why": type(error).__name__}
            self._write({**end, "ended": self.world.now(), "wall": time.time()})
            if end["outcome"] != "unknown":
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _make(self, call: dict[str, Any], request: str) -> Appointment:
        now, who = self.world.now(), call["citizen"] if call["by"] == "citizen" else "示例职员"
        if call["do"] == "cancel":
            return await desk.cancel(self.desk, call["id"], call["by"], who, now, request)
        slot = Slot(**call["slot"])
        if call["do"] == "move":
            return await desk.move(self.desk, call["id"], slot, call["by"], who, now, request)
        return await desk.book(self.desk, self._wish(call["citizen"], slot.practitioner), slot, now, request)

    def _write(self, entry: dict[str, Any]) -> None:
        # Handed to the kernel at once: that a process is killed loses nothing of it.
        with self.path.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry, ensure_ascii=False) + "\n")


async def client(world: World, name: str, calls: int) -> None:
    """Make that many calls, in LANES at once."""
    redis, its_desk = world.open()
    lanes = [Lane(world, name, its_desk, world.folder / "journal" / f"{name}-{n}.jsonl") for n in range(LANES)]
    await asyncio.gather(*(lane.work(calls // LANES) for lane in lanes))
    await redis.aclose()


async def worker(world: World) -> None:
    """Ring what is due, and say up to which clock all has been rung."""
    redis, its_desk = world.open()
    ring = partial(_ring_in_two_steps, redis) if world.twin == "timers" else clock.ring_due
    while True:
        now = world.now()
        try:
            while await its_desk.book.due(now, 1):
                await ring(its_desk, now)
            world.set("rung", now)
        except Exception as error:
            world.note(error)
            await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.sleep(0.005)


async def _ring_in_two_steps(redis: Any, its_desk: Desk, now: int) -> int:
    """Ring as one would without a function: say it, then note that it was said."""
    for number, timer, due in await its_desk.book.due(now, clock.ROUND):
        if timer in TOLD:
            told = {"person": "", "what": TOLD[timer], "appointment": number, "at": now}
            async with store_errors():
                await redis.xadd(key(DISTRICT, "notices"), told)
            await its_desk.book.drop_timer(number, timer)
        else:
            await clock._ring(its_desk.book, number, timer, due, now)
    return 0
