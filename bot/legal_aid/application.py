"""An application for legal aid: its states, who may change them, and whom that concerns. Pure.

A moment is an int, seconds since 1970-01-01 UTC. What tells of the person (name, phone, the answers, the story) is kept
sealed by the citizens' room under the application's id; papers are never taken here, they are brought.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple

from bot.citizens.model import RETENTION
from bot.legal_aid.model import Outcome

DAY = 86_400
State = Literal["draft", "submitted", "papers_missing", "under_review", "granted", "refused", "withdrawn"]
By = Literal["citizen", "staff", "system"]
# 法律援助法 article 43: seven days from the application to the decision.
REVIEW = 7 * DAY


class Transition(NamedTuple):
    """One allowed change; `before` is None for a new application."""

    before: State | None
    after: State
    by: frozenset[By]


def _who(*names: By) -> frozenset[By]:
    return frozenset(names)


# All that may happen to an application, and by whom. What is not here is refused.
TRANSITIONS = (
    Transition(None, "draft", _who("citizen", "staff")),
    Transition("draft", "submitted", _who("citizen", "staff")),
    Transition("draft", "withdrawn", _who("citizen", "system")),
    Transition("submitted", "papers_missing", _who("staff")),
    Transition("submitted", "under_review", _who("staff")),
    Transition("submitted", "withdrawn", _who("citizen", "staff")),
    Transition("papers_missing", "under_review", _who("staff")),
    # Who does not bring what was asked for is taken to withdraw (article 43); that is for a person to say.
    Transition("papers_missing", "withdrawn", _who("citizen", "staff")),
    Transition("under_review", "papers_missing", _who("staff")),
    Transition("under_review", "granted", _who("staff")),
    Transition("under_review", "refused", _who("staff")),
    Transition("under_review", "withdrawn", _who("citizen", "staff")),
    # After an objection the justice bureau may order the center to look again (article 49).
    Transition("refused", "under_review", _who("staff")),
)
ENDED: frozenset[State] = frozenset({"granted", "refused", "withdrawn"})
# What the staff have still to do something about.
OPEN: frozenset[State] = frozenset({"submitted", "papers_missing", "under_review"})
# state → what the citizen is told when somebody else brought the application there.
TOLD: dict[State, str] = {
    "papers_missing": "aid_papers_missing",
    "under_review": "aid_under_review",
    "granted": "aid_granted",
    "refused": "aid_refused",
    "withdrawn": "aid_withdrawn",
}
# What the center can ask for, all at once (article 43).
PAPERS = {
    "identity": "身份证",
    "case": "能说明事情经过的材料",
    "hardship": "说明家里收入和花费的材料，或者诚信承诺",
    "exempt": "低保、残疾、打工这类情况的证明",
    "relative": "亲属关系的证明",
    "deadline": "法院、仲裁或单位给的通知",
}


@dataclass(frozen=True)
class Application:
    """One application. `id` is the reference that the citizen can quote; `citizen` is a pseudonym, "" once erased.

    `outcome` is what the first look said. `submitted` and `ended` are moments, 0 before; `at` is that of the last change.
    `papers` are keys of PAPERS that are still to be brought; codes, so that no free text about a person is kept.
    """

    id: str
    state: State
    citizen: str
    matter: str
    outcome: Outcome
    at: int
    submitted: int = 0
    ended: int = 0
    revision: int = 1
    papers: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the fields, as the store keeps them."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Application:
        """Read what `to_json` wrote."""
        return cls(**{**kept, "papers": tuple(kept.get("papers") or ())})

    @property
    def due(self) -> int:
        """By when it must be decided, 0 when there is nothing to decide."""
        return self.submitted + REVIEW if self.state in OPEN else 0

    @property
    def promised(self) -> int:
        """By when the citizen can be told to have an answer: 0 when that day had passed at the last change already.

        After an objection (article 49) the law names no new day, and while papers are missing nobody can promise one.
        """
        return self.due if self.due > self.at and self.state != "papers_missing" else 0


@dataclass(frozen=True)
class Ask:
    """Who asks for a change, and when. `who` is a pseudonym, or the staff's own name. `request` is the idempotency key."""

    by: By
    who: str
    now: int
    request: str


def sources(after: State, by: By) -> frozenset[State]:
    """Return the states from which somebody may bring an application to `after`; empty: never."""
    return frozenset(t.before for t in TRANSITIONS if t.after == after and by in t.by and t.before)


def brought(old: Application, after: State, now: int, papers: tuple[str, ...] = ()) -> Application:
    """Return an application as it is in another state."""
    submitted = now if after == "submitted" else old.submitted
    ended = now if after in ENDED else 0
    changed = replace(old, state=after, at=now, submitted=submitted, ended=ended, revision=old.revision + 1)
    return replace(changed, papers=papers)


def forgotten_at(application: Application) -> int:
    """Return when an application is to be forgotten, 0 while the staff have still to decide."""
    if application.state == "draft":
        return application.at + RETENTION["draft"].seconds
    return application.ended + RETENTION["application"].seconds if application.ended else 0


def nameless(application: Application) -> Application:
    """Return an application without the pseudonym."""
    return replace(application, citizen="")
