"""A notice is sent once or stands on the list for a call, wherever a worker dies, hangs or works beside others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.citizens.keyring import Keyring
from bot.errors import StoreUnavailable
from bot.reach import dispatch, service
from bot.reach.dispatch import dispatch_once
from bot.reach.store import ReachStore
from tests.store.dispatch_world import HOUR, USER, World
from tests.store.reach_world import DISTRICT


@pytest.fixture
def world(dispatching: World) -> World:
    return dispatching


class Died(BaseException):
    """The process is gone: nothing in it catches this."""


def _dies(*_: Any, **__: Any) -> Any:
    raise Died


def _after(call: Callable[..., Any]) -> Any:
    async def dies(*given: Any, **named: Any) -> Any:
        await call(*given, **named)
        raise Died

    return dies


STEPS = {
    "before reading": ("store", "due", False),
    "after reading": ("store", "due", True),
    "before wording": ("words", "said", False),
    "before paying": ("store", "reserve", False),
    "after paying": ("store", "reserve", True),
    "before sending": ("platform", "_take", False),
    "after sending": ("platform", "_take", True),
    "before writing": ("store", "settle", False),
    "after writing": ("store", "settle", True),
}


@pytest.mark.parametrize("reminders", [0, 1])
@pytest.mark.parametrize("step", STEPS)
async def test_citizen_is_told_once_or_called_when_the_worker_dies(
    world: World, step: str, reminders: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.follower(reminders=reminders)
    if reminders:
        await world.store.close_windows(world.store.person(USER))
    job = await world.notice()
    part, name, after = STEPS[step]
    where = getattr(world, part)
    with monkeypatch.context() as dying:
        dying.setattr(where, name, _after(getattr(where, name)) if after else _dies)
        with pytest.raises(Died):
            await world.round(after=5)
    for _ in range(8):
        await world.round(after=120)
    state, _ = await world.state(job)
    assert len(world.sent) == (0 if step in ("after paying", "before sending") else 1)
    assert state == (
        "call" if step in ("after paying", "before sending", "after sending", "before writing") else "accepted"
    )


async def test_control_that_sends_and_then_writes_does_send_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.follower()
    job = await world.notice()
    monkeypatch.setattr(world.store, "reserve", _unreserved)
    with monkeypatch.context() as dying:
        dying.setattr(world.store, "settle", _dies)
        with pytest.raises(Died):
            await world.round(after=5)
    await world.round(after=5)
    assert world.sent == ["service", "service"]
    assert job.id


async def _unreserved(*_: Any) -> str:
    return "ok"


async def test_eight_workers_at_once_send_it_once(world: World, redis: Redis, keyring: Keyring) -> None:
    await world.follower(reminders=5)
    await asyncio.gather(*[world.notice() for _ in range(6)])
    posts = [replace(world.post, store=ReachStore(redis, DISTRICT, keyring)) for _ in range(8)]
    await asyncio.gather(*(dispatch_once(post, world.now) for post in posts))
    await asyncio.gather(*(dispatch_once(post, world.now + 5) for post in posts))
    assert len({sent.text for sent in world.platform.journal}) == len(world.sent)
    assert len(world.sent) == 6


async def test_slow_worker_whose_answer_comes_after_all_takes_it_off_the_list(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.follower(reminders=1)
    await world.store.close_windows(world.store.person(USER))
    job = await world.notice()
    real = world.platform._take

    async def slow(*given: Any) -> str:
        answer = await real(*given)
        monkeypatch.setattr(world.platform, "_take", real)
        await dispatch_once(world.post, world.now + HOUR)
        assert (await world.state(job))[0] == "call"
        return answer

    monkeypatch.setattr(world.platform, "_take", slow)
    await world.round(after=5)
    assert await world.state(job) == ("accepted", "")
    assert await service.to_call(world.store, 10) == []


async def test_nothing_is_sent_when_the_store_does_not_confirm_the_reservation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.follower()
    await world.notice()

    async def fails(*_: Any, **__: Any) -> str:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as failing:
        failing.setattr(world.store, "reserve", fails)
        with pytest.raises(StoreUnavailable):
            await world.round(after=5)
    assert world.sent == []
    await world.round(after=5)
    assert world.sent == ["service"]


async def test_platform_that_hangs_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.follower()
    job = await world.notice()

    async def hangs(*_: Any) -> str:
        await asyncio.sleep(60)
        return ""

    monkeypatch.setattr(dispatch, "SEND_SECONDS", 0.05)
    monkeypatch.setattr(world.platform, "_take", hangs)
    await world.round(after=5)
    assert await world.state(job) == ("unknown", "no_answer")
