"""Free times of a day: the directory's opening hours and the holiday calendar, less leave and what is taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.booking.model import Choice, Interval, Schedule, ServiceKind, Slot, free_slots, minus
from bot.directory.holidays import HolidayCalendar
from bot.directory.hours import SHANGHAI, day_hours

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


def day_openings(schedule: Schedule, calendar: HolidayCalendar, day: date) -> DayOpenings:
    """Return when an actor can be booked on a local day; nothing on a day of which it is not known if people work."""
    hours = day_hours(schedule.openings, calendar, day)
    if not hours.known:
        return DayOpenings((), known=False)
    openings = [Interval(int(p.start.timestamp()), int(p.end.timestamp())) for p in hours.periods]
    return DayOpenings(tuple(minus(openings, schedule.leave)))


def day_slots(
    kind: ServiceKind, choice: Choice, calendar: HolidayCalendar, day: date, busy: Busy, now: int
) -> list[Slot]:
    """Return the times of all practitioners on a day, each with the first room that is free, in order."""
    rooms = [(room.actor, day_openings(room, calendar, day).intervals) for room in choice.rooms]
    found = []
    for practitioner in choice.practitioners:
        openings = day_openings(practitioner, calendar, day).intervals
        for time in free_slots(kind, openings, busy.get(("practitioner", practitioner.actor), ()), now):
            for room in _free_rooms(kind, time, rooms, busy) if choice.rooms else ("",):
                found.append(Slot(time.start, time.end, practitioner.actor, room))
                break
    return sorted(found, key=lambda slot: (slot.start, slot.practitioner))


def _free_rooms(
    kind: ServiceKind, time: Interval, rooms: Iterable[tuple[str, Sequence[Interval]]], busy: Busy
) -> list[str]:
    whole = Interval(time.start, time.end + kind.buffer)
    return [
        room
        for room, openings in rooms
        if any(o.start <= time.start and time.end <= o.end for o in openings)
        and not any(whole.overlaps(taken) for taken in busy.get(("room", room), ()))
    ]
