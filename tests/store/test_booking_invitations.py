"""The other side of a mediation over a real Valkey: yes, no, another time; and the applicant's answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import clock
from bot.booking import desk as at
from bot.booking.choices import Desk
from bot.booking.model import DAY, HOUR, Appointment, Slot
from bot.errors import AppointmentAbsent, RequestReused, SlotClosed, SlotTaken, TransitionRefused
from tests.store.booking_world import NOW, SLOT, SOON, WISH, everything, open_desk, wanted

NEXT_DAY = Slot(SLOT.start + DAY, SLOT.end + DAY, "p1")
MONDAY = Slot(SLOT.start + 4 * DAY, SLOT.end + 4 * DAY, "p1")


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


@pytest.fixture
async def asked(desk: Desk) -> Appointment:
    return await at.book(desk, WISH, SLOT, NOW, "r")


async def test_other_side_sees_the_invitation_and_nobody_else_does(desk: Desk, asked: Appointment) -> None:
    assert (await at.invitation(desk, asked.id, "B")).open
    for who in ("A", "c1", ""):
        with pytest.raises(AppointmentAbsent):
            await at.invitation(desk, asked.id, who)
    await at.accept(desk, asked.id, "B", SOON, "a")
    assert not (await at.invitation(desk, asked.id, "B")).open
    await at.cancel(desk, asked.id, "citizen", "c1", SOON, "x")
    with pytest.raises(AppointmentAbsent):
        await at.invitation(desk, asked.id, "B")


async def test_appointment_without_another_side_invites_nobody(desk: Desk) -> None:
    alone = await at.book(desk, replace(WISH, respondent=""), SLOT, NOW, "r")
    with pytest.raises(AppointmentAbsent):
        await at.invitation(desk, alone.id, "")
    with pytest.raises(AppointmentAbsent):
        await at.accept(desk, alone.id, "", SOON, "a")


async def test_applicant_is_told_that_the_other_side_comes(desk: Desk, redis: Redis, asked: Appointment) -> None:
    kept = await at.accept(desk, asked.id, "B", SOON, "a")
    assert kept.state == "booked"
    assert await at.accept(desk, asked.id, "B", SOON, "a") == kept
    assert await wanted(redis) == [("c1", "accepted")]


async def test_applicant_is_told_that_the_other_side_does_not_come(
    desk: Desk, redis: Redis, asked: Appointment
) -> None:
    gone = await at.decline(desk, asked.id, "B", "no_need", SOON, "d")
    assert (gone.state, gone.reason, gone.why) == ("cancelled", "other_side_declined", "no_need")
    assert await wanted(redis) == [("c1", "declined")]
    with pytest.raises(ValueError, match="no reason"):
        await at.decline(desk, asked.id, "B", "因为他姓王", SOON, "d2")


async def test_other_side_may_still_say_no_after_a_yes(desk: Desk, asked: Appointment) -> None:
    await at.accept(desk, asked.id, "B", SOON, "a")
    assert (await at.decline(desk, asked.id, "B", "", SOON, "d")).state == "cancelled"


async def test_stranger_cannot_answer_for_the_other_side(desk: Desk, redis: Redis, asked: Appointment) -> None:
    before = await everything(redis)
    for who in ("A", "c1", "X", ""):
        with pytest.raises(AppointmentAbsent):
            await at.accept(desk, asked.id, who, SOON, "a")
        with pytest.raises(AppointmentAbsent):
            await at.decline(desk, asked.id, who, "", SOON, "a")
        with pytest.raises(AppointmentAbsent):
            await at.propose(desk, asked.id, who, [NEXT_DAY], SOON, "a")
    for who in ("B", "c2", ""):
        with pytest.raises(AppointmentAbsent):
            await at.take_proposal(desk, asked.id, NEXT_DAY, who, SOON, "a")
    assert await everything(redis) == before


async def test_applicant_takes_a_proposed_time_and_it_is_booked_at_once(
    desk: Desk, redis: Redis, asked: Appointment
) -> None:
    proposed = await at.propose(desk, asked.id, "B", [NEXT_DAY, MONDAY], SOON, "p")
    assert (proposed.state, proposed.start, proposed.proposals) == ("pending", SLOT.start, (NEXT_DAY, MONDAY))
    assert await at.propose(desk, asked.id, "B", [NEXT_DAY, MONDAY], SOON, "p") == proposed
    # The day before, too late for a booking of one's own, but both have agreed.
    kept = await at.take_proposal(desk, asked.id, NEXT_DAY, "c1", NEXT_DAY.start - 20 * HOUR, "t")
    assert (kept.state, kept.start, kept.proposals) == ("booked", NEXT_DAY.start, ())
    assert await at.take_proposal(desk, asked.id, NEXT_DAY, "c1", SOON, "t") == kept
    assert await wanted(redis) == [("c1", "proposed")]


async def test_applicant_cannot_take_a_time_that_nobody_proposed(desk: Desk, asked: Appointment) -> None:
    await at.propose(desk, asked.id, "B", [NEXT_DAY], SOON, "p")
    with pytest.raises(SlotClosed) as lost:
        await at.take_proposal(desk, asked.id, MONDAY, "c1", SOON, "t")
    assert lost.value.alternatives == (NEXT_DAY,)
    await at.accept(desk, asked.id, "B", SOON, "a")
    with pytest.raises(TransitionRefused):
        await at.take_proposal(desk, asked.id, NEXT_DAY, "c1", SOON, "t2")


async def test_applicant_who_finds_the_proposed_time_taken_is_offered_the_other_proposals(
    desk: Desk, asked: Appointment
) -> None:
    await at.propose(desk, asked.id, "B", [NEXT_DAY, MONDAY], SOON, "p")
    await at.book(desk, replace(WISH, citizen="c2", respondent="X"), NEXT_DAY, NOW, "r2")
    with pytest.raises(SlotTaken) as lost:
        await at.take_proposal(desk, asked.id, NEXT_DAY, "c1", SOON, "t")
    assert lost.value.alternatives == (MONDAY,)
    assert (await at.one(desk, asked.id, "c1")).proposals == (NEXT_DAY, MONDAY)


@pytest.mark.parametrize(
    "slots",
    [
        [],
        [SLOT],
        [replace(NEXT_DAY, practitioner="p2")],
        [Slot(NEXT_DAY.start + 60, NEXT_DAY.end + 60, "p1")],
        [Slot(SLOT.start + n * DAY, SLOT.end + n * DAY, "p1") for n in (1, 4, 5, 6)],
    ],
)
async def test_other_side_cannot_propose_what_cannot_be_had(desk: Desk, asked: Appointment, slots: list[Slot]) -> None:
    with pytest.raises(SlotClosed):
        await at.propose(desk, asked.id, "B", slots, SOON, "p")


async def test_applicant_who_takes_none_waits_for_the_first_time_but_not_for_ever(
    desk: Desk, redis: Redis, asked: Appointment
) -> None:
    await at.propose(desk, asked.id, "B", [MONDAY], SOON, "p")
    kept = await at.refuse_proposals(desk, asked.id, "c1", SOON, "n")
    assert (kept.state, kept.start, kept.proposals) == ("pending", SLOT.start, ())
    with pytest.raises(TransitionRefused):
        await at.refuse_proposals(desk, asked.id, "c1", SOON, "n2")
    with pytest.raises(RequestReused):
        await at.cancel(desk, asked.id, "citizen", "c1", SOON, "n")
    assert await clock.ring_due(desk, SLOT.start - 4 * HOUR) >= 1
    gone = await at.one(desk, asked.id, "c1")
    assert (gone.state, gone.reason) == ("cancelled", "other_side_silent")
    assert ("c1", "silent") in await wanted(redis)


async def test_proposals_that_nobody_answers_end_it_with_their_own_reason(desk: Desk, asked: Appointment) -> None:
    await at.propose(desk, asked.id, "B", [MONDAY], SOON, "p")
    await clock.ring_due(desk, SLOT.start - 4 * HOUR)
    assert (await at.one(desk, asked.id, "c1")).reason == "no_common_time"


async def test_nobody_can_accept_what_is_past(desk: Desk, asked: Appointment) -> None:
    with pytest.raises(TransitionRefused):
        await at.accept(desk, asked.id, "B", SLOT.start, "a")
    with pytest.raises(TransitionRefused):
        await at.propose(desk, asked.id, "B", [MONDAY], SLOT.start, "p")


async def test_applicant_who_moves_withdraws_the_proposals_and_asks_anew(desk: Desk, asked: Appointment) -> None:
    await at.propose(desk, asked.id, "B", [MONDAY], SOON, "p")
    kept = await at.move(desk, asked.id, NEXT_DAY, "citizen", "c1", SOON, "m")
    assert (kept.state, kept.proposals) == ("pending", ())
    with pytest.raises(SlotClosed):
        await at.take_proposal(desk, asked.id, MONDAY, "c1", SOON, "t")
