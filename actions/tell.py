"""Say an editors' answer, and remember that it was given."""

from __future__ import annotations

import logging
from typing import Any

from actions.bubbles import plain, say
from actions.further import now_told
from actions.parts import Parts
from actions.turn import Turn
from bot.citizens.model import person_of
from bot.errors import StoreUnavailable
from bot.knowledge import service as knowledge
from bot.knowledge import telling
from bot.knowledge.answers import decide
from bot.knowledge.entry import Entry
from bot.knowledge.stale import stale

log = logging.getLogger("actions")
Events = list[dict[str, Any]]


async def tell(parts: Parts, turn: Turn, dispatcher: Any, entry: Entry) -> Events:
    """Say the answer, and remember by pseudonym who was given it; a broken store must not cost the answer."""
    library = parts.library
    moved = stale([entry], library.corpus, library.corpus(turn.now.date()))
    replies = telling.answer(entry, bool(moved))
    say(dispatcher, plain(replies) if turn.in_booking else replies)
    person = person_of(parts.keyring.secret, turn.user)
    try:
        await knowledge.given(parts.answers, entry.id, person, turn.now)
    except StoreUnavailable:
        log.warning("who was given an answer could not be kept")
    return [now_told(turn, entry)]


async def told_after_all(parts: Parts, turn: Turn, dispatcher: Any) -> Events | None:
    """Say the answer to what was not taken for a question of law, when an entry surely answers it; else None."""
    entry = None if turn.tapped else decide(turn.entries, parts.library.entries).answer
    return await tell(parts, turn, dispatcher, entry) if entry else None
