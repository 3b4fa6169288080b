"""The appointment book in a real Valkey: nobody is booked twice, and nothing is half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from redis.asyncio import Redis

from bot.booking import clock, service
from bot.booking.choices import Desk
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Ask, Interval, Slot, State, moved
from bot.booking.openings import day_slots
from bot.booking.service import Search
from bot.booking.store import IDEMPOTENCY_SECONDS, Act, BookingStore
from bot.errors import (
    HoldOver,
    QuotaReached,
    RequestReused,
    SlotClosed,
    SlotTaken,
    StoreUnavailable,
    Unconfirmed,
)
from tests.store.booking_world import (
    CALENDAR,
    CHOICES,
    CONSULTATION,
    DISTRICT,
    LATER,
    NOW,
    OVER,
    SLOT,
    SOON,
    START,
    WISH,
    claim,
    diary,
    everything,
    held,
    open_desk,
)

CLIENTS = 64


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


@pytest.fixture
def book(redis: Redis) -> BookingStore:
    return BookingStore(redis, DISTRICT)


# --- many at once


@pytest.fixture
async def crowd(server: str, redis: Redis) -> AsyncIterator[list[BookingStore]]:
    """64 clients, each on a connection of its own, as 64 processes would be."""
    clients = [Redis.from_url(server, decode_responses=True) for _ in range(CLIENTS)]
    yield [BookingStore(client, DISTRICT) for client in clients]
    for client in clients:
        await client.aclose()


async def contend(
    crowd: list[BookingStore], attempt: Callable[[BookingStore, int], Awaitable[object]]
) -> tuple[int, list[BaseException]]:
    """Let everybody try for the same time at once. Return how many were told that they have it, and the refusals."""
    await asyncio.gather(*(book.busy([("practitioner", "p1")], Interval(0, 1), NOW) for book in crowd))
    answers = await asyncio.gather(*(attempt(b, n) for n, b in enumerate(crowd)), return_exceptions=True)
    lost = [answer for answer in answers if isinstance(answer, BaseException)]
    return len(answers) - len(lost), lost


async def in_calendar(redis: Redis, practitioner: str = "p1") -> int:
    return int(await redis.zcard(f"{{{DISTRICT}}}:booking:calendar:practitioner:{practitioner}"))


async def test_one_of_64_citizens_gets_the_slot_and_the_others_are_offered_the_nearest(
    crowd: list[BookingStore], redis: Redis
) -> None:
    async def attempt(book: BookingStore, n: int) -> Appointment:
        return await service.claim(diary(book), replace(WISH, citizen=f"c{n}"), SLOT, NOW, f"request {n}")

    won, lost = await contend(crowd, attempt)
    assert won == 1
    assert await in_calendar(redis) == 1
    for error in lost:
        assert isinstance(error, SlotTaken)
        assert [(slot.practitioner, slot.start - START) for slot in error.alternatives] == [
            ("p1", -75 * MINUTE),
            ("p2", -75 * MINUTE),
            ("p2", 0),
        ]


async def test_control_that_checks_and_then_sets_does_book_twice(crowd: list[BookingStore], redis: Redis) -> None:
    async def attempt(book: BookingStore, n: int) -> None:
        taken = await book.busy([("practitioner", "p1")], Interval(SLOT.start, SLOT.end), NOW)
        if taken[0]:
            raise SlotTaken("practitioner")
        calendar = book._key("calendar", "practitioner", "p1")
        await book._redis.zadd(calendar, {f"{SLOT.start}:{SLOT.end}:0:mediation:a{n}": SLOT.start})

    won, _ = await contend(crowd, attempt)
    assert won > 1
    assert await in_calendar(redis) == won


async def test_citizen_who_sends_the_same_request_64_times_at_once_has_one_appointment(
    crowd: list[BookingStore], redis: Redis
) -> None:
    async def attempt(book: BookingStore, n: int) -> Appointment:
        return await service.claim(diary(book), replace(WISH, citizen="c1"), SLOT, NOW + n, "the same")

    ids = {(await done).id for done in [asyncio.ensure_future(attempt(b, n)) for n, b in enumerate(crowd)]}
    assert len(ids) == 1
    assert await in_calendar(redis) == 1


# --- the same request again


async def test_citizen_gets_the_same_bytes_for_the_same_request_even_when_it_would_now_be_refused(
    book: BookingStore, redis: Redis
) -> None:
    first = await service.claim(diary(book), WISH, SLOT, NOW, "r")
    await service.advance(book, first.id, "cancelled", Ask("citizen", "c1", SOON, "r2"))
    before = await everything(redis)
    again = await service.claim(diary(book), WISH, SLOT, SLOT.start + DAY, "r")
    assert again == first
    after = await everything(redis)
    assert {name: content for name, (content, _) in after.items()} == {n: content for n, (content, _) in before.items()}


async def test_request_with_another_body_is_refused(book: BookingStore) -> None:
    await service.claim(diary(book), replace(WISH, citizen="c1"), SLOT, NOW, "r")
    for wish, slot in ((replace(WISH, citizen="c2"), SLOT), (WISH, replace(SLOT, practitioner="p2"))):
        with pytest.raises(RequestReused):
            await service.claim(diary(book), wish, slot, NOW, "r")
    with pytest.raises(RequestReused):
        await claim(book, held("a9", start=LATER), "r")


async def test_every_change_sent_twice_has_one_effect(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    later = Slot(START + 200 * MINUTE, START + 230 * MINUTE, "p1")
    for _ in range(2):
        confirmed = await service.confirm(book, "a1", Ask("citizen", "c1", SOON, "r2"))
        assert (confirmed.state, confirmed.revision) == ("booked", 2)
    with pytest.raises(SlotClosed):
        await service.move(diary(book), "a1", later, Ask("citizen", "c1", SOON, "r3"))
    later = Slot(START - 75 * MINUTE, START - 45 * MINUTE, "p2")
    for _ in range(2):
        there = await service.move(diary(book), "a1", later, Ask("citizen", "c1", SOON, "r3"))
        assert (there.practitioner, there.revision) == ("p2", 3)
    for _ in range(2):
        assert (await service.advance(book, "a1", "cancelled", Ask("citizen", "c1", SOON, "r4"))).revision == 4
    events = await redis.xrange(f"{{{DISTRICT}}}:booking:events")
    assert [fields["event"] for _, fields in events] == ["claimed", "booked", "moved", "cancelled"]
    records = await redis.keys(r"\{440515\}:booking:idempotency:*")
    assert len(records) == 4
    assert all([0 < await redis.ttl(name) <= IDEMPOTENCY_SECONDS for name in records])


# --- what takes time


@pytest.mark.parametrize("state", ["proposed", "pending", "booked", "arrived"])
async def test_slot_is_taken_whether_held_requested_or_booked(book: BookingStore, state: State) -> None:
    first = replace(held("a1", kind="mediation"), state=state, hold_until=OVER if state == "proposed" else 0)
    await claim(book, first, "r1")
    with pytest.raises(SlotTaken, match="practitioner"):
        await claim(book, held("a2", "c2", START + HOUR), "r2", OVER - 1)  # in the buffer
    await claim(book, held("a3", "c2", first.until), "r3", OVER - 1)
    with pytest.raises(SlotTaken):
        await claim(book, held("a4", "c3", START - 40 * MINUTE + 1), "r4", OVER - 1)
    await claim(book, held("a5", "c3", START - 40 * MINUTE), "r5", OVER - 1)


@pytest.mark.parametrize(
    ("other", "whose"),
    [
        (held("a2", "c2", practitioner="p1"), "practitioner"),
        (held("a2", "c2", practitioner="p2", room="r1"), "room"),
        (held("a2", "c1", practitioner="p2"), "citizen"),
    ],
)
async def test_nobody_is_in_two_places_at_once(book: BookingStore, other: Appointment, whose: str) -> None:
    await claim(book, held("a1", room="r1"), "r1")
    with pytest.raises(SlotTaken, match=whose):
        await claim(book, other, "r2")


async def test_citizen_may_go_from_one_appointment_straight_to_the_next(book: BookingStore) -> None:
    first = held("a1")
    await claim(book, first, "r1")
    await claim(book, held("a2", start=first.end, practitioner="p2"), "r2")


async def test_hold_that_is_over_frees_the_slot_and_cannot_be_confirmed(book: BookingStore, desk: Desk) -> None:
    await claim(book, held("a1"), "r1")
    with pytest.raises(SlotTaken):
        await claim(book, held("a2", "c2"), "r2", OVER - 1)
    await claim(book, replace(held("a2", "c2"), hold_until=OVER + 600), "r3", OVER)
    # A process whose clock is behind believes that the first hold still runs.
    with pytest.raises(HoldOver):
        await service.confirm(book, "a1", Ask("citizen", "c1", OVER - 1, "r4"))
    assert await clock.ring_due(desk, OVER) == 1
    assert (await service.confirm(book, "a2", Ask("citizen", "c2", OVER + 1, "r5"))).state == "booked"


async def test_worker_clears_away_what_is_over_and_nothing_else(book: BookingStore, desk: Desk, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    await claim(book, replace(held("a2", "c2", LATER), hold_until=OVER + 1), "r2")
    assert await clock.ring_due(desk, OVER - 1) == 0
    assert await clock.ring_due(desk, OVER) == 1
    assert await clock.ring_due(desk, OVER) == 0
    gone, kept = await book.appointment("a1"), await book.appointment("a2")
    assert gone is not None
    assert kept is not None
    assert (gone.state, kept.state) == ("cancelled", "proposed")
    assert await in_calendar(redis) == 1


async def test_citizen_has_no_more_of_a_kind_on_a_day_than_the_limit(book: BookingStore) -> None:
    first = held("a1")
    await claim(book, first, "r1")
    await claim(book, held("a2", start=first.until), "r2")
    with pytest.raises(QuotaReached):
        await claim(book, held("a3", start=START + 3 * HOUR), "r3")
    await claim(book, held("a4", start=START + DAY), "r4")
    await service.advance(book, "a1", "cancelled", Ask("citizen", "c1", SOON, "r5"))
    await claim(book, held("a3", start=START + 3 * HOUR), "r6")


async def test_another_kind_does_not_count_against_the_limit(book: BookingStore) -> None:
    await claim(book, held("a1"), "r1")
    await claim(book, held("a2", start=START + HOUR, kind="legal_aid"), "r2")
    await claim(book, held("a3", start=START + 2 * HOUR), "r3")


# --- moving


async def test_citizen_who_moves_has_the_new_time_and_frees_the_old(book: BookingStore, redis: Redis) -> None:
    held_slot = await service.claim(diary(book), replace(WISH, citizen="c1"), SLOT, NOW, "r1")
    await service.confirm(book, held_slot.id, Ask("citizen", "c1", SOON, "r2"))
    later = Slot(START + 75 * MINUTE, START + 135 * MINUTE, "p2")
    there = await service.move(diary(book), held_slot.id, later, Ask("citizen", "c1", SOON, "r3"))
    assert (there.start, there.practitioner, there.state) == (later.start, "p2", "pending")
    assert (await in_calendar(redis), await in_calendar(redis, "p2")) == (0, 1)
    await service.claim(diary(book), replace(WISH, citizen="c2"), SLOT, NOW, "r4")


async def test_citizen_keeps_the_old_time_when_the_new_one_is_lost(book: BookingStore, redis: Redis) -> None:
    mine = await service.claim(diary(book), replace(WISH, citizen="c1"), SLOT, NOW, "r1")
    later = Slot(START + 75 * MINUTE, START + 135 * MINUTE, "p1")
    await service.claim(diary(book), replace(WISH, citizen="c2"), later, NOW, "r2")
    before = await everything(redis)
    with pytest.raises(SlotTaken) as lost:
        await service.move(diary(book), mine.id, later, Ask("citizen", "c1", SOON, "r3"))
    assert lost.value.alternatives
    assert await everything(redis) == before


async def test_appointment_can_move_into_its_own_time(book: BookingStore) -> None:
    await claim(book, held("a1"), "r1")
    old = await book.appointment("a1")
    assert old is not None
    new = moved(old, Slot(START + 10 * MINUTE, old.end + 10 * MINUTE, "p1"), CONSULTATION, SOON)
    act = Act("moved", Ask("citizen", "c1", SOON, "r2"), frozenset({"proposed"}))
    assert (await book.move(old, new, act)).start == START + 10 * MINUTE


async def test_waiting_citizen_takes_no_time_until_staff_find_some(book: BookingStore, redis: Redis) -> None:
    waiting = replace(held("a1"), state="waitlist", hold_until=0, start=0, end=0, until=0)
    await claim(book, waiting, "r1")
    assert await in_calendar(redis) == 0
    found = Slot(START - 75 * MINUTE, START - 45 * MINUTE, "p1")
    there = await service.move(diary(book), "a1", found, Ask("staff", "", NOW, "r2"))
    assert (there.state, there.hold_until) == ("proposed", OVER)
    assert await in_calendar(redis) == 1


# --- records and the disk


async def test_replay_is_a_write_so_that_the_disk_is_asked_again(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    (record,) = await redis.keys(r"\{440515\}:booking:idempotency:*")
    await redis.expire(record, 10)
    await claim(book, held("a1"), "r1")
    assert await redis.ttl(record) > 10


# --- what the citizen is told


async def test_citizen_is_offered_the_earliest_times_at_which_everybody_is_free(book: BookingStore) -> None:
    offer = await service.offer(diary(book), CONSULTATION, "c1", NOW)
    assert [(s.start - NOW, s.practitioner) for s in offer.slots] == [
        (50 * MINUTE, "p1"),
        (50 * MINUTE, "p2"),
        (90 * MINUTE, "p1"),
    ]
    assert offer.unknown_from is None
    await claim(book, held("a1", start=offer.slots[0].start), "r1")
    later = await service.offer(diary(book), CONSULTATION, "c1", NOW)
    assert later.slots[0].start == NOW + 90 * MINUTE
    assert (await service.offer(diary(book), CONSULTATION, "c2", NOW)).slots[0].practitioner == "p2"


@pytest.mark.parametrize("hours", [0, 7, 24, 60, 100, 250, 336, 400])
async def test_no_free_time_is_nearer_than_those_offered(book: BookingStore, hours: int) -> None:
    near = NOW + hours * HOUR
    days = [date(2026, 11, 22) + timedelta(n) for n in range(20)]
    every = [s for day in days for s in day_slots(CONSULTATION, CHOICES, CALENDAR, day, {}, NOW)]
    offer = await service.offer(diary(book), CONSULTATION, "", NOW, Search(near))
    nearest = sorted(abs(slot.start - near) for slot in every)[: service.OFFERED]
    assert sorted(abs(slot.start - near) for slot in offer.slots) == nearest


async def test_citizen_is_told_from_when_on_the_holidays_are_not_known(book: BookingStore) -> None:
    december = NOW + 9 * 366 * DAY
    offer = await service.offer(diary(book), CONSULTATION, "", december)
    assert offer.slots == ()
    assert offer.unknown_from is not None


async def test_function_library_is_loaded_again_when_the_server_lost_it(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    await redis.function_flush()
    assert (await claim(book, held("a2", "c2", LATER), "r2")).id == "a2"


async def test_store_that_is_away_is_said_to_be_away() -> None:
    away = BookingStore(Redis.from_url("redis://127.0.0.1:1", decode_responses=True), DISTRICT)
    with pytest.raises(StoreUnavailable):
        await claim(away, held("a1"), "r1")


async def test_server_without_append_only_file_is_never_believed(redis: Redis, book: BookingStore) -> None:
    await redis.config_set("appendonly", "no")
    try:
        with pytest.raises(Unconfirmed):
            await claim(book, held("a1"), "r1")
    finally:
        await redis.config_set("appendonly", "yes")
        while (await redis.info("persistence"))["aof_rewrite_in_progress"]:
            await asyncio.sleep(0.02)
    assert (await claim(book, held("a1"), "r1")).id == "a1"
