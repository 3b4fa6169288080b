"""The right door: which body or hotline handles it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action

from actions.cards import door_card
from actions.further import say_further
from actions.parts import Parts
from actions.turn import Turn
from bot.knowledge.model import Door, misdirected, right_doors

# What can be done about it here, at once.
NEXT = {
    "mediation_committee": ("约调解", "/book_mediation"),
    "legal_aid_center": ("看看我够不够条件", "/apply_legal_aid"),
    "notary_office": ("约公证", "/book_notary"),
    "justice_office": ("找司法所", '/find_provider{"provider_type": "justice_office"}'),
    "arbitration": ("仲裁委在哪里", '/find_provider{"provider_type": "arbitration"}'),
}
HUMAN = {"title": "转人工", "payload": "/talk_to_human"}


class ActionWhereToGo(Action):  # type: ignore[misc]
    """Names the one to three doors that fit what was said."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_where_to_go"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the doors, the best first; kindly, why a petition would not settle a quarrel with somebody."""
        turn = Turn(tracker)
        if say_further(self._parts, turn, dispatcher):
            return []
        text = "" if turn.tapped else turn.text
        doors = right_doors(self._parts.doors, text, str(turn.said.get("matter") or ""))
        response = "utter_doors_no_petition" if misdirected(self._parts.doors, text) else "utter_doors"
        dispatcher.utter_message(response=response, first=doors[0].name)
        for door in doors[:-1]:
            dispatcher.utter_message(json_message=door_card(door))
        dispatcher.utter_message(json_message=door_card(doors[-1]), buttons=_next(doors))
        return []


def _next(doors: list[Door]) -> list[dict[str, str]]:
    found = [NEXT[door.provider_type] for door in doors if door.provider_type in NEXT]
    return [*({"title": title, "payload": payload} for title, payload in found), HUMAN]
