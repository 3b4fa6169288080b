"""Yes, no, stop, hello and bare facts outside of any form: they belong to what was said just before, if anything was."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.ask_hours import ActionAskHours
from actions.ask_location import ActionAskLocation
from actions.booking_end import repeat
from actions.booking_form import begin, left_draft
from actions.booking_talk import WHAT, Speaker, button
from actions.find_provider import ActionFindProvider
from actions.meant import meant_for_booking
from actions.my_data import erase
from actions.parts import Parts
from actions.turn import Turn
from bot.booking import dialogue
from bot.booking.answers import INTENTS
from bot.knowledge.refusals import refused

Events = list[dict[str, Any]]
WHICH = frozenset({"area", "provider_type", "organization_name", "person_name"})
# What a bare fact refines, by the flow that the last turns were about, and which facts can refine it.
REFINES: dict[str, tuple[Any, frozenset[str]]] = {
    "find_provider": (ActionFindProvider, WHICH | {"gender", "language", "matter", "mode", "time"}),
    "ask_hours": (ActionAskHours, WHICH | {"time"}),
    "ask_location": (ActionAskLocation, WHICH),
}


class _Unasked(Action):  # type: ignore[misc]
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Answer."""
        return await self.answer(Speaker(self._parts, Turn(tracker), dispatcher), tracker)

    @abstractmethod
    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Answer."""


class ActionGreet(_Unasked):
    """Says hello, and offers to go on with a booking that was left."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_greet"

    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Say hello."""
        if speak.turn.in_booking:
            speak.say("utter_greet_again")
            return []
        left = await left_draft(speak)
        if left is None:
            speak.say("utter_greet")
            return []
        intent = INTENTS[left.purpose]
        buttons = [
            button("接着办", "resume", "yes", intent),
            button("重新来", "resume", "no", intent),
            button("不办了", "resume", "drop", "stop"),
        ]
        speak.say("utter_greet_left", earlier=WHAT[left.purpose], buttons=buttons)
        return [SlotSet("pending", {"what": "resume", "after": speak.turn.id})]


class ActionAffirm(_Unasked):
    """A yes to what was offered just before."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_affirm"

    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Do what was offered, or ask what is meant."""
        if (events := await meant_for_booking(speak)) is not None:
            return events
        what = speak.turn.pending.get("what")
        confirms = speak.turn.heard().option.partition(":")
        if what == "resume":
            return await begin(speak, resume=True)
        if what == "erase":
            return await erase(speak)
        if what == "booked" or (confirms[0] == "confirm" and confirms[2] == speak.turn.booked.get("draft")):
            await repeat(speak)
            return [SlotSet("pending", {"what": "booked", "after": speak.turn.id})]
        speak.say("utter_affirm_unasked")
        return []


class ActionStop(_Unasked):
    """A no or a stop outside of any form."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_stop"

    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Drop what was offered, or say that nothing is going on."""
        if (events := await meant_for_booking(speak)) is not None:
            return events
        dropped = speak.turn.heard().option == "resume:drop" or speak.turn.pending.get("what") == "resume"
        if dropped:
            await dialogue.forget(speak.talk)
            speak.say("utter_booking_dropped")
            return [SlotSet("draft", None)]
        speak.say("utter_deny_unasked" if speak.turn.intent == "deny" else "utter_stopped")
        return []


class ActionOutOfScope(_Unasked):
    """What is no legal service; a bare reference reads like it."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_out_of_scope"

    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Say so, unless it quotes a booking."""
        if not speak.turn.in_booking and (events := await meant_for_booking(speak)) is not None:
            return events
        rule = refused(speak.turn.text)
        speak.say(f"utter_refuse_{rule}" if rule else "utter_out_of_scope")
        return []


class ActionBotChallenge(_Unasked):
    """Says that it is a machine; an order to play somebody else reads like the question whether it is one."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_bot_challenge"

    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Say so, or refuse."""
        rule = refused(speak.turn.text)
        speak.say(f"utter_refuse_{rule}" if rule else "utter_bot_challenge")
        return []


class ActionInform(_Unasked):
    """A bare fact: it refines the last look-up, quotes a reference, or asks for an appointment with who was shown."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_inform"

    async def answer(self, speak: Speaker, tracker: Any) -> Events:
        """Do what the fact is good for."""
        if (events := await meant_for_booking(speak)) is not None:
            return events
        refined, facts = REFINES.get(speak.turn.topic, (None, frozenset()))
        if refined and facts & speak.turn.said.keys():
            return list(await refined(self._parts).run(speak.dispatcher, tracker, {}))
        speak.say("utter_button_over" if speak.turn.heard().option else "utter_inform_unasked")
        return []
