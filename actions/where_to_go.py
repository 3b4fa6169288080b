"""The right door: which body or hotline handles it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action

from actions.cards import door_card
from actions.parts import Parts
from actions.turn import Turn
from bot.knowledge.model import right_doors


class ActionWhereToGo(Action):  # type: ignore[misc]
    """Names the one to three doors that fit what was said."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_where_to_go"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the doors, the best first."""
        turn = Turn(tracker)
        doors = right_doors(self._parts.doors, "" if turn.tapped else turn.text, str(turn.said.get("matter") or ""))
        dispatcher.utter_message(response="utter_doors", first=doors[0].name)
        for door in doors:
            dispatcher.utter_message(json_message=door_card(door))
        return []
