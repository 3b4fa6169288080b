"""What the staff may do to an appointment, when it is offered, and for which reasons. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.booking.model import KINDS, Appointment, State, local_day, sources
from bot.booking.model import Role as BookingRole
from bot.console.model import ROLES, Account, Right


@dataclass(frozen=True)
class Act:
    """One button. It leads from one of `before` to `after`; the book's own table is asked as well.

    `reasons` are codes, of which one must be given. `since` is the first moment at which it makes sense.
    """

    name: str
    right: Right
    before: frozenset[State]
    after: State
    reasons: tuple[str, ...] = ()
    since: str = ""

    def first_moment(self, appointment: Appointment) -> int:
        """Return from when on it may be done: nobody arrives the day before, or stays away from what is still to come."""
        moments = {"day": local_day(appointment.start).start, "start": appointment.start}
        return moments.get(self.since, 0)


def _states(*names: State) -> frozenset[State]:
    return frozenset(names)


# Codes and not a free text: what a clerk types about a person would stand in the log and in the book.
REFUSAL_REASONS = ("staff_not_ours", "staff_papers", "staff_no_time", "staff_duplicate", "staff")
CANCEL_REASONS = ("staff_asked", "staff_no_time", "staff_duplicate", "staff")

ACTS = {
    act.name: act
    for act in (
        Act("approve", "decide", _states("pending"), "booked"),
        Act("refuse", "decide", _states("pending"), "cancelled", REFUSAL_REASONS),
        Act("arrive", "attend", _states("booked"), "arrived", since="day"),
        Act("fulfil", "attend", _states("arrived", "noshow"), "fulfilled"),
        Act("noshow", "attend", _states("booked"), "noshow", since="start"),
        Act("cancel", "cancel", _states("booked", "arrived"), "cancelled", CANCEL_REASONS),
    )
}


def speaks_as(account: Account) -> tuple[BookingRole, str]:
    """Return in which role, and as whom, an account speaks to the book."""
    return ("practitioner", account.listing) if ROLES[account.role].own else ("staff", account.name)


def offered(account: Account, appointment: Appointment, now: int) -> list[Act]:
    """Return the acts that an account can do to an appointment now, in the order of a visit."""
    by, _ = speaks_as(account)
    kind = KINDS[appointment.kind]
    return [
        act
        for act in ACTS.values()
        if account.may(act.right)
        and account.reaches(appointment.practitioner)
        and appointment.state in act.before & sources(kind, act.after, by)
        and now >= act.first_moment(appointment)
    ]
