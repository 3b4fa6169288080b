"""Flows that come later: what can be done today, and where."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.booking_talk import Speaker
from actions.cards import listing_card
from actions.meant import meant_for_booking
from actions.nearest_help import nearest_help
from actions.opening import now_line
from actions.parts import Parts
from actions.turn import Turn
from bot.directory.model import Listing, Query

# Which kind of provider can do today by phone or at the counter what the chat cannot do yet.
PROVIDER_FOR = {
    "ask_mediation": "mediation_committee",
}
# What can be booked instead of waiting for a flow that is not built.
BOOK = {
    "ask_mediation": ("约调解", "/book_mediation"),
}
HUMAN = {"title": "转人工", "payload": "/talk_to_human"}
DOORS = {"title": "该找哪个部门", "payload": "/where_to_go"}


class ActionToday(Action):  # type: ignore[misc]
    """Says honestly what the chat cannot do yet and who can do it today."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_today"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say it, and show the nearest one who can help."""
        turn = Turn(tracker)
        speak = Speaker(self._parts, turn, dispatcher)
        if not turn.in_booking and (booking := await meant_for_booking(speak)) is not None:
            return booking
        dispatcher.utter_message(response=f"utter_today_{turn.intent}")
        listing = None if turn.in_booking else await self._who(turn)
        if listing is None:  # In the middle of a booking the answer is enough: its next question follows.
            return []
        hours = "" if listing.is_person else now_line(self._parts, listing, turn.now)
        book = [{"title": title, "payload": payload} for title, payload in [BOOK[turn.intent]]]
        dispatcher.utter_message(json_message=listing_card(listing, hours), buttons=[*book, DOORS, HUMAN])
        # "是隆都的" or "换个女的" after this refines who was shown.
        query = Query(provider_type=listing.provider_type, area=turn.query().area)
        return [SlotSet("topic", "find_provider"), SlotSet("directory_query", asdict(query))]

    async def _who(self, turn: Turn) -> Listing | None:
        """Return the nearest one of the kind."""
        kind = PROVIDER_FOR.get(turn.intent)
        return await nearest_help(self._parts, turn, kind) if kind else None
