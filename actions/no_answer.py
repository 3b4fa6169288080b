"""A question that no entry answers: said honestly, kept for the staff, with something to read and somebody to ask."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from rasa_sdk.events import SlotSet

from actions.bubbles import say
from actions.cards import listing_card
from actions.nearest_help import nearest_help
from actions.opening import now_line
from actions.parts import Parts
from actions.today import DOORS, HUMAN
from actions.turn import Turn
from bot.directory.model import Query
from bot.errors import StoreUnavailable
from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.knowledge import telling_law
from bot.knowledge.citation import Citation
from bot.knowledge.corpus import Article

log = logging.getLogger("actions")
LAWYER = {"title": "约律师", "payload": "/book_consultation"}


async def say_nothing(parts: Parts, turn: Turn, dispatcher: Any, question: str) -> list[dict[str, Any]]:
    """Say that nobody has answered this question yet; return the events."""
    await say_unanswered(parts, turn, dispatcher, question)
    if found := _near(parts, turn, question):
        say(dispatcher, [telling_law.nearest(found)])
    listing = await nearest_help(parts, turn, "village_adviser")
    buttons = [HUMAN, LAWYER, DOORS]
    if listing is None:
        dispatcher.utter_message(response="utter_ask_a_person", buttons=buttons)
        return []
    hours = "" if listing.is_person else now_line(parts, listing, turn.now)
    dispatcher.utter_message(json_message=listing_card(listing, hours), buttons=buttons)
    # "是隆都的" after this refines who was shown.
    query = Query(provider_type=listing.provider_type, area=turn.query().area)
    return [SlotSet("topic", "find_provider"), SlotSet("directory_query", asdict(query))]


async def say_unanswered(parts: Parts, turn: Turn, dispatcher: Any, question: str) -> None:
    """Say it and no more."""
    kept = await _keep(parts, turn, question)
    dispatcher.utter_message(response="utter_no_answer" if kept else "utter_no_answer_not_kept")


async def _keep(parts: Parts, turn: Turn, question: str) -> bool:
    """Put the question into the staff's list, with the entries it was nearest to; return whether it is there."""
    if not question:
        return False
    note = ",".join(str(ranked["id"]) for ranked in turn.entries[:3])
    try:
        await inbox.leave(parts.inbox, Item("unanswered", turn.user, question, turn.now.isoformat(), note=note))
    except StoreUnavailable:
        log.warning("an unanswered question could not be kept")
        return False
    return True


def _near(parts: Parts, turn: Turn, question: str) -> list[tuple[Citation, Article]]:
    if parts.reading is None:
        return []
    weigh = parts.library.weigh(str(turn.said.get("matter") or ""), [str(ranked["id"]) for ranked in turn.entries])
    return parts.reading.nearest(question, parts.library.corpus(turn.now.date()), weigh)
