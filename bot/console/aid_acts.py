"""What the staff may do to an application for legal aid, and when it is offered. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.console.model import Account, Right
from bot.legal_aid.application import Application, State


@dataclass(frozen=True)
class AidAct:
    """One button. It leads from one of `before` to `after`; the application's own table is asked as well.

    `asks`: the papers that are missing must be ticked.
    """

    name: str
    right: Right
    before: frozenset[State]
    after: State
    asks: bool = False


def _states(*names: State) -> frozenset[State]:
    return frozenset(names)


# Whoever looks through the papers does not decide alone: granting, refusing and looking again after an objection
# (法律援助法 article 49) are the supervisor's.
AID_ACTS = {
    act.name: act
    for act in (
        AidAct("review", "aid", _states("submitted", "papers_missing"), "under_review"),
        AidAct("grant", "aid_decide", _states("under_review"), "granted"),
        AidAct("refuse", "aid_decide", _states("under_review"), "refused"),
        AidAct("ask", "aid", _states("submitted", "under_review"), "papers_missing", asks=True),
        AidAct("reopen", "aid_decide", _states("refused"), "under_review"),
        AidAct("withdraw", "aid", _states("submitted", "papers_missing", "under_review"), "withdrawn"),
    )
}


def aid_offered(account: Account, application: Application) -> list[AidAct]:
    """Return the acts that an account can do to an application, in the order of the buttons."""
    return [act for act in AID_ACTS.values() if account.may(act.right) and application.state in act.before]
