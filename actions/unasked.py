"""Yes, no, stop, hello and bare facts outside of any form: they belong to what was said just before, if anything was."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import asdict
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.ask_hours import ActionAskHours
from actions.ask_location import ActionAskLocation
from actions.booking_end import repeat
from actions.booking_form import begin, left_draft
from actions.booking_talk import WHAT, Speaker, button
from actions.cards import listing_card
from actions.find_provider import ActionFindProvider
from actions.further import say_further
from actions.meant import meant_for_booking
from actions.my_data import ask_erase, erase
from actions.nearest_help import nearest_help
from actions.parts import Parts
from actions.tell import told_after_all
from actions.turn import Turn
from bot.booking import dialogue
from bot.booking.phrases import YES
from bot.booking.purposes import INTENTS
from bot.directory.model import Query
from bot.directory.words import TYPES
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
        if (events := await meant_for_booking(speak)) is not None:  # To the model a bare reference may read like hello.
            return events
        left = await left_draft(speak)
        if left is None and str(speak.turn.said.get("area") or "") in self._parts.areas:
            return await self._greet_in(speak, str(speak.turn.said["area"]))
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

    async def _greet_in(self, speak: Speaker, area: str) -> Events:
        """Greet somebody who scanned a village's or a town's code: who looks after them there, then the six things."""
        who = await nearest_help(self._parts, speak.turn, "village_adviser")
        where = self._parts.areas.full_name(area)
        if who is None:
            speak.say("utter_greet")
        else:
            speak.say("utter_greet_in", area=where, who=TYPES[who.provider_type], json_message=listing_card(who))
            speak.say("utter_greet_menu")
        return [SlotSet("directory_query", asdict(Query(area=area)))]


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
            # What cannot be undone is done at a tap or a plain yes, not at what is only taken for one ("然后呢").
            sure = speak.turn.tapped or YES.fullmatch(speak.turn.text.strip())
            return await (erase if sure else ask_erase)(speak)
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
        if not rule and (told := await told_after_all(self._parts, speak.turn, speak.dispatcher)) is not None:
            return told
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
        if say_further(self._parts, speak.turn, speak.dispatcher):
            return []
        refined, facts = REFINES.get(speak.turn.topic, (None, frozenset()))
        if refined and facts & speak.turn.said.keys():
            return list(await refined(self._parts).run(speak.dispatcher, tracker, {}))
        option, area = speak.turn.heard().option, str(speak.turn.said.get("area") or "")
        if area in self._parts.areas and not speak.turn.candidates and option in ("", f"area:{area}"):
            speak.say("utter_area_noted", area=self._parts.areas.full_name(area))
            return [SlotSet("directory_query", asdict(Query(area=area)))]
        speak.say("utter_button_over" if option else "utter_inform_unasked")
        return []
