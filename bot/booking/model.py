"""Appointments, in the words of FHIR scheduling: kinds of service, schedules, free slots, who may change what. Pure.

A moment is an int, seconds since 1970-01-01 UTC; a length is an int of seconds; an interval is half-open, [start, end).
Source of names: https://hl7.org/fhir/R4/appointment.html (appointment, schedule, slot, practitioner, states).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple

from bot.directory.model import PEOPLE, Listing
from bot.directory.model import Schedule as Opening

MINUTE, HOUR, DAY = 60, 3600, 86400
# China's one zone has had no summer time since 1991, so that a local day is plain arithmetic.
SHANGHAI_OFFSET = 8 * HOUR
# A citizen who reads the summary, asks at home and taps needs minutes; longer would let one person block a morning.
HOLD = 10 * MINUTE
# No appointment with its buffer is longer than this: how far back the store looks for one that still runs.
LONGEST = 12 * HOUR
Mode = Literal["video", "phone", "on_site"]
MODES: tuple[Mode, ...] = ("video", "phone", "on_site")
State = Literal["proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "waitlist"]
Role = Literal["citizen", "respondent", "staff", "practitioner", "system"]
# Why an appointment ended; "" while it has not. "no_common_time": the other side proposed times and none was taken.
# "office_silent": nobody at the office answered a request. "untouched": the end passed and nobody noted who came. The
# staff's own reasons are codes, so that no free text about a person is kept: it is another office's matter, papers are
# missing, the time does not suit, it was asked for twice, the citizen rang up.
STAFF_REASONS = ("staff_not_ours", "staff_papers", "staff_no_time", "staff_duplicate", "staff_asked")
REASONS = (
    "citizen",
    "staff",
    *STAFF_REASONS,
    "leave",
    "other_side_declined",
    "other_side_silent",
    "no_common_time",
    "office_silent",
    "hold_over",
    "untouched",
)
# What the other side may give as a reason when it declines; a code, so that no free text about a person is kept.
DECLINE_REASONS = ("", "no_need", "no_time", "another_way", "wrong_person")

# A request and a hold take the time as much as a booking does. What is over keeps its place in the calendar.
TAKES_TIME: frozenset[State] = frozenset({"proposed", "pending", "booked", "arrived", "fulfilled", "noshow"})
# Whoever speaks in one of these roles must be the one whom the appointment names.
NAMED: frozenset[Role] = frozenset({"citizen", "respondent", "practitioner"})


class Interval(NamedTuple):
    """Half-open, [start, end): two that touch do not overlap."""

    start: int
    end: int

    def overlaps(self, other: Interval) -> bool:
        """Whether both hold a moment in common."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class ServiceKind:
    """One kind of service. All lengths in seconds.

    `served_by` are the directory's provider types, `modes` the ways to meet, the first one as the default. `room` is the
    use of the room that a meeting on site takes ("" for none): see Room.
    `slot` the citizen's time; `buffer` the practitioner's and the room's, after it, for notes and airing. A start lies
    from `earliest` to `latest` after the claim. `daily_limit` counts one citizen's appointments of this kind on the
    start's local day. `agreed` is the state that a citizen's confirmation leads to: "pending" where others must agree.
    """

    name: str
    served_by: tuple[str, ...]
    modes: tuple[Mode, ...]
    slot: int
    buffer: int
    earliest: int
    latest: int
    daily_limit: int
    agreed: State = "booked"
    room: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.slot + self.buffer <= LONGEST:
            raise ValueError(f"{self.name}: slot and buffer must be within {LONGEST} s")

    @property
    def by_place(self) -> bool:
        """Whether a place serves it and not a person: then its rooms' time is taken, and nobody's own."""
        return not PEOPLE & set(self.served_by)

    def notice(self, now: int) -> Interval:
        """Return when a start may lie, for a claim made now."""
        return Interval(now + self.earliest, now + self.latest)


_ANYHOW: tuple[Mode, ...] = ("video", "phone", "on_site")
_THERE: tuple[Mode, ...] = ("on_site",)
_OFFICES = ("justice_office", "service_center")

# The other side of a mediation and the hosts of a visit must be asked first, hence their longer notice.
KINDS = {
    kind.name: kind
    for kind in (
        ServiceKind("mediation", ("mediator",), _ANYHOW, HOUR, 15 * MINUTE, DAY, 30 * DAY, 2, "pending", "mediation"),
        ServiceKind(
            "consultation", ("lawyer", "village_adviser"), _ANYHOW, 30 * MINUTE, 10 * MINUTE, 30 * MINUTE, 14 * DAY, 2
        ),
        ServiceKind("notary", ("notary",), _THERE, 45 * MINUTE, 15 * MINUTE, 2 * HOUR, 30 * DAY, 2),
        ServiceKind(
            "legal_aid", ("legal_aid_center",), _THERE, 30 * MINUTE, 10 * MINUTE, 2 * HOUR, 14 * DAY, 1, room="window"
        ),
        ServiceKind("visit", _OFFICES, _THERE, 2 * HOUR, 30 * MINUTE, DAY, 30 * DAY, 1, "pending", "visit"),
    )
}


@dataclass(frozen=True)
class Room:
    """One place to meet that only one appointment can have at a time: a room, or a window at a counter.

    `place` is the directory's listing that it belongs to, whose opening hours it keeps; `area` is where that stands.
    """

    id: str
    place: str
    use: str
    name: str
    area: str
    demo: bool = False


@dataclass(frozen=True)
class Schedule:
    """When one actor (a practitioner, a place or a room) can be booked: weekly openings as the directory has them."""

    actor: str
    openings: tuple[Opening, ...]


@dataclass(frozen=True)
class Choice:
    """One who can be booked. `rooms` is None when no room is needed, and empty when one is needed and there is none."""

    practitioner: Schedule
    rooms: tuple[Schedule, ...] | None = None


@dataclass(frozen=True)
class Slot:
    """A time that can be claimed: with whom, and where ("" when no room is needed)."""

    start: int
    end: int
    practitioner: str
    room: str = ""


@dataclass(frozen=True)
class Wish:
    """What a citizen would like to book; an empty field does not restrict.

    `practitioner` is a listing's id. `citizen` is the person's pseudonym, `applicant` and `respondent` those of the two
    sides' phones.
    """

    kind: str
    area: str = ""
    matter: str = ""
    mode: str = ""
    language: str = ""
    gender: str = ""
    provider_type: str = ""
    practitioner: str = ""
    citizen: str = ""
    applicant: str = ""
    respondent: str = ""


@dataclass(frozen=True)
class Candidate:
    """Somebody, or some place, that can be booked, and the earliest free time (None: none within the kind's notice)."""

    listing: Listing
    next_free: Slot | None


@dataclass(frozen=True)
class Offer:
    """Free times, and the first day of which it is not known whether people work (None: all days are known)."""

    slots: tuple[Slot, ...]
    unknown_from: date | None = None


@dataclass(frozen=True)
class Leave:
    """A time at which an actor (a practitioner, a room, or a place with all its rooms) cannot be booked."""

    id: str
    actor: str
    start: int
    end: int
    why: str = ""


@dataclass(frozen=True)
class Appointment:
    """One appointment.

    `id` is the reference that the citizen can quote. `citizen` is a person's pseudonym; `applicant` and `respondent` are
    those of the two sides' phones. `until` is the end with the buffer. `hold_until` is the moment from which
    an unconfirmed time is free again, 0 when it is not merely held. `revision` counts the changes. `reason` is one of
    REASONS once it has ended, `why` one of DECLINE_REASONS. `proposals` are other times that the respondent could make.
    """

    id: str
    kind: str
    state: State
    practitioner: str
    citizen: str
    start: int
    end: int
    until: int
    room: str = ""
    respondent: str = ""
    hold_until: int = 0
    revision: int = 1
    applicant: str = ""
    mode: str = ""
    matter: str = ""
    reason: str = ""
    why: str = ""
    proposals: tuple[Slot, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the fields, as the store keeps them."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Appointment:
        """Read what `to_json` wrote."""
        return cls(**{**kept, "proposals": tuple(Slot(**slot) for slot in kept.get("proposals", ()))})


@dataclass(frozen=True)
class Ask:
    """Who asks for a change, and when. `who` is a pseudonym, or the staff's own name. `request` is the idempotency key."""

    by: Role
    who: str
    now: int
    request: str


@dataclass(frozen=True)
class Invitation:
    """An appointment as the other side sees it. `open` while it has still to answer."""

    appointment: Appointment
    open: bool


class Transition(NamedTuple):
    """One allowed change. `before` is None for a new appointment; `moves` when the change takes another time."""

    before: State | None
    after: State
    by: frozenset[Role]
    moves: bool = False


def _roles(*names: Role) -> frozenset[Role]:
    return frozenset(names)


# All that may happen to an appointment, and by whom. What is not here is refused.
TRANSITIONS = (
    Transition(None, "proposed", _roles("citizen", "staff")),
    Transition(None, "waitlist", _roles("citizen", "staff")),
    Transition("proposed", "pending", _roles("citizen", "staff")),
    Transition("proposed", "booked", _roles("citizen", "staff")),
    Transition("proposed", "cancelled", _roles("citizen", "staff", "practitioner", "system")),
    Transition("pending", "booked", _roles("respondent", "staff", "practitioner")),
    Transition("pending", "cancelled", _roles("citizen", "respondent", "staff", "practitioner", "system")),
    # The respondent proposes other times, or the citizen takes none of them: the request goes on as it is.
    Transition("pending", "pending", _roles("citizen", "respondent")),
    Transition("booked", "arrived", _roles("staff", "practitioner")),
    Transition("booked", "noshow", _roles("staff", "practitioner", "system")),
    Transition("booked", "cancelled", _roles("citizen", "respondent", "staff", "practitioner")),
    Transition("arrived", "fulfilled", _roles("staff", "practitioner", "system")),
    Transition("arrived", "cancelled", _roles("staff", "practitioner")),
    # What nobody noted on the day can be put right afterwards.
    Transition("noshow", "fulfilled", _roles("staff", "practitioner")),
    Transition("waitlist", "cancelled", _roles("citizen", "staff", "system")),
    Transition("waitlist", "proposed", _roles("staff", "system"), moves=True),
    Transition("proposed", "proposed", _roles("citizen", "staff"), moves=True),
    Transition("pending", "pending", _roles("citizen", "staff", "practitioner"), moves=True),
    # Taking a time that the respondent proposed needs nobody's word any more.
    Transition("pending", "booked", _roles("citizen"), moves=True),
    Transition("booked", "pending", _roles("citizen", "staff", "practitioner"), moves=True),
    Transition("booked", "booked", _roles("citizen", "staff", "practitioner"), moves=True),
)
# Nothing happens to these by itself any more.
ENDED: frozenset[State] = frozenset({"cancelled", "fulfilled", "noshow"})


def sources(kind: ServiceKind, after: State, by: Role, moves: bool = False) -> frozenset[State]:
    """Return the states from which somebody may bring an appointment to `after`; empty: never.

    A citizen cannot book alone what others must agree to.
    """
    if by == "citizen" and after == "booked" and kind.agreed != "booked" and not moves:
        return frozenset()
    rows = (t for t in TRANSITIONS if t.after == after and by in t.by and t.moves == moves)
    return frozenset(t.before for t in rows if t.before)


def settled(old: Appointment, state: State, reason: str = "", why: str = "") -> Appointment:
    """Return an appointment as it is in another state: no hold and no proposal outlives a change."""
    changed = replace(old, state=state, hold_until=0, proposals=(), revision=old.revision + 1)
    return replace(changed, reason=reason, why=why)


def moved(old: Appointment, slot: Slot, kind: ServiceKind, now: int) -> Appointment:
    """Return an appointment as it is at another time: others must agree anew, and a hold lasts no longer for it."""
    state: State = kind.agreed
    hold_until = 0
    if old.state == "waitlist":
        state, hold_until = "proposed", now + HOLD
    elif old.state in ("proposed", "pending"):
        state, hold_until = old.state, old.hold_until
    return replace(
        old,
        state=state,
        practitioner=slot.practitioner,
        room=slot.room,
        start=slot.start,
        end=slot.end,
        until=slot.end + kind.buffer,
        hold_until=hold_until,
        proposals=(),
        revision=old.revision + 1,
    )


def nameless(appointment: Appointment) -> Appointment:
    """Return an appointment without the pseudonyms of anybody."""
    return replace(appointment, citizen="", applicant="", respondent="")


def conflicts(kind: str, applicant: str, respondent: str) -> tuple[str, ...]:
    """Return what must not stand in a practitioner's set of conflicts, if they are to serve these two sides.

    Nobody mediates between people of whom they have advised one, or advises one against somebody whom they have advised,
    or somebody against whom they have advised. An unknown phone is nobody.
    """
    wanted = {
        "mediation": (("advised", applicant), ("advised", respondent)),
        "consultation": (("advised", respondent), ("opposed", applicant)),
    }
    return tuple(f"{how}:{who}" for how, who in wanted.get(kind, ()) if who)


def learnt(appointment: Appointment) -> tuple[str, ...]:
    """Return what a practitioner's set of conflicts gains when a consultation is booked."""
    if appointment.kind != "consultation" or appointment.state != "booked":
        return ()
    sides = (("advised", appointment.applicant), ("opposed", appointment.respondent))
    return tuple(f"{how}:{who}" for how, who in sides if who)


def local_day(moment: int) -> Interval:
    """Return the day in China that holds a moment."""
    start = (moment + SHANGHAI_OFFSET) // DAY * DAY - SHANGHAI_OFFSET
    return Interval(start, start + DAY)
