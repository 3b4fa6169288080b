"""A question of law that names a day and fears for a period: the last day, reckoned beside the answer."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from actions.parts import Parts
from actions.turn import SHANGHAI, Turn
from bot.calculators import words
from bot.calculators.choose import READERS
from bot.calculators.deadlines import deadline
from bot.calculators.model import Plan, Result, say_date
from bot.calculators.service import calculate
from bot.errors import InvalidField
from bot.knowledge.telling import payload

# 还能上诉吗, 来得及吗, 是不是晚了: what a citizen asks who fears to be late.
_FEARS = re.compile(
    r"还能|还可以|还可不可以|还来得及|来得及|来不及|赶得上|晚不晚|晚了[吗没]|过期|过了[吗没]|有没有过|期限|时效|最[晚迟]"
)
_JUDGMENT = re.compile(r"判决|上诉")
# Which judgment it is was not said: the civil one is the rule in this county; the shorter period is told beside it.
ASSUMED = "appeal_judgment"
SHORTER = "criminal_judgment"


def say_last_day(parts: Parts, turn: Turn, dispatcher: Any) -> bool:
    """Say the last day that a typed question asks about, what it takes for granted, and a time before it; else say nothing."""
    plan, assumed = _plan(turn.text, turn.now.date())
    if plan is None:
        return False
    try:
        result = calculate(plan, parts.calendar)
        note = _assumption(plan, parts) if assumed else ""
    except InvalidField:
        return False
    conclusion = words.conclusion(plan, result, turn.now.date())
    dispatcher.utter_message(response="utter_calculated", conclusion=conclusion, steps=words.steps(result))
    rest = "\n".join(filter(None, (words.rest(result), note)))
    buttons = [] if turn.in_booking else _before(result, turn.now)
    dispatcher.utter_message(response="utter_calculated_basis", rest=rest, buttons=buttons)
    return True


def _plan(text: str, today: date) -> tuple[Plan | None, bool]:
    """Return the sum, and whether it rests on a guess; None when no day was named or no period is meant."""
    facts = dict((_FEARS.search(text) and READERS["deadline"](text, today)) or {})
    if not facts.get("begin"):
        return None, False
    assumed = not facts["what"] and bool(_JUDGMENT.search(text))
    what = ASSUMED if assumed else facts["what"]
    return (Plan("deadline", {"what": what, "begin": facts["begin"]}) if what else None), assumed


def _assumption(plan: Plan, parts: Parts) -> str:
    shorter = deadline(SHORTER, date.fromisoformat(plan.facts["begin"]), parts.calendar)
    return f"· 我当您说的是民事判决。刑事判决只有十天，最晚{say_date(shorter.value)}。"


def _before(result: Result[date], now: datetime) -> list[dict[str, str]]:
    """Return the button into a booking with a lawyer before the last day; none when that day is today or over."""
    first, last = now.date() + timedelta(1), result.value
    if first >= last:
        return [{"title": "约律师", "payload": payload("book_consultation")}]
    span = "/".join(datetime.combine(day, time(), SHANGHAI).isoformat() for day in (first, last))
    return [{"title": f"{last.month}月{last.day}日前约律师", "payload": payload("book_consultation", time=span)}]
