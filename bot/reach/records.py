"""One notice on its way to a citizen, and what becomes of it. Pure.

waiting ──reserve──▶ sending ──▶ accepted ──▶ delivered
   ▲                    │  └──▶ unknown ───▶ call      (no answer: never sent again, a person calls)
   └── refused, busy ◀──┘                      │
waiting ──▶ call ──▶ called                    └──▶ delivered (the platform told us after all)
waiting ──▶ page ──▶ delivered                 waiting ──▶ dropped (no longer true)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.reach.model import HOUR, MINUTE, Route

State = Literal["waiting", "sending", "busy", "unknown", "accepted", "delivered", "page", "call", "called", "dropped"]
# Nothing more is to be done about these.
OVER: frozenset[State] = frozenset({"accepted", "delivered", "called", "dropped"})
# In these it may be sent.
READY: frozenset[State] = frozenset({"waiting", "busy"})
# Its message may be with the citizen, and nobody knows.
OPEN_QUESTION: frozenset[State] = frozenset({"sending", "unknown"})

# The platform tells of a delivery within seconds; after ten minutes it will not.
CHECK_SECONDS = 10 * MINUTE
# An appointment's notice must be told this long before its start, or the staff have no time left to call.
CALL_LEAD = 2 * HOUR
# So is the last reminder, of which a call could hardly be in time; who is on the way already needs none.
LAST_LEAD = 5 * MINUTE
# What hangs on no appointment waits a day for a busy platform, and can be told by a call for a week.
PATIENCE, STALE = 24 * HOUR, 7 * 24 * HOUR
# A busy platform is asked again after these, each four times the one before, at most LONGEST_WAIT.
FIRST_WAIT, LONGEST_WAIT = 30, 15 * MINUTE


@dataclass(frozen=True)
class Job:
    """One notice. `about`: reference of the appointment or the application. `at`: when it was told; `acted`: when something was last done.

    `tried`: names of ways that were refused. `paid`: the way whose quota or permission was spent for it. `by`: the last
    moment at which a call is of use. `reason`: why it is where it is, a code. `message`: the platform's id of what it took, "" when it gave none.
    """

    id: str
    person: str
    what: str
    about: str
    at: int
    state: State = "waiting"
    way: str = ""
    paid: str = ""
    tries: int = 0
    tried: frozenset[str] = frozenset()
    reason: str = ""
    by: int = 0
    acted: int = 0
    message: str = ""

    @property
    def permission(self) -> str:
        """The template of which a permission was spent for it, "" for none."""
        way, _, template = self.paid.partition(":")
        return template if way == "subscription" else ""

    def to_fields(self) -> dict[str, str]:
        """Return the fields as the store keeps them."""
        plain = {name: str(getattr(self, name)) for name in self.__dataclass_fields__}
        return {**plain, "tried": joined(self.tried)}

    @staticmethod
    def from_fields(fields: Mapping[str, str]) -> Job:
        """Read what `to_fields` wrote."""
        known = {name: value for name, value in fields.items() if name in Job.__dataclass_fields__}
        numbers = {name: int(known.pop(name, "0") or 0) for name in ("at", "tries", "by", "acted")}
        tried = frozenset(filter(None, known.pop("tried", "").split(" ")))
        return Job(**known, **numbers, tried=tried)  # type: ignore[arg-type]


def paid_route(job: Job) -> Route | None:
    """Return the way that a busy platform is to be asked for again: it was paid for."""
    way, _, template = job.paid.partition(":")
    return Route(way, template) if job.state == "busy" and way else None  # type: ignore[arg-type]


def joined(names: frozenset[str]) -> str:
    """Return names of ways as one field."""
    return " ".join(sorted(names))


def deadline(what: str, start: int, at: int) -> tuple[int, int]:
    """Return until when a notice is sent, and by when a call is of use, for one that was told at `at`.

    `start` is the appointment's, 0 for none.
    """
    if not start:
        return at + PATIENCE, at + STALE
    lead = LAST_LEAD if what == "reminder_quarter" or start - at <= 2 * CALL_LEAD else CALL_LEAD
    return max(at, start - lead), max(start, at)


def wait(tries: int) -> int:
    """Return for how many seconds a busy platform is left alone after so many tries."""
    return int(min(FIRST_WAIT * 4 ** max(tries - 1, 0), LONGEST_WAIT))
