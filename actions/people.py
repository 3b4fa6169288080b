"""The way to a person: who is there when, and what is kept for the staff; danger, should it reach the engine."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, FormValidationAction
from rasa_sdk.events import SlotSet

from actions.judged import keep_judgement
from actions.opening import staff_hours
from actions.parts import Parts
from actions.turn import Turn
from bot.conversation.danger import replies
from bot.conversation.model import card_to_json
from bot.errors import StoreUnavailable
from bot.inbox import service as inbox
from bot.inbox.model import Item

log = logging.getLogger("actions")
# "转人工", said again while the form waits, is no message yet; a longer text that asks for a person is one.
SHORTEST_MESSAGE = 9


class _PeopleAction(Action):  # type: ignore[misc]
    def __init__(self, parts: Parts) -> None:
        self._parts = parts


class ActionTalkToHuman(_PeopleAction):
    """Says who is there when; the form that follows takes a message."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_talk_to_human"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say whether somebody is there now, and when next."""
        response, words = await staff_hours(self._parts, Turn(tracker).now)
        dispatcher.utter_message(response=response, **words)
        return [SlotSet("message_for_staff", None)]


class ValidateLeaveMessageForm(FormValidationAction):  # type: ignore[misc]
    """Takes whatever is written as the message, unless it only asks for a person once more."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "validate_leave_message_form"

    def validate_message_for_staff(
        self, value: Any, dispatcher: Any, tracker: Any, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the slot: the text, or None, so that it is asked for again."""
        turn = Turn(tracker)
        again = turn.tapped or (turn.intent == "talk_to_human" and len(turn.text) < SHORTEST_MESSAGE)
        return {"message_for_staff": None if again else value}


class ActionKeepMessage(_PeopleAction):
    """Keeps the message that the form took."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_keep_message"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Tell the citizen the reference only when the message is on disk."""
        turn = Turn(tracker)
        text = str(tracker.slots.get("message_for_staff") or turn.text)
        item = Item("message", turn.user, text, turn.now.isoformat())
        try:
            reference = await inbox.leave(self._parts.inbox, item)
        except StoreUnavailable:
            log.warning("a message for the staff could not be kept")
            dispatcher.utter_message(response="utter_message_not_kept")
        else:
            _, words = await staff_hours(self._parts, turn.now)
            dispatcher.utter_message(response="utter_message_kept", reference=reference, when=words["when"])
        return [SlotSet("message_for_staff", None)]


class ActionKeepFeedback(_PeopleAction):
    """Keeps praise and complaints for the staff."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_keep_feedback"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep it and say so, or say that it could not be kept."""
        turn = Turn(tracker)
        if turn.tapped and "entry" in turn.said:
            await keep_judgement(self._parts, turn, dispatcher)
            return []
        if turn.tapped:  # A tapped 提意见 says nothing yet: the message form asks for it.
            dispatcher.utter_message(response="utter_ask_feedback")
            return []
        try:
            reference = await inbox.leave(
                self._parts.inbox, Item("feedback", turn.user, turn.text, turn.now.isoformat())
            )
        except StoreUnavailable:
            dispatcher.utter_message(response="utter_message_not_kept")
        else:
            dispatcher.utter_message(response="utter_feedback_kept", reference=reference)
        return []


class ActionReportDanger(_PeopleAction):
    """The gateway's rules answer danger before the engine; this is the second net."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_report_danger"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the number to call first, as the gateway's rules do."""
        for reply in replies(Turn(tracker).text):
            card = {"card": card_to_json(reply.card)} if reply.card else None
            buttons = [{"title": b.title, "payload": b.payload} for b in reply.buttons]
            dispatcher.utter_message(text=reply.text, json_message=card, buttons=buttons)
        return []
