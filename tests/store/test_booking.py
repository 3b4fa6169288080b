"""The appointment book in a real Valkey: nobody is booked twice, and nothing is half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from redis.asyncio import Redis

from bot.booking import service
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Interval, Slot, State
from bot.booking.openings import day_slots
from bot.booking.service import Ask
from bot.booking.store import IDEMPOTENCY_SECONDS, BookingStore, _require_on_disk
from bot.directory.holidays import ChineseCalendar
from bot.errors import (
    ConflictOfInterest,
    HoldOver,
    QuotaReached,
    RequestReused,
    SlotClosed,
    SlotTaken,
    StoreUnavailable,
    Unconfirmed,
)
from tests.store.booking_world import (
    CHOICE,
    CONSULTATION,
    DISTRICT,
    LATER,
    NOW,
    OVER,
    SLOT,
    SOON,
    START,
    claim,
    everything,
    held,
)

CALENDAR = ChineseCalendar()
CLIENTS = 64


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
        return await service.claim(book, CALENDAR, CHOICE, Ask("mediation", SLOT, f"c{n}"), NOW, f"request {n}")

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
        return await service.claim(book, CALENDAR, CHOICE, Ask("mediation", SLOT, "c1"), NOW + n, "the same")

    ids = {(await done).id for done in [asyncio.ensure_future(attempt(b, n)) for n, b in enumerate(crowd)]}
    assert len(ids) == 1
    assert await in_calendar(redis) == 1


# --- the same request again


async def test_citizen_gets_the_same_bytes_for_the_same_request_even_when_it_would_now_be_refused(
    book: BookingStore, redis: Redis
) -> None:
    ask = Ask("mediation", SLOT, "c1")
    first = await service.claim(book, CALENDAR, CHOICE, ask, NOW, "r")
    await service.cancel(book, first.id, "citizen", "c1", SOON, "r2")
    before = await everything(redis)
    again = await service.claim(book, CALENDAR, CHOICE, ask, SLOT.start + DAY, "r")
    assert again == first
    after = await everything(redis)
    assert {name: content for name, (content, _) in after.items()} == {n: content for n, (content, _) in before.items()}


async def test_request_with_another_body_is_refused(book: BookingStore) -> None:
    await service.claim(book, CALENDAR, CHOICE, Ask("mediation", SLOT, "c1"), NOW, "r")
    for other in (Ask("mediation", SLOT, "c2"), Ask("mediation", replace(SLOT, practitioner="p2"), "c1")):
        with pytest.raises(RequestReused):
            await service.claim(book, CALENDAR, CHOICE, other, NOW, "r")
    with pytest.raises(RequestReused):
        await claim(book, held("a9", start=LATER), "r")


async def test_every_change_sent_twice_has_one_effect(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    later = Slot(START + 200 * MINUTE, START + 230 * MINUTE, "p1")
    for _ in range(2):
        confirmed = await service.confirm(book, "a1", "citizen", "c1", SOON, "r2")
        assert (confirmed.state, confirmed.revision) == ("booked", 2)
    with pytest.raises(SlotClosed):
        await service.move(book, CALENDAR, CHOICE, "a1", later, "citizen", "c1", SOON, "r3")
    later = Slot(START - 75 * MINUTE, START - 45 * MINUTE, "p2")
    for _ in range(2):
        moved = await service.move(book, CALENDAR, CHOICE, "a1", later, "citizen", "c1", SOON, "r3")
        assert (moved.practitioner, moved.revision) == ("p2", 3)
    for _ in range(2):
        assert (await service.cancel(book, "a1", "citizen", "c1", SOON, "r4")).revision == 4
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


async def test_hold_that_is_over_frees_the_slot_and_cannot_be_confirmed(book: BookingStore) -> None:
    await claim(book, held("a1"), "r1")
    with pytest.raises(SlotTaken):
        await claim(book, held("a2", "c2"), "r2", OVER - 1)
    await claim(book, replace(held("a2", "c2"), hold_until=OVER + 600), "r3", OVER)
    # A process whose clock is behind believes that the first hold still runs.
    with pytest.raises(HoldOver):
        await service.confirm(book, "a1", "citizen", "c1", OVER - 1, "r4")
    assert await service.expire(book, OVER) == 1
    assert (await service.confirm(book, "a2", "citizen", "c2", OVER + 1, "r5")).state == "booked"


async def test_worker_clears_away_what_is_over_and_nothing_else(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    await claim(book, replace(held("a2", "c2", LATER), hold_until=OVER + 1), "r2")
    assert await service.expire(book, OVER - 1) == 0
    assert await service.expire(book, OVER) == 1
    assert await service.expire(book, OVER) == 0
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
    await service.cancel(book, "a1", "citizen", "c1", SOON, "r5")
    await claim(book, held("a3", start=START + 3 * HOUR), "r6")


async def test_another_kind_does_not_count_against_the_limit(book: BookingStore) -> None:
    await claim(book, held("a1"), "r1")
    await claim(book, held("a2", start=START + HOUR, kind="legal_aid"), "r2")
    await claim(book, held("a3", start=START + 2 * HOUR), "r3")


@pytest.mark.parametrize("side", ["citizen", "respondent"])
async def test_practitioner_never_serves_whom_they_must_not(book: BookingStore, side: str) -> None:
    await book.forbid("p1", "kin")
    new = replace(held("a1"), **{side: "kin"})
    with pytest.raises(ConflictOfInterest):
        await claim(book, new, "r1")
    await claim(book, replace(new, practitioner="p2"), "r1")


# --- moving


async def test_citizen_who_moves_has_the_new_time_and_frees_the_old(book: BookingStore, redis: Redis) -> None:
    held_slot = await service.claim(book, CALENDAR, CHOICE, Ask("mediation", SLOT, "c1"), NOW, "r1")
    await service.confirm(book, held_slot.id, "citizen", "c1", SOON, "r2")
    later = Slot(START + 75 * MINUTE, START + 135 * MINUTE, "p2")
    moved = await service.move(book, CALENDAR, CHOICE, held_slot.id, later, "citizen", "c1", SOON, "r3")
    assert (moved.start, moved.practitioner, moved.state) == (later.start, "p2", "pending")
    assert (await in_calendar(redis), await in_calendar(redis, "p2")) == (0, 1)
    reminders = await redis.zrange(book._key("reminders"), 0, -1, withscores=True)
    assert {due for _, due in reminders} == {later.start - DAY, later.start - 15 * MINUTE}
    await service.claim(book, CALENDAR, CHOICE, Ask("mediation", SLOT, "c2"), NOW, "r4")


async def test_citizen_keeps_the_old_time_when_the_new_one_is_lost(book: BookingStore, redis: Redis) -> None:
    mine = await service.claim(book, CALENDAR, CHOICE, Ask("mediation", SLOT, "c1"), NOW, "r1")
    later = Slot(START + 75 * MINUTE, START + 135 * MINUTE, "p1")
    await service.claim(book, CALENDAR, CHOICE, Ask("mediation", later, "c2"), NOW, "r2")
    before = await everything(redis)
    with pytest.raises(SlotTaken) as lost:
        await service.move(book, CALENDAR, CHOICE, mine.id, later, "citizen", "c1", SOON, "r3")
    assert lost.value.alternatives
    assert await everything(redis) == before


async def test_appointment_can_move_into_its_own_time(book: BookingStore) -> None:
    await claim(book, held("a1"), "r1")
    old = await book.appointment("a1")
    assert old is not None
    new = replace(old, start=START + 10 * MINUTE, end=old.end + 600, until=old.until + 600, revision=2)
    moved = await book.move(old, new, CONSULTATION, False, ["proposed"], "citizen", "c1", SOON, "r2")
    assert moved.start == START + 10 * MINUTE


async def test_waiting_citizen_takes_no_time_until_staff_find_some(book: BookingStore, redis: Redis) -> None:
    waiting = replace(held("a1"), state="waitlist", hold_until=0, start=0, end=0, until=0)
    await claim(book, waiting, "r1")
    assert await in_calendar(redis) == 0
    found = Slot(START - 75 * MINUTE, START - 45 * MINUTE, "p1")
    moved = await service.move(book, CALENDAR, CHOICE, "a1", found, "staff", "", NOW, "r2")
    assert (moved.state, moved.hold_until) == ("proposed", OVER)
    assert await in_calendar(redis) == 1


# --- reminders, deadlines and records


async def test_citizen_is_reminded_only_of_what_is_still_to_come(book: BookingStore, redis: Redis) -> None:
    async def reminders() -> list[str]:
        return await redis.zrange(book._key("reminders"), 0, -1)

    await claim(book, held("a1"), "r1", START - DAY)
    assert await reminders() == ["a1:quarter"]
    await claim(book, held("a2", "c2", LATER), "r2")
    await service.cancel(book, "a1", "citizen", "c1", SOON, "r3")
    assert await reminders() == ["a2:day", "a2:quarter"]
    await service.cancel(book, "a2", "citizen", "c2", SOON, "r4")
    assert await reminders() == []


async def test_confirmed_appointment_has_no_deadline_any_more(book: BookingStore) -> None:
    await claim(book, held("a1"), "r1")
    assert await book.due_holds(OVER, 10) == ["a1"]
    await service.confirm(book, "a1", "citizen", "c1", SOON, "r2")
    assert await book.due_holds(OVER, 10) == []


async def test_replay_is_a_write_so_that_the_disk_is_asked_again(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    (record,) = await redis.keys(r"\{440515\}:booking:idempotency:*")
    await redis.expire(record, 10)
    await claim(book, held("a1"), "r1")
    assert await redis.ttl(record) > 10


# --- what the citizen is told


async def test_citizen_is_offered_the_earliest_times_at_which_everybody_is_free(book: BookingStore) -> None:
    offer = await service.offer(book, CALENDAR, CONSULTATION, CHOICE, NOW, "c1")
    assert [(s.start - NOW, s.practitioner) for s in offer.slots] == [
        (50 * MINUTE, "p1"),
        (50 * MINUTE, "p2"),
        (90 * MINUTE, "p1"),
    ]
    assert offer.unknown_from is None
    await claim(book, held("a1", start=offer.slots[0].start), "r1")
    later = await service.offer(book, CALENDAR, CONSULTATION, CHOICE, NOW, "c1")
    assert later.slots[0].start == NOW + 90 * MINUTE
    assert (await service.offer(book, CALENDAR, CONSULTATION, CHOICE, NOW, "c2")).slots[0].practitioner == "p2"


@pytest.mark.parametrize("hours", [0, 7, 24, 60, 100, 250, 336, 400])
async def test_no_free_time_is_nearer_than_those_offered(book: BookingStore, hours: int) -> None:
    near = NOW + hours * HOUR
    days = [date(2026, 11, 22) + timedelta(n) for n in range(20)]
    every = [s for day in days for s in day_slots(CONSULTATION, CHOICE, CALENDAR, day, {}, NOW)]
    offer = await service.offer(book, CALENDAR, CONSULTATION, CHOICE, NOW, near=near)
    nearest = sorted(abs(slot.start - near) for slot in every)[: service.OFFERED]
    assert sorted(abs(slot.start - near) for slot in offer.slots) == nearest


async def test_citizen_is_told_from_when_on_the_holidays_are_not_known(book: BookingStore) -> None:
    december = NOW + 9 * 366 * DAY
    offer = await service.offer(book, CALENDAR, CONSULTATION, CHOICE, december)
    assert offer.slots == ()
    assert offer.unknown_from is not None


async def test_function_library_is_loaded_again_when_the_server_lost_it(book: BookingStore, redis: Redis) -> None:
    await claim(book, held("a1"), "r1")
    await redis.function_flush()
    assert (await claim(book, held("a2", "c2", LATER), "r2")).id == "a2"


@pytest.mark.parametrize("on_disk", [[0, 0], None, Exception("WAITAOF cannot be used")])
def test_citizen_is_not_told_of_a_success_that_is_not_on_disk(on_disk: object) -> None:
    with pytest.raises(Unconfirmed):
        _require_on_disk(["ok", "{}"], on_disk)
    _require_on_disk(["refused", "taken"], on_disk)


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
