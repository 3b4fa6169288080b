"""The rules of the appointment book: who may change what, and which times are offered."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.booking.model import (
    DAY,
    HOUR,
    KINDS,
    MINUTE,
    TRANSITIONS,
    Appointment,
    Choice,
    Interval,
    Role,
    Schedule,
    ServiceKind,
    Slot,
    State,
    conflicts,
    learnt,
    local_day,
    moved,
    sources,
)
from bot.booking.openings import day_openings, day_slots, free_slots
from bot.directory.holidays import ChineseCalendar
from bot.directory.hours import SHANGHAI
from bot.directory.model import Schedule as Opening

CALENDAR = ChineseCalendar()
WEEK = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
OFFICE = (Opening("08:30", "12:00", WEEK), Opening("14:30", "17:30", WEEK))
MEDIATION, CONSULTATION = KINDS["mediation"], KINDS["consultation"]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


def clock(moment: int) -> str:
    return datetime.fromtimestamp(moment, SHANGHAI).strftime("%H:%M")


def starts(kind: ServiceKind, schedule: Schedule, day: str, now: str, busy: tuple[Interval, ...] = ()) -> list[str]:
    openings = day_openings(schedule, CALENDAR, date.fromisoformat(day)).intervals
    return [clock(slot.start) for slot in free_slots(kind, openings, busy, at(now))]


@pytest.mark.parametrize(
    ("by", "before", "after"),
    [
        ("citizen", "proposed", "booked"),
        ("respondent", "pending", "booked"),
        ("practitioner", "booked", "arrived"),
        ("staff", "booked", "noshow"),
        ("system", "arrived", "fulfilled"),
        ("system", "proposed", "cancelled"),
    ],
)
def test_role_can_make_the_change_that_the_table_allows(by: Role, before: State, after: State) -> None:
    assert before in sources(CONSULTATION, after, by)


@pytest.mark.parametrize(
    ("by", "before", "after"),
    [
        ("citizen", "pending", "booked"),
        ("citizen", "booked", "arrived"),
        ("respondent", "proposed", "cancelled"),
        ("system", "booked", "cancelled"),
        ("staff", "cancelled", "booked"),
        ("staff", "noshow", "booked"),
        ("staff", "fulfilled", "booked"),
        ("staff", "booked", "pending"),
    ],
)
def test_role_cannot_make_a_change_that_the_table_does_not_allow(by: Role, before: State, after: State) -> None:
    assert before not in sources(CONSULTATION, after, by)


def test_citizen_cannot_book_a_mediation_without_the_other_side() -> None:
    assert sources(MEDIATION, "booked", "citizen") == frozenset()
    assert "proposed" in sources(MEDIATION, "pending", "citizen")


def test_table_names_each_change_once_and_leaves_no_state_unreachable() -> None:
    rows = [(t.before, t.after, t.moves) for t in TRANSITIONS]
    assert len(rows) == len(set(rows))
    assert {t.after for t in TRANSITIONS} == set(get_args(State))
    for final in ("cancelled", "fulfilled"):
        assert final not in {t.before for t in TRANSITIONS}
    assert all(t.by <= {"staff", "practitioner"} for t in TRANSITIONS if t.before == "noshow")


def test_citizen_is_offered_slots_with_buffers_between_and_none_in_the_lunch_break() -> None:
    office = Schedule("p1", OFFICE)
    assert starts(MEDIATION, office, "2026-11-26", "2026-11-23T09:00") == ["08:30", "09:45", "11:00", "14:30", "15:45"]
    taken = (Interval(at("2026-11-26T09:45"), at("2026-11-26T11:00")),)
    assert starts(MEDIATION, office, "2026-11-26", "2026-11-23T09:00", taken) == ["08:30", "11:00", "14:30", "15:45"]


@pytest.mark.parametrize(
    ("day", "count"),
    [("2026-10-01", 0), ("2026-10-10", 5), ("2026-10-11", 0), ("2026-09-20", 5), ("2026-09-25", 0)],
)
def test_citizen_is_offered_make_up_days_and_no_holiday(day: str, count: int) -> None:
    now = datetime.fromisoformat(day) - timedelta(3)
    assert len(starts(MEDIATION, Schedule("p1", OFFICE), day, now.isoformat())) == count


def test_citizen_is_offered_nothing_where_the_holidays_are_unknown() -> None:
    new_year = day_openings(Schedule("p1", OFFICE), CALENDAR, date(2035, 1, 2))
    assert new_year.intervals == ()
    assert not new_year.known


def test_citizen_is_offered_nothing_too_soon_or_too_far() -> None:
    office = Schedule("p1", OFFICE)
    assert starts(CONSULTATION, office, "2026-11-23", "2026-11-23T15:20") == ["15:50", "16:30"]
    assert starts(CONSULTATION, office, "2026-12-08", "2026-11-23T15:20") == []


def test_slot_names_the_first_room_that_is_free_or_is_not_offered() -> None:
    day = date(2026, 11, 26)
    taken = [Interval(at("2026-11-26T08:30"), at("2026-11-26T09:45"))]
    choices = [Choice(Schedule("p1", OFFICE), (Schedule("r1", OFFICE), Schedule("r2", OFFICE)))]
    now = at("2026-11-23T09:00")
    rooms = [s.room for s in day_slots(MEDIATION, choices, CALENDAR, day, {("room", "r1"): taken}, now)]
    assert rooms == ["r2", "r1", "r1", "r1", "r1"]
    both = {("room", "r1"): taken, ("room", "r2"): taken}
    assert len(day_slots(MEDIATION, choices, CALENDAR, day, both, now)) == 4


def test_move_asks_the_others_anew_and_prolongs_no_hold() -> None:
    held = Appointment("a", "mediation", "proposed", "p1", "c", 0, HOUR, HOUR + 900, hold_until=500)
    later = Slot(DAY, DAY + HOUR, "p2", "r1")
    assert moved(held, later, MEDIATION, 400).hold_until == 500
    booked = moved(Appointment("a", "mediation", "booked", "p1", "c", 0, HOUR, HOUR + 900), later, MEDIATION, 400)
    assert (booked.state, booked.start, booked.until, booked.revision) == ("pending", DAY, DAY + HOUR + 900, 2)


def test_kind_longer_than_the_store_looks_back_is_refused() -> None:
    with pytest.raises(ValueError, match="within"):
        ServiceKind("endless", ("lawyer",), ("phone",), DAY, 0, 0, DAY, 1)


def test_slot_is_not_offered_when_a_room_is_needed_and_there_is_none() -> None:
    day, now = date(2026, 11, 26), at("2026-11-23T09:00")
    assert day_slots(MEDIATION, [Choice(Schedule("p1", OFFICE), ())], CALENDAR, day, {}, now) == []
    assert len(day_slots(MEDIATION, [Choice(Schedule("p1", OFFICE))], CALENDAR, day, {}, now)) == 5


@pytest.mark.parametrize(
    ("kind", "applicant", "respondent", "members"),
    [
        ("mediation", "A", "B", {"advised:A", "advised:B"}),
        ("mediation", "A", "", {"advised:A"}),
        ("consultation", "A", "B", {"opposed:A", "advised:B"}),
        ("consultation", "", "", set()),
        ("notary", "A", "B", set()),
    ],
)
def test_conflict_of_interest_is_with_whom_the_other_side_was_advised(
    kind: str, applicant: str, respondent: str, members: set[str]
) -> None:
    assert set(conflicts(kind, applicant, respondent)) == members


def test_practitioner_learns_of_both_sides_when_a_consultation_is_booked_and_not_before() -> None:
    booked = Appointment("a", "consultation", "booked", "p", "c", 0, 1, 1, applicant="A", respondent="B")
    assert learnt(booked) == ("advised:A", "opposed:B")
    assert learnt(replace(booked, respondent="")) == ("advised:A",)
    assert learnt(replace(booked, state="proposed")) == learnt(replace(booked, kind="mediation")) == ()


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(
    lambda d: int(d.replace(tzinfo=SHANGHAI).timestamp())
)
INTERVALS = st.builds(
    lambda start, length: Interval(start, start + length), st.integers(-DAY, 3 * DAY), st.integers(1, 6 * HOUR)
)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    now=MOMENTS,
    ahead=st.integers(0, 31),
    busy=st.lists(INTERVALS, max_size=6),
)
def test_free_slot_is_never_shut_taken_or_past(kind: str, now: int, ahead: int, busy: list[Interval]) -> None:
    rule = KINDS[kind]
    day = datetime.fromtimestamp(now, SHANGHAI).date() + timedelta(ahead)
    midnight = at(day.isoformat())
    taken = [Interval(midnight + t.start, midnight + t.end) for t in busy]
    found = free_slots(rule, day_openings(Schedule("p1", OFFICE), CALENDAR, day).intervals, taken, now)
    if CALENDAR.holiday(day).name or (day.weekday() >= 5 and not CALENDAR.holiday(day).makeup):
        assert found == []
    for slot in found:
        assert now + rule.earliest <= slot.start <= now + rule.latest
        assert slot.end - slot.start == rule.slot
        assert (clock(slot.start) >= "08:30" and clock(slot.end) <= "12:00") or (
            clock(slot.start) >= "14:30" and clock(slot.end) <= "17:30"
        )
        assert not any(Interval(slot.start, slot.end + rule.buffer).overlaps(t) for t in taken)
    for slot, following in itertools.pairwise(found):
        assert following.start >= slot.end + rule.buffer


@given(MOMENTS)
def test_local_day_runs_from_midnight_in_china(moment: int) -> None:
    day = local_day(moment)
    assert day.start <= moment < day.end
    assert clock(day.start) == "00:00"
    assert day.end - day.start == MINUTE * 60 * 24
