"""Reckoning in the chat: begin with what was said, ask for the rest one thing at a time, say the result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import FollowupAction, SlotSet

from actions.booking_talk import HUMAN, Speaker, button
from actions.meant import meant_for_booking
from actions.parts import Parts
from actions.turn import Turn
from bot.calculators import words
from bot.calculators.choose import READERS, calculator_for
from bot.calculators.inputs import answered, missing, tapped
from bot.calculators.model import Plan
from bot.calculators.service import calculate
from bot.errors import InvalidField

Events = list[dict[str, Any]]
# So many answers that could not be read, and a person does better.
MOST_FAILURES = 3
# Intents with which a short fact is often labelled; any other, when the engine is sure, is a question of its own.
ANSWERS = {"", "inform", "calculate", "affirm", "deny", "out_of_scope", "nlu_fallback"}
SURE = 0.8
# What asks is a question of its own; a short statement with a number in it answers, whatever it is labelled as.
_ASKS = re.compile(r"[吗么?？]|怎么|怎样|什么|哪|几[个多天时年]|多少|多久|能不能|可以|转人工|不算")
_NUMBER = re.compile(r"\d|[一二两三四五六七八九十百千万]")
LONGEST_ANSWER = 12
# A shorter request names no subject: 帮我算一下.
SHORTEST_SUBJECT = 8
# So many messages back belong to the same trouble.
TOLD_BEFORE = 3
STOP = {"title": "先不算了", "payload": "/stop"}
AFTER = ({"title": "再算一个", "payload": "/calculate"}, {"title": "约律师", "payload": "/book_consultation"}, HUMAN)


@dataclass(frozen=True)
class Sum:
    """The calculation under way as the slot keeps it; `heard` is the last message taken, `failures` in a row."""

    calculator: str
    facts: Mapping[str, str]
    heard: str = ""
    failures: int = 0

    @property
    def plan(self) -> Plan:
        """The plan that the calculators know."""
        return Plan(self.calculator, self.facts)

    def slot(self) -> dict[str, Any]:
        """Return the event that keeps it."""
        return dict(SlotSet("calculation", asdict(self)))


class _CalculateAction(Action):  # type: ignore[misc]
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def _go_on(self, dispatcher: Any, turn: Turn, plan: Plan) -> tuple[Events, bool]:
        """Say the result when nothing is missing; return the events, and whether it is over."""
        if missing(plan) is not None:
            return [Sum(plan.calculator, plan.facts, turn.id).slot()], False
        self._say(dispatcher, turn, plan)
        return [SlotSet("calculation", None)], True

    def _say(self, dispatcher: Any, turn: Turn, plan: Plan) -> None:
        try:
            result = calculate(plan, self._parts.calendar)
        except InvalidField as refused:
            dispatcher.utter_message(response="utter_calculate_refused", reason=refused.reason, buttons=list(AFTER))
            return
        conclusion = words.conclusion(plan, result, turn.now.date())
        dispatcher.utter_message(response="utter_calculated", conclusion=conclusion, steps=words.steps(result))
        dispatcher.utter_message(
            response="utter_calculated_basis",
            rest=words.rest(result),
            buttons=list(AFTER),
        )


class ActionCalculate(_CalculateAction):
    """Begins with everything that the message gives."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_calculate"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Say the result at once, ask for what is missing, or show what can be reckoned."""
        turn = Turn(tracker)
        plan = _begun(turn)
        if plan is None:
            return await self._not_reckoned(dispatcher, turn)
        if turn.in_booking and missing(plan):  # Two dialogues at once would mix up their answers.
            dispatcher.utter_message(response="utter_calculate_after_booking")
            return []
        events, over = self._go_on(dispatcher, turn, plan)
        return events if over else [*events, SlotSet("calculated", None), FollowupAction("calculate_form")]

    async def _not_reckoned(self, dispatcher: Any, turn: Turn) -> Events:
        speak = Speaker(self._parts, turn, dispatcher)
        if not turn.in_booking and (booking := await meant_for_booking(speak)) is not None:
            return booking
        vague = turn.tapped or len(turn.text) <= SHORTEST_SUBJECT
        dispatcher.utter_message(response="utter_calculate_menu" if vague else "utter_calculate_other")
        return []


def _begun(turn: Turn) -> Plan | None:
    name, _, value = str(turn.said.get("option") or "").partition(":")
    if turn.tapped:
        return Plan(value) if name == "calculator" and value in READERS else None
    today = turn.now.date()
    if (plan := calculator_for(turn.text, today)) or len(turn.text) > SHORTEST_SUBJECT:
        return plan
    # 那能赔多少: of what was told before, the last trouble first.
    before = [text for _, text in turn.troubles_before()[:TOLD_BEFORE]]
    plans = (calculator_for(f"{text}，{turn.text}", today) for text in before)
    return next((plan for plan in plans if plan), None)


class ValidateCalculateForm(_CalculateAction):
    """Takes an answer; leaves a side question to its own rule by setting nothing."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "validate_calculate_form"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Return the slot with what was said, and `calculated` when it is over."""
        turn = Turn(tracker)
        kept = tracker.slots.get("calculation")
        if not kept:
            return [SlotSet("calculated", "gone")]
        under_way = Sum(**kept)
        if under_way.heard == turn.id:
            return [under_way.slot()]
        if turn.intent == "stop":
            dispatcher.utter_message(response="utter_calculate_left")
            return _ended("left")
        return self._taken(dispatcher, turn, under_way)

    def _taken(self, dispatcher: Any, turn: Turn, under_way: Sum) -> Events:
        if (
            not turn.tapped
            and turn.intent not in ANSWERS
            and _confidence(turn) >= SURE
            and not _states_a_number(turn.text)
        ):
            return []
        try:
            plan = _answer(turn, under_way.plan)
        except InvalidField as invalid:
            return self._unread(dispatcher, turn, under_way, invalid.reason)
        if plan is None:
            return [] if turn.intent not in ANSWERS else self._unread(dispatcher, turn, under_way, "")
        events, over = self._go_on(dispatcher, turn, plan)
        return [*events, SlotSet("calculated", "said")] if over else events

    def _unread(self, dispatcher: Any, turn: Turn, under_way: Sum, reason: str) -> Events:
        failures = under_way.failures + 1
        if failures >= MOST_FAILURES:
            dispatcher.utter_message(response="utter_calculate_given_up", buttons=[HUMAN])
            return _ended("given_up")
        if reason:
            dispatcher.utter_message(response="utter_calculate_refused", reason=reason)
        else:
            dispatcher.utter_message(response="utter_calculate_unread")
        return [replace(under_way, heard=turn.id, failures=failures).slot()]


def _ended(how: str) -> Events:
    return [SlotSet("calculation", None), SlotSet("calculated", how)]


def _states_a_number(text: str) -> bool:
    """Whether a text is short, holds a number and asks nothing: 合同总价八万."""
    return len(text) <= LONGEST_ANSWER and bool(_NUMBER.search(text)) and not _ASKS.search(text)


def _confidence(turn: Turn) -> float:
    return float(turn.ranking[0]["confidence"]) if turn.ranking else 1.0


def _answer(turn: Turn, plan: Plan) -> Plan | None:
    """Return the plan with the answer in it, a new one when another sum is asked for, None when it is no answer."""
    name, _, value = str(turn.said.get("option") or "").partition(":")
    if turn.tapped:
        return Plan(value) if name == "calculator" and value in READERS else tapped(plan, name, value)
    taken = answered(plan, turn.text, turn.now.date())
    return taken if taken or turn.intent != "calculate" else calculator_for(turn.text, turn.now.date())


class ActionAskCalculated(_CalculateAction):
    """Asks for the next thing."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_calculated"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Ask, with what can be tapped."""
        kept = tracker.slots.get("calculation")
        ask = missing(Sum(**kept).plan) if kept else None
        if ask is None:
            return []
        buttons = [button(title, ask.name, value) for title, value in ask.options]
        dispatcher.utter_message(response="utter_calculate_ask", question=ask.question, buttons=[*buttons, STOP])
        return []
