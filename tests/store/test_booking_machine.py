"""The appointment book against a model of it that a reader can check by eye: any sequence of steps, the same answers."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from bot.booking import clock, service
from bot.booking import desk as at
from bot.booking.choices import Desk
from bot.booking.model import DAY, HOLD, HOUR, KINDS, MINUTE, Appointment, Ask, Interval, Slot, moved
from bot.booking.store import Act
from bot.errors import BookingRefused
from tests.store.booking_model import PureBook
from tests.store.booking_world import DISTRICT, NOW, START, claim, desk_on, held, open_desk

# Starts 20 minutes apart overlap with the next two or three.
STARTS = st.integers(0, 5).map(lambda n: START + n * 20 * MINUTE)
PEOPLE = st.sampled_from(["p1", "p2"])
ROOMS = st.sampled_from(["", "jo-m"])
CITIZENS = st.sampled_from(["c1", "c2", "c3"])
CONTACTS = st.sampled_from(["", "A", "B", "B"])
PICKS = st.integers(0, 99)
NOTICES, DIRECTORY = f"{{{DISTRICT}}}:notices", f"{{{DISTRICT}}}:directory:live"


class BookMachine(RuleBasedStateMachine):
    """Does the same to the model and to the store, and compares."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.redis = Redis.from_url(self.url, decode_responses=True)
        self.pure = PureBook()
        self.now = NOW
        self.steps = 0
        self.agreed = False
        self.last: tuple[Appointment, str] | None = None
        self.desk = self.runner.run(self.empty_book())

    async def empty_book(self) -> Desk:
        """Return a desk without appointments; its directory stays as it is."""
        gone = [name for name in await self.redis.keys() if ":directory:" not in name]
        await self.redis.delete("none", *gone)
        return desk_on(self.redis) if await self.redis.exists(DIRECTORY) else await open_desk(self.redis)

    def teardown(self) -> None:
        try:
            if self.agreed:
                self.time_alone_ends_everything()
        finally:
            self.runner.run(self.redis.aclose())
            self.runner.close()

    def time_alone_ends_everything(self) -> None:
        for _ in range(100):
            if not self.pure.timers:
                break
            self.now = max(self.now, min(self.pure.timers.values()))
            self.worker_rings()
        self.book_and_model_agree()
        assert not list(self.pure.unended())

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

    def some(self, pick: int, *states: str) -> Appointment:
        kept = self.pure.kept
        fit = [number for number in sorted(kept) if kept[number].state in states] or sorted(kept)
        return kept[fit[pick % len(fit)]]

    def has(self, *states: str) -> bool:
        return any(appointment.state in states for appointment in self.pure.kept.values())

    @initialize(confirms=st.tuples(*[st.sampled_from([True, True, True, False])] * 3))
    def some_are_there(self, confirms: tuple[bool, bool, bool]) -> None:
        self.claim(START + DAY, "p1", "", "c1", ("A", "B"), "mediation", confirms[0])
        self.claim(START + 2 * HOUR, "p1", "jo-m", "c2", ("", "B"), "mediation", confirms[1])
        self.claim(START + 5 * HOUR, "p2", "", "c3", ("A", "B"), "consultation", confirms[2])

    # --- time and the worker

    @rule(gone=st.sampled_from([MINUTE, 9 * MINUTE, 2 * HOUR, 11 * HOUR, DAY]))
    def time_passes(self, gone: int) -> None:
        self.now += gone

    @rule()
    def worker_rings(self) -> None:
        rang = self.pure.ring(self.now)
        assert self.runner.run(clock.ring_due(self.desk, self.now)) == rang
        assert self.runner.run(clock.ring_due(self.desk, self.now)) == self.pure.ring(self.now)

    # --- the citizen

    @rule(
        start=STARTS,
        practitioner=PEOPLE,
        room=ROOMS,
        citizen=CITIZENS,
        sides=st.tuples(CONTACTS, CONTACTS),
        kind=st.sampled_from(["consultation", "mediation"]),
        confirms=st.sampled_from([True, True, False]),
    )
    def claim(
        self, start: int, practitioner: str, room: str, citizen: str, sides: tuple[str, str], kind: str, confirms: bool
    ) -> None:
        hold = held(f"a{self.steps:04}", citizen, start, practitioner, room, kind)
        mode = "on_site" if room else "video"
        new = replace(hold, hold_until=self.now + HOLD, applicant=sides[0], respondent=sides[1], mode=mode)
        got = self.both(
            lambda: self.pure.place(new, self.now), lambda request: claim(self.desk.book, new, request, self.now)
        )
        if got is not None:
            assert got == new
            self.last = (new, f"r{self.steps}")
            if confirms:
                self.confirm(new)

    def confirm(self, new: Appointment) -> None:
        self.both(
            lambda: self.pure.bring(new.id, KINDS[new.kind].agreed, "citizen", self.now),
            lambda request: service.confirm(self.desk.book, new.id, Ask("citizen", new.citizen, self.now, request)),
        )

    @precondition(lambda self: self.last)
    @rule()
    def claim_again(self) -> None:
        assert self.last
        first, request = self.last
        again = replace(first, id="another", hold_until=self.now + HOLD)
        assert self.runner.run(claim(self.desk.book, again, request, self.now)) == first

    @precondition(lambda self: self.has("proposed", "pending", "booked"))
    @rule(pick=PICKS, start=STARTS, practitioner=PEOPLE, room=ROOMS)
    def citizen_moves(self, pick: int, start: int, practitioner: str, room: str) -> None:
        old = self.some(pick, "proposed", "pending", "booked")
        kind = KINDS[old.kind]
        new = moved(old, Slot(start, start + kind.slot, practitioner, room), kind, self.now)
        sources = frozenset({"proposed", "pending", "booked"})
        self.both(
            lambda: self.pure.move(new, self.now),
            lambda request: self.desk.book.move(
                old,
                new,
                Act("moved", Ask("citizen", old.citizen, self.now, request), sources),  # type: ignore[arg-type]
            ),
        )

    # --- the staff

    @precondition(lambda self: self.pure.kept)
    @rule(pick=PICKS, state=st.sampled_from(["booked", "cancelled", "arrived", "fulfilled", "noshow"]))
    def staff_bring_to(self, pick: int, state: Any) -> None:
        number = self.some(pick, "pending", "booked", "arrived").id
        reason = "staff" if state == "cancelled" else ""
        self.both(
            lambda: self.pure.bring(number, state, "staff", self.now, reason),
            lambda request: at.advance(self.desk, number, state, "staff", "", self.now, request),
        )

    @rule(actor=st.sampled_from(["p1", "p2", "jo-m"]), start=STARTS, hours=st.sampled_from([1, 13, 24 * 40]))
    def staff_put_leave(self, actor: str, start: int, hours: int) -> None:
        gone = Interval(start, start + hours * HOUR)
        if gone.end <= self.now:
            return
        hit = self.pure.hit(actor, gone, self.now)
        self.steps += 1
        request = f"r{self.steps}"
        told = self.runner.run(at.put_leave(self.desk, actor, gone, "", self.now, request))
        kept = self.runner.run(at.leaves(self.desk, actor))
        fresh = next(leave for leave in kept if leave.id not in self.pure.leaves)
        self.pure.leaves[fresh.id] = (actor, gone)
        for old in hit:
            self.moved_or_ended(old)
        confirmed = {old.id for old in hit if old.state != "proposed"}
        assert confirmed <= {appointment.id for appointment, _ in told}

    def moved_or_ended(self, old: Appointment) -> None:
        """Let the model follow where the book has put an appointment, if that is a place where it may be."""
        new = self.runner.run(self.desk.book.appointment(old.id))
        assert new is not None
        if new.state == "cancelled":
            assert new.reason == "leave"
            self.pure.keep(new, self.now, "staff")
            return
        assert old.state != "proposed"
        count = len(self.pure.told)
        self.pure.place(new, self.now)
        assert len(self.pure.told) == count
        self.pure.told.append((new.citizen, "leave_moved"))

    @precondition(lambda self: self.pure.leaves)
    @rule(pick=PICKS)
    def practitioner_is_back(self, pick: int) -> None:
        number = sorted(self.pure.leaves)[pick % len(self.pure.leaves)]
        actor, _ = self.pure.leaves.pop(number)
        self.runner.run(at.end_leave(self.desk, actor, number, self.now, f"back:{number}"))

    # --- the other side

    @precondition(lambda self: self.has("pending", "booked"))
    @rule(pick=PICKS, stranger=st.sampled_from(["", "", "", "A"]), yes=st.booleans())
    def other_side_answers(self, pick: int, stranger: str, yes: bool) -> None:
        old = self.some(pick, "pending", "booked")
        number, who = old.id, stranger or old.respondent
        self.both(
            lambda: self.pure.answer(
                number, who, "booked" if yes else "cancelled", self.now, "" if yes else "other_side_declined"
            ),
            lambda request: (
                at.accept(self.desk, number, who, self.now, request)
                if yes
                else at.decline(self.desk, number, who, "", self.now, request)
            ),
        )

    @precondition(lambda self: self.has("pending"))
    @rule(pick=PICKS, count=st.integers(1, 3))
    def other_side_proposes(self, pick: int, count: int) -> None:
        old = self.some(pick, "pending")
        slots = self.runner.run(at.move_times(self.desk, old, self.now, limit=count)).slots
        if slots:
            self.both(
                lambda: self.pure.propose(old.id, slots, self.now),
                lambda request: at.propose(self.desk, old.id, old.respondent, slots, self.now, request),
            )

    def proposed(self) -> list[Appointment]:
        return sorted((a for a in self.pure.kept.values() if a.proposals), key=lambda a: a.id)

    @precondition(lambda self: self.proposed())
    @rule(pick=PICKS)
    def applicant_takes(self, pick: int) -> None:
        old = self.proposed()[pick % len(self.proposed())]
        slot = old.proposals[pick % len(old.proposals)]
        self.both(
            lambda: self.pure.take(old.id, slot, self.now),
            lambda request: at.take_proposal(self.desk, old.id, slot, old.citizen, self.now, request),
        )

    @precondition(lambda self: self.proposed())
    @rule(pick=PICKS)
    def applicant_takes_none(self, pick: int) -> None:
        old = self.proposed()[pick % len(self.proposed())]
        self.both(
            lambda: self.pure.take_none(old.id, self.now),
            lambda request: at.refuse_proposals(self.desk, old.id, old.citizen, self.now, request),
        )

    # --- what must hold

    @invariant()
    def book_and_model_agree(self) -> None:
        self.agreed = False
        self.runner.run(self._compare())
        self.agreed = True

    async def _compare(self) -> None:
        pure, book = self.pure, self.desk.book
        numbers, people = sorted(pure.kept), ("c1", "c2", "c3")
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.mget("none", *(book._key("appointment", number) for number in numbers))
            pipe.zrange(book._key("agenda"), 0, -1)
            pipe.zrange(book._key("timers"), 0, -1, withscores=True)
            pipe.xrange(NOTICES)
            for person in people:
                pipe.zrange(book._key("of", person), 0, -1)
            texts, agenda, rung, notices, *of = await pipe.execute()
        assert [Appointment.from_json(json.loads(text)) for text in texts[1:]] == [pure.kept[n] for n in numbers]
        listed = {number for number in numbers if number not in pure.lapsed}
        assert set(agenda) == listed
        assert [set(ids) for ids in of] == [{n for n in listed if pure.kept[n].citizen == p} for p in people]
        assert {tuple(member.split(":")): due for member, due in rung} == pure.timers
        assert [(fields["person"], fields["what"]) for _, fields in notices] == pure.told

    @invariant()
    def time_alone_would_end_it(self) -> None:
        ending = {number for number, name in self.pure.timers if name in ("hold", "silent", "close")}
        assert ending == {appointment.id for appointment in self.pure.unended()}

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        who = [("practitioner", "p1"), ("practitioner", "p2"), ("room", "jo-m")]
        taken = self.runner.run(self.desk.book.busy(who, Interval(0, START * 2), self.now))
        for (_, actor), found in zip(who, taken, strict=True):
            mine = [a for a in self.pure.live(self.now) if actor in (a.practitioner, a.room)]
            spans = sorted(Interval(a.start, a.until) for a in mine)
            assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
            assert set(spans) <= set(found)


def run_machine(url: str, examples: int, steps: int) -> None:
    """Take that many sequences of steps; the comparison that prints figures takes more of them."""
    BookMachine.url = url
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        BookMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_book_answers_as_the_model_does_to_any_sequence_of_steps(server: str) -> None:
    run_machine(server, 200, 12)
