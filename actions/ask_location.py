"""Where a place is, how to reach it by phone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.cards import listing_card
from actions.find_provider import ask_which_area, show
from actions.further import say_further
from actions.opening import now_line
from actions.parts import Parts
from actions.turn import Turn
from bot.directory.model import Query
from bot.directory.places import places_meant
from bot.directory.words import describe

SHOWN = 3


class ActionAskLocation(Action):  # type: ignore[misc]
    """Answers with the place's address, phone and whether it is open."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_location"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer, or ask which place is meant."""
        turn = Turn(tracker)
        if say_further(self._parts, turn, dispatcher):
            return []
        query = turn.query()
        if turn.candidates:
            ask_which_area(dispatcher, self._parts, turn.candidates, "ask_location")
        elif not query.provider_type and not query.name:
            dispatcher.utter_message(response="utter_ask_place_location")
        else:
            await self._answer(dispatcher, turn, query)
        return [SlotSet("topic", "ask_location"), SlotSet("directory_query", asdict(query))]

    async def _answer(self, dispatcher: Any, turn: Turn, query: Query) -> None:
        places, total = await places_meant(self._parts.directory, self._parts.areas, query, SHOWN)
        if not places:
            dispatcher.utter_message(response="utter_no_place", what=query.name or describe(query))
        elif total == 1:
            place = places[0]
            card = listing_card(place, now_line(self._parts, place, turn.now))
            dispatcher.utter_message(response="utter_place", name=place.name, address=place.address, json_message=card)
        else:
            dispatcher.utter_message(response="utter_places", what=describe(query), total=total)
            show(dispatcher, places)
