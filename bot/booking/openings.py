"""Free times of a day: the directory's opening hours and the holiday calendar, less what is taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from bot.booking.model import DAY, Choice, Interval, Schedule, ServiceKind, Slot
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
    return _day_hours(schedule.openings, calendar, day)  # type: ignore[arg-type]  # any object hashes by identity


# Room for a hundred timetables over a month: every loser of a race is offered the same days again.
@lru_cache(maxsize=4096)
def _day_hours(openings: tuple[Opening, ...], calendar: HolidayCalendar, day: date) -> DayOpenings:
    hours = day_hours(openings, calendar, day)
    if not hours.known:
        return DayOpenings((), known=False)
    return DayOpenings(tuple(Interval(int(p.start.timestamp()), int(p.end.timestamp())) for p in hours.periods))


def day_slots(
    kind: ServiceKind, choices: Iterable[Choice], calendar: HolidayCalendar, day: date, busy: Busy, now: int
) -> list[Slot]:
    """Return the times of all practitioners on a day, each with the first of its rooms that is free, in order."""
    found = [slot for choice in choices for slot in _slots_of(kind, choice, calendar, day, busy, now)]
    return sorted(found, key=lambda slot: (slot.start, slot.practitioner))


def _slots_of(
    kind: ServiceKind, choice: Choice, calendar: HolidayCalendar, day: date, busy: Busy, now: int
) -> Iterator[Slot]:
    who = choice.practitioner
    free = free_slots(kind, day_openings(who, calendar, day).intervals, busy.get(("practitioner", who.actor), ()), now)
    rooms = [(room.actor, day_openings(room, calendar, day).intervals) for room in choice.rooms or ()]
    for span in free:
        room = "" if choice.rooms is None else next(_free_rooms(kind, span, rooms, busy), None)
        if room is not None:
            yield Slot(span.start, span.end, who.actor, room)


def _free_rooms(
    kind: ServiceKind, slot: Interval, rooms: Iterable[tuple[str, Sequence[Interval]]], busy: Busy
) -> Iterator[str]:
    whole = Interval(slot.start, slot.end + kind.buffer)
    for room, openings in rooms:
        is_open = any(o.start <= slot.start and slot.end <= o.end for o in openings)
        if is_open and not any(whole.overlaps(taken) for taken in busy.get(("room", room), ())):
            yield room


def free_slots(kind: ServiceKind, openings: Iterable[Interval], busy: Sequence[Interval], now: int) -> list[Interval]:
    """Return the times that a citizen could claim now, in order.

    Slots follow each other from an opening's start on, a buffer between them, and end within the opening. `busy` are
    the practitioner's taken intervals, each with its own buffer, and leave.
    """
    notice = kind.notice(now)
    return [
        slot
        for opening in openings
        for slot in _grid(kind, opening)
        if notice.start <= slot.start <= notice.end
        and not any(Interval(slot.start, slot.end + kind.buffer).overlaps(other) for other in busy)
    ]


def _grid(kind: ServiceKind, opening: Interval) -> Iterator[Interval]:
    for start in range(opening.start, opening.end - kind.slot + 1, kind.slot + kind.buffer):
        yield Interval(start, start + kind.slot)
