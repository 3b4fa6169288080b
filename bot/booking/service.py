"""What the appointment book can be asked and told, given who can be booked: one function a use case.

`now` is a moment in seconds since 1970 UTC and comes from the message. `request` is an idempotency key: the same command
with the same key has one effect and one answer. Every change may raise what BookingStore raises.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from bot.booking.model import (
    DAY,
    HOLD,
    KINDS,
    Appointment,
    Ask,
    Choice,
    Interval,
    Mode,
    Offer,
    Role,
    ServiceKind,
    Slot,
    State,
    Wish,
    moved,
    settled,
    sources,
)
from bot.booking.openings import Busy, away, day_of, day_slots
from bot.booking.store import Act, BookingStore
from bot.booking.timers import notice
from bot.directory.holidays import HolidayCalendar
from bot.errors import AppointmentAbsent, ReferenceTaken, SlotClosed, SlotTaken, StaleAppointment
from bot.inbox.model import REFERENCE_ALPHABET
from bot.platform.along import Along

# As many times as a citizen can compare in a chat.
OFFERED = 3
# How often a change that met another change of the same appointment is tried again, and a reference that is taken.
ATTEMPTS = 3
# Why it ended, when who ended it says all.
REASON_OF: dict[Role, str] = {
    "citizen": "citizen",
    "respondent": "other_side_declined",
    "staff": "staff",
    "practitioner": "staff",
}


@dataclass(frozen=True)
class Diary:
    """What free times are worked out from: the book, the holidays, and who can be booked."""

    book: BookingStore
    calendar: HolidayCalendar
    choices: tuple[Choice, ...]

    def only(self, practitioner: str) -> Diary:
        """Return the diary of one practitioner."""
        kept = tuple(choice for choice in self.choices if choice.practitioner.actor == practitioner)
        return replace(self, choices=kept)


@dataclass(frozen=True)
class Search:
    """Which free times are wanted: nearest to a moment (None: the earliest), starting within an interval.

    `moving` is the appointment that they are for: it does not stand in its own way, and its own time is no other, unless
    it may `stay` at its time, since something else about it changes.
    """

    near: int | None = None
    within: Interval | None = None
    limit: int = OFFERED
    moving: Appointment | None = None
    stay: bool = False


async def offer(diary: Diary, kind: ServiceKind, citizen: str, now: int, search: Search | None = None) -> Offer:
    """Return the free times that a search wants, at which the citizen ("" for anybody) is free too."""
    search = search or Search()
    span = _span(kind, search, now)
    near = span.start if search.near is None else search.near
    busy = await _busy(diary, citizen, span, now, search.moving)
    days = [day_of(span.start) + timedelta(n) for n in range(-1, (span.end - span.start) // DAY + 2)]
    unknown = next((day for day in days if not diary.calendar.holiday(day).known), None)
    found: list[Slot] = []
    for day in sorted(days, key=lambda day: away(day, near)):
        if len(found) >= search.limit and _distance(found[search.limit - 1], near) < away(day, near):
            break
        fresh = day_slots(kind, diary.choices, diary.calendar, day, busy, now)
        free = [slot for slot in fresh if slot.start in range(span.start, span.end + 1) and _fits(slot, busy, citizen)]
        if search.moving and not search.stay:
            free = [slot for slot in free if slot != slot_of(search.moving)]
        found = sorted((*found, *free), key=lambda slot: (_distance(slot, near), slot.start, slot.practitioner))
    return Offer(tuple(sorted(found[: search.limit], key=lambda slot: slot.start)), unknown)


def _span(kind: ServiceKind, search: Search, now: int) -> Interval:
    notice_ = kind.notice(now)
    within = search.within or notice_
    return Interval(max(notice_.start, within.start), min(notice_.end, within.end))


def slot_of(appointment: Appointment) -> Slot:
    """Return the time that an appointment has."""
    return Slot(appointment.start, appointment.end, appointment.practitioner, appointment.room)


async def _busy(diary: Diary, citizen: str, within: Interval, now: int, moving: Appointment | None) -> Busy:
    who = {("practitioner", choice.practitioner.actor) for choice in diary.choices}
    who |= {("room", room.actor) for choice in diary.choices for room in choice.rooms or ()}
    who |= {("citizen", citizen)} if citizen else set()
    ordered = sorted(who)
    own = moving.id if moving else ""
    taken = await diary.book.busy(ordered, Interval(within.start, within.end + DAY), now, own)
    return dict(zip(ordered, taken, strict=True))


def _distance(slot: Slot, near: int) -> int:
    return abs(slot.start - near)


def _fits(slot: Slot, busy: Busy, citizen: str) -> bool:
    return not any(Interval(slot.start, slot.end).overlaps(other) for other in busy.get(("citizen", citizen), ()))


async def claim(diary: Diary, wish: Wish, slot: Slot, now: int, request: str) -> Appointment:
    """Hold a time for a citizen until HOLD has passed. SlotTaken and SlotClosed carry the nearest free times."""
    kind = KINDS[wish.kind]
    closed = not _bookable(diary, kind, slot, now)
    act = Act("claimed", Ask("citizen", wish.citizen, now, request), body=_body(wish, slot), closed=closed)

    async def step() -> Appointment:
        for _ in range(ATTEMPTS):
            with suppress(ReferenceTaken):
                return await diary.book.claim(_held(wish, kind, slot, now), act)
        raise ReferenceTaken("no free reference was drawn")

    return await _or_others(step(), diary, kind, wish.citizen, slot, now)


def _held(wish: Wish, kind: ServiceKind, slot: Slot, now: int) -> Appointment:
    return Appointment(
        id=_reference(),
        kind=kind.name,
        state="proposed",
        practitioner=slot.practitioner,
        citizen=wish.citizen,
        start=slot.start,
        end=slot.end,
        until=slot.end + kind.buffer,
        room=slot.room,
        respondent=wish.respondent,
        hold_until=now + HOLD,
        applicant=wish.applicant,
        mode=wish.mode or kind.modes[0],
        matter=wish.matter,
    )


def _body(wish: Wish, slot: Slot) -> dict[str, Any]:
    kept = ("kind", "citizen", "applicant", "respondent", "mode", "matter")
    return {"slot": asdict(slot), **{name: getattr(wish, name) for name in kept}}


def _reference() -> str:
    """Draw a reference, "YY-7K3M-Q9XD": not to be guessed, and easily read out."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(8)]
    return f"YY-{''.join(letters[:4])}-{''.join(letters[4:])}"


async def _or_others(
    step: Awaitable[Appointment], diary: Diary, kind: ServiceKind, citizen: str, slot: Slot, now: int
) -> Appointment:
    """Take a step; when the time is lost, let the error carry others."""
    try:
        return await step
    except (SlotTaken, SlotClosed) as lost:
        lost.alternatives = (await offer(diary, kind, citizen, now, Search(near=slot.start))).slots
        raise


def _bookable(diary: Diary, kind: ServiceKind, slot: Slot, now: int) -> bool:
    """Whether a slot is one that the schedules give, taken or not."""
    only = [_in_room(choice, slot.room) for choice in diary.only(slot.practitioner).choices]
    day = day_of(slot.start)
    # An opening past midnight belongs to the day on which it began.
    return any(slot in day_slots(kind, only, diary.calendar, d, {}, now) for d in (day, day - timedelta(1)))


def _in_room(choice: Choice, room: str) -> Choice:
    if choice.rooms is None:
        return choice
    return replace(choice, rooms=tuple(schedule for schedule in choice.rooms if schedule.actor == room))


async def move(
    diary: Diary, appointment_id: str, slot: Slot, ask: Ask, leave: bool = False, mode: Mode | None = None
) -> Appointment:
    """Give an appointment another time; when that is lost, it keeps the one it has. `leave` says why it must move.

    The slot may be another person's, and `mode` another way to meet: all of it changes, or nothing.
    """

    async def step(old: Appointment) -> Appointment:
        new = moved(old, slot, KINDS[old.kind], ask.now)
        return await move_to(diary, old, replace(new, mode=mode) if mode else new, ask, leave)

    return await changing(diary.book, appointment_id, step)


async def move_to(
    diary: Diary,
    old: Appointment,
    new: Appointment,
    ask: Ask,
    leave: bool = False,
    among: tuple[Slot, ...] | None = None,
) -> Appointment:
    """Give an appointment the time, and the state, that `new` has.

    `among` are the times that the other side has proposed: then it must be one of them, and needs no notice.
    """
    kind, slot = KINDS[new.kind], slot_of(new)
    before, rule = sources(kind, new.state, ask.by, moves=True), kind
    if among is not None:
        before, rule = before & {"pending"}, replace(kind, earliest=0)
    act = Act(
        "moved",
        ask,
        before,
        {"appointment": old.id, "slot": asdict(slot), "mode": new.mode, "by": ask.by, "who": ask.who},
        notices=_told(notice(old, new, ask.by, leave)),
        closed=not _bookable(diary, rule, slot, ask.now) or (among is not None and slot not in among),
    )
    return await _or_others(diary.book.move(old, new, act), diary, kind, old.citizen, slot, ask.now)


async def confirm(book: BookingStore, appointment_id: str, ask: Ask) -> Appointment:
    """Turn a held time into an appointment, or into a request where others must agree."""

    async def step(old: Appointment) -> Appointment:
        kind = KINDS[old.kind]
        return await keep(book, old, settled(old, kind.agreed), ask, sources(kind, kind.agreed, ask.by) & {"proposed"})

    return await changing(book, appointment_id, step)


async def advance(
    book: BookingStore,
    appointment_id: str,
    state: State,
    ask: Ask,
    reason: str = "",
    why: str = "",
    before: frozenset[State] | None = None,
    along: Along | None = None,
) -> Appointment:
    """Bring an appointment to the state that somebody reports: accepted, arrived, fulfilled, did not come, cancelled.

    `reason` and `why` say why it ended; without a reason, who ended it is the reason. `before`: only from one of these
    states, where the table would allow others too.
    """

    async def step(old: Appointment) -> Appointment:
        because = reason or REASON_OF.get(ask.by, "") if state == "cancelled" else ""
        allowed = sources(KINDS[old.kind], state, ask.by)
        allowed = allowed if before is None else allowed & before
        return await keep(book, old, settled(old, state, because, why), ask, allowed, along)

    return await changing(book, appointment_id, step)


async def keep(
    book: BookingStore,
    old: Appointment,
    new: Appointment,
    ask: Ask,
    before: frozenset[State],
    along: Along | None = None,
) -> Appointment:
    """Keep an appointment as `new` says, at the time it has, if it is in one of the states `before`."""
    told = notice(old, new, ask.by)
    body = {
        "appointment": old.id,
        "state": new.state,
        "by": ask.by,
        "who": ask.who,
        "reason": [new.reason, new.why],
        "proposals": [asdict(slot) for slot in new.proposals],
    }
    event = new.state if new.state != old.state else told or "waiting"
    return await book.change(old, new, Act(event, ask, before, body, notices=_told(told), along=along))


def _told(what: str) -> tuple[str, ...]:
    return (what,) if what else ()


async def changing(
    book: BookingStore, appointment_id: str, step: Callable[[Appointment], Awaitable[Appointment]]
) -> Appointment:
    """Take a step with an appointment as it is now, and again when it changed meanwhile."""
    for _ in range(ATTEMPTS):
        old = await book.appointment(appointment_id)
        if old is None:
            raise AppointmentAbsent(appointment_id)
        try:
            return await step(old)
        except StaleAppointment:
            continue
    raise StaleAppointment(appointment_id)
