"""Last days: a citizen who comes on the day that is told is in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.deadlines import counted_end, days_left, deadline, is_working
from bot.calculators.periods import PERIODS
from bot.directory.holidays import ChineseCalendar, Holiday
from bot.errors import InvalidField

CALENDAR = ChineseCalendar()
DAYS = st.dates(date(2004, 1, 1), date(2028, 12, 31))


def last_day(kind: str, begin: str) -> str:
    return str(deadline(kind, date.fromisoformat(begin), CALENDAR).value)


@pytest.mark.parametrize(
    ("kind", "begin", "last"),
    [
        ("appeal_judgment", "2026-10-20", "2026-11-04"),  # Oct 21 is the first of fifteen days
        ("appeal_ruling", "2026-11-02", "2026-11-12"),
        ("appeal_judgment", "2026-11-06", "2026-11-23"),  # Nov 21 is a Saturday: Monday
        ("appeal_judgment", "2026-09-20", "2026-10-08"),  # Oct 5 is in the National Day week
        ("appeal_judgment", "2026-09-25", "2026-10-10"),  # a Saturday on which offices work: not put off
        ("criminal_judgment", "2026-10-20", "2026-10-30"),
        ("criminal_ruling", "2026-10-20", "2026-10-25"),  # a Sunday: not put off for whoever is held
        ("payment_order", "2026-11-03", "2026-11-18"),
        ("protection_review", "2026-11-02", "2026-11-09"),  # Nov 7 is a Saturday
        ("hearing", "2026-09-30", "2026-10-13"),  # seven days off, then Oct 8, 9, the working Saturday, 12, 13
        ("hearing", "2026-11-20", "2026-11-27"),
        ("accident_review", "2026-11-20", "2026-11-25"),
        ("administrative_appeal", "2026-10-20", "2026-11-04"),
        ("arbitration", "2025-03-06", "2026-03-06"),
        ("arbitration", "2024-02-29", "2025-02-28"),  # no Feb 29: the month's last day
        ("arbitration_suit", "2026-11-03", "2026-11-18"),
        ("review", "2026-08-20", "2026-10-19"),
        ("review", "2026-06-12", "2026-08-11"),
        ("review_suit", "2026-11-03", "2026-11-18"),
        ("administrative_suit", "2026-02-28", "2026-08-28"),
        ("administrative_suit", "2025-08-31", "2026-02-28"),  # a working Saturday after the spring festival
        ("administrative_suit", "2026-03-31", "2026-09-30"),  # September has no 31st
        ("administrative_suit", "2026-01-31", "2026-07-31"),
        ("retrial", "2026-05-18", "2026-11-18"),
        ("confirmation", "2026-10-12", "2026-11-11"),
        ("enforcement", "2024-05-09", "2026-05-09"),  # a working Saturday after the May holiday
        ("limitation", "2023-08-14", "2026-08-14"),
        ("limitation", "2023-09-26", "2026-09-28"),  # Sep 25 to 27 is the mid-autumn holiday
        ("limitation_longest", "2006-03-03", "2026-03-03"),
        ("legacy", "2026-08-17", "2026-10-16"),
        ("work_injury_employer", "2026-10-19", "2026-11-18"),
        ("work_injury", "2025-05-02", "2026-04-30"),  # May 2 is a holiday: the regulation does not put it off
    ],
)
def test_citizen_learns_the_last_day(kind: str, begin: str, last: str) -> None:
    assert last_day(kind, begin) == last


def test_citizen_is_told_that_next_years_holidays_are_unknown_and_gets_a_safe_day() -> None:
    result = deadline("arbitration", date(2026, 2, 28), CALENDAR)  # ends on Sunday, Feb 28 2027
    assert result.value == date(2027, 2, 26)
    assert any("2027年的放假调休安排我还不知道" in said for said in result.assumptions)


def test_citizen_learns_that_posting_on_the_last_day_is_in_time_only_where_the_law_says_so() -> None:
    said = {kind: "".join(s.text for s in deadline(kind, date(2026, 3, 2), CALENDAR).steps) for kind in PERIODS}
    assert "寄出" in said["appeal_judgment"]
    assert "寄出" in said["criminal_judgment"]
    assert "寄出" not in said["arbitration"]


def test_citizen_reads_how_much_time_is_left() -> None:
    today = date(2026, 11, 25)
    assert days_left("limitation", today, today) == "今天就是最后一天。"
    assert "还有3天" in days_left("limitation", today + timedelta(3), today)
    assert "已经过了1天" in days_left("limitation", today - timedelta(1), today)


@pytest.mark.parametrize(
    ("kind", "help_", "wrong"),
    [("limitation", "重新算", "顺延"), ("appeal_judgment", "顺延", "重新算"), ("criminal_judgment", "12348", "重新算")],
)
def test_citizen_who_is_late_hears_only_what_may_still_help(kind: str, help_: str, wrong: str) -> None:
    said = days_left(kind, date(2026, 11, 1), date(2026, 11, 25))
    assert help_ in said
    assert wrong not in said


def test_day_at_the_end_of_the_calendar_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidField, match="日期"):
        deadline("limitation", date(9999, 1, 1), CALENDAR)


# The counted day stands for whoever is held, and a working day is never put off.
PUT_OFF = sorted(kind for kind, period in PERIODS.items() if not (period.counting.kept or period.counting.working))


@pytest.mark.parametrize("kind", ["criminal_judgment", "criminal_ruling"])
def test_family_of_somebody_who_is_held_is_not_told_a_day_after_the_last_one(kind: str) -> None:
    for begin in (date(2026, 1, 1) + timedelta(n) for n in range(360)):
        result = deadline(kind, begin, CALENDAR)
        assert result.value == counted_end(PERIODS[kind], begin)
        if not is_working(result.value, CALENDAR):
            assert any("关着" in step.text for step in result.steps)


@given(DAYS, st.sampled_from(["hearing", "accident_review"]))
def test_working_days_are_counted_and_an_unknown_year_makes_the_day_only_earlier(begin: date, kind: str) -> None:
    result, days = deadline(kind, begin, CALENDAR), PERIODS[kind].days
    between = [begin + timedelta(n) for n in range(1, (result.value - begin).days + 1)]
    worked = sum(is_working(day, CALENDAR) for day in between)
    if CALENDAR.holiday(result.value).known:
        assert worked == days
        assert is_working(result.value, CALENDAR)
        assert not result.assumptions
    else:
        assert worked <= days
        assert any("只会早" in said for said in result.assumptions)


@given(DAYS, st.sampled_from(PUT_OFF))
def test_no_deadline_falls_on_a_day_off(begin: date, kind: str) -> None:
    assert is_working(deadline(kind, begin, CALENDAR).value, CALENDAR)


@given(DAYS, st.sampled_from(sorted(PERIODS)))
def test_no_deadline_ends_before_its_counting_begins(begin: date, kind: str) -> None:
    assert deadline(kind, begin, CALENDAR).value > begin


@given(DAYS, st.sampled_from(sorted(k for k, p in PERIODS.items() if p.days and not p.counting.working)))
def test_period_of_days_has_that_many_days_after_the_first(begin: date, kind: str) -> None:
    end = counted_end(PERIODS[kind], begin)
    assert sum(1 for n in range(1, 100) if begin + timedelta(n) <= end) == PERIODS[kind].days


@given(DAYS, st.sampled_from(PUT_OFF))
def test_deadline_is_put_off_only_past_days_off(begin: date, kind: str) -> None:
    counted, last = counted_end(PERIODS[kind], begin), deadline(kind, begin, CALENDAR).value
    between = (date.fromordinal(n) for n in range(counted.toordinal(), last.toordinal()))
    assert not any(is_working(day, CALENDAR) for day in between)


@given(DAYS, st.sampled_from(PUT_OFF))
def test_deadline_is_never_put_off_on_a_guess(begin: date, kind: str) -> None:
    counted, result = counted_end(PERIODS[kind], begin), deadline(kind, begin, CALENDAR)
    if not CALENDAR.holiday(counted).known:
        assert result.value <= counted
        assert result.assumptions


def test_days_off_that_run_into_an_unknown_year_put_nothing_off() -> None:
    class Until2022:
        def holiday(self, day: date) -> Holiday:
            return Holiday(known=day.year <= 2022)

    result = deadline("appeal_judgment", date(2022, 12, 16), Until2022())  # ends on Saturday, Dec 31 2022
    assert result.value == date(2022, 12, 30)
    assert result.assumptions


def test_calendar_without_working_days_is_refused_rather_than_searched_for_ever() -> None:
    class Closed:
        def holiday(self, day: date) -> Holiday:
            return Holiday("停工")

    with pytest.raises(InvalidField, match="12368"):
        deadline("appeal_judgment", date(2026, 3, 2), Closed())
