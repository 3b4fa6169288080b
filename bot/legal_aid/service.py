"""What can be asked and told about applications for legal aid: one function a use case.

`now` is a moment in seconds since 1970 UTC. `request` is an idempotency key: the same command with the same key has one
effect and one answer. Every refusal is an ApplicationRefused; StoreUnavailable surely did not happen, Unconfirmed may have.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from bot.citizens import service as citizens
from bot.citizens.service import CitizenStore
from bot.errors import ApplicationAbsent, StaleApplication
from bot.inbox.model import REFERENCE_ALPHABET
from bot.legal_aid.application import PAPERS, TOLD, Application, Ask, State, brought, sources
from bot.legal_aid.model import MATTERS, OUTCOMES, Outcome
from bot.legal_aid.store import ApplicationStore as ApplicationStore  # for those who hold one to call this service
from bot.platform.along import Along

# How often a change that met another change of the same application is tried again, and a reference that is taken.
ATTEMPTS = 3
# A clerk's screen.
SHOWN = 100
_REFERENCE = re.compile(rf"FY-?([{REFERENCE_ALPHABET}]{{4}})-?([{REFERENCE_ALPHABET}]{{4}})", re.I)


async def begin(store: ApplicationStore, matter: str, outcome: Outcome, ask: Ask) -> Application:
    """Keep a draft, so that there is a reference under which the citizen's own fields can be sealed."""
    if matter not in MATTERS or outcome not in OUTCOMES:
        raise ValueError(f"{matter}, {outcome}: no such matter or outcome")
    for _ in range(ATTEMPTS):
        new = Application(_reference(), "draft", ask.who, matter, outcome, ask.now)
        try:
            return await store.begin(new, ask)
        except StaleApplication:
            continue
    raise StaleApplication("no free reference was drawn")


async def hand_in(
    store: ApplicationStore,
    people: CitizenStore,
    matter: str,
    outcome: Outcome,
    fields: Mapping[str, str],
    ask: Ask,
) -> Application:
    """Hand an application in, with the citizen's own fields sealed by the citizens' room. Raises ConsentMissing.

    It may be cut off anywhere and called again with the same request: there is one application in the end, and the staff
    see none whose fields are not kept.
    """
    draft = await begin(store, matter, outcome, Ask(ask.by, ask.who, ask.now, f"{ask.request}:draft"))
    await citizens.keep_case(people, ask.who, draft.id, fields)
    return await advance(store, draft.id, "submitted", Ask(ask.by, ask.who, ask.now, f"{ask.request}:submit"))


async def advance(
    store: ApplicationStore,
    application_id: str,
    state: State,
    ask: Ask,
    papers: tuple[str, ...] = (),
    before: frozenset[State] | None = None,
    along: Along | None = None,
) -> Application:
    """Bring an application to the state that somebody reports. `papers`, keys of PAPERS, are what is still missing.

    `before`: only from one of these states, where the rules would allow others too. `along` is the staff's log's entry of it.
    """
    if (state == "papers_missing") != bool(papers) or not set(papers) <= PAPERS.keys():
        raise ValueError("papers_missing needs keys of PAPERS, and nothing else does")
    for _ in range(ATTEMPTS):
        old = await store.application(application_id)
        if old is None:
            raise ApplicationAbsent(application_id)
        notice = TOLD.get(state, "") if ask.by == "staff" else ""
        try:
            new = brought(old, state, ask.now, papers)
            allowed = sources(state, ask.by)
            allowed = allowed if before is None else allowed & before
            return await store.change(old, new, ask, allowed, notice, along)
        except StaleApplication:
            continue
    raise StaleApplication(application_id)


async def withdraw(store: ApplicationStore, application_id: str, ask: Ask) -> Application:
    """Take an application back."""
    return await advance(store, application_id, "withdrawn", ask)


async def one(store: ApplicationStore, application_id: str, citizen: str) -> Application:
    """Return a citizen's own application. Raises ApplicationAbsent for another's."""
    found = await store.application(application_id)
    if found is None or not citizen or found.citizen != citizen:
        raise ApplicationAbsent(application_id)
    return found


async def for_staff(store: ApplicationStore, application_id: str) -> Application:
    """Return an application that was handed in. Raises ApplicationAbsent; a draft is the citizen's own still."""
    found = await store.application(application_id)
    if found is None or not found.submitted:
        raise ApplicationAbsent(application_id)
    return found


async def mine(store: ApplicationStore, citizen: str) -> tuple[Application, ...]:
    """Return a citizen's applications, the last changed first; a draft that was never handed in is none."""
    return tuple(found for found in await store.of(citizen) if found.state != "draft")


async def open_applications(store: ApplicationStore, count: int = SHOWN) -> tuple[Application, ...]:
    """Return what the staff must do something about, the longest waiting first. `due` says by when."""
    return tuple(await store.open(count))


async def end_of(store: ApplicationStore, application_id: str, now: float) -> int | None:
    """Return when an application ended, this moment for one that has not, None when there is no such application."""
    found = await store.application(application_id)
    return None if found is None else found.ended or int(now)


async def forget(store: ApplicationStore, now: float) -> int:
    """Drop drafts that were left and what ended too long ago, and return how many."""
    over = await store.forgettable(now)
    for application in over:
        await store.forget(application)
    return len(over)


def reference_of(text: str) -> str:
    """Return the reference of an application that a text quotes, "" for none."""
    found = _REFERENCE.search(text)
    return f"FY-{found[1]}-{found[2]}".upper() if found else ""


def _reference() -> str:
    """Draw a reference, "FY-7K3M-Q9XD": not to be guessed, and easily read out."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(8)]
    return f"FY-{''.join(letters[:4])}-{''.join(letters[4:])}"
