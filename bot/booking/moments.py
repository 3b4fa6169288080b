"""Which of the offered times a citizen means, and why a wished time cannot be had. Pure.

A wish is an interval of seconds since 1970 as the engine read it from the words; an instant is one of no length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from bot.booking.model import DAY, SHANGHAI_OFFSET, Interval, ServiceKind, Slot, local_day
from bot.directory.hours import DayHours

Objection = Literal["", "past", "too_soon", "too_far"]
Closure = Literal["", "holiday", "day_off", "break"]
# Words that name a day: without one, 下午三点 means that hour on the day that was offered.
_DAY = re.compile(
    r"[今明后昨前]\s*[天日早晚]|大后|周|星期|礼拜|[号日](?!常)|\d+\s*月|月[底初]|\d+[-/.]\d+|[今明后]年|元旦|国庆|五一|清明|端午|中秋|过年|除夕|节|初[一二三四五六七八九十]|[天周月]后"
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*(?:[点點时]|[:：](\d{2}))")
_DATE = re.compile(r"(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})\s*[号日]?")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def wished(value: str) -> Interval:
    """Return the wish in a time entity: "2026-11-25T15:00+08:00" or two of these with a slash between."""
    start, _, end = value.partition("/")
    first = int(datetime.fromisoformat(start).timestamp())
    return Interval(first, int(datetime.fromisoformat(end).timestamp()) if end else first)


def names_day(text: str) -> bool:
    """Whether a message says which day it means."""
    return bool(_DAY.search(text))


def impossible(text: str) -> bool:
    """Whether a message names a time that no day has: 25点, 2月31日."""
    clocks = ((int(hour), int(minute or 0)) for hour, minute in _CLOCK.findall(text))
    dates = ((int(month), int(day)) for month, day in _DATE.findall(text))
    return any(hour > 24 or minute > 59 for hour, minute in clocks) or any(
        not 1 <= month <= 12 or not 1 <= day <= _LONGEST_MONTHS[month - 1] for month, day in dates
    )


def meant(wish: Interval, text: str, offered: Sequence[Slot]) -> Interval:
    """Return the wish on the day that was offered, when the words name none."""
    if not offered or names_day(text) or wish.end - wish.start >= DAY:
        return wish
    same_hour = [slot for slot in offered if _hour(slot.start) == _hour(wish.start)]
    day = local_day((same_hour or _within_hours(wish, offered) or offered)[0].start).start
    start = day + _hour(wish.start)
    return Interval(start, start + wish.end - wish.start)


def _hour(moment: int) -> int:
    return (moment + SHANGHAI_OFFSET) % DAY


def _within_hours(wish: Interval, offered: Sequence[Slot]) -> list[Slot]:
    return [
        slot for slot in offered if _hour(wish.start) <= _hour(slot.start) < _hour(wish.start) + wish.end - wish.start
    ]


def chosen(wish: Interval, offered: Sequence[Slot]) -> Slot | None:
    """Return the one offered time that a wish picks; None when it picks none or leaves a choice."""
    if wish.start == wish.end:
        found = [slot for slot in offered if slot.start == wish.start]
    else:
        found = [slot for slot in offered if wish.start <= slot.start < wish.end]
    return found[0] if len(found) == 1 else None


def objection(wish: Interval, kind: ServiceKind, now: int) -> Objection:
    """Return why a wish cannot be met whoever is asked; "" when it can."""
    last = max(wish.start, wish.end - 1)
    notice = kind.notice(now)
    if last <= now:
        return "past"
    if last < notice.start:
        return "too_soon"
    return "too_far" if wish.start > notice.end else ""


def starts(wish: Interval) -> Interval:
    """Return within which interval a start must lie for the wish."""
    return Interval(wish.start, max(wish.end, wish.start + 1))


def closed(wish: Interval, hours: DayHours) -> Closure:
    """Return why nobody works at a wish, given that day's hours; "" when somebody does, or when that is not known."""
    if not hours.known:
        return ""
    if not hours.periods:
        return "holiday" if hours.holiday else "day_off"
    span = starts(wish)
    at_work = any(p.start.timestamp() < span.end and span.start < p.end.timestamp() for p in hours.periods)
    return "" if at_work else "break"
