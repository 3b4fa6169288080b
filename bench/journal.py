"""What clients wrote down of their calls, held against the book as it is at the end. Pure.

Each client writes a line before a call and one after it. A call without a last line, or whose last line says "unknown",
may or may not have happened; it is never counted as failed. A citizen (a pseudonym that nobody else uses) books once, so that
everything in the book has an owner; a retry is the same call with the same idempotency key.

The clock is the run's own, in steps: it goes on only when all that was due at its last value has been done.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from bot.booking.model import Appointment, Slot
from bot.booking.store import actors
from bot.booking.timers import REMINDERS

Outcome = Literal["ok", "failed", "unknown"]
# What staff's changes are told as; a citizen's own are told to nobody.
TOLD = {"move": "moved", "cancel": "cancelled"}
# An appointment's time and whether it stands; None when there is none.
Standing = tuple[str, int, str] | None


@dataclass(frozen=True)
class Call:
    """One call: who did what, on the clock from `began` to `ended`, and how it ended. `slot` is the time that was wanted."""

    client: str
    number: int
    do: Literal["book", "move", "cancel"]
    by: str
    citizen: str
    began: int
    ended: int
    outcome: Outcome
    slot: Slot | None = None
    answer: Appointment | None = None


@dataclass(frozen=True)
class Book:
    """The book as it is read at the end, when the clock stands at `clock` and all that was due has been done.

    `calendars` are members by (role, id), `listed` the ids in their owners' lists; `notices` are (appointment's id, what), one
    for each that a citizen can read; `nameless` are the ids of bookings of which nobody knows whose they are.
    """

    clock: int
    appointments: tuple[Appointment, ...]
    calendars: Mapping[tuple[str, str], tuple[str, ...]]
    listed: frozenset[str]
    notices: tuple[tuple[str, str], ...] = ()
    nameless: frozenset[str] = frozenset()


@dataclass
class Verdict:
    """What is wrong, one line each."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    notices_lost: list[str] = field(default_factory=list)
    notices_twice: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return how many of each."""
        return {name: len(lines) for name, lines in vars(self).items()}


def read(lines: Iterable[str], clock: int) -> Iterator[Call]:
    """Read a client's journal; a last line that was cut off in the middle is none."""
    begun: dict[int, dict[str, Any]] = {}
    ended: dict[int, dict[str, Any]] = {}
    for line in lines:
        if line.endswith("\n"):
            entry = json.loads(line)
            if "do" in entry:
                begun.setdefault(entry["number"], entry)
            else:
                ended[entry["number"]] = entry
    for number, first in begun.items():
        last = ended.get(number, {"outcome": "unknown", "ended": clock})
        if last["outcome"] == "unknown":
            last = {**last, "ended": clock}
        slot, answer = first.get("slot"), last.get("answer")
        yield Call(
            **{name: first[name] for name in ("client", "number", "do", "by", "citizen", "began")},
            ended=last["ended"],
            outcome=last["outcome"],
            slot=Slot(**slot) if slot else None,
            answer=Appointment.from_json(answer) if answer else None,
        )


def judge(calls: Iterable[Call], book: Book, step: int) -> Verdict:
    """Hold the calls against the book; `step` is the most that the clock goes on at once, in seconds."""
    verdict = Verdict()
    stories: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        stories[call.citizen].append(call)
    kept: dict[str, list[Appointment]] = defaultdict(list)
    for appointment in book.appointments:
        if appointment.reason != "hold_over":
            kept[appointment.citizen].append(appointment)
    for citizen in stories.keys() | kept.keys():
        _judge_one(verdict, sorted(stories[citizen], key=lambda call: call.number), kept[citizen], citizen)
    verdict.nameless += [f"{number} is booked, and nobody knows for whom" for number in sorted(book.nameless)]
    _judge_times(verdict, book)
    _judge_calendars(verdict, book)
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for number, what in book.notices:
        told[number][what] += 1
    for story in stories.values():
        _judge_notices(verdict, sorted(story, key=lambda call: call.number), book.clock, told, step)
    return verdict


def standing(appointment: Appointment | None) -> Standing:
    """Return what a citizen would miss. That nobody came is noted by the clock, and is no change of theirs."""
    if appointment is None:
        return None
    if appointment.state == "cancelled":
        return ("cancelled", 0, "")
    return ("stands", appointment.start, appointment.practitioner)


def possible(story: Iterable[Call]) -> set[Standing]:
    """Return what one citizen's calls, in their order, may have led to."""
    may: set[Standing] = {None}
    for call in story:
        if call.outcome == "ok":
            may = {standing(call.answer)}
        elif call.outcome == "unknown" and call.do == "cancel":
            may.add(("cancelled", 0, ""))
        elif call.outcome == "unknown" and call.slot:
            may.add(("stands", call.slot.start, call.slot.practitioner))
    return may


def _judge_one(verdict: Verdict, story: list[Call], found: list[Appointment], citizen: str) -> None:
    if len(found) > 1:
        verdict.doubled.append(f"{citizen} has {len(found)} appointments of one booking")
        return
    may, there = possible(story), standing(found[0] if found else None)
    if there in may:
        return
    if may == {None}:
        verdict.unexplained.append(f"{citizen} has {there} and was told that there is none")
    else:
        verdict.lost.append(f"{citizen} has {there} and was told one of {may}")


def _judge_times(verdict: Verdict, book: Book) -> None:
    """No two appointments that stand may share a moment of the same practitioner, room or citizen."""
    times: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for appointment in book.appointments:
        for role, who in actors(appointment).items():
            until = appointment.end if role == "citizen" else appointment.until
            times[role, who].append((appointment.start, until, appointment.id))
    for (role, who), taken in times.items():
        taken.sort()
        for (_, until, first), (start, _, second) in pairwise(taken):
            if start < until:
                verdict.doubled.append(f"{role} {who} has {first} and {second} at the same time")


def _judge_calendars(verdict: Verdict, book: Book) -> None:
    """A hold whose time is over is cleared away, and the calendars hold what stands, no more and no less."""
    wanted: set[tuple[str, str, str]] = set()
    for appointment in book.appointments:
        if appointment.state == "proposed" and appointment.hold_until <= book.clock:
            verdict.stuck.append(f"{appointment.id} is still held")
        for role, who in actors(appointment).items():
            until = appointment.end if role == "citizen" else appointment.until
            rest = f"{appointment.hold_until}:{appointment.kind}:{appointment.id}"
            wanted.add((role, who, f"{appointment.start}:{until}:{rest}"))
    there = {(role, who, member) for (role, who), members in book.calendars.items() for member in members}
    for role, who, member in there - wanted:
        held = int(member.split(":")[2]) > 0
        (verdict.stuck if held else verdict.torn).append(f"{role} {who}: {member} is nobody's")
    unlisted = {kept.id for kept in book.appointments if kept.reason != "hold_over"} ^ book.listed
    verdict.torn += [f"{number} is in its owner's list and not in the book, or the reverse" for number in unlisted]
    verdict.torn += [f"{role} {who}: {member} does not guard its time" for role, who, member in wanted - there]


@dataclass(frozen=True)
class _Version:
    """A time that an appointment had: between which clock values it got and lost it."""

    start: int
    got: tuple[int, int]
    gone: tuple[int, int]


def _judge_notices(
    verdict: Verdict, story: list[Call], clock: int, told: Mapping[str, Counter[str]], step: int
) -> None:
    number = next((call.answer.id for call in story if call.answer), "")
    if not number or any(call.outcome == "unknown" for call in story):
        return
    least, most = _reminders(_versions(story, clock), step)
    for number_, call in enumerate(story):
        if call.outcome == "ok" and call.by == "staff" and call.do in TOLD:
            # "Moved" is no longer told once the next change has come. The worker may have ended its round at this clock just
            # before the move; then the next round is a step later, and a change that comes in that step may be sooner.
            soon = any(after.outcome == "ok" and after.began <= call.ended + step for after in story[number_ + 1 :])
            least[TOLD[call.do]] += not soon
            most[TOLD[call.do]] += 1
    for what in {*most, *told[number]}:
        count = told[number][what]
        if count < least[what]:
            verdict.notices_lost.append(f"{number}: {what} {count} times instead of {least[what]}; {_story(story)}")
        if count > most[what]:
            verdict.notices_twice.append(f"{number}: {what} {count} times instead of {most[what]}; {_story(story)}")


def _story(story: list[Call]) -> str:
    """Return what was done to one appointment and when, on the run's clock in minutes since the first call."""
    first = story[0].began
    return ", ".join(f"{c.by} {c.do} {(c.began - first) // 60}-{(c.ended - first) // 60}" for c in story)


def _versions(story: list[Call], clock: int) -> list[_Version]:
    done = [call for call in story if call.outcome == "ok" and call.answer]
    ends = [(call.began, call.ended) for call in done[1:]] + [(clock, clock)]
    return [
        _Version(call.answer.start, (call.began, call.ended), gone)
        for call, gone in zip(done, ends, strict=True)
        if call.answer and call.answer.state != "cancelled"
    ]


def _reminders(versions: list[_Version], step: int) -> tuple[Counter[str], Counter[str]]:
    """Return how often each reminder must have been put out at least, and at most."""
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for version in versions:
        for name, before in REMINDERS.items():
            due = version.start - before
            # It is set when still ahead, and rings as soon as the clock has come to it.
            least[f"reminder_{name}"] += due > version.got[1] and due <= version.gone[0] - step
            most[f"reminder_{name}"] += due > version.got[0] and due <= version.gone[1]
    return least, most
