"""The timers over a real Valkey: each rings once, in one step with what it does; and what is old is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import clock
from bot.booking import desk as at
from bot.booking.choices import Desk
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Interval, Slot
from bot.booking.personal import PersonalBookings
from bot.booking.store import LAPSED_SECONDS, BookingStore
from bot.booking.timers import RETENTION, TOLD
from bot.errors import AppointmentAbsent
from bot.platform.worker import book_tasks, run_once
from tests.store.booking_world import DISTRICT, NOW, OVER, SLOT, SOON, WISH, claim, held, open_desk, wanted


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


@pytest.fixture
async def booked(desk: Desk) -> Appointment:
    asked = await at.book(desk, WISH, SLOT, NOW, "r")
    return await at.accept(desk, asked.id, "B", SOON, "a")


async def timers(redis: Redis) -> dict[str, int]:
    kept = await redis.zrange(f"{{{DISTRICT}}}:booking:timers", 0, -1, withscores=True)
    return {name.split(":")[1]: int(due) for name, due in kept}


async def told(redis: Redis) -> list[str]:
    return [what for _, what in await wanted(redis)]


async def events(redis: Redis) -> list[str]:
    return [fields["event"] for _, fields in await redis.xrange(f"{{{DISTRICT}}}:booking:events")]


async def test_citizen_is_reminded_twice_and_of_each_once(desk: Desk, redis: Redis, booked: Appointment) -> None:
    for before in (DAY + 1, DAY, DAY - 60, 20 * MINUTE, 15 * MINUTE, 10 * MINUTE):
        await clock.ring_due(desk, SLOT.start - before)
    assert await told(redis) == ["accepted", "reminder_day", "reminder_quarter"]
    assert await at.one(desk, booked.id, "c1") == booked


async def test_timer_that_many_ring_at_once_rings_once(
    server: str, desk: Desk, redis: Redis, booked: Appointment
) -> None:
    clients = [Redis.from_url(server, decode_responses=True) for _ in range(8)]
    workers = [replace(desk, book=BookingStore(client, DISTRICT)) for client in clients]
    rang = await asyncio.gather(*(clock.ring_due(worker, SLOT.start - DAY) for worker in workers))
    for client in clients:
        await client.aclose()
    assert sum(rang) == 1
    assert await told(redis) == ["accepted", "reminder_day"]


async def test_timers_follow_the_appointment_to_its_new_time(desk: Desk, redis: Redis, booked: Appointment) -> None:
    later = Slot(SLOT.start + DAY, SLOT.end + DAY, "p1")
    await at.move(desk, booked.id, later, "citizen", "c1", SOON, "m")
    assert await timers(redis) == {"chase_1": SOON + DAY, "chase_2": SOON + 2 * DAY, "silent": SOON + 3 * DAY}
    await at.accept(desk, booked.id, "B", SOON, "a2")
    assert await timers(redis) == {
        "day": later.start - DAY,
        "quarter": later.start - 15 * MINUTE,
        "close": later.end + 12 * HOUR,
    }
    await at.cancel(desk, booked.id, "citizen", "c1", SOON, "x")
    assert await timers(redis) == {}


async def test_reminder_that_is_late_is_dropped_and_the_events_say_so(
    desk: Desk, redis: Redis, booked: Appointment
) -> None:
    await clock.ring_due(desk, SLOT.start - DAY + 2 * HOUR + 1)
    await clock.ring_due(desk, SLOT.start)
    assert await told(redis) == ["accepted"]
    assert (await events(redis))[-2:] == ["reminder_day_dropped", "reminder_quarter_dropped"]
    assert set(await timers(redis)) == {"close"}


async def test_silent_other_side_is_chased_through_the_applicant_and_given_up(desk: Desk, redis: Redis) -> None:
    late = Slot(SLOT.start + 4 * DAY, SLOT.end + 4 * DAY, "p1")
    asked = await at.book(desk, WISH, late, NOW, "r")
    for day in (1, 2, 3):
        await clock.ring_due(desk, NOW + day * DAY)
    assert await told(redis) == ["chase_1", "chase_2", "silent"]
    gone = await at.one(desk, asked.id, "c1")
    assert (gone.state, gone.reason) == ("cancelled", "other_side_silent")
    assert (await at.times(desk, WISH, NOW, near=late.start, limit=1)).slots[0].start == late.start


async def test_appointment_that_nobody_touched_is_closed_and_can_be_put_right(
    desk: Desk, redis: Redis, booked: Appointment
) -> None:
    await clock.ring_due(desk, SLOT.end + 12 * HOUR)
    gone = await at.one(desk, booked.id, "c1")
    assert (gone.state, gone.reason) == ("noshow", "untouched")
    assert await told(redis) == ["accepted"]
    right = await at.advance(desk, booked.id, "fulfilled", "staff", "clerk", SLOT.end + 20 * HOUR, "s")
    assert (right.state, right.reason) == ("fulfilled", "")


async def test_worker_does_the_books_work_at_each_beat(desk: Desk, redis: Redis, booked: Appointment) -> None:
    assert await run_once(redis, DISTRICT, book_tasks(desk), SLOT.start - DAY + 0.5) == 1
    assert await told(redis) == ["accepted", "reminder_day"]


async def test_every_timer_that_tells_has_its_word() -> None:
    assert set(TOLD.values()) == {"reminder_day", "reminder_quarter", "chase_1", "chase_2"}


async def test_timer_of_an_appointment_that_is_gone_is_dropped(desk: Desk, redis: Redis) -> None:
    await redis.zadd(f"{{{DISTRICT}}}:booking:timers", {"YY-GONE-GONE:day": NOW, "YY-GONE-GONE:leave": NOW})
    assert await clock.ring_due(desk, NOW) == 0
    assert await timers(redis) == {}


# --- what is kept, and for how long


async def test_hold_that_was_never_confirmed_is_nobodys_history(desk: Desk, redis: Redis) -> None:
    await claim(desk.book, held("a1"), "r1")
    await clock.ring_due(desk, OVER)
    assert await at.mine(desk, "c1") == ()
    assert await desk.book.between(Interval(0, SLOT.start * 2)) == []
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:booking:appointment:a1") <= LAPSED_SECONDS
    gone = await desk.book.appointment("a1")
    assert gone is not None
    assert gone.citizen == ""


async def test_appointment_is_forgotten_180_days_after_its_end_with_all_that_points_to_it(
    desk: Desk, redis: Redis, booked: Appointment
) -> None:
    await clock.ring_due(desk, SLOT.end + 12 * HOUR)
    assert await clock.sweep(desk.book, SLOT.end + RETENTION - 1) == 0
    assert await at.mine(desk, "c1") != ()
    assert await clock.sweep(desk.book, SLOT.end + RETENTION) == 1
    assert await clock.sweep(desk.book, SLOT.end + RETENTION) == 0
    with pytest.raises(AppointmentAbsent):
        await at.one(desk, booked.id, "c1")
    left = {name for name in await redis.keys() if ":booking:" in name and ":idempotency:" not in name}
    assert left == {f"{{{DISTRICT}}}:booking:events", f"{{{DISTRICT}}}:booking:sequence"}


async def test_citizen_gets_a_copy_of_their_appointments_without_anybodys_pseudonym(
    desk: Desk, booked: Appointment
) -> None:
    personal = PersonalBookings(desk.book, lambda: SOON)
    (copy,) = (await personal.export_of("c1"))["appointments"]
    assert (copy["id"], copy["citizen"], copy["respondent"]) == (booked.id, "", "")
    assert await personal.export_of("c2") == {}


async def test_citizen_who_is_erased_frees_what_is_to_come_and_leaves_no_trace(
    desk: Desk, redis: Redis, booked: Appointment
) -> None:
    past = await at.book(desk, replace(WISH, kind="consultation", practitioner="law"), await _law(desk), NOW, "r2")
    now = past.end + HOUR
    personal = PersonalBookings(desk.book, lambda: float(now))
    assert await personal.erase_of("c1") == 2
    assert await personal.erase_of("c1") == 0
    assert await at.mine(desk, "c1") == ()
    gone, kept = await desk.book.appointment(booked.id), await desk.book.appointment(past.id)
    assert gone is not None
    assert kept is not None
    assert (gone.state, gone.citizen, gone.applicant, gone.respondent) == ("cancelled", "", "", "")
    assert (kept.state, kept.citizen) == ("booked", "")
    assert await at.times(desk, WISH, now, near=SLOT.start, limit=1) != ()
    named = [name for name in await redis.keys() if "c1" in name.split(":")]
    assert named == []
    # Its practitioner was there all the same, and the day's list still says so.
    await clock.ring_due(desk, past.end + 12 * HOUR)
    assert [a.state for a in await at.agenda(desk, at.date(2026, 11, 23))] == ["noshow"]
    assert "reminder_day" not in await told(redis)


async def _law(desk: Desk) -> Slot:
    return (await at.times(desk, replace(WISH, kind="consultation", practitioner="law"), NOW)).slots[0]
