"""The fault run's checker: what it must catch is planted, one fault at a time, in a book that is right without it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace

import pytest

from bench.fault_book import what_of
from bench.journal import Book, Call, Outcome, judge, read, standing
from bot.booking.model import DAY, HOUR, MINUTE, Appointment, Slot
from bot.booking.store import actors
from bot.notices.words import WORDS, Facts, worded

STEP = 10 * MINUTE
NOW = 1_795_000_000 // STEP * STEP
START = NOW + 3 * DAY
SLOT, OTHER = Slot(START, START + HOUR // 2, "p1"), Slot(START + HOUR, START + 3 * HOUR // 2, "p1")
END = START + 2 * DAY


def appointment(slot: Slot = SLOT, number: str = "YY-1", citizen: str = "c1", state: str = "booked") -> Appointment:
    until = slot.end + 10 * MINUTE
    return Appointment(number, "consultation", state, slot.practitioner, citizen, slot.start, slot.end, until)  # type: ignore[arg-type]


def call(number: int, do: str, answer: Appointment | None, outcome: Outcome = "ok", **more: object) -> Call:
    wanted = {"began": NOW + number * HOUR, "ended": NOW + number * HOUR + STEP, "slot": SLOT, "by": "citizen", **more}
    if outcome != "ok":
        answer = None
    return Call("one", number, do, citizen="c1", outcome=outcome, answer=answer, **wanted)  # type: ignore[arg-type]


BOOKED = call(1, "book", appointment())
MOVED = call(2, "move", appointment(OTHER), slot=OTHER)
CANCELLED = call(3, "cancel", appointment(OTHER, state="cancelled"), slot=None)
REMINDED = ("reminder_day", "reminder_quarter")


def book(*kept: Appointment, told: Iterable[str] = (), clock: int = END) -> Book:
    """A book in which all belongs together."""
    calendars: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in kept:
        for role, who in actors(one).items():
            until = one.end if role == "citizen" else one.until
            member = f"{one.start}:{until}:{one.hold_until}:{one.kind}:{one.id}"
            calendars[role, who] = (*calendars.get((role, who), ()), member)
    listed = frozenset(one.id for one in kept if one.reason != "hold_over")
    return Book(clock, kept, calendars, listed, tuple(("YY-1", what) for what in told))


def found(calls: Iterable[Call], of: Book) -> dict[str, int]:
    return {name: count for name, count in judge(calls, of, STEP).counts().items() if count}


@pytest.mark.parametrize(
    ("calls", "kept"),
    [
        ((), book()),
        ((BOOKED,), book(appointment(), told=REMINDED)),
        ((BOOKED,), book(replace(appointment(), state="noshow", reason="untouched"), told=REMINDED)),
        ((BOOKED, MOVED), book(appointment(OTHER), told=REMINDED)),
        ((BOOKED, MOVED, CANCELLED), book(appointment(OTHER, state="cancelled"))),
        ((call(1, "book", None, "failed"),), book()),
        ((call(1, "book", None, "failed"),), book(replace(appointment(), state="cancelled", reason="hold_over"))),
        ((BOOKED, replace(MOVED, by="staff")), book(appointment(OTHER), told=(*REMINDED, "moved"))),
        ((BOOKED,), book(appointment(), clock=NOW + 2 * HOUR)),
    ],
)
def test_checker_finds_nothing_in_a_book_that_is_right(calls: tuple[Call, ...], kept: Book) -> None:
    assert found(calls, kept) == {}


@pytest.mark.parametrize(
    ("last", "may_be"),
    [
        (call(1, "book", None, "unknown"), (None, appointment())),
        (call(2, "move", None, "unknown", slot=OTHER), (appointment(), appointment(OTHER))),
        (call(2, "cancel", None, "unknown", slot=None), (appointment(), appointment(state="cancelled"))),
    ],
)
def test_unknown_call_counts_neither_as_done_nor_as_failed(last: Call, may_be: tuple[Appointment | None, ...]) -> None:
    calls = (last,) if last.do == "book" else (BOOKED, last)
    for kept in may_be:
        assert found(calls, book(*([kept] if kept else []))) == {}


def test_checker_catches_a_lost_booking_move_and_cancellation() -> None:
    assert found((BOOKED,), book()) == {"lost": 1, "notices_lost": 2}
    assert found((BOOKED, MOVED), book(appointment(), told=REMINDED)) == {"lost": 1}
    assert found((BOOKED, CANCELLED), book(appointment(), told=REMINDED)) == {"lost": 1, "notices_twice": 2}
    gone = replace(appointment(), state="cancelled", reason="hold_over")
    assert found((BOOKED,), book(gone, told=REMINDED)) == {"lost": 1}


def test_checker_catches_what_stands_although_it_was_refused() -> None:
    assert found((call(1, "book", None, "failed"),), book(appointment())) == {"unexplained": 1}
    assert found((), book(appointment())) == {"unexplained": 1}
    assert found((BOOKED, replace(MOVED, outcome="failed", answer=None)), book(appointment(OTHER), told=REMINDED)) == {
        "lost": 1
    }


def test_checker_catches_a_doubled_booking() -> None:
    twice = book(appointment(), appointment(OTHER, "YY-2"), told=REMINDED)
    assert found((BOOKED,), twice) == {"doubled": 1}
    theirs = replace(BOOKED, citizen="c2", answer=appointment(number="YY-2", citizen="c2"))
    same_time = book(appointment(), appointment(number="YY-2", citizen="c2"), told=REMINDED)
    same_time = replace(same_time, notices=(*same_time.notices, *(("YY-2", what) for what in REMINDED)))
    assert found((BOOKED, theirs), same_time) == {"doubled": 1}
    buffered = Slot(SLOT.end + 5 * MINUTE, SLOT.end + 35 * MINUTE, "p1")
    theirs = replace(theirs, answer=appointment(buffered, "YY-2", "c2"))
    in_buffer = book(appointment(), appointment(buffered, "YY-2", "c2"))
    assert found((BOOKED, theirs), replace(in_buffer, notices=same_time.notices)) == {"doubled": 1}


def test_checker_catches_a_hold_that_stays() -> None:
    held = replace(appointment(state="proposed"), hold_until=NOW + HOUR)
    lapsed = replace(held, state="cancelled", reason="hold_over", hold_until=0)
    failed = (call(1, "book", None, "failed"),)
    assert found(failed, book(lapsed)) == {}
    assert found(failed, book(held))["stuck"] == 1
    left = replace(book(lapsed), calendars={("practitioner", "p1"): book(held).calendars["practitioner", "p1"]})
    assert found(failed, left) == {"stuck": 1}


def test_checker_catches_a_calendar_that_does_not_fit_the_book() -> None:
    right = book(appointment(), told=REMINDED)
    assert found((BOOKED,), replace(right, calendars={})) == {"torn": 2}
    assert found((BOOKED,), replace(right, listed=frozenset())) == {"torn": 1}
    moved = book(appointment(OTHER), told=REMINDED)
    assert found((BOOKED, MOVED), replace(moved, calendars=right.calendars)) == {"torn": 4}


@pytest.mark.parametrize("missing", REMINDED)
def test_checker_catches_a_reminder_that_was_lost(missing: str) -> None:
    told = [what for what in REMINDED if what != missing]
    assert found((BOOKED,), book(appointment(), told=told)) == {"notices_lost": 1}


@pytest.mark.parametrize("extra", [*REMINDED, "moved", "cancelled"])
def test_checker_catches_a_notice_that_was_sent_twice_or_for_nothing(extra: str) -> None:
    assert found((BOOKED,), book(appointment(), told=(*REMINDED, extra))) == {"notices_twice": 1}


def test_checker_catches_a_word_of_the_staffs_change_that_was_lost() -> None:
    calls = (BOOKED, replace(MOVED, by="staff"), replace(CANCELLED, by="staff"))
    kept = appointment(OTHER, state="cancelled")
    assert found(calls, book(kept, told=("moved", "cancelled"))) == {}
    assert found(calls, book(kept, told=("cancelled",))) == {"notices_lost": 1}


def test_word_of_a_move_is_asked_for_unless_the_next_change_came_before_the_workers_round() -> None:
    soon = replace(CANCELLED, by="staff", began=MOVED.ended + STEP, ended=MOVED.ended + STEP)
    calls, kept = (BOOKED, replace(MOVED, by="staff"), soon), appointment(OTHER, state="cancelled")
    for told in (("cancelled",), ("moved", "cancelled")):
        assert found(calls, book(kept, told=told)) == {}
    later = replace(soon, began=MOVED.ended + 2 * STEP, ended=MOVED.ended + 2 * STEP)
    assert found((*calls[:2], later), book(kept, told=("cancelled",))) == {"notices_lost": 1}


def test_checker_catches_a_booking_of_which_nobody_knows_whose_it_is() -> None:
    right = book(appointment(), told=REMINDED)
    assert found((BOOKED,), replace(right, nameless=frozenset({"YY-1"}))) == {"nameless": 1}


@pytest.mark.parametrize("what", sorted(WORDS))
def test_notice_is_known_by_what_the_citizen_reads(what: str) -> None:
    for mode in ("video", "phone", "on_site"):
        seat = replace(appointment(state="booked" if WORDS[what].live else "cancelled"), mode=mode, proposals=(OTHER,))
        reply = worded(what, Facts(seat), NOW)
        assert reply is not None
        assert what_of(reply.text) == what
        assert reply.text.endswith(f"编号 {seat.id}")


def test_reminder_is_asked_for_only_where_the_clock_says_so_for_certain() -> None:
    # Cancelled in the step in which the reminder was due: it may have been put out just before, or never.
    due = START - DAY
    for began, wanted in ((due - STEP, {0}), (due, {0, 1}), (due + STEP, {1})):
        last = replace(CANCELLED, began=began, ended=began, answer=appointment(state="cancelled"))
        for count in (0, 1):
            kept = book(appointment(state="cancelled"), told=["reminder_day"] * count)
            assert (found((BOOKED, last), kept) == {}) == (count in wanted), (began - due, count)


def test_journal_that_ends_in_the_middle_of_a_line_is_read_to_its_last_whole_line() -> None:
    first = '{"number":1,"client":"one","do":"book","by":"citizen","citizen":"c1","began":5,"slot":null}\n'
    calls = list(read([first, '{"number":1,"outcome":"o'], clock=9))
    assert [(one.outcome, one.began, one.ended) for one in calls] == [("unknown", 5, 9)]
    again = '{"number":1,"outcome":"unknown","ended":6}\n'
    done = f'{{"number":1,"outcome":"ok","ended":7,"answer":{_json(appointment())}}}\n'
    (one,) = read([first, again, first, done], clock=9)
    assert (one.outcome, one.began, one.ended) == ("ok", 5, 7)
    assert standing(one.answer) == ("stands", START, "p1")


def _json(one: Appointment) -> str:
    return json.dumps(asdict(one))
