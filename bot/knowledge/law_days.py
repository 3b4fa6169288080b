"""The days of a year that a law sets aside for something worth reading: offered to those who come to learn. Pure.

Only days that an article in the corpus names. 国际禁毒日 and 消费者权益日 are days too, but no law here says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class LawDay:
    """A day of every year, and the article that names it: the `day` of a month, or its `nth` `weekday` (0 is Monday)."""

    name: str
    named_in: str
    month: int
    day: int = 0
    nth: int = 0
    weekday: int = 0

    def in_year(self, year: int) -> date:
        """Return its date."""
        if self.day:
            return date(year, self.month, self.day)
        first = date(year, self.month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))

    @property
    def called(self) -> str:
        """What people call it: 宪法日."""
        return self.name.removeprefix("国家").removeprefix("全民").removeprefix("全国").removeprefix("中华")


# In the order of the year.
LAW_DAYS = (
    LawDay("全民国家安全教育日", "《国家安全法》第14条", 4, 15),
    LawDay("全国助残日", "《残疾人保障法》第14条", 5, nth=3, weekday=SUNDAY),
    LawDay("全国生态日", "《生态环境法典》第15条", 8, 15),
    LawDay("中华慈善日", "《慈善法》第7条", 9, 5),
    LawDay("教师节", "《教师法》第6条", 9, 10),
    LawDay("全民国防教育日", "《国防教育法》第12条", 9, nth=3, weekday=SATURDAY),
    LawDay("国家宪法日", "《法治宣传教育法》第13条", 12, 4),
)


def next_of(law_day: LawDay, today: date) -> date:
    """Return the date of a day's next return, today's when it is today."""
    this_year = law_day.in_year(today.year)
    return this_year if this_year >= today else law_day.in_year(today.year + 1)


def coming(today: date) -> LawDay:
    """Return the day of today, or the one that comes next."""
    return min(LAW_DAYS, key=lambda law_day: next_of(law_day, today))


def named(text: str) -> LawDay | None:
    """Return the day that a text names: 宪法日是哪一天."""
    return next((law_day for law_day in LAW_DAYS if law_day.called in text), None)


def said(law_day: LawDay, today: date) -> str:
    """Say when a day is: 今天是国家宪法日; 12月4日是国家宪法日; 2027年4月15日是…"""
    day = next_of(law_day, today)
    if day == today:
        return f"今天是{law_day.name}"
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日是{law_day.name}"
