"""Leave: an actor is out of the book for a time, and what stood there is moved or ended.

Leave stands in the actor's calendar like an appointment, so that a claim sees it in the same step in which it would take
the time. What it hits gets a timer that is due at once; whoever dies half-way leaves the rest to the worker.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from bot.booking import service
from bot.booking.choices import Desk, diary_of
from bot.booking.model import DAY, KINDS, Appointment, Ask, Interval, Leave, moved, settled, sources
from bot.booking.service import ATTEMPTS, Search
from bot.booking.store import Act
from bot.booking.timers import RETENTION
from bot.errors import AppointmentAbsent, BookingRefused, LeaveRefused, StaleAppointment
from bot.platform.along import Along

# Somebody who is away for longer has left: the directory should say so.
LONGEST_LEAVE = 366 * DAY
# How many other times are tried for one appointment before it is given up.
TRIED = 12
Outcome = tuple[Appointment, Literal["moved", "cancelled"]]


def calendars_of(desk: Desk, actor: str) -> list[tuple[str, str]]:
    """Return the (role, id)s whose time an actor's leave takes: a room's, all rooms' of a place, or a person's own."""
    rooms = [room.id for room in desk.rooms if actor in (room.id, room.place)]
    return [("room", room) for room in rooms] or [("practitioner", actor)]


async def put_leave(
    desk: Desk,
    actor: str,
    interval: Interval,
    why: str,
    now: int,
    request: str,
    who: str = "",
    along: Along | None = None,
) -> tuple[Outcome, ...]:
    """Take an actor (a listing's id or a room's) out of the book for a time.

    Each appointment in it is moved to the nearest free time of the same practitioner or, when there is none, cancelled
    with reason "leave"; the citizens are told. `who` is the staff's own name. `why` must not be personal: it is kept as
    it is. `along` is the staff's log's entry of it. Raises LeaveRefused.
    """
    if not interval.start < interval.end <= interval.start + LONGEST_LEAVE or interval.end <= now:
        raise LeaveRefused("a leave ends in the future, after it begins, within a year")
    leave = Leave(_leave_id(request), actor, interval.start, interval.end, why)
    body = {"actor": actor, "interval": list(interval), "why": why}
    act = Act("leave", Ask("staff", who, now, request), body=body, along=along)
    hit = await desk.book.put_leave(leave, calendars_of(desk, actor), now - RETENTION, act)
    outcomes = [await _outcome(desk, appointment_id, now) for appointment_id in hit]
    return tuple(outcome for outcome in outcomes if outcome)


def _leave_id(request: str) -> str:
    # The same request again is the same leave.
    return hashlib.sha256(request.encode()).hexdigest()[:16]


async def leaves(desk: Desk, actor: str, after: int = 0) -> tuple[Leave, ...]:
    """Return an actor's leaves that end after a moment, by end."""
    return tuple(await desk.book.leaves(actor, after))


async def end_leave(
    desk: Desk, actor: str, leave_id: str, now: int, request: str, who: str = "", along: Along | None = None
) -> None:
    """Put the actor back into the book. What was moved stays moved; AppointmentAbsent when there is no such leave."""
    found = [leave for leave in await desk.book.leaves(actor, 0) if leave.id == leave_id]
    if not found:
        raise AppointmentAbsent(leave_id)
    act = Act("returned", Ask("staff", who, now, request), body={"leave": leave_id}, along=along)
    await desk.book.end_leave(found[0], calendars_of(desk, actor), act)


async def _outcome(desk: Desk, appointment_id: str, now: int) -> Outcome | None:
    """Return what became of an appointment that a leave hit, whoever has cleared it away."""
    await clear_away(desk, appointment_id, now)
    kept = await desk.book.appointment(appointment_id)
    if kept and kept.state == "cancelled" and kept.reason == "leave":
        return kept, "cancelled"
    if kept and kept.state in ("pending", "booked") and not await desk.book.on_leave(kept):
        return kept, "moved"
    return None


async def clear_away(desk: Desk, appointment_id: str, now: int) -> bool:
    """Move an appointment out of a leave, or end it. Return whether it was there and is gone from it."""
    for _ in range(ATTEMPTS):
        old = await desk.book.appointment(appointment_id)
        stands = old and old.state in ("proposed", "pending", "booked") and old.start > now
        if not old or not stands or not await desk.book.on_leave(old):
            await desk.book.drop_timer(appointment_id, "leave")
            return False
        try:
            # A held time was not yet agreed: another one would be confirmed unseen.
            return (old.state != "proposed" and await _move(desk, old, now)) or await _end(desk, old, now)
        except StaleAppointment:
            continue
    return False


async def _move(desk: Desk, old: Appointment, now: int) -> bool:
    kind, diary = KINDS[old.kind], await diary_of(desk, old)
    found = await service.offer(diary, kind, old.citizen, now, Search(near=old.start, limit=TRIED, moving=old))
    for slot in sorted(found.slots, key=lambda slot: abs(slot.start - old.start)):
        ask = Ask("staff", "", now, f"leave:{old.id}:{old.revision}:{slot.start}:{slot.room}")
        try:
            await service.move_to(diary, old, moved(old, slot, kind, now), ask, leave=True)
        except StaleAppointment:
            raise
        except BookingRefused:
            continue
        return True
    return False


async def _end(desk: Desk, old: Appointment, now: int) -> bool:
    ask = Ask("staff", "", now, f"leave:{old.id}:{old.revision}")
    before = sources(KINDS[old.kind], "cancelled", "staff")
    await service.keep(desk.book, old, settled(old, "cancelled", "leave"), ask, before)
    return True
