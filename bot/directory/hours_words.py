"""Days and times as people say them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.directory.hours import Period
from bot.directory.model import Schedule

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def say_time(at: datetime) -> str:
    """Return "8:30", "14:30"."""
    return f"{at.hour}:{at.minute:02d}"


def say_day(day: date, today: date) -> str:
    """Return 今天, 明天, 后天, 周四 within this week's reach, 10月8日周四 beyond; with the year when it is another."""
    if (day - today).days in _NEAR:
        return _NEAR[(day - today).days]
    year = f"{day.year}年" if day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日{WEEKDAYS[day.weekday()]}"


def say_moment(at: datetime, now: datetime) -> str:
    """Return "今天14:30", "10月8日周四8:30"; today's is the time alone."""
    return say_day(at.date(), now.date()) + say_time(at) if at.date() != now.date() else say_time(at)


def say_periods(periods: Sequence[Period]) -> str:
    """Return "8:30–12:00、14:30–17:30"."""
    return "、".join(f"{say_time(p.start)}–{say_time(p.end)}" for p in periods)


def say_week(schedules: Sequence[Schedule], today: date) -> str:
    """Return the usual week in one line: "周一至周五 8:30–12:00、14:30–17:30；周六 8:30–12:00"; seasons of today only."""
    days: dict[str, list[str]] = {}
    said = today.isoformat()
    for schedule in schedules:
        in_season = (schedule.valid_from or said) <= said <= (schedule.valid_to or said)
        if schedule.closed or not in_season or "BYDAY=" not in schedule.rrule:
            continue
        codes = schedule.rrule.split("BYDAY=")[1].split(";")[0]
        days.setdefault(codes, []).append(f"{schedule.opens_at.lstrip('0')}–{schedule.closes_at.lstrip('0')}")
    return "；".join(f"{_say_weekdays(codes)} {'、'.join(times)}" for codes, times in days.items())


def _say_weekdays(codes: str) -> str:
    numbers = sorted(_CODES.index(code[-2:]) for code in codes.split(","))
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{WEEKDAYS[numbers[0]]}至{WEEKDAYS[numbers[-1]]}"
    return "、".join(WEEKDAYS[number] for number in numbers)


def days_between(start: datetime, end: datetime) -> list[date]:
    """Return the days that a half-open span touches."""
    last = (end - timedelta(microseconds=1)).date()
    return [start.date() + timedelta(n) for n in range(max(0, (last - start.date()).days) + 1)]
