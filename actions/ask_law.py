"""Questions of law: the entry that answers, a choice of entries, or honestly nothing, with a person instead."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action

from actions.booking_talk import Speaker
from actions.browse import show_course, show_matters
from actions.bubbles import say
from actions.further import say_further
from actions.last_day import say_last_day
from actions.meant import meant_for_booking
from actions.no_answer import say_nothing, say_unanswered
from actions.parts import Parts
from actions.tell import tell
from actions.today import ActionToday
from actions.turn import Turn
from bot.conversation.model import Button, Reply
from bot.knowledge import telling, telling_law
from bot.knowledge.answers import Decision, decide
from bot.knowledge.citation import read_citation
from bot.knowledge.model import by_number
from bot.knowledge.refusals import refused

log = logging.getLogger("actions")
Events = list[dict[str, Any]]
NONE = Button("都不是", telling.payload("ask_law", entry="none"))


class ActionAskLaw(Action):  # type: ignore[misc]
    """Answers from the editors' entries; also for questions about legal aid, notaries and mediation."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_law"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Answer what was typed, or open what was tapped."""
        turn = Turn(tracker)
        if turn.tapped:
            return await self._tapped(dispatcher, tracker, turn)
        speak = Speaker(self._parts, turn, dispatcher)
        if not turn.in_booking and (booking := await meant_for_booking(speak)) is not None:
            return booking
        if not turn.in_booking and say_further(self._parts, turn, dispatcher):
            return []
        rule = refused(turn.text)
        if rule:
            dispatcher.utter_message(response=f"utter_refuse_{rule}")
        decision = decide(turn.entries, self._parts.library.entries)
        if not rule and say_last_day(self._parts, turn, dispatcher) and not decision.answer:
            return []
        if rule and not (rule == "verdict" and decision.answer):  # Who asks for a verdict still gets what the law says.
            return []
        return await self._decided(dispatcher, tracker, turn, decision)

    async def _tapped(self, dispatcher: Any, tracker: Any, turn: Turn) -> Events:
        said = {name: str(value) for name, value in turn.said.items()}
        if "entry" in said:
            return await self._entry(dispatcher, turn, said)
        if turn.intent != "ask_law":
            return await self._today(dispatcher, tracker)
        if matter := said.get("matter"):
            show_course(dispatcher, self._parts, "ask_law", matter, said.get("offset", ""))
        else:
            show_matters(dispatcher, "utter_ask_law_blank", "ask_law")
        return []

    async def _entry(self, dispatcher: Any, turn: Turn, said: dict[str, str]) -> Events:
        if said["entry"] == "none":
            return await say_nothing(self._parts, turn, dispatcher, turn.typed_before())
        entry = self._parts.library.entries.get(said["entry"])
        if entry is None:
            dispatcher.utter_message(response="utter_entry_gone")
        elif said.get("part") == "more":
            say(dispatcher, telling.more(entry, by_number(self._parts.doors)))
        elif replies := telling.answered(entry, said.get("reply", "")):
            say(dispatcher, replies)
        else:
            return await tell(self._parts, turn, dispatcher, entry)
        return []

    async def _decided(self, dispatcher: Any, tracker: Any, turn: Turn, decision: Decision) -> Events:
        cited = read_citation(turn.text)
        corpus = self._parts.library.corpus(turn.now.date())
        if decision.answer:
            return await tell(self._parts, turn, dispatcher, decision.answer)
        if turn.in_booking and turn.intent != "ask_law":
            return await self._today(dispatcher, tracker)
        elif turn.in_booking:  # Its next question follows: a choice or a card of somebody else would only confuse.
            await say_unanswered(self._parts, turn, dispatcher, turn.text)
        elif cited:
            say(dispatcher, telling_law.article(corpus, cited, self._parts.library.citing(cited)))
        elif decision.choices:
            buttons = (*map(telling.entry_button, decision.choices), NONE)
            say(dispatcher, [Reply("您问的是不是：", buttons)])
        elif turn.intent != "ask_law":
            return await self._today(dispatcher, tracker)
        else:
            return await say_nothing(self._parts, turn, dispatcher, turn.text)
        return []

    async def _today(self, dispatcher: Any, tracker: Any) -> Events:
        events: Events = await ActionToday(self._parts).run(dispatcher, tracker, {})
        return events
