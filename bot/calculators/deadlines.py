"""The last day of a period, with weekends, holidays and make-up working days; what is not known is said, never guessed."""

from __future__ import annotations

from datetime import date, timedelta

from bot.calculators.model import Result, Step, say_date
from bot.calculators.periods import PERIODS, Period
from bot.calculators.spans import add_months
from bot.directory.holidays import HolidayCalendar
from bot.errors import InvalidField

WEEKDAYS = "一二三四五六日"
# The longest row of days off in a year is nine; a calendar that knows no working day within this is broken.
LONGEST_REST = 30


def is_working(day: date, calendar: HolidayCalendar) -> bool:
    """Whether offices work on a day, as far as the calendar knows."""
    holiday = calendar.holiday(day)
    return holiday.makeup or (day.weekday() < 5 and not holiday.name)


def counted_end(period: Period, begin: date) -> date:
    """Return the last day by counting alone: the day it begins is not counted, months end on the day of the same number."""
    return add_months(begin, period.years * 12 + period.months) + timedelta(period.days)


def working_end(period: Period, begin: date, calendar: HolidayCalendar) -> date:
    """Return the last of a period's working days, the day it begins not counted.

    In a year without a published arrangement every day counts: any Saturday may become a working day, so that an earlier
    day is safe and a later one is not.
    """
    day, left = begin, period.days
    while left:
        day += timedelta(1)
        left -= is_working(day, calendar) or not calendar.holiday(day).known
    return day


def _uncounted(last: date, calendar: HolidayCalendar) -> list[str]:
    if calendar.holiday(last).known:
        return []
    return [f"{last.year}年的放假调休安排我还不知道，休息日也数进去了，这一天只会早、不会晚。"]


def deadline(kind: str, begin: date, calendar: HolidayCalendar) -> Result[date]:
    """Return the last safe day for one of PERIODS.

    Put off past days off where the law says so and the year's arrangement is known; otherwise the last working day before.
    Raises InvalidField when the dates lie outside the calendar.
    """
    period = PERIODS[kind]
    try:
        counted = working_end(period, begin, calendar) if period.counting.working else counted_end(period, begin)
    except (OverflowError, ValueError) as error:
        raise InvalidField("这个日期我看不明白，请写年月日，比如2026年10月9日。") from error
    steps = [
        Step(f"从{say_date(begin)}（{period.begins}）的第二天开始数，那天不算。", period.counting.start),
        Step(f"{period.what}有{period.length}，数到{_said(counted)}。", period.rule),
    ]
    last, moved, assumptions = _settled(period, counted, calendar)
    steps += moved
    if period.counting.posting:
        steps.append(Step("路上的时间不算，最后一天交邮局寄出也不算晚，留好邮戳。", period.counting.posting))
    steps += [Step(text, rule) for text, rule in period.more]
    return Result(last, "日", tuple(steps), tuple(assumptions))


def _settled(period: Period, counted: date, calendar: HolidayCalendar) -> tuple[date, list[Step], list[str]]:
    """Return the last day, the step that moved it, and what could not be known."""
    if period.counting.working:
        return counted, [], _uncounted(counted, calendar)
    if not calendar.holiday(counted).known and not period.counting.kept:
        return _unknown_year(counted, calendar)
    if is_working(counted, calendar):
        return counted, [], []
    why = calendar.holiday(counted).name or f"星期{WEEKDAYS[counted.weekday()]}"
    rule = period.counting.ending
    if period.counting.kept and rule:
        return counted, [Step(f"那天是{why}。{period.counting.kept}，提前交。", rule)], []
    if rule is None:
        before = _nearest(counted, -1, calendar)
        said = f"那天是{why}。条文没写碰上休息日能往后推，保险起见最晚{_said(before)}办好。"
        return before, [Step(said, period.rule)], []
    after = _nearest(counted, 1, calendar)
    if not calendar.holiday(after).known:  # The days off run on into a year that nobody has arranged yet.
        return _unknown_year(counted, calendar)
    return after, [Step(f"那天是{why}，放假不办公，往后推到上班的第一天：{_said(after)}。", rule)], []


def _unknown_year(counted: date, calendar: HolidayCalendar) -> tuple[date, list[Step], list[str]]:
    """Return a day that is safe whatever will be arranged: the counted one, or the last weekday before it."""
    last = counted if is_working(counted, calendar) else _nearest(counted, -1, calendar)
    said = f"{counted.year}年的放假调休安排我还不知道，没按它往后推。保险起见，最晚{_said(last)}办好。"
    return last, [], [said]


def _nearest(day: date, step: int, calendar: HolidayCalendar) -> date:
    for distance in range(1, LONGEST_REST):
        found = day + timedelta(step * distance)
        if is_working(found, calendar):
            return found
    raise InvalidField("这个日期前后的放假安排我查不到，请打12368问法院。")


def _said(day: date) -> str:
    return f"{say_date(day)}（星期{WEEKDAYS[day.weekday()]}）"


def days_left(kind: str, last: date, today: date) -> str:
    """Return how long is left until a last day, that day included; what may still help when it has passed."""
    left = (last - today).days
    if left < 0:
        return f"按这样算，已经过了{-left}天。{PERIODS[kind].late}"
    return "今天就是最后一天。" if not left else f"离今天还有{left}天。"
