"""Leave over a real Valkey: what it hits is moved or ended and told, and nothing is ever booked inside it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import clock, leave, service
from bot.booking import desk as at
from bot.booking.choices import Desk
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Interval, Slot, Wish
from bot.booking.store import BookingStore
from bot.errors import AppointmentAbsent, LeaveRefused, RequestReused, SlotTaken
from tests.store.booking_world import CHOICES, DISTRICT, NOW, SLOT, SOON, WISH, open_desk, wanted

MORNING = Interval(SLOT.start - 2 * HOUR, SLOT.start + 3 * HOUR)
BOTH_WEEKS = Interval(NOW, NOW + 31 * DAY)


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


async def booked(desk: Desk, wish: Wish = WISH, slot: Slot = SLOT, request: str = "r") -> Appointment:
    return await at.book(desk, wish, slot, NOW, request)


async def hit(desk: Desk, actor: str = "p1", interval: Interval = MORNING, request: str = "l") -> list[tuple[str, str]]:
    outcomes = await at.put_leave(desk, actor, interval, "training", SOON, request)
    return [(kept.id, what) for kept, what in outcomes]


async def test_citizen_is_moved_to_the_nearest_time_of_the_same_person_and_told(desk: Desk, redis: Redis) -> None:
    kept = await booked(desk)
    assert await hit(desk) == [(kept.id, "moved")]
    there = await at.one(desk, kept.id, "c1")
    # The afternoon of the day begins at 14:30.
    assert (there.practitioner, there.start - SLOT.start, there.state) == ("p1", 285 * MINUTE, "pending")
    assert await wanted(redis) == [("c1", "leave_moved")]


async def test_booked_mediation_that_must_move_asks_the_other_side_anew(desk: Desk) -> None:
    kept = await booked(desk)
    await at.accept(desk, kept.id, "B", SOON, "r2")
    await hit(desk)
    assert (await at.one(desk, kept.id, "c1")).state == "pending"


async def test_citizen_is_told_that_it_is_off_when_there_is_no_other_time(desk: Desk, redis: Redis) -> None:
    kept = await booked(desk)
    assert await hit(desk, interval=BOTH_WEEKS) == [(kept.id, "cancelled")]
    gone = await at.one(desk, kept.id, "c1")
    assert (gone.state, gone.reason) == ("cancelled", "leave")
    assert await wanted(redis) == [("c1", "leave_cancelled")]


async def test_citizen_is_not_moved_into_another_appointment_of_theirs(desk: Desk) -> None:
    kept = await booked(desk)
    lunch = Slot(SLOT.start + 285 * MINUTE, SLOT.end + 285 * MINUTE, "p2")
    await booked(desk, slot=lunch, request="r2")
    await hit(desk)
    assert (await at.one(desk, kept.id, "c1")).start == SLOT.start + 360 * MINUTE


async def test_nobody_is_offered_or_given_a_time_in_a_leave_of_any_length(desk: Desk) -> None:
    await hit(desk, interval=BOTH_WEEKS)
    assert (await at.times(desk, replace(WISH, practitioner="p1"), NOW)).slots == ()
    for days in (0, 7, 26):
        with pytest.raises(SlotTaken, match="practitioner"):
            await booked(desk, slot=Slot(SLOT.start + days * DAY, SLOT.end + days * DAY, "p1"), request=f"r{days}")


async def test_practitioner_who_is_back_can_be_booked_again(desk: Desk) -> None:
    await hit(desk, interval=BOTH_WEEKS)
    (kept,) = await at.leaves(desk, "p1")
    assert (kept.start, kept.end, kept.why) == (*BOTH_WEEKS, "training")
    await at.end_leave(desk, "p1", kept.id, SOON, "e")
    assert await at.leaves(desk, "p1") == ()
    assert (await booked(desk)).state == "pending"
    with pytest.raises(AppointmentAbsent):
        await at.end_leave(desk, "p1", kept.id, SOON, "e2")


async def test_leave_that_ends_gives_back_its_own_time_only(desk: Desk) -> None:
    await hit(desk)
    await hit(desk, request="l2")
    first, _ = await at.leaves(desk, "p1")
    await at.end_leave(desk, "p1", first.id, SOON, "e")
    with pytest.raises(SlotTaken):
        await booked(desk)


async def test_place_that_is_closed_gives_out_none_of_its_windows(desk: Desk) -> None:
    wish = Wish("legal_aid", citizen="c1")
    slot = (await at.times(desk, wish, NOW)).slots[0]
    kept = await booked(desk, wish, slot)
    day = at.local_day(slot.start)
    assert await hit(desk, "aid", day) == [(kept.id, "moved")]
    assert at.local_day((await at.one(desk, kept.id, "c1")).start) != day
    assert (await at.times(desk, wish, NOW, within=day)).slots == ()


async def test_window_that_is_closed_leaves_the_other_open(desk: Desk) -> None:
    wish = Wish("legal_aid", citizen="c1")
    slot = (await at.times(desk, wish, NOW)).slots[0]
    kept = await booked(desk, wish, slot)
    assert await hit(desk, "aid-1", at.local_day(slot.start)) == [(kept.id, "moved")]
    there = await at.one(desk, kept.id, "c1")
    assert (there.start, there.room) == (slot.start, "aid-2")


async def test_citizen_who_was_just_about_to_confirm_is_not_given_another_time_unseen(desk: Desk) -> None:
    held = await service.claim(desk.diary(CHOICES), WISH, SLOT, NOW, "r:claim")
    await hit(desk)
    gone = await desk.book.appointment(held.id)
    assert gone is not None
    assert (gone.state, gone.reason) == ("cancelled", "leave")
    with pytest.raises(SlotTaken) as lost:
        await booked(desk, request="r")
    assert all(slot.start not in range(*MORNING) for slot in lost.value.alternatives if slot.practitioner == "p1")


async def test_who_has_arrived_is_left_in_peace(desk: Desk) -> None:
    kept = await booked(desk)
    await at.advance(desk, kept.id, "booked", "staff", "", SOON, "s1")
    await at.advance(desk, kept.id, "arrived", "staff", "", SOON, "s2")
    assert await hit(desk) == []
    assert (await at.one(desk, kept.id, "c1")).state == "arrived"
    assert await clock.ring_due(desk, SOON) == 0


async def test_leave_sent_twice_is_one_and_tells_once(desk: Desk, redis: Redis) -> None:
    kept = await booked(desk)
    assert await hit(desk) == await hit(desk) == [(kept.id, "moved")]
    assert len(await at.leaves(desk, "p1")) == 1
    assert await wanted(redis) == [("c1", "leave_moved")]
    with pytest.raises(RequestReused):
        await hit(desk, interval=BOTH_WEEKS)


async def test_worker_moves_what_whoever_put_the_leave_did_not_live_to_move(
    desk: Desk, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await booked(desk)

    async def dies(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(leave, "_outcome", dies)
        with pytest.raises(ConnectionError):
            await hit(desk)
    # Another change of the appointment meanwhile does not hide it from the worker.
    await at.accept(desk, kept.id, "B", SOON, "r2")
    assert await clock.ring_due(desk, SOON) == 1
    assert (await at.one(desk, kept.id, "c1")).start > MORNING.end
    assert await wanted(redis) == [("c1", "accepted"), ("c1", "leave_moved")]
    assert await clock.ring_due(desk, SOON) == 0


@pytest.mark.parametrize(
    "interval", [Interval(SOON + 1, SOON + 1), Interval(NOW - DAY, NOW), Interval(NOW, NOW + 367 * DAY)]
)
async def test_leave_that_cannot_be_meant_is_refused(desk: Desk, redis: Redis, interval: Interval) -> None:
    before = await redis.dbsize()
    with pytest.raises(LeaveRefused):
        await hit(desk, interval=interval)
    assert await redis.dbsize() == before


async def test_claim_that_races_with_a_leave_never_ends_inside_it(server: str, redis: Redis) -> None:
    desk = await open_desk(redis)
    clients = [Redis.from_url(server, decode_responses=True) for _ in range(4)]
    *desks, staff = [replace(desk, book=BookingStore(client, DISTRICT)) for client in clients]
    away = Interval(SLOT.start - 30 * MINUTE, SLOT.end + 30 * MINUTE)
    outcomes = set()
    for n in range(80):

        async def leave_after_a_while(n: int = n) -> None:
            await asyncio.sleep(n % 8 * 0.001)
            await at.put_leave(staff, "p1", away, "", SOON, f"l{n}")

        claims = [booked(d, replace(WISH, citizen=f"c{who}"), SLOT, f"{n}:{who}") for who, d in enumerate(desks)]
        *answers, _ = await asyncio.gather(*claims, leave_after_a_while(), return_exceptions=True)
        outcomes.add(sum(isinstance(answer, Appointment) for answer in answers))
        assert all(isinstance(answer, (Appointment, SlotTaken)) for answer in answers)
        await _nothing_inside(desk, away)
        await _undo(desk, f"u{n}")
    for client in clients:
        await client.aclose()
    assert outcomes == {0, 1}, "claims and leaves did not meet"


async def _nothing_inside(desk: Desk, away: Interval) -> None:
    for kept in await desk.book.between(Interval(NOW, NOW + 40 * DAY)):
        if kept.state in ("pending", "booked"):
            assert not Interval(kept.start, kept.until).overlaps(away)


async def _undo(desk: Desk, request: str) -> None:
    for kept in await desk.book.between(Interval(NOW, NOW + 40 * DAY)):
        if kept.state in ("pending", "booked"):
            await at.cancel(desk, kept.id, "staff", "", SOON, f"{request}:{kept.id}")
    for gone in await at.leaves(desk, "p1"):
        await at.end_leave(desk, "p1", gone.id, SOON, f"{request}:{gone.id}")
