"""The appointment book refuses: each branch, and no key changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import service
from bot.booking.model import HOUR, KINDS, Appointment, Ask, Role, Slot, State, moved, settled
from bot.booking.store import Act, BookingStore
from bot.errors import (
    AppointmentAbsent,
    BookingRefused,
    ConflictOfInterest,
    HoldOver,
    QuotaReached,
    ReferenceTaken,
    RequestReused,
    SlotClosed,
    SlotTaken,
    StaleAppointment,
    StoreUnavailable,
    TransitionRefused,
)
from tests.store.booking_world import DISTRICT, LATER, OVER, SOON, START, claim, everything, held


@pytest.fixture
def book(redis: Redis) -> BookingStore:
    return BookingStore(redis, DISTRICT)


async def change(book: BookingStore, number: str, state: State, by: Role = "citizen", who: str = "c1") -> Appointment:
    return await service.advance(book, number, state, Ask(by, who, SOON, f"{number}:{state}:{by}:{who}"))


async def _prepared(book: BookingStore) -> None:
    """a1 booked for c1 with p1 in r1; a2 held by c2 with p2; a3 cancelled; p3 has advised A; c1 has all of a day."""
    await claim(book, held("a1", room="r1"), "r1")
    await service.confirm(book, "a1", Ask("citizen", "c1", SOON, "r1b"))
    await claim(book, held("a2", "c2", practitioner="p2"), "r2")
    await claim(book, held("a3", "c2", LATER), "r3")
    await change(book, "a3", "cancelled", who="c2")
    await claim(book, replace(held("a5", "c3", practitioner="p3"), applicant="A", state="booked", hold_until=0), "r5")
    await claim(book, held("a4", start=LATER), "r4")


async def _read(book: BookingStore, number: str) -> Appointment:
    found = await book.appointment(number)
    assert found is not None
    return found


async def _stale(book: BookingStore) -> Appointment:
    old = replace(await _read(book, "a1"), revision=1)
    return await book.change(old, settled(old, "arrived"), Act("x", Ask("staff", "", SOON, "x"), frozenset({"booked"})))


async def _too_early(book: BookingStore) -> Appointment:
    old = await _read(book, "a2")
    act = Act("x", Ask("system", "", OVER - 1, ""), frozenset({"proposed"}), timer="hold")
    return await book.change(old, settled(old, "cancelled", "hold_over"), act)


async def _not_there(book: BookingStore) -> Appointment:
    old = await _read(book, "a1")
    act = Act("x", Ask("system", "", OVER, ""), frozenset({"booked"}), timer="hold")
    return await book.change(old, settled(old, "cancelled", "hold_over"), act)


async def _moved_to_taken(book: BookingStore) -> Appointment:
    old = await _read(book, "a1")
    new = moved(old, Slot(old.start, old.end, "p2", "r1"), KINDS[old.kind], SOON)
    return await book.move(old, new, Act("moved", Ask("citizen", "c1", SOON, "x"), frozenset({"booked"})))


async def _forgotten_unread(book: BookingStore) -> None:
    old = replace(await _read(book, "a1"), revision=1)
    await book.forget(old, Act("forgotten", Ask("system", "", SOON, ""), frozenset({"booked"})))


REFUSED: dict[str, tuple[Callable[[BookingStore], Awaitable[object]], type[BookingRefused]]] = {
    "practitioner": (lambda b: claim(b, held("x", "c9"), "x"), SlotTaken),
    "room": (lambda b: claim(b, held("x", "c9", practitioner="p9", room="r1"), "x"), SlotTaken),
    "citizen": (lambda b: claim(b, held("x", practitioner="p9"), "x"), SlotTaken),
    "dead hold, then citizen": (lambda b: claim(b, held("x", practitioner="p2"), "x", OVER), SlotTaken),
    "quota": (lambda b: claim(b, held("x", start=START + 4 * HOUR), "x"), QuotaReached),
    "interest": (lambda b: claim(b, replace(held("x", "c9", LATER, "p3"), respondent="A"), "x"), ConflictOfInterest),
    "closed": (lambda b: claim(b, held("x", "c9"), "x", closed=True), SlotClosed),
    "same id": (lambda b: claim(b, held("a1", "c9", START + 5 * HOUR), "x"), ReferenceTaken),
    "key reused": (lambda b: claim(b, held("x", "c9", START + 5 * HOUR), "r1"), RequestReused),
    "another's": (lambda b: change(b, "a1", "cancelled", who="c2"), AppointmentAbsent),
    "another practitioner's": (lambda b: change(b, "a1", "arrived", "practitioner", "p2"), AppointmentAbsent),
    "nobody's": (lambda b: change(b, "a1", "cancelled", "respondent", ""), AppointmentAbsent),
    "absent": (lambda b: change(b, "none", "cancelled", who="c1"), AppointmentAbsent),
    "state": (lambda b: change(b, "a3", "cancelled", "staff"), TransitionRefused),
    "role": (lambda b: change(b, "a1", "arrived"), TransitionRefused),
    "unknown change": (lambda b: change(b, "a1", "waitlist", "staff"), TransitionRefused),
    "hold over": (lambda b: service.confirm(b, "a2", Ask("citizen", "c2", OVER, "x")), HoldOver),
    "still held": (_too_early, TransitionRefused),
    "no such timer": (_not_there, TransitionRefused),
    "forgotten unread": (_forgotten_unread, StaleAppointment),
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
