"""What the worker does with the book: rings the timers that are due, and forgets what is over."""

from __future__ import annotations

from bot.booking.choices import Desk
from bot.booking.leave import clear_away
from bot.booking.model import Appointment, Ask
from bot.booking.store import Act, BookingStore
from bot.booking.timers import RETENTION, TOLD, notice, rung, too_late
from bot.errors import BookingRefused

# Timers rung, and appointments forgotten, in one round: a round is over in a second or two.
ROUND = 200


async def ring_due(desk: Desk, now: int) -> int:
    """Ring the timers that are due, the longest due first, at most ROUND. Return how many rang.

    Each rings once, whoever else rings and whoever dies: what it does and its own end are one step.
    """
    count = 0
    for appointment_id, timer, due in await desk.book.due(now, ROUND):
        if timer == "leave":
            count += await clear_away(desk, appointment_id, now)
        else:
            count += await _ring(desk.book, appointment_id, timer, due, now)
    return count


async def _ring(book: BookingStore, appointment_id: str, timer: str, due: int, now: int) -> bool:
    old = await book.appointment(appointment_id)
    new = rung(old, timer) if old else None
    if old is None or new is None:
        await book.drop_timer(appointment_id, timer)
        return False
    try:
        await book.change(old, new, _act(old, new, timer, due, now))
    except BookingRefused:
        # Changed, or rung by another worker, since it was read: its timers are new, or gone.
        return False
    return True


def _act(old: Appointment, new: Appointment, timer: str, due: int, now: int) -> Act:
    """Return the change that a timer makes. One that only tells, told too late, tells nothing but the events."""
    late = new is old and too_late(old, timer, due, now)
    what = TOLD[timer] if new is old else notice(old, new, "system")
    event = what if new is old else new.reason or new.state
    return Act(
        f"{event}_dropped" if late else event,
        Ask("system", "", now, ""),
        frozenset({old.state}),
        timer=timer,
        notices=(what,) if what and not late else (),
    )


async def end_of(book: BookingStore, appointment_id: str) -> int | None:
    """Return when an appointment ends; None when there is none, or it was only held and nobody's when that was over."""
    kept = await book.appointment(appointment_id)
    return kept.end if kept and kept.citizen else None


async def sweep(book: BookingStore, now: int) -> int:
    """Forget appointments that ended RETENTION ago, at most ROUND. Return how many."""
    count = 0
    for old in await book.ended_before(now - RETENTION, ROUND):
        act = Act("forgotten", Ask("system", "", now, ""), frozenset({old.state}))
        try:
            await book.forget(old, act)
        except BookingRefused:
            continue
        count += 1
    return count
