"""Sixty citizens of every mix, a moody platform, workers that die: each notice once by an allowed way, or on the list."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import pytest
from redis.asyncio import Redis

from bench.quota_world import (
    MEANS,
    UNDELIVERED,
    BenchWords,
    Moods,
    Run,
    citizens,
    faults,
    put_notices,
    settle_in,
)
from bot.citizens.keyring import Keyring
from bot.reach import service
from bot.reach.dispatch import Post, dispatch_once
from bot.reach.model import Route
from bot.reach.records import Job
from bot.reach.store import ReachStore
from tests.store.reach_world import DISTRICT, FakePlatform

BEGAN = 1_795_600_000 - 1_795_600_000 % 86_400 + 8 * 3600  # four in the afternoon
HOUR = 3600


class Died(BaseException):
    """The process is gone."""


class Dying:
    """Wraps a part so that its calls now and then end the process, before or after they do their work."""

    def __init__(self, part: Any, random: Random, share: float) -> None:
        self._part, self._random, self._share = part, random, share

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._part, name)
        if not callable(real) or name in ("person", "enqueue"):
            return real

        async def call(*given: Any, **named: Any) -> Any:
            if self._random.random() < self._share:
                raise Died
            answer = await real(*given, **named)
            if self._random.random() < self._share:
                raise Died
            return answer

        return call


class Unreserved(ReachStore):
    """The control: sends first and writes then."""

    async def reserve(self, job: Job, route: Route, now: float, check: float, leave: int) -> str:
        return "ok"

    async def settle(self, job: Job, states: Any, now: float, fields: Any, **more: Any) -> bool:
        kept = await self.job(job.id)
        return bool(kept) and await super().settle(kept, frozenset({kept.state}), now, fields, **more)


async def run_of(redis: Redis, store: ReachStore, seed: int, count: int = 60, share: float = 0.01) -> Run:
    random, now = Random(seed), [float(BEGAN)]  # noqa: S311 - a draw that can be repeated
    people = citizens(random, count)
    platform = FakePlatform(lambda: now[0])
    await settle_in(store, platform, people, BEGAN)
    platform.weather = Moods(random)
    ids = await put_notices(store, people, BEGAN)
    undelivered: set[int] = set()
    told = 0
    while now[0] < BEGAN + 31 * HOUR:
        post = Post(Dying(store, random, share), BenchWords(), Dying(platform, random, share), means=MEANS)  # type: ignore[arg-type]
        with suppress(Died):
            await dispatch_once(post, now[0])
        while told < len(platform.journal):
            entry = platform.journal[told]
            told += 1
            if entry.way != "service" and random.random() < 0.9:
                arrived = random.random() >= UNDELIVERED
                await service.delivered(
                    store, f"wechat:{entry.openid}", entry.way, f"msg-{told}", arrived, "user block", now[0]
                )
                undelivered |= set() if arrived else {told - 1}
        now[0] += random.choice((5, 60, 300))
    jobs = {number: job for number in ids if (job := await store.job(number))}
    return Run(people, BEGAN, platform.journal, frozenset(undelivered), jobs)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_notice_is_sent_once_by_an_allowed_way_or_listed(redis: Redis, keyring: Keyring, seed: int) -> None:
    run = await run_of(redis, ReachStore(redis, DISTRICT, keyring), seed)
    assert faults(run) == []
    assert len(run.journal) > 15
    assert {job.state for job in run.jobs.values()} >= {"accepted", "call", "delivered"}


async def test_control_that_sends_and_then_writes_is_caught(redis: Redis, keyring: Keyring) -> None:
    run = await run_of(redis, Unreserved(redis, DISTRICT, keyring), 1, share=0.05)
    assert any("sent 2 times" in fault for fault in faults(run))
