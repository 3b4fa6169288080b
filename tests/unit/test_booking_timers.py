"""What happens to an appointment by itself: reminders, chases, and an end whatever state it is in."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import get_args

import pytest

from bot.booking.model import DAY, ENDED, HOUR, KINDS, MINUTE, TRANSITIONS, Appointment, Role, Slot, State, settled
from bot.booking.timers import TIMERS, notice, rung, timers, too_late

NOW = 1_000 * DAY
START = NOW + 5 * DAY
ASKED = Appointment(
    "a", "mediation", "pending", "p", "c", START, START + HOUR, START + HOUR, applicant="A", respondent="B"
)
OTHER = (Slot(START + DAY, START + DAY + HOUR, "p"),)


def due(appointment: Appointment, now: int = NOW) -> dict[str, int]:
    return {name: at - now for name, at in timers(appointment, now).items()}


def test_other_side_that_is_silent_is_chased_twice_and_given_up_after_three_days() -> None:
    assert due(ASKED) == {"chase_1": DAY, "chase_2": 2 * DAY, "silent": 3 * DAY}


def test_applicant_learns_four_hours_before_at_the_latest_that_nothing_comes_of_it() -> None:
    assert due(ASKED, START - 30 * HOUR) == {"chase_1": DAY, "silent": 26 * HOUR}
    assert due(ASKED, START - 20 * HOUR) == {"silent": 16 * HOUR}


def test_applicant_is_not_told_to_chase_the_other_side_when_it_is_their_own_turn() -> None:
    assert due(replace(ASKED, proposals=OTHER)) == {"silent": 3 * DAY}


def test_request_that_the_office_does_not_answer_ends_before_its_time() -> None:
    visit = replace(ASKED, kind="visit", respondent="")
    assert due(visit) == {"silent": 5 * DAY - 4 * HOUR}
    ended = rung(visit, "silent")
    assert ended is not None
    assert (ended.state, ended.reason) == ("cancelled", "office_silent")


def test_citizen_is_reminded_a_day_and_a_quarter_before_but_only_of_what_is_booked_and_to_come() -> None:
    booked = replace(ASKED, state="booked")
    assert due(booked) == {"day": 4 * DAY, "quarter": 5 * DAY - 15 * MINUTE, "close": 5 * DAY + 13 * HOUR}
    assert set(due(booked, START - DAY)) == {"quarter", "close"}
    assert set(due(booked, START)) == {"close"}
    assert not {"day", "quarter"} & set(due(ASKED))


@pytest.mark.parametrize(
    ("timer", "late", "dropped"),
    [
        ("day", 2 * HOUR, False),
        ("day", 2 * HOUR + 1, True),
        ("quarter", 14 * MINUTE, False),
        ("quarter", 15 * MINUTE, True),
        ("chase_1", 12 * HOUR, False),
        ("chase_2", 13 * HOUR, True),
    ],
)
def test_reminder_that_comes_too_late_is_not_sent_as_if_fresh(timer: str, late: int, dropped: bool) -> None:
    booked = replace(ASKED, state="booked")
    moment = {"day": START - DAY, "quarter": START - 15 * MINUTE}.get(timer, NOW)
    assert too_late(booked, timer, moment, moment + late) is dropped


def test_silence_on_proposals_is_not_said_to_be_the_other_sides() -> None:
    ended = rung(replace(ASKED, proposals=OTHER), "silent")
    assert ended is not None
    assert (ended.state, ended.reason, ended.proposals) == ("cancelled", "no_common_time", ())


def test_what_nobody_noted_is_closed_without_a_word_to_the_citizen() -> None:
    for state, after, reason in (("booked", "noshow", "untouched"), ("arrived", "fulfilled", "")):
        old = replace(ASKED, state=state)
        new = rung(old, "close")
        assert new is not None
        assert (new.state, new.reason) == (after, reason)
        assert notice(old, new, "system") == ""


@pytest.mark.parametrize(
    ("kind", "state", "respondent", "proposals"),
    list(itertools.product(KINDS, get_args(State), ("", "B"), ((), OTHER))),
)
def test_time_alone_brings_every_appointment_to_an_end(
    kind: str, state: State, respondent: str, proposals: tuple[Slot, ...]
) -> None:
    old = replace(ASKED, kind=kind, state=state, respondent=respondent, proposals=proposals, hold_until=NOW + 1)
    waiting = timers(old, NOW)
    while waiting:
        name, now = min(waiting.items(), key=lambda timer: timer[1])
        assert name in TIMERS
        assert now <= START + 35 * DAY
        new = rung(old, name)
        assert new is not None, f"{name} does not apply to {old.state}"
        del waiting[name]
        if new is not old:
            old, waiting = new, timers(new, now)
    assert old.state in ENDED


def test_time_never_does_what_the_table_does_not_let_the_system_do() -> None:
    allowed = {(t.before, t.after) for t in TRANSITIONS if "system" in t.by}
    for state, name in itertools.product(get_args(State), TIMERS):
        old = replace(ASKED, state=state)
        new = rung(old, name)
        assert new is None or new is old or (state, new.state) in allowed


@pytest.mark.parametrize(
    ("by", "before", "after", "reason", "what"),
    [
        ("respondent", "pending", "booked", "", "accepted"),
        ("staff", "pending", "booked", "", "approved"),
        ("practitioner", "pending", "cancelled", "staff", "refused"),
        ("respondent", "pending", "cancelled", "other_side_declined", "declined"),
        ("respondent", "booked", "cancelled", "other_side_declined", "declined"),
        ("staff", "booked", "cancelled", "staff", "cancelled"),
        ("staff", "booked", "cancelled", "leave", "leave_cancelled"),
        ("system", "pending", "cancelled", "other_side_silent", "silent"),
        ("citizen", "booked", "cancelled", "citizen", ""),
        ("system", "proposed", "cancelled", "hold_over", ""),
        ("staff", "booked", "arrived", "", ""),
    ],
)
def test_citizen_is_told_of_what_others_did(by: Role, before: State, after: State, reason: str, what: str) -> None:
    old = replace(ASKED, state=before)
    assert notice(old, settled(old, after, reason), by) == what


def test_citizen_is_told_of_another_time_and_why() -> None:
    later = replace(ASKED, start=START + DAY)
    assert notice(ASKED, later, "staff") == "moved"
    assert notice(ASKED, later, "staff", leave=True) == "leave_moved"
    assert notice(ASKED, replace(ASKED, room="r2"), "staff") == "moved"
    assert notice(ASKED, later, "citizen") == ""
    assert notice(ASKED, replace(ASKED, proposals=OTHER), "respondent") == "proposed"
