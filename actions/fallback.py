"""Not understood: say what it was taken for, offer the nearest meanings and a person, keep the question."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import FollowupAction

from actions.booking_talk import Speaker
from actions.further import say_further
from actions.meant import meant_for_booking
from actions.parts import Parts
from actions.tell import told_after_all
from actions.turn import Turn
from bot.errors import StoreUnavailable
from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.knowledge.refusals import refused

log = logging.getLogger("actions")
# Two guesses can be read at a glance; a third is a menu.
GUESSES = 2
# What each meaning is called on a button. Small talk is never offered as a guess.
MEANINGS = {
    "ask_law": "问法律问题",
    "ask_legal_aid": "问法律援助",
    "apply_legal_aid": "申请法律援助",
    "ask_notary": "问公证",
    "book_notary": "约公证",
    "ask_mediation": "问调解",
    "book_mediation": "约调解",
    "book_consultation": "约律师",
    "book_visit": "远程会见",
    "find_provider": "找律师、调解员",
    "ask_hours": "问上班时间",
    "ask_location": "问地址电话",
    "calculate": "算费用、补偿",
    "check_status": "查办理进度",
    "change_booking": "改预约",
    "cancel_booking": "取消预约",
    "where_to_go": "问该找哪个部门",
    "learn_law": "看法律条文",
    "give_feedback": "提意见",
    "manage_my_data": "我的个人信息",
}
HUMAN = {"title": "转人工", "payload": "/talk_to_human"}


class ActionFallback(Action):  # type: ignore[misc]
    """The engine was not sure enough."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_fallback"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Offer the nearest meanings; the second time in a row the person comes first."""
        turn = Turn(tracker)
        if (booking := await meant_for_booking(Speaker(self._parts, turn, dispatcher))) is not None:
            return booking
        if say_further(self._parts, turn, dispatcher):
            return []
        if rule := refused(turn.text):
            dispatcher.utter_message(response=f"utter_refuse_{rule}")
            return []
        if (told := await told_after_all(self._parts, turn, dispatcher)) is not None:
            return told
        guesses = [entry["name"] for entry in turn.ranking if entry["name"] in MEANINGS][:GUESSES]
        await self._keep(turn, guesses)
        buttons = [{"title": MEANINGS[name], "payload": f"/{name}"} for name in guesses]
        if turn.action_before() in ("action_fallback", "action_default_fallback"):
            dispatcher.utter_message(response="utter_fallback_again", buttons=[HUMAN, *buttons])
        elif guesses:
            guess = MEANINGS[guesses[0]]
            dispatcher.utter_message(response="utter_fallback", guess=guess, buttons=[*buttons, HUMAN])
        else:
            dispatcher.utter_message(response="utter_fallback_nothing")
        return []

    async def _keep(self, turn: Turn, guesses: list[str]) -> None:
        """Put the question into the staff's list. A full or absent store must not cost the citizen the answer."""
        item = Item("unanswered", turn.user, turn.text, turn.now.isoformat(), note=",".join(guesses))
        try:
            await inbox.leave(self._parts.inbox, item)
        except StoreUnavailable:
            log.warning("an unanswered question could not be kept")


class ActionDefaultFallback(ActionFallback):
    """No rule fits: the same answer under the name that Rasa calls, and an end to the turn, since no rule ends it."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_default_fallback"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Offer the nearest meanings; then ask what the form was asking, or listen. Rasa would call this ten times over."""
        events = await super().run(dispatcher, tracker, domain)
        if any(event["event"] == "followup" for event in events):
            return events
        form = tracker.active_loop.get("name")
        interrupted = [{"event": "loop_interrupted", "is_interrupted": True}] if form else []
        return [*events, *interrupted, FollowupAction(form or "action_listen")]
