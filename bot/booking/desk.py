"""The desk: what the chat, the pages and the staff can ask of the appointment book and the directory together.

`now` is a moment in seconds since 1970 UTC. `request` is an idempotency key: the same command with the same key has one
effect and one answer; another slot needs another key. Every refusal is a BookingRefused; StoreUnavailable surely did not
happen, Unconfirmed may have. A kind or a reason that does not exist is the caller's mistake: KeyError, ValueError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time

from bot.booking import service
from bot.booking.choices import Desk as Desk
from bot.booking.choices import choices, diary_for, diary_of, eligible
from bot.booking.invitations import accept as accept
from bot.booking.invitations import decline as decline
from bot.booking.invitations import invitation as invitation
from bot.booking.invitations import propose as propose
from bot.booking.invitations import refuse_proposals as refuse_proposals
from bot.booking.invitations import take_proposal as take_proposal
from bot.booking.leave import end_leave as end_leave
from bot.booking.leave import leaves as leaves
from bot.booking.leave import put_leave as put_leave
from bot.booking.model import (
    DAY,
    KINDS,
    REASONS,
    Appointment,
    Ask,
    Candidate,
    Interval,
    Mode,
    Offer,
    Role,
    Room,
    Slot,
    State,
    Wish,
    local_day,
)
from bot.booking.service import OFFERED, Diary, Search
from bot.directory import service as directory
from bot.directory.hours import SHANGHAI
from bot.directory.model import Listing, Query
from bot.errors import AppointmentAbsent, HoldOver, SlotTaken, TransitionRefused
from bot.platform.along import Along

# Where somebody works whom one goes to see.
OFFICES = {
    "lawyer": "law_firm",
    "village_adviser": "law_firm",
    "notary": "notary_office",
    "mediator": "mediation_committee",
}
# More places of a kind than any county has near one area.
LOOKED_AT = 50


async def candidates(desk: Desk, wish: Wish, now: int, limit: int = 3, offset: int = 0) -> tuple[Candidate, ...]:
    """Return who can serve a wish, the nearest first, each with the earliest free time.

    Whoever must not serve this citizen or the other side is left out without a word: the reason is not the citizen's to
    know.
    """
    found = await eligible(desk, wish, limit, offset)
    return tuple(await asyncio.gather(*(_candidate(desk, wish, listing, now) for listing in found)))


async def _candidate(desk: Desk, wish: Wish, listing: Listing, now: int) -> Candidate:
    kind = KINDS[wish.kind]
    diary = desk.diary(await choices(desk, kind, [listing], wish.mode, wish.area))
    found = await service.offer(diary, kind, wish.citizen, now, Search(limit=1))
    return Candidate(listing, next(iter(found.slots), None))


async def times(
    desk: Desk, wish: Wish, now: int, near: int | None = None, within: Interval | None = None, limit: int = OFFERED
) -> Offer:
    """Return the free times nearest to a moment (None: the earliest), starting within an interval.

    The citizen is free at them too. Without a practitioner in the wish, they are those of the nearest few who can serve.
    """
    diary = await diary_for(desk, wish)
    return await service.offer(diary, KINDS[wish.kind], wish.citizen, now, Search(near, within, limit))


async def book(
    desk: Desk, wish: Wish, slot: Slot, now: int, request: str, keep: Callable[[str], Awaitable[None]] | None = None
) -> Appointment:
    """Book a time: claimed and confirmed. The state is "booked", or "pending" where others must agree.

    `keep` is called with the reference in between, to keep what belongs to the appointment: nobody's booking stands without
    its names, wherever a process dies. A hold that is never confirmed is over by itself, and what was kept goes with it.
    SlotTaken and SlotClosed carry `alternatives`.
    """
    diary = await diary_for(desk, wish, slot.practitioner)
    held = await service.claim(diary, wish, slot, now, f"{request}:claim")
    try:
        if keep:
            await keep(held.id)
        return await service.confirm(desk.book, held.id, Ask("citizen", wish.citizen, now, f"{request}:confirm"))
    except (AppointmentAbsent, HoldOver, TransitionRefused) as late:
        # Held by an earlier try that died before it confirmed, and over since; or a leave has come between.
        lost = SlotTaken("hold")
        lost.alternatives = (await service.offer(diary, KINDS[wish.kind], wish.citizen, now, Search(slot.start))).slots
        raise lost from late


async def mine(desk: Desk, citizen: str) -> tuple[Appointment, ...]:
    """Return all of a person's appointments, the newest start last; those that are over, for RETENTION."""
    return tuple(kept for kept in await desk.book.of(citizen) if kept.state != "proposed")


async def one(desk: Desk, appointment_id: str, citizen: str) -> Appointment:
    """Return a person's appointment; AppointmentAbsent when there is none or it is another's."""
    found = await desk.book.appointment(appointment_id)
    if found is None or not citizen or found.citizen != citizen:
        raise AppointmentAbsent(appointment_id)
    return found


async def requests(desk: Desk, now: int) -> tuple[Appointment, ...]:
    """Return what still waits for somebody's yes, of all days to come, by start."""
    furthest = max(kind.latest for kind in KINDS.values())
    found = await desk.book.between(Interval(now, now + furthest + DAY))
    return tuple(kept for kept in found if kept.state == "pending")


async def for_staff(desk: Desk, appointment_id: str) -> Appointment:
    """Return any appointment; AppointmentAbsent when there is none. Who may see it is the caller's to know."""
    found = await desk.book.appointment(appointment_id)
    if found is None:
        raise AppointmentAbsent(appointment_id)
    return found


async def move_times(
    desk: Desk,
    appointment: Appointment,
    now: int,
    near: int | None = None,
    within: Interval | None = None,
    limit: int = OFFERED,
    changed: Wish | None = None,
) -> Offer:
    """Return other times of the same practitioner, in the same mode, at which the citizen is free.

    `changed` wishes for another way, or for somebody else (no practitioner in it: anybody but the one there is).
    """
    search = Search(near, within, limit, appointment, stay=changed is not None)
    diary = await (_changed_diary(desk, appointment, changed) if changed else diary_of(desk, appointment))
    return await service.offer(diary, KINDS[appointment.kind], appointment.citizen, now, search)


async def _changed_diary(desk: Desk, appointment: Appointment, wish: Wish) -> Diary:
    found = await diary_for(desk, wish)
    others = tuple(choice for choice in found.choices if choice.practitioner.actor != appointment.practitioner)
    return found if wish.practitioner else replace(found, choices=others)


async def move(
    desk: Desk, appointment_id: str, slot: Slot, by: Role, who: str, now: int, request: str, mode: Mode | None = None
) -> Appointment:
    """Give an appointment another time; when that is lost it keeps the one it has, and the error carries others.

    With it may change who serves it (the slot says) and the way to meet, in the same step.
    """
    old = await desk.book.appointment(appointment_id)
    if old is None:
        raise AppointmentAbsent(appointment_id)
    diary = await diary_of(desk, replace(old, practitioner=slot.practitioner, mode=mode or old.mode))
    return await service.move(diary, appointment_id, slot, Ask(by, who, now, request), mode=mode)


async def cancel(
    desk: Desk, appointment_id: str, by: Role, who: str, now: int, request: str, reason: str = ""
) -> Appointment:
    """Give the time back. `reason` is one of REASONS; "" takes what the role implies."""
    return await advance(desk, appointment_id, "cancelled", by, who, now, request, reason)


async def agenda(desk: Desk, day: date) -> tuple[Appointment, ...]:
    """Return a local day's appointments by start, those that ended included."""
    noon = int(datetime.combine(day, time(12), SHANGHAI).timestamp())
    return tuple(kept for kept in await desk.book.between(local_day(noon)) if kept.state != "proposed")


async def advance(
    desk: Desk,
    appointment_id: str,
    state: State,
    by: Role,
    who: str,
    now: int,
    request: str,
    reason: str = "",
    before: frozenset[State] | None = None,
    along: Along | None = None,
) -> Appointment:
    """Bring an appointment to the state that somebody reports: approved ("booked"), arrived, fulfilled, noshow, cancelled.

    `reason` is one of REASONS. `before`: only from one of these states. `along` is the staff's log's entry of it, written in
    the same step; LogOvertaken when it must be made anew.
    """
    if reason and reason not in REASONS:
        raise ValueError(f"{reason!r} is no reason")
    ask = Ask(by, who, now, request)
    return await service.advance(desk.book, appointment_id, state, ask, reason, before=before, along=along)


async def listing_of(desk: Desk, appointment: Appointment) -> Listing | None:
    """Return who serves an appointment, or None when the directory has it no more."""
    return await directory.details(desk.directory, appointment.practitioner)


async def place_of(desk: Desk, appointment: Appointment) -> Listing | None:
    """Return the place to go to when on site: the room's, else the office of the practitioner's organization."""
    room = room_of(desk, appointment)
    if room:
        return await directory.details(desk.directory, room.place)
    who = await listing_of(desk, appointment)
    if who is None or not who.is_person:
        return who
    query = Query(provider_type=OFFICES[who.provider_type], area=next(iter(who.areas), ""))
    places = (await directory.find(desk.directory, desk.areas, query, LOOKED_AT)).listings
    return next((place for place in places if place.organization_id == who.organization_id), None)


def room_of(desk: Desk, appointment: Appointment) -> Room | None:
    """Return the room or window, or None when there is none."""
    return next((room for room in desk.rooms if room.id == appointment.room), None)
