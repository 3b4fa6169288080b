"""The appointment book against a model of it that a reader can check by eye: any sequence of steps, the same answers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from redis.asyncio import Redis

from bot.booking import service
from bot.booking.model import HOLD, MINUTE, TAKES_TIME, Appointment, Interval, sources
from bot.booking.store import BookingStore
from bot.errors import BookingRefused, HoldOver, QuotaReached, SlotTaken, TransitionRefused
from tests.store.booking_world import CONSULTATION, DISTRICT, NOW, START, held

# Starts 20 minutes apart overlap with the next two: 30 minutes and a buffer of 10.
STARTS = st.integers(0, 5).map(lambda n: START + n * 20 * MINUTE)
PEOPLE = st.sampled_from(["p1", "p2"])
ROOMS = st.sampled_from(["", "r1"])
CITIZENS = st.sampled_from(["c1", "c2", "c3"])


class PureBook:
    """Every appointment in one dict, and each rule as one plain loop over it."""

    def __init__(self) -> None:
        self.kept: dict[str, Appointment] = {}

    def live(self, now: int, but: str = "") -> list[Appointment]:
        return [a for a in self.kept.values() if a.id != but and a.state in TAKES_TIME and not 0 < a.hold_until <= now]

    def place(self, new: Appointment, now: int) -> None:
        others = self.live(now, but=new.id)
        for other in others:
            shared = other.practitioner == new.practitioner or (new.room and other.room == new.room)
            if shared and Interval(new.start, new.until).overlaps(Interval(other.start, other.until)):
                raise SlotTaken
            if other.citizen == new.citizen and Interval(new.start, new.end).overlaps(Interval(other.start, other.end)):
                raise SlotTaken
        if sum(other.citizen == new.citizen for other in others) >= CONSULTATION.daily_limit:
            raise QuotaReached
        self.kept[new.id] = new

    def bring(self, number: str, state: Any, by: Any, now: int) -> None:
        old = self.kept[number]
        if old.state not in sources(CONSULTATION, state, by):
            raise TransitionRefused
        if state in TAKES_TIME and 0 < old.hold_until <= now:
            raise HoldOver
        self.kept[number] = replace(old, state=state, hold_until=0, revision=old.revision + 1)

    def move(self, new: Appointment, now: int) -> None:
        old = self.kept[new.id]
        if old.state not in ("proposed", "booked"):
            raise TransitionRefused
        if 0 < old.hold_until <= now:
            raise HoldOver
        self.place(new, now)

    def expire(self, now: int) -> int:
        over = [a for a in self.kept.values() if a.state == "proposed" and a.hold_until <= now]
        for old in over:
            self.bring(old.id, "cancelled", "system", now)
        return len(over)


class BookMachine(RuleBasedStateMachine):
    """Does the same to the model and to the store, and compares."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.redis = Redis.from_url(self.url, decode_responses=True)
        self.book = BookingStore(self.redis, DISTRICT)
        self.pure = PureBook()
        self.now = NOW
        self.steps = 0
        self.last: tuple[Appointment, str] | None = None
        self.runner.run(self.redis.flushdb())

    def teardown(self) -> None:
        self.runner.run(self.redis.aclose())
        self.runner.close()

    def both(self, model: Callable[[], object], real: Callable[[str], Coroutine[Any, Any, object]]) -> object:
        """Take one step in both; they refuse for the same reason or both succeed."""
        self.steps += 1
        request = f"r{self.steps}"
        try:
            model()
        except BookingRefused as expected:
            with pytest.raises(type(expected)):
                self.runner.run(real(request))
            return None
        return self.runner.run(real(request))

    def some(self, pick: int) -> str:
        return sorted(self.pure.kept)[pick % len(self.pure.kept)]

    @rule(minutes=st.integers(1, 9))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(start=STARTS, practitioner=PEOPLE, room=ROOMS, citizen=CITIZENS)
    def claim(self, start: int, practitioner: str, room: str, citizen: str) -> None:
        new = replace(held(f"a{self.steps:04}", citizen, start, practitioner, room), hold_until=self.now + HOLD)
        got = self.both(
            lambda: self.pure.place(new, self.now),
            lambda request: self.book.claim(new, CONSULTATION, False, "citizen", self.now, request),
        )
        if got is not None:
            assert got == new
            self.last = (new, f"r{self.steps}")

    @precondition(lambda self: self.last)
    @rule()
    def claim_again(self) -> None:
        assert self.last
        first, request = self.last
        again = replace(first, id="another", hold_until=self.now + HOLD)
        assert self.runner.run(self.book.claim(again, CONSULTATION, False, "citizen", self.now, request)) == first

    @precondition(lambda self: self.pure.kept)
    @rule(pick=st.integers(0, 99), state=st.sampled_from(["booked", "cancelled", "arrived", "fulfilled", "noshow"]))
    def staff_bring_to(self, pick: int, state: Any) -> None:
        number = self.some(pick)
        self.both(
            lambda: self.pure.bring(number, state, "staff", self.now),
            lambda request: service.advance(self.book, number, state, "staff", "", self.now, request),
        )

    @precondition(lambda self: self.pure.kept)
    @rule(pick=st.integers(0, 99), start=STARTS, practitioner=PEOPLE, room=ROOMS)
    def citizen_moves(self, pick: int, start: int, practitioner: str, room: str) -> None:
        old = self.pure.kept[self.some(pick)]
        to = held(old.id, old.citizen, start, practitioner, room)
        new = replace(to, state=old.state, hold_until=old.hold_until, revision=old.revision + 1)
        self.both(
            lambda: self.pure.move(new, self.now),
            lambda request: self.book.move(
                old,
                new,
                CONSULTATION,
                False,
                ["proposed", "booked"],
                "citizen",
                old.citizen,
                self.now,
                request,
            ),
        )

    @rule()
    def worker_expires(self) -> None:
        assert self.runner.run(service.expire(self.book, self.now)) == self.pure.expire(self.now)

    @invariant()
    def book_and_model_agree(self) -> None:
        for number, kept in self.pure.kept.items():
            assert self.runner.run(self.book.appointment(number)) == kept
        for practitioner in ("p1", "p2"):
            mine = [a for a in self.pure.live(self.now) if a.practitioner == practitioner]
            taken = self.runner.run(self.book.busy([("practitioner", practitioner)], Interval(0, START * 2), self.now))
            assert sorted(taken[0]) == sorted(Interval(a.start, a.until) for a in mine)
            ordered = sorted(taken[0])
            assert all(a.end <= b.start for a, b in itertools.pairwise(ordered))


def test_book_answers_as_the_model_does_to_any_sequence_of_steps(server: str) -> None:
    BookMachine.url = server
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        BookMachine,
        settings=settings(
            max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
