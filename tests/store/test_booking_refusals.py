"""The appointment book refuses: each branch, and no key changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import service
from bot.booking.model import HOUR, Appointment, Role, State
from bot.booking.store import BookingStore
from bot.errors import (
    AppointmentAbsent,
    BookingRefused,
    ConflictOfInterest,
    HoldOver,
    QuotaReached,
    RequestReused,
    SlotClosed,
    SlotTaken,
    StaleAppointment,
    StoreUnavailable,
    TransitionRefused,
)
from tests.store.booking_world import CONSULTATION, DISTRICT, LATER, NOW, OVER, SOON, START, claim, everything, held


@pytest.fixture
def book(redis: Redis) -> BookingStore:
    return BookingStore(redis, DISTRICT)


async def change(book: BookingStore, number: str, state: State, by: Role = "citizen", who: str = "c1") -> Appointment:
    return await service.advance(book, number, state, by, who, SOON, f"{number}:{state}:{by}:{who}")


async def _prepared(book: BookingStore) -> None:
    """a1 booked for c1 with p1 in r1; a2 held by c2 with p2; a3 cancelled; p3 must not serve c3; c1 has all of a day."""
    await claim(book, held("a1", room="r1"), "r1")
    await service.confirm(book, "a1", "citizen", "c1", SOON, "r1b")
    await claim(book, held("a2", "c2", practitioner="p2"), "r2")
    await claim(book, held("a3", "c2", LATER), "r3")
    await change(book, "a3", "cancelled", who="c2")
    await book.forbid("p3", "c3")
    await claim(book, held("a4", start=LATER), "r4")


async def _stale(book: BookingStore) -> Appointment:
    old = await book.appointment("a1")
    assert old is not None
    return await book.transition(replace(old, revision=1), "arrived", ["booked"], "staff", "", SOON, "x")


async def _too_early(book: BookingStore) -> Appointment:
    old = await book.appointment("a2")
    assert old is not None
    return await book.expire(old, ["proposed"], OVER - 1)


async def _moved_to_taken(book: BookingStore) -> Appointment:
    old = await book.appointment("a1")
    assert old is not None
    new = replace(old, practitioner="p2", revision=3)
    return await book.move(old, new, CONSULTATION, False, ["booked"], "citizen", "c1", SOON, "x")


REFUSED: dict[str, tuple[Callable[[BookingStore], Awaitable[object]], type[BookingRefused]]] = {
    "practitioner": (lambda b: claim(b, held("x", "c9"), "x"), SlotTaken),
    "room": (lambda b: claim(b, held("x", "c9", practitioner="p9", room="r1"), "x"), SlotTaken),
    "citizen": (lambda b: claim(b, held("x", practitioner="p9"), "x"), SlotTaken),
    "dead hold, then citizen": (lambda b: claim(b, held("x", practitioner="p2"), "x", OVER), SlotTaken),
    "quota": (lambda b: claim(b, held("x", start=START + 4 * HOUR), "x"), QuotaReached),
    "interest": (lambda b: claim(b, held("x", "c3", practitioner="p3"), "x"), ConflictOfInterest),
    "closed": (lambda b: b.claim(held("x", "c9"), CONSULTATION, True, "citizen", NOW, "x"), SlotClosed),
    "same id": (lambda b: claim(b, held("a1", "c9", START + 5 * HOUR), "x"), TransitionRefused),
    "key reused": (lambda b: claim(b, held("x", "c9", START + 5 * HOUR), "r1"), RequestReused),
    "another's": (lambda b: service.cancel(b, "a1", "citizen", "c2", SOON, "x"), AppointmentAbsent),
    "another practitioner's": (lambda b: change(b, "a1", "arrived", "practitioner", "p2"), AppointmentAbsent),
    "nobody's": (lambda b: change(b, "a1", "cancelled", "respondent", ""), AppointmentAbsent),
    "absent": (lambda b: service.cancel(b, "none", "citizen", "c1", SOON, "x"), AppointmentAbsent),
    "state": (lambda b: change(b, "a3", "cancelled", "staff"), TransitionRefused),
    "role": (lambda b: change(b, "a1", "arrived"), TransitionRefused),
    "unknown change": (lambda b: change(b, "a1", "waitlist", "staff"), TransitionRefused),
    "hold over": (lambda b: service.confirm(b, "a2", "citizen", "c2", OVER, "x"), HoldOver),
    "still held": (_too_early, TransitionRefused),
    "stale": (_stale, StaleAppointment),
    "move to taken": (_moved_to_taken, SlotTaken),
}


@pytest.mark.parametrize("branch", REFUSED)
async def test_refused_step_changes_no_key(book: BookingStore, redis: Redis, branch: str) -> None:
    attempt, error = REFUSED[branch]
    await _prepared(book)
    before = await everything(redis)
    with pytest.raises(error):
        await attempt(book)
    assert await everything(redis) == before


async def test_every_key_lies_under_the_districts_hash_tag(book: BookingStore, redis: Redis) -> None:
    await _prepared(book)
    assert all(name.startswith("{440515}:booking:") for name in await redis.keys())


async def test_store_that_is_full_refuses_before_the_first_write(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    before = await everything(redis)
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="memory"):
            await claim(book, held("a2", "c2", LATER), "r2")
    finally:
        await redis.config_set("maxmemory", "0")
    assert await everything(redis) == before
