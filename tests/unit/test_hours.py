"""Opening hours: what a citizen is told before setting out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.holidays import ChineseCalendar
from bot.directory.hours import SHANGHAI, day_hours, next_opening, state_at
from bot.directory.hours_words import say_day, say_periods, say_week
from bot.directory.model import Schedule

WEEK = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
OFFICE = (Schedule("08:30", "12:00", WEEK), Schedule("14:30", "17:30", WEEK))
CALENDAR = ChineseCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "is_open", "then"),
    [
        ("2026-11-23T08:29", False, "2026-11-23T08:30"),
        ("2026-11-23T08:30", True, "2026-11-23T12:00"),
        ("2026-11-23T11:59", True, "2026-11-23T12:00"),
        ("2026-11-23T12:00", False, "2026-11-23T14:30"),
        ("2026-11-23T17:30", False, "2026-11-24T08:30"),
        ("2026-11-27T17:31", False, "2026-11-30T08:30"),  # Friday evening → Monday
        ("2026-10-01T10:00", False, "2026-10-08T08:30"),  # National Day week
        ("2026-10-10T10:00", True, "2026-10-10T12:00"),  # a make-up Saturday
        ("2026-09-20T10:00", True, "2026-09-20T12:00"),  # a make-up Sunday
    ],
)
def test_citizen_learns_whether_the_office_is_open_and_what_comes_next(moment: str, is_open: bool, then: str) -> None:
    state = state_at(OFFICE, CALENDAR, at(moment))
    assert state.open is is_open
    following = state.closes_at if is_open else state.next_opening and state.next_opening.start
    assert following == at(then)


def test_citizen_is_told_of_the_lunch_break_and_of_closing_soon() -> None:
    assert state_at(OFFICE, CALENDAR, at("2026-11-23T13:00")).on_break
    assert not state_at(OFFICE, CALENDAR, at("2026-11-23T18:00")).on_break
    soon = state_at(OFFICE, CALENDAR, at("2026-11-23T17:20"))
    assert soon.closing_soon
    assert soon.minutes_left == 10
    assert not state_at(OFFICE, CALENDAR, at("2026-11-23T16:00")).closing_soon


def test_citizen_hears_the_holidays_name() -> None:
    assert day_hours(OFFICE, CALENDAR, date(2026, 10, 1)).holiday == "国庆节"


def test_citizen_is_told_when_a_years_holidays_are_unknown() -> None:
    new_year = day_hours(OFFICE, CALENDAR, date(2027, 1, 1))
    assert not new_year.known
    assert day_hours(OFFICE, CALENDAR, date(2026, 12, 31)).known


def test_closure_wins_over_the_weekly_rule() -> None:
    closed = (*OFFICE, Schedule(dtstart="2026-12-11", closed=True, description="系统升级"))
    assert day_hours(closed, CALENDAR, date(2026, 12, 11)).periods == ()
    assert day_hours(closed, CALENDAR, date(2026, 12, 11)).closure == "系统升级"
    assert day_hours(closed, CALENDAR, date(2026, 12, 10)).periods


def test_season_and_exdate_are_heeded() -> None:
    summer = (
        Schedule(
            "19:30",
            "21:00",
            "FREQ=WEEKLY;BYDAY=WE",
            valid_from="2026-05-01",
            valid_to="2026-10-31",
            exdates=("2026-06-03",),
        ),
    )
    assert day_hours(summer, CALENDAR, date(2026, 5, 6)).periods
    assert not day_hours(summer, CALENDAR, date(2026, 6, 3)).periods
    assert not day_hours(summer, CALENDAR, date(2026, 11, 4)).periods


def test_firm_that_works_on_holidays_is_open_on_national_day() -> None:
    firm = (Schedule("09:00", "12:00", WEEK, on_holidays="open"),)
    assert state_at(firm, CALENDAR, at("2026-10-01T10:00")).open


def test_duty_on_holidays_alone() -> None:
    duty = (Schedule("10:00", "11:00", "FREQ=DAILY", on_holidays="only"),)
    assert day_hours(duty, CALENDAR, date(2026, 10, 1)).periods
    assert not day_hours(duty, CALENDAR, date(2026, 11, 23)).periods


def test_night_duty_is_open_past_midnight() -> None:
    night = (Schedule("22:00", "02:00", "FREQ=DAILY", on_holidays="open"),)
    assert state_at(night, CALENDAR, at("2026-11-24T01:00")).open
    assert not state_at(night, CALENDAR, at("2026-11-24T02:00")).open


def test_place_without_schedules_has_no_next_opening() -> None:
    assert next_opening((), CALENDAR, at("2026-11-23T10:00")) is None


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=SHANGHAI))


@given(MOMENTS)
def test_next_opening_is_really_open_and_nothing_lies_between(moment: datetime) -> None:
    state = state_at(OFFICE, CALENDAR, moment)
    if state.open:
        assert state.closes_at is not None
        assert not state_at(OFFICE, CALENDAR, state.closes_at).open
        assert state_at(OFFICE, CALENDAR, state.closes_at - timedelta(seconds=1)).open
    else:
        assert state.next_opening is not None
        assert state_at(OFFICE, CALENDAR, state.next_opening.start).open
        between = moment + (state.next_opening.start - moment) / 2
        assert not state_at(OFFICE, CALENDAR, between).open


def test_times_are_said_as_people_say_them() -> None:
    assert say_periods(day_hours(OFFICE, CALENDAR, date(2026, 11, 23)).periods) == "8:30–12:00、14:30–17:30"
    assert say_week((*OFFICE, Schedule("08:30", "12:00", "FREQ=WEEKLY;BYDAY=SA")), date(2026, 11, 23)) == (
        "周一至周五 8:30–12:00、14:30–17:30；周六 8:30–12:00"
    )
    assert say_day(date(2026, 11, 24), date(2026, 11, 23)) == "明天"
    assert say_day(date(2026, 12, 3), date(2026, 11, 23)) == "12月3日周四"
    assert say_day(date(2027, 1, 1), date(2026, 11, 23)) == "2027年1月1日周五"
