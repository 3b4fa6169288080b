"""Lengths of time by the calendar: whole months and days over, as labour law and private lending count them. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import InvalidField

# No employment, loan or period that a citizen asks about is longer.
LONGEST = 100 * 12


@dataclass(frozen=True)
class Length:
    """Whole months, and days beyond them."""

    months: int
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0 or self.months > LONGEST or not (self.months or self.days):
            raise InvalidField("这段时间我看不明白，请写几年几个月，比如3年2个月。")

    @property
    def years(self) -> int:
        """The whole years in it."""
        return self.months // 12

    def __str__(self) -> str:
        parts = ((self.years, "年"), (self.months % 12, "个月"), (self.days, "天"))
        return "".join(f"{number}{unit}" for number, unit in parts if number)


def add_months(day: date, months: int) -> date:
    """Return the day of the same number, months later; a month without it gives its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def length_between(first: date, last: date) -> Length:
    """Return how long it is from the first to the last day, both counted. Raises InvalidField when last is before first."""
    if last < first:
        raise InvalidField("结束的日子比开始的还早，请再看一下。")
    end = last + timedelta(1)
    months = (end.year - first.year) * 12 + end.month - first.month
    while months and add_months(first, months) > end:
        months -= 1
    return Length(months, (end - add_months(first, months)).days)
