"""Opening hours: when a place is open, by iCalendar rules, seasons, closures and public holidays. Pure.

Times are local, Asia/Shanghai. A place without schedules is unknown, never closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from bot.directory.holidays import HolidayCalendar
from bot.directory.model import Schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")
# "Closing soon" is said half an hour before: the time it takes to get there from the next village.
SOON = timedelta(minutes=30)
# The longest closure that anybody plans for, twice over.
HORIZON_DAYS = 60
# A make-up working day is worked as a Monday unless a schedule's own rule covers that day: the arrangement says that
# people work, not which weekday they stand in for.
MAKEUP_WEEKDAY = 0


@dataclass(frozen=True)
class Period:
    """One stretch of opening, aware times."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class DayHours:
    """One day: its openings, the public holiday's name, make-up day, a one-off closure's reason, arrangement known."""

    day: date
    periods: tuple[Period, ...]
    holiday: str = ""
    makeup: bool = False
    closure: str = ""
    known: bool = True


@dataclass(frozen=True)
class State:
    """A moment: open until `closes_at`, or closed until `next_opening` (None: none within HORIZON_DAYS)."""

    open: bool
    today: DayHours
    closes_at: datetime | None = None
    minutes_left: int | None = None
    next_opening: Period | None = None
    on_break: bool = False

    @property
    def closing_soon(self) -> bool:
        """Whether it closes within SOON."""
        return self.minutes_left is not None and self.minutes_left <= SOON.total_seconds() / 60


def day_hours(schedules: Sequence[Schedule], calendar: HolidayCalendar, day: date) -> DayHours:
    """Return one day's openings in order, overlapping ones merged."""
    what = calendar.holiday(day)
    closure = next((s for s in schedules if s.closed and _covers(s, day)), None)
    periods: list[Period] = []
    if closure is None:
        periods = [_period(s, day) for s in schedules if not s.closed and _opens(s, day, what.name, what.makeup)]
    reason = "" if closure is None else closure.description or "临时关门"
    return DayHours(day, _merged(periods), what.name, what.makeup, reason, what.known)


def state_at(schedules: Sequence[Schedule], calendar: HolidayCalendar, at: datetime) -> State:
    """Return whether it is open at a moment, until when, and when it opens next."""
    at = at.astimezone(SHANGHAI)
    today = day_hours(schedules, calendar, at.date())
    # An opening past midnight belongs to the day on which it began.
    around = (*day_hours(schedules, calendar, at.date() - timedelta(1)).periods, *today.periods)
    current = next((p for p in around if p.start <= at < p.end), None)
    if current:
        left = int((current.end - at).total_seconds() // 60)
        return State(True, today, current.end, left)
    following = next_opening(schedules, calendar, at)
    was_open = any(p.end <= at for p in today.periods)
    again = following is not None and following.start.date() == at.date()
    return State(False, today, next_opening=following, on_break=was_open and again)


def next_opening(schedules: Sequence[Schedule], calendar: HolidayCalendar, after: datetime) -> Period | None:
    """Return the first opening that begins after a moment, or None within HORIZON_DAYS."""
    after = after.astimezone(SHANGHAI)
    for ahead in range(HORIZON_DAYS + 1):
        for period in day_hours(schedules, calendar, after.date() + timedelta(ahead)).periods:
            if period.start > after:
                return period
    return None


def _opens(schedule: Schedule, day: date, holiday: str, makeup: bool) -> bool:
    if schedule.on_holidays == "only":
        return bool(holiday) and _covers(schedule, day)
    if schedule.on_holidays == "closed" and holiday:
        return False
    if _covers(schedule, day):
        return True
    if not (makeup and schedule.on_holidays == "closed" and schedule.rrule and _in_season(schedule, day)):
        return False
    monday = day - timedelta(day.weekday() - MAKEUP_WEEKDAY)
    return day.isoformat() not in schedule.exdates and _by_rule(schedule, monday)


def _covers(schedule: Schedule, day: date) -> bool:
    """Whether the schedule's own rule or date falls on a day, seasons and EXDATEs heeded."""
    if not _in_season(schedule, day) or day.isoformat() in schedule.exdates:
        return False
    if not schedule.rrule:
        return schedule.dtstart == day.isoformat()
    return _by_rule(schedule, day)


def _in_season(schedule: Schedule, day: date) -> bool:
    said = day.isoformat()
    return (not schedule.valid_from or schedule.valid_from <= said) and (
        not schedule.valid_to or said <= schedule.valid_to
    )


def _by_rule(schedule: Schedule, day: date) -> bool:
    midnight = datetime.combine(day, time())
    rule = _rule(schedule.rrule, schedule.dtstart)
    return bool(rule.between(midnight, midnight, inc=True))


@lru_cache(maxsize=2048)
def _rule(text: str, dtstart: str) -> rrule | rruleset:
    # A rule without a start began before any day that can be asked about: 2024-01-01 was a Monday.
    start = datetime.fromisoformat(dtstart) if dtstart else datetime(2024, 1, 1)
    return rrulestr(text, dtstart=start, cache=True)


def _period(schedule: Schedule, day: date) -> Period:
    start, end = _moment(day, schedule.opens_at), _moment(day, schedule.closes_at)
    return Period(start, end if end > start else end + timedelta(1))


def _moment(day: date, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime.combine(day, time(), SHANGHAI) + timedelta(hours=hour, minutes=minute)


def _merged(periods: list[Period]) -> tuple[Period, ...]:
    merged: list[Period] = []
    for period in sorted(periods, key=lambda p: (p.start, p.end)):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return tuple(merged)
