"""Free times of a day: the directory's opening hours and the holiday calendar, less leave and what is taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from bot.booking.model import DAY, Choice, Interval, Schedule, ServiceKind, Slot, free_slots, minus
from bot.directory.holidays import HolidayCalendar
from bot.directory.hours import SHANGHAI, day_hours
from bot.directory.model import Schedule as Opening

# (role, id) → what takes their time; who is not in it is free.
Busy = Mapping[tuple[str, str], Sequence[Interval]]


@dataclass(frozen=True)
class DayOpenings:
    """One day's bookable intervals. `known=False`: the year's holidays are not out, and nothing is guessed."""

    intervals: tuple[Interval, ...]
    known: bool = True


def day_of(moment: int) -> date:
    """Return the local date of a moment."""
    return datetime.fromtimestamp(moment, SHANGHAI).date()


def away(day: date, moment: int) -> int:
    """Return how many seconds a day's nearest opening is away from a moment at least; one past midnight may reach noon."""
    start = int(datetime.combine(day, time(), SHANGHAI).timestamp())
    return max(0, start - moment, moment - (start + DAY + DAY // 2))


def day_openings(schedule: Schedule, calendar: HolidayCalendar, day: date) -> DayOpenings:
    """Return when an actor can be booked on a local day; nothing on a day of which it is not known if people work."""
    hours = _day_hours(schedule.openings, calendar, day)  # type: ignore[arg-type]  # any object hashes by identity
    return DayOpenings(tuple(minus(hours.intervals, schedule.leave)), hours.known)


# Room for a hundred timetables over a month: every loser of a race is offered the same days again.
@lru_cache(maxsize=4096)
def _day_hours(openings: tuple[Opening, ...], calendar: HolidayCalendar, day: date) -> DayOpenings:
    hours = day_hours(openings, calendar, day)
    if not hours.known:
        return DayOpenings((), known=False)
    return DayOpenings(tuple(Interval(int(p.start.timestamp()), int(p.end.timestamp())) for p in hours.periods))


def day_slots(
    kind: ServiceKind, choice: Choice, calendar: HolidayCalendar, day: date, busy: Busy, now: int
) -> list[Slot]:
    """Return the times of all practitioners on a day, each with the first room that is free, in order."""
    rooms = [(room.actor, day_openings(room, calendar, day).intervals) for room in choice.rooms]
    found = []
    for practitioner in choice.practitioners:
        openings = day_openings(practitioner, calendar, day).intervals
        for free in free_slots(kind, openings, busy.get(("practitioner", practitioner.actor), ()), now):
            for room in _free_rooms(kind, free, rooms, busy) if choice.rooms else ("",):
                found.append(Slot(free.start, free.end, practitioner.actor, room))
                break
    return sorted(found, key=lambda slot: (slot.start, slot.practitioner))


def _free_rooms(
    kind: ServiceKind, slot: Interval, rooms: Iterable[tuple[str, Sequence[Interval]]], busy: Busy
) -> list[str]:
    whole = Interval(slot.start, slot.end + kind.buffer)
    return [
        room
        for room, openings in rooms
        if any(o.start <= slot.start and slot.end <= o.end for o in openings)
        and not any(whole.overlaps(taken) for taken in busy.get(("room", room), ()))
    ]
