"""The desk over a real Valkey and a small directory: who is offered, what is booked, what is found again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from redis.asyncio import Redis

from bot.booking import desk as at
from bot.booking import service
from bot.booking.choices import Desk
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Interval, Slot, Wish
from bot.errors import AppointmentAbsent, ConflictOfInterest, ReferenceTaken, RequestReused, SlotClosed, SlotTaken
from tests.store.booking_world import (
    DISTRICT,
    LISTINGS,
    NOW,
    OTHER_TOWN,
    OVER,
    SLOT,
    SOON,
    TOWN,
    WISH,
    open_desk,
    wanted,
)

LAWYER = Wish("consultation", mode="phone", citizen="c1", applicant="A", practitioner="law")


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


async def first(desk: Desk, wish: Wish, now: int = NOW) -> Slot:
    return (await at.times(desk, wish, now)).slots[0]


async def booked(desk: Desk, wish: Wish, request: str = "r", slot: Slot | None = None) -> Appointment:
    return await at.book(desk, wish, slot or await first(desk, wish), NOW, request)


async def ids(desk: Desk, wish: Wish, **page: int) -> list[str]:
    return [found.listing.id for found in await at.candidates(desk, wish, NOW, **page)]


# --- who is offered


async def test_citizen_is_shown_who_serves_their_town_with_the_earliest_free_time(desk: Desk) -> None:
    found = await at.candidates(desk, WISH, NOW)
    assert {c.listing.id for c in found} == {"p1", "p2"}
    assert {c.next_free.start - NOW for c in found if c.next_free} == {DAY + 45 * MINUTE}
    assert await ids(desk, WISH, limit=1, offset=1) == [found[1].listing.id]
    assert await ids(desk, replace(WISH, language="zh-teochew")) == ["p1"]


async def test_citizen_is_not_shown_who_has_advised_either_side(desk: Desk) -> None:
    await booked(desk, replace(LAWYER, respondent="B"))
    consult = Wish("consultation", mode="phone", citizen="c9")
    assert await ids(desk, replace(consult, applicant="X", respondent="A")) == []
    assert await ids(desk, replace(consult, applicant="B")) == []
    assert await ids(desk, replace(consult, applicant="A", respondent="X")) == ["law"]
    assert await ids(desk, consult) == ["law"]


async def test_claim_that_knows_of_no_conflict_beforehand_is_still_refused(desk: Desk) -> None:
    other = replace(LAWYER, citizen="c2", applicant="B")
    later = (await at.times(desk, other, NOW)).slots[2]
    await booked(desk, replace(LAWYER, respondent="B"))
    with pytest.raises(ConflictOfInterest):
        await booked(desk, other, "r2", later)


async def test_unknown_phone_is_in_nobodys_way(desk: Desk) -> None:
    await booked(desk, replace(LAWYER, applicant=""))
    assert (await booked(desk, replace(LAWYER, citizen="c2", applicant="", respondent=""), "r2")).state == "booked"


async def test_consultation_that_is_only_held_puts_nobody_in_conflict(desk: Desk) -> None:
    diary = desk.diary(await at.choices(desk, at.KINDS["consultation"], [LISTINGS[3]], "phone", ""))
    await service.claim(diary, LAWYER, await first(desk, LAWYER), NOW, "r")
    assert await ids(desk, Wish("consultation", applicant="X", respondent="A")) == ["law"]


async def test_citizen_is_offered_only_times_within_what_they_asked_for(desk: Desk) -> None:
    day = at.local_day(SLOT.start)
    offer = await at.times(desk, WISH, NOW, near=SLOT.start, within=day, limit=99)
    assert {at.local_day(slot.start) for slot in offer.slots} == {day}
    assert len(offer.slots) == 10
    evening = at.Interval(day.start + 18 * HOUR, day.start + 22 * HOUR)
    assert (await at.times(desk, WISH, NOW, within=evening)).slots == ()


async def test_citizen_cannot_meet_in_a_way_that_the_kind_does_not_have(desk: Desk) -> None:
    odd = replace(WISH, kind="notary", mode="video", practitioner="")
    assert await at.candidates(desk, odd, NOW) == ()
    assert (await at.times(desk, odd, NOW)).slots == ()
    with pytest.raises(SlotClosed):
        await at.book(desk, replace(WISH, kind="consultation"), SLOT, NOW, "r")  # p1 is no lawyer


# --- rooms and windows


async def test_mediation_on_site_takes_the_towns_room_then_the_countys_and_never_another_towns(desk: Desk) -> None:
    on_site = replace(WISH, mode="on_site", practitioner="p1")
    slot = replace(SLOT, room="jo-m")
    mine = await booked(desk, on_site, "r1", slot)
    place = await at.place_of(desk, mine)
    room = at.room_of(desk, mine)
    assert place is not None
    assert room is not None
    assert (place.id, room.name) == ("jo", "调解室")
    second = replace(on_site, citizen="c2", practitioner="p2")
    (free,) = (await at.times(desk, second, NOW, near=SLOT.start, limit=1)).slots
    assert (free.start, free.room) == (SLOT.start, "center-m")
    with pytest.raises(SlotClosed):
        await booked(desk, second, "r3", replace(slot, practitioner="p2", room="far-m"))
    with pytest.raises(SlotClosed):
        await booked(desk, second, "r4", replace(slot, practitioner="p2", room=""))


async def test_mediation_by_video_takes_no_room(desk: Desk) -> None:
    assert (await first(desk, WISH)).room == ""


async def test_two_citizens_are_at_two_windows_at_once_and_a_third_waits(desk: Desk) -> None:
    wish = Wish("legal_aid", area=TOWN)
    slot = await first(desk, wish)
    taken = []
    for n in range(2):
        (free,) = (await at.times(desk, wish, NOW, near=slot.start, limit=1)).slots
        assert free.start == slot.start
        taken.append(await booked(desk, replace(wish, citizen=f"c{n}"), f"r{n}", free))
    assert [kept.room for kept in taken] == ["aid-1", "aid-2"]
    assert (await first(desk, wish)).start > slot.start
    with pytest.raises(SlotTaken, match="room"):
        await booked(desk, replace(wish, citizen="c3"), "r3", slot)


async def test_visit_is_at_the_nearest_place_that_has_a_room_for_it(desk: Desk) -> None:
    assert await ids(desk, Wish("visit", area=TOWN)) == ["jo", "jo-far"]
    assert await ids(desk, Wish("visit", area=OTHER_TOWN)) == ["jo-far", "jo"]
    kept = await booked(desk, Wish("visit", area=TOWN, citizen="c1"))
    assert (kept.state, kept.practitioner, kept.room) == ("pending", "jo", "jo-v")


async def test_citizen_is_told_the_office_of_a_lawyer_to_go_to(desk: Desk) -> None:
    kept = await booked(desk, replace(LAWYER, mode="on_site"))
    place, who = await at.place_of(desk, kept), await at.listing_of(desk, kept)
    assert place is not None
    assert who is not None
    assert (place.id, who.id) == ("firm", "law")


# --- booking


async def test_citizen_books_in_one_step_and_gets_a_reference(desk: Desk, redis: Redis) -> None:
    kept = await booked(desk, LAWYER)
    assert (kept.state, kept.mode, kept.hold_until) == ("booked", "phone", 0)
    assert len(kept.id) == len("YY-XXXX-XXXX")
    assert kept.id.startswith("YY-")
    assert (await booked(desk, WISH, "r2")).state == "pending"
    assert await wanted(redis) == []


async def test_citizen_who_sends_the_booking_again_has_one_and_gets_the_same_answer(desk: Desk) -> None:
    slot = await first(desk, LAWYER)
    kept = await booked(desk, LAWYER, "r", slot)
    assert await booked(desk, LAWYER, "r", slot) == kept
    await at.cancel(desk, kept.id, "citizen", "c1", SOON, "r2")
    assert await booked(desk, LAWYER, "r", slot) == kept
    with pytest.raises(RequestReused):
        await booked(desk, LAWYER, "r", replace(slot, start=slot.start + 40 * MINUTE, end=slot.end + 40 * MINUTE))


async def test_loser_of_a_time_is_offered_others_that_are_free(desk: Desk) -> None:
    await booked(desk, WISH, "r1", SLOT)
    with pytest.raises(SlotTaken) as lost:
        await booked(desk, replace(WISH, citizen="c2"), "r2", SLOT)
    assert [(s.practitioner, s.start - SLOT.start) for s in lost.value.alternatives] == [
        ("p1", -75 * MINUTE),
        ("p2", -75 * MINUTE),
        ("p2", 0),
    ]


async def test_booking_that_died_between_its_two_steps_is_finished_by_the_next_try_or_offers_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> Appointment:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(service, "confirm", dies)
        with pytest.raises(ConnectionError):
            await booked(desk, WISH, "r", SLOT)
    assert await at.mine(desk, "c1") == ()
    assert (await at.book(desk, WISH, SLOT, SOON, "r")).state == "pending"
    with monkeypatch.context() as broken:
        broken.setattr(service, "confirm", dies)
        with pytest.raises(ConnectionError):
            await booked(desk, LAWYER, "r2")
    slot = (await at.times(desk, replace(LAWYER, citizen="c2"), NOW)).slots[0]
    with pytest.raises(SlotTaken) as lost:
        await at.book(
            desk, LAWYER, replace(slot, start=slot.start - 40 * MINUTE, end=slot.end - 40 * MINUTE), OVER, "r2"
        )
    assert lost.value.alternatives


async def test_reference_that_is_taken_is_drawn_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["YY-AAAA-AAAA", "YY-AAAA-AAAA", "YY-BBBB-BBBB"])
    monkeypatch.setattr(service, "_reference", lambda: next(drawn))
    assert (await booked(desk, LAWYER)).id == "YY-AAAA-AAAA"
    assert (await booked(desk, WISH, "r2")).id == "YY-BBBB-BBBB"
    monkeypatch.setattr(service, "_reference", lambda: "YY-AAAA-AAAA")
    with pytest.raises(ReferenceTaken):
        await booked(desk, replace(WISH, citizen="c2"), "r3")


# --- what is found again


async def test_citizen_finds_their_own_appointments_and_nobody_elses(desk: Desk) -> None:
    mediation = await booked(desk, WISH, "r1", SLOT)
    consultation = await booked(desk, LAWYER, "r2")
    await booked(desk, replace(LAWYER, citizen="c2", applicant="C"), "r3")
    assert [kept.id for kept in await at.mine(desk, "c1")] == [consultation.id, mediation.id]
    await at.cancel(desk, mediation.id, "citizen", "c1", SOON, "r4")
    assert [(kept.state, kept.reason) for kept in await at.mine(desk, "c1")] == [
        ("booked", ""),
        ("cancelled", "citizen"),
    ]
    assert await at.one(desk, consultation.id, "c1") == consultation
    for who in ("c2", ""):
        with pytest.raises(AppointmentAbsent):
            await at.one(desk, consultation.id, who)
    with pytest.raises(AppointmentAbsent):
        await at.one(desk, "YY-2222-2222", "c1")


async def test_staff_see_a_day_in_order_whatever_became_of_it(desk: Desk) -> None:
    late = await booked(desk, replace(WISH, citizen="c2"), "r1", replace(SLOT, practitioner="p2"))
    early = await booked(desk, WISH, "r2", Slot(SLOT.start - 75 * MINUTE, SLOT.start - 15 * MINUTE, "p1"))
    await at.cancel(desk, late.id, "staff", "clerk", SOON, "r3")
    await booked(desk, LAWYER, "r4")
    assert [(kept.id, kept.state) for kept in await at.agenda(desk, date(2026, 11, 26))] == [
        (early.id, "pending"),
        (late.id, "cancelled"),
    ]


async def test_appointment_that_moves_is_on_the_other_days_list(desk: Desk) -> None:
    kept = await booked(desk, WISH, "r1", SLOT)
    offer = await at.move_times(desk, kept, NOW, near=SLOT.start + DAY)
    assert {slot.practitioner for slot in offer.slots} == {"p1"}
    there = await at.move(desk, kept.id, offer.slots[-1], "citizen", "c1", SOON, "r2")
    assert await at.agenda(desk, date(2026, 11, 26)) == ()
    assert await at.agenda(desk, date(2026, 11, 27)) == (there,)
    assert await at.mine(desk, "c1") == (there,)


async def test_staff_take_an_appointment_through_its_day(desk: Desk, redis: Redis) -> None:
    kept = await booked(desk, WISH, "r1", SLOT)
    for n, state in enumerate(("booked", "arrived", "fulfilled")):
        kept = await at.advance(desk, kept.id, state, "staff", "clerk", SLOT.start, f"s{n}")  # type: ignore[arg-type]
    assert kept.state == "fulfilled"
    assert await wanted(redis) == [("c1", "approved")]
    last = (await redis.xrevrange(f"{{{DISTRICT}}}:booking:events", count=1))[0][1]
    assert (last["event"], last["by"], last["who"]) == ("fulfilled", "staff", "clerk")


async def test_citizen_is_told_when_the_staff_move_cancel_or_refuse(desk: Desk, redis: Redis) -> None:
    one, two = await booked(desk, WISH, "r1", SLOT), await booked(desk, LAWYER, "r2")
    later = Slot(SLOT.start + DAY, SLOT.end + DAY, "p1")
    await at.move(desk, one.id, later, "staff", "clerk", SOON, "s1")
    await at.cancel(desk, one.id, "staff", "clerk", SOON, "s2")
    await at.cancel(desk, two.id, "practitioner", "law", SOON, "s3")
    assert await wanted(redis) == [("c1", "moved"), ("c1", "refused"), ("c1", "cancelled")]
    assert (await redis.xrange(f"{{{DISTRICT}}}:notices"))[0][1] == {
        "person": "c1",
        "what": "moved",
        "appointment": one.id,
        "at": str(SOON),
    }


async def test_citizens_at_the_same_window_at_once_get_one_each_of_two(desk: Desk) -> None:
    wish = Wish("legal_aid", area=TOWN)
    slot = await first(desk, wish)

    async def attempt(n: int) -> Appointment | BaseException:
        room = f"aid-{n % 2 + 1}"
        return await booked(desk, replace(wish, citizen=f"c{n}"), f"r{n}", replace(slot, room=room))

    answers = await asyncio.gather(*(attempt(n) for n in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, Appointment) for answer in answers) == 2
    assert all(isinstance(answer, (Appointment, SlotTaken)) for answer in answers)


# --- another way, another person


async def changed(desk: Desk, old: Appointment, slot: Slot, mode: str | None = None, request: str = "m") -> Appointment:
    return await at.move(desk, old.id, slot, "citizen", "c1", NOW, request, mode)  # type: ignore[arg-type]


async def test_citizen_changes_the_way_and_keeps_the_time(desk: Desk) -> None:
    old = await booked(desk, replace(WISH, mode="video"))
    wish = replace(WISH, mode="on_site", practitioner=old.practitioner)
    found = await at.move_times(desk, old, NOW, old.start, Interval(old.start, old.start), changed=wish)
    new = await changed(desk, old, found.slots[0], "on_site")
    assert (new.start, new.practitioner, new.mode) == (old.start, old.practitioner, "on_site")
    assert new.room
    # The room is taken with it, by this one alone.
    other = replace(
        WISH, citizen="c2", applicant="C", mode="on_site", practitioner="p2" if old.practitioner == "p1" else "p1"
    )
    with pytest.raises(SlotTaken):
        await booked(desk, other, "r2", replace(found.slots[0], practitioner=other.practitioner))


async def test_citizen_changes_the_person_and_the_first_ones_time_is_free_again(desk: Desk) -> None:
    old = await booked(desk, WISH)
    wish = replace(WISH, practitioner="")
    found = await at.move_times(desk, old, NOW, old.start, Interval(old.start, old.start), changed=wish)
    assert {slot.practitioner for slot in found.slots} == {"p1", "p2"} - {old.practitioner}
    new = await changed(desk, old, found.slots[0])
    assert (new.id, new.start) == (old.id, old.start)
    assert new.practitioner != old.practitioner
    taken = replace(WISH, citizen="c2", applicant="C", practitioner=old.practitioner)
    again = await booked(desk, taken, "r2", Slot(old.start, old.end, old.practitioner))
    assert again.practitioner == old.practitioner


async def test_citizen_keeps_the_appointment_when_the_other_person_is_taken_meanwhile(desk: Desk) -> None:
    old = await booked(desk, WISH)
    other = "p2" if old.practitioner == "p1" else "p1"
    slot = Slot(old.start, old.end, other)
    await booked(desk, replace(WISH, citizen="c2", applicant="C", practitioner=other), "r2", slot)
    with pytest.raises(SlotTaken):
        await changed(desk, old, slot, "phone")
    assert await at.one(desk, old.id, "c1") == old


async def test_citizen_is_not_given_to_somebody_who_advised_the_other_side(desk: Desk) -> None:
    await booked(desk, replace(LAWYER, citizen="c9", applicant="B"), "law")
    old = await booked(desk, replace(WISH, applicant="A", respondent="B"), "med")
    with pytest.raises((SlotClosed, ConflictOfInterest, SlotTaken)):
        await changed(desk, old, Slot(old.start, old.end, "law"))
    assert (await at.one(desk, old.id, "c1")).practitioner == old.practitioner


async def test_two_taps_of_one_change_are_one_change(desk: Desk) -> None:
    old = await booked(desk, WISH)
    slot = Slot(old.start, old.end, "p2" if old.practitioner == "p1" else "p1")
    first_answer = await changed(desk, old, slot, "phone")
    assert await changed(desk, old, slot, "phone") == first_answer
    assert (await at.one(desk, old.id, "c1")).revision == first_answer.revision
