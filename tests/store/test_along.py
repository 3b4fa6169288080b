"""The staff's log and the rooms that write its entries along with their own changes: one step, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import desk as at
from bot.booking.choices import Desk
from bot.booking.model import HOUR, Interval
from bot.citizens import service as citizens
from bot.citizens.store import CitizenStore
from bot.console import service as console
from bot.console.audit import faults
from bot.console.model import Deed
from bot.console.store import ConsoleStore
from bot.errors import LogOvertaken, TransitionRefused
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Ask
from bot.legal_aid.store import ApplicationStore
from bot.platform.along import Along
from tests.keys import keyring_with
from tests.store.booking_world import DISTRICT, NOW, SLOT, WISH, everything, open_desk

Step = Callable[[Along], Awaitable[object]]


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


@pytest.fixture
def log(redis: Redis) -> ConsoleStore:
    return ConsoleStore(redis, DISTRICT)


def deed(act: str, request: str) -> Deed:
    return Deed("lin", "clerk", act, "x", request)


async def decision(desk: Desk) -> Step:
    kept = await at.book(desk, WISH, SLOT, NOW, "r")
    return lambda along: at.advance(desk, kept.id, "booked", "staff", "lin", NOW, "d", along=along)


async def leave(desk: Desk) -> Step:
    hours = Interval(SLOT.start, SLOT.start + HOUR)
    return lambda along: at.put_leave(desk, "p1", hours, "training", NOW, "l", "lin", along)


async def return_(desk: Desk) -> Step:
    await at.put_leave(desk, "p1", Interval(SLOT.start, SLOT.start + HOUR), "training", NOW, "l", "lin")
    (kept,) = await at.leaves(desk, "p1")
    return lambda along: at.end_leave(desk, "p1", kept.id, NOW, "e", "lin", along)


async def review(desk: Desk) -> Step:
    redis = desk.book._redis
    store, people = ApplicationStore(redis, DISTRICT), CitizenStore(redis, DISTRICT, keyring_with("k1"))
    await citizens.agree(people, "c1", "legal_aid", NOW)
    fields = {"name": "陈小明", "phone": "+8613800138000"}
    made = await legal_aid.hand_in(store, people, "wages", "likely_yes", fields, Ask("citizen", "c1", NOW, "h"))
    ask = Ask("staff", "lin", NOW, "v")
    return lambda along: legal_aid.advance(store, made.id, "under_review", ask, along=along)


STEPS = [decision, leave, return_, review]


@pytest.mark.parametrize("prepared", STEPS)
async def test_deed_is_done_with_its_entry_or_not_at_all_when_another_entry_came_first(
    redis: Redis, desk: Desk, log: ConsoleStore, prepared: Callable[[Desk], Awaitable[Step]]
) -> None:
    step = await prepared(desk)
    await log.record(deed("sign_in", "s"), "done", NOW)
    before = await everything(redis)

    async def late(along: Along) -> object:
        with pytest.raises(LogOvertaken):
            await step(replace(along, after="0-0", id="1-0"))
        assert await everything(redis) == before
        return await step(along)

    await log.along(deed("act", "a"), NOW, late)
    entries = [entry async for entry in log.entries()]
    assert [entry.act for entry in entries] == ["sign_in", "act"]
    assert faults(entries, await log.newest_number()) == []
    assert await everything(redis) != before


@pytest.mark.parametrize("prepared", [decision, leave, review])
async def test_deed_that_is_sent_again_has_one_entry(
    desk: Desk, log: ConsoleStore, prepared: Callable[[Desk], Awaitable[Step]]
) -> None:
    step = await prepared(desk)
    for _ in range(3):
        await log.along(deed("act", "a"), NOW, step)
    assert [entry.act async for entry in log.entries()] == ["act"]


async def test_clerks_who_all_press_at_once_have_one_entry_each_in_a_true_chain(desk: Desk, log: ConsoleStore) -> None:
    slots = (await at.times(desk, replace(WISH, citizen=""), NOW, limit=12)).slots
    kept = [
        await at.book(desk, replace(WISH, citizen=f"c{n}", applicant="", respondent=""), slot, NOW, f"r{n}")
        for n, slot in enumerate(slots)
    ]

    def step(number: str) -> Step:
        return lambda along: at.advance(desk, number, "booked", "staff", "lin", NOW, f"d{number}", along=along)

    await asyncio.gather(*(console.noted(log, deed("approve", one.id), step(one.id), NOW) for one in kept))
    entries = [entry async for entry in log.entries()]
    assert [entry.outcome for entry in entries] == ["done"] * 12
    assert faults(entries, await log.newest_number()) == []


async def test_deed_that_was_refused_has_one_entry_that_says_so(desk: Desk, log: ConsoleStore) -> None:
    kept = await at.book(desk, WISH, SLOT, NOW, "r")

    async def step(along: Along) -> object:
        return await at.advance(desk, kept.id, "fulfilled", "staff", "lin", NOW, "d", along=along)

    with pytest.raises(TransitionRefused):
        await console.noted(log, deed("fulfil", "f"), step, NOW)
    assert [entry.outcome async for entry in log.entries()] == ["refused: TransitionRefused"]
