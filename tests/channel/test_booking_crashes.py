"""A process that dies anywhere in a booking: what the citizen has then, and has at the next tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.booking import desk as booking
from bot.booking import dialogue
from bot.booking import service as book_service
from bot.booking.dialogue import Talk
from bot.booking.draft import Draft
from bot.booking.model import DAY, HOLD
from bot.citizens import service as citizens
from bot.errors import SlotTaken
from bot.platform import worker
from tests.channel.pages_world import MINE, OTHER_PHONE, PHONE, World
from tests.keys import SECRET
from tests.store.booking_world import DISTRICT, NOW, SLOT, TOWN, WISH

# The steps of a booking, in their order: where each is done.
STEPS: dict[str, tuple[Any, str]] = {
    "claim": (book_service, "claim"),
    "names": (citizens, "keep_case"),
    "confirm": (book_service, "confirm"),
}
POINTS = [(step, when) for step in STEPS for when in ("before", "after")]
NAMES = {"name": "陈小明", "phone": PHONE, "other_name": "林大海", "other_phone": OTHER_PHONE}


class Died(Exception):
    """Nobody catches this, as nobody catches a kill."""


Tap = Callable[[], Awaitable[bool]]


async def on_the_page(world: World) -> Tap:
    """Return a tap on the summary's button; it tells whether the citizen hears that it is booked."""
    browser = await (await world.inside()).filled(world)
    form = browser.confirming

    async def tap() -> bool:
        await browser.post("/book/check", form)
        return browser.path.startswith("/book/done/")

    return tap


async def in_the_chat(world: World) -> Tap:
    """Return the same for the chat."""
    await citizens.agree(world.parts.citizens, MINE, "booking", NOW)
    slot = {"start": SLOT.start, "end": SLOT.end, "practitioner": "p1", "room": ""}
    facts = {"area": TOWN, "mode": "video", "practitioner": "p1", "slot": slot, "consent": True, **NAMES}
    talk = Talk(world.parts.desk, world.parts.citizens, SECRET, "web:sender-0001", NOW)

    async def tap() -> bool:
        try:
            await dialogue.conclude(replace(talk, now=int(world.clock.now)), Draft("d1", "mediation", facts))
        except (Died, SlotTaken):
            return False
        return True

    return tap


WAYS = [on_the_page, in_the_chat]


def dying(monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    """Let the process die before or after a step."""
    room, name = STEPS[step]
    does = getattr(room, name)

    async def dies(*given: Any, **named: Any) -> None:
        if when == "after":
            await does(*given, **named)
        raise Died

    monkeypatch.setattr(room, name, dies)


async def a_day_later(world: World) -> None:
    """Let the worker do its rounds until everything is over that ends by itself."""
    parts = world.parts
    work = worker.tasks(parts.redis, DISTRICT, parts.keyring) + worker.book_tasks(parts.desk)
    for later in (HOLD, HOLD + DAY):
        await worker.run_once(parts.redis, DISTRICT, work, NOW + later)


async def died(
    world: World, monkeypatch: pytest.MonkeyPatch, way: Callable[[World], Awaitable[Tap]], step: str, when: str
) -> Tap:
    """Let the process die at a step of a first tap; return what taps again."""
    tap = await way(world)
    with monkeypatch.context() as patched:
        dying(patched, step, when)
        assert not await tap()
    return tap


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "when"), POINTS)
async def test_citizen_whose_tap_died_has_one_whole_appointment_at_the_next_tap(
    world: World, monkeypatch: pytest.MonkeyPatch, way: Callable[[World], Awaitable[Tap]], step: str, when: str
) -> None:
    tap = await died(world, monkeypatch, way, step, when)
    assert await tap()
    (seat,) = await booking.mine(world.parts.desk, MINE)
    assert (seat.state, bool(seat.respondent)) == ("pending", True)
    assert await citizens.case(world.parts.citizens, MINE, seat.id) == NAMES


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "when"), POINTS)
async def test_nobodys_booking_stands_without_names_and_no_names_stay_without_a_booking_when_nobody_taps_again(
    world: World, monkeypatch: pytest.MonkeyPatch, way: Callable[[World], Awaitable[Tap]], step: str, when: str
) -> None:
    await died(world, monkeypatch, way, step, when)
    await a_day_later(world)
    kept = [await citizens.case(world.parts.citizens, MINE, each) for each in await world.parts.citizens.cases(MINE)]
    seats = await booking.mine(world.parts.desk, MINE)
    if (step, when) == ("confirm", "after"):
        assert (len(seats), kept) == (1, [NAMES])
    else:
        assert (seats, kept) == ((), [])
        other = replace(WISH, citizen="c2", applicant="X", respondent="Y")
        assert await booking.book(world.parts.desk, other, SLOT, NOW + HOLD, "other")


async def test_citizen_who_took_the_consent_back_in_the_chat_is_asked_again_and_holds_nothing(world: World) -> None:
    browser = await (await world.inside()).filled(world)
    await citizens.withdraw(world.parts.citizens, MINE, "booking")
    await browser.post("/book/check", browser.confirming)
    assert browser.path == "/book/form"
    assert 'name="consent"' in browser.text
    assert not await world.parts.redis.keys("*:booking:appointment:*")
