"""Chinese public holidays and make-up working days, from chinesecalendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import chinese_calendar

NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}

# The days off that the law itself fixes by the solar calendar, whatever a year's arrangement adds or moves around them.
# Source: 全国年节及纪念日放假办法, as revised from 2025-01-01.
STATUTORY = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}


@dataclass(frozen=True)
class Holiday:
    """What a date is: `name` of the public holiday or "", whether it is a make-up working day, whether that is known."""

    name: str = ""
    makeup: bool = False
    known: bool = True


class HolidayCalendar(Protocol):
    """Anything that tells a date's holiday."""

    def holiday(self, day: date) -> Holiday:
        """Return what the date is; `known=False` when the year's arrangement has not been published to us."""


class ChineseCalendar:
    """The State Council's yearly arrangements as chinesecalendar carries them. Past its last year: unknown, no guess."""

    def holiday(self, day: date) -> Holiday:
        """Return what the date is."""
        try:
            _, name = chinese_calendar.get_holiday_detail(day)
            off = chinese_calendar.is_holiday(day)
        except NotImplementedError:
            return Holiday(STATUTORY.get((day.month, day.day), ""), known=False)
        if off:
            return Holiday(NAMES.get(name, name) if name else "")
        return Holiday(makeup=day.weekday() >= 5)
