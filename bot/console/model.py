"""Staff accounts and sessions, and what each role may do. Pure.

A moment is an int, seconds since 1970 UTC.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Role = Literal["clerk", "practitioner", "supervisor", "administrator", "operator"]
# see: the day's list, names masked. contact: a citizen's details in the clear. decide: approve or refuse a request.
# attend: arrived, done, did not come. aid: applications for legal aid, up to the decision; aid_decide: that one. The
# others say themselves.
Right = Literal[
    "see", "contact", "decide", "attend", "cancel", "leave", "alerts", "inbox", "aid", "aid_decide", "audit"
]


@dataclass(frozen=True)
class Grant:
    """What a role may do. `own`: only in the calendar of the listing that the account is tied to."""

    rights: frozenset[Right]
    own: bool = False


_DESK: frozenset[Right] = frozenset({"see", "contact", "decide", "attend", "cancel", "leave", "alerts", "inbox", "aid"})
# The one table of rights. Whoever runs the machine needs no citizen's phone number; a practitioner no other calendar. The
# operator is whoever has a shell on the server: the commands act as that, and no account can have it.
ROLES: dict[Role, Grant] = {
    "clerk": Grant(_DESK),
    "practitioner": Grant(frozenset({"see", "contact", "decide", "attend", "cancel", "leave"}), own=True),
    "supervisor": Grant(_DESK | {"aid_decide", "audit"}),
    "administrator": Grant(frozenset({"see", "alerts", "audit"})),
    "operator": Grant(frozenset({"see", "leave", "audit"})),
}

# Why somebody is on leave. Codes, and none for an illness: that is nobody's business but theirs.
LEAVE_REASONS = ("holiday", "errand", "training", "other")
# Names are typed each morning and stand in the audit log: no two that look alike, no blanks.
NAME = re.compile(r"[a-z][a-z0-9.-]{1,31}")
# A working day; whoever stays longer signs in again.
SESSION_SECONDS = 8 * 3600
# A desk that was left: NIST SP 800-63B (AAL2) asks for a new sign-in after 30 minutes without use.
IDLE_SECONDS = 30 * 60
# Long enough to hand a slip of paper over, short enough that a lost slip opens nothing next week.
ONE_TIME_SECONDS = 3 * 86_400
# Tries within TRY_SECONDS. A person mistypes a few times; an office behind one address has a few such people.
TRY_SECONDS = 15 * 60
TRIES_ACCOUNT, TRIES_ADDRESS = 10, 60


@dataclass(frozen=True)
class Account:
    """A member of staff. `listing` is the directory's id of a practitioner, else "".

    `password` is as `passwords.keep` wrote it. `one_time_until` is the moment from which a first password opens nothing,
    0 once the person has chosen one. `version` counts the changes: a session of an earlier version is over.
    """

    name: str
    role: Role
    password: str
    listing: str = ""
    one_time_until: int = 0
    disabled: bool = False
    version: int = 1

    @property
    def must_change(self) -> bool:
        """Whether the password is still the printed one."""
        return self.one_time_until > 0

    def may(self, right: Right) -> bool:
        """Whether the role has a right."""
        return right in ROLES[self.role].rights

    def reaches(self, actor: str) -> bool:
        """Whether the role reaches the calendar of a listing or a room."""
        return not ROLES[self.role].own or (bool(actor) and actor == self.listing)

    def to_json(self) -> dict[str, Any]:
        """Return the fields, as the store keeps them."""
        return asdict(self)


# The operating system knows who that is.
OPERATOR = Account("cli", "operator", "")
# The roles that an account can have.
HIRED: tuple[Role, ...] = tuple(role for role in ROLES if role != OPERATOR.role)


@dataclass(frozen=True)
class Session:
    """A sign-in. `seen` is when it was last used."""

    name: str
    version: int
    began: int
    seen: int

    def alive(self, now: int) -> bool:
        """Whether it is neither too old nor was left alone too long."""
        return now < self.began + SESSION_SECONDS and now < self.seen + IDLE_SECONDS

    def opens(self, account: Account | None) -> bool:
        """Whether it still belongs to an account as it is now."""
        return account is not None and not account.disabled and account.version == self.version


@dataclass(frozen=True)
class Deed:
    """What somebody does, as the audit log names it. `subject` is a reference, an account's name or an id; no person.

    `request` is the idempotency key: the same deed with the same key is one deed. `detail` is a code.
    """

    who: str
    role: str
    act: str
    subject: str
    request: str
    detail: str = ""


@dataclass(frozen=True)
class Who:
    """A signed-in person: the account, and the key that ties forms to this sign-in."""

    account: Account
    token: str = field(repr=False)
