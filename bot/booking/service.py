"""What the appointment book can be asked and told: one function a use case.

`now` is a moment in seconds since 1970 UTC and comes from the message. `request` is an idempotency key: the same command
with the same key has one effect and one answer. Every change may raise what BookingStore raises.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.booking.model import (
    DAY,
    HOLD,
    KINDS,
    Appointment,
    Choice,
    Interval,
    Role,
    ServiceKind,
    Slot,
    State,
    moved,
    sources,
)
from bot.booking.openings import Busy, away, day_of, day_slots
from bot.booking.store import BookingStore
from bot.directory.holidays import HolidayCalendar
from bot.errors import AppointmentAbsent, BookingRefused, SlotClosed, SlotTaken, StaleAppointment, TransitionRefused

# As many times as a citizen can compare in a chat.
OFFERED = 3
# How often a change that met another change of the same appointment is tried again.
ATTEMPTS = 3
# Holds cleared away in one round of the worker.
ROUND = 200


@dataclass(frozen=True)
class Offer:
    """Free times, and the first day of which it is not known whether people work (None: all days are known)."""

    slots: tuple[Slot, ...]
    unknown_from: date | None = None


@dataclass(frozen=True)
class Ask:
    """A time that somebody asks for. `citizen` and `respondent` are pseudonyms."""

    kind: str
    slot: Slot
    citizen: str
    respondent: str = ""
    by: Role = "citizen"


async def offer(
    store: BookingStore,
    calendar: HolidayCalendar,
    kind: ServiceKind,
    choice: Choice,
    now: int,
    citizen: str = "",
    near: int | None = None,
) -> Offer:
    """Return the OFFERED free times nearest to a moment, or the earliest, when the citizen is free too."""
    notice = kind.notice(now)
    near = notice.start if near is None else near
    busy = await _busy(store, choice, citizen, notice, now)
    days = [day_of(notice.start) + timedelta(n) for n in range(-1, (notice.end - notice.start) // DAY + 2)]
    unknown = next((day for day in days if not calendar.holiday(day).known), None)
    found: list[Slot] = []
    for day in sorted(days, key=lambda day: away(day, near)):
        if len(found) >= OFFERED and _distance(found[OFFERED - 1], near) < away(day, near):
            break
        fresh = day_slots(kind, choice, calendar, day, busy, now)
        free = [slot for slot in fresh if not _meets(slot, busy.get(("citizen", citizen), ()))]
        found = sorted((*found, *free), key=lambda slot: (_distance(slot, near), slot.start, slot.practitioner))
    return Offer(tuple(sorted(found[:OFFERED], key=lambda slot: slot.start)), unknown)


async def _busy(store: BookingStore, choice: Choice, citizen: str, within: Interval, now: int) -> Busy:
    who = [("practitioner", schedule.actor) for schedule in choice.practitioners]
    who += [("room", schedule.actor) for schedule in choice.rooms]
    who += [("citizen", citizen)] if citizen else []
    taken = await store.busy(who, Interval(within.start, within.end + DAY), now)
    return dict(zip(who, taken, strict=True))


def _distance(slot: Slot, near: int) -> int:
    return abs(slot.start - near)


def _meets(slot: Slot, taken: Sequence[Interval]) -> bool:
    return any(Interval(slot.start, slot.end).overlaps(other) for other in taken)


async def claim(
    store: BookingStore, calendar: HolidayCalendar, choice: Choice, ask: Ask, now: int, request: str
) -> Appointment:
    """Hold a time for a citizen until HOLD has passed. SlotTaken and SlotClosed carry the nearest free times."""
    kind = KINDS[ask.kind]
    new = Appointment(
        id=secrets.token_hex(16),
        kind=kind.name,
        state="proposed",
        practitioner=ask.slot.practitioner,
        citizen=ask.citizen,
        start=ask.slot.start,
        end=ask.slot.end,
        until=ask.slot.end + kind.buffer,
        room=ask.slot.room,
        respondent=ask.respondent,
        hold_until=now + HOLD,
    )
    if None not in sources(kind, new.state, ask.by):
        raise TransitionRefused(f"{ask.by} cannot claim")
    closed = not _bookable(calendar, kind, choice, ask.slot, now)
    try:
        return await store.claim(new, kind, closed, ask.by, now, request)
    except (SlotTaken, SlotClosed) as lost:
        lost.alternatives = (await offer(store, calendar, kind, choice, now, ask.citizen, ask.slot.start)).slots
        raise


def _bookable(calendar: HolidayCalendar, kind: ServiceKind, choice: Choice, slot: Slot, now: int) -> bool:
    """Whether a slot is one that the schedules give, taken or not."""
    only = Choice(
        tuple(s for s in choice.practitioners if s.actor == slot.practitioner),
        tuple(s for s in choice.rooms if s.actor == slot.room),
    )
    if bool(choice.rooms) != bool(only.rooms):
        return False
    day = day_of(slot.start)
    # An opening past midnight belongs to the day on which it began.
    return any(slot in day_slots(kind, only, calendar, d, {}, now) for d in (day, day - timedelta(1)))


async def move(
    store: BookingStore,
    calendar: HolidayCalendar,
    choice: Choice,
    appointment_id: str,
    slot: Slot,
    by: Role,
    who: str,
    now: int,
    request: str,
) -> Appointment:
    """Give an appointment another time; when that is lost, it keeps the one it has."""

    async def step(old: Appointment) -> Appointment:
        kind = KINDS[old.kind]
        new = moved(old, slot, kind, now)
        before = sources(kind, new.state, by, moves=True)
        closed = not _bookable(calendar, kind, choice, slot, now)
        try:
            return await store.move(old, new, kind, closed, before, by, who, now, request)
        except (SlotTaken, SlotClosed) as lost:
            lost.alternatives = (await offer(store, calendar, kind, choice, now, old.citizen, slot.start)).slots
            raise

    return await _change(store, appointment_id, step)


async def confirm(store: BookingStore, appointment_id: str, by: Role, who: str, now: int, request: str) -> Appointment:
    """Turn a held time into an appointment, or into a request where others must agree."""

    async def step(old: Appointment) -> Appointment:
        kind = KINDS[old.kind]
        before = sources(kind, kind.agreed, by) & {"proposed"}
        return await store.transition(old, kind.agreed, before, by, who, now, request)

    return await _change(store, appointment_id, step)


async def cancel(store: BookingStore, appointment_id: str, by: Role, who: str, now: int, request: str) -> Appointment:
    """Give the time back."""
    return await advance(store, appointment_id, "cancelled", by, who, now, request)


async def advance(
    store: BookingStore, appointment_id: str, state: State, by: Role, who: str, now: int, request: str
) -> Appointment:
    """Bring an appointment to the state that somebody reports: accepted, arrived, fulfilled, did not come."""

    async def step(old: Appointment) -> Appointment:
        before = sources(KINDS[old.kind], state, by)
        return await store.transition(old, state, before, by, who, now, request)

    return await _change(store, appointment_id, step)


async def expire(store: BookingStore, now: int) -> int:
    """Clear away the holds that are over, at most ROUND, and return how many. The book is right without it, too."""
    cleared = 0
    for appointment_id in await store.due_holds(now, ROUND):
        old = await store.appointment(appointment_id)
        if old is None:
            continue
        try:
            await store.expire(old, sources(KINDS[old.kind], "cancelled", "system"), now)
        except BookingRefused:
            # Confirmed, moved or cancelled since: it is no longer ours to clear.
            continue
        cleared += 1
    return cleared


async def _change(
    store: BookingStore, appointment_id: str, step: Callable[[Appointment], Awaitable[Appointment]]
) -> Appointment:
    for _ in range(ATTEMPTS):
        old = await store.appointment(appointment_id)
        if old is None:
            raise AppointmentAbsent(appointment_id)
        try:
            return await step(old)
        except StaleAppointment:
            continue
    raise StaleAppointment(appointment_id)
