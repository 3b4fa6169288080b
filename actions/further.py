"""A question about the answer just given: 要带什么去, 去哪里办, 有没有期限."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions.bubbles import say
from actions.parts import Parts
from actions.turn import Turn
from bot.knowledge.aspects import aspect_of, told_further
from bot.knowledge.entry import Entry
from bot.knowledge.model import by_number

# For so many seconds an answer is what one is talking about, unless another comes.
LATELY = 1800


def now_told(turn: Turn, entry: Entry) -> dict[str, Any]:
    """Return the event that remembers which answer was given."""
    event: dict[str, Any] = SlotSet("told", {"entry": entry.id, "at": turn.now.timestamp()})
    return event


def say_further(parts: Parts, turn: Turn, dispatcher: Any) -> bool:
    """Say what the last answer has to this question; False when it is none of that kind."""
    told = turn.told
    if turn.tapped or not told or turn.now.timestamp() - float(told["at"]) > LATELY:
        return False
    entry, aspect = parts.library.entries.get(str(told["entry"])), aspect_of(turn.text)
    if entry is None or aspect is None:
        return False
    replies = told_further(entry, aspect, by_number(parts.doors))
    say(dispatcher, replies)
    return bool(replies)
