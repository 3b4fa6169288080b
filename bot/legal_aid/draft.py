"""What the legal aid dialogue was told so far, and what a message means to it. Pure.

A draft never changes. It is kept in the conversation; a name and a phone are not in it, they go to the citizens' room.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.legal_aid import questions
from bot.legal_aid.questions import Answers

# What an application needs, once the citizen has read the result and wants to apply.
APPLY = ("consent", "name", "phone", "story", "confirm")
WAYS = ("apply", "book", "again")
# At one question: the third failure in a row offers a person, the next one ends the dialogue.
PERSON_AT, END_AT = 3, 4
# A clerk reads it on one screen; the rest is told at the counter.
LONGEST_STORY = 300
NO_STORY = "none"
YES = frozenset({"好", "好的", "同意", "可以", "对", "对的", "是", "是的", "行", "嗯", "没错", "交吧", "交上去"})
NO = frozenset({"不", "不用", "不同意", "不行", "算了", "不要", "不是", "不交了"})
_STOPS = re.compile(r"(?:那?就?算了|不(?:问|办|弄|申请|交)了?|停|退出|结束|先不办了?|取消)[吧啦了。!！]*")
# What is asked aside, each from which confidence on; below it, the message is an answer that was not understood.
SIDE = {
    "report_danger": 0.0,
    "talk_to_human": 0.5,
    "ask_hours": 0.6,
    "ask_location": 0.6,
    "ask_legal_aid": 0.6,
    "find_provider": 0.6,
    "greet": 0.6,
    "thank": 0.6,
    "bot_challenge": 0.7,
    "ask_law": 0.8,
    "ask_notary": 0.8,
    "ask_mediation": 0.8,
    "where_to_go": 0.8,
    "calculate": 0.8,
    "check_status": 0.8,
    "book_mediation": 0.8,
    "book_consultation": 0.8,
    "book_notary": 0.8,
    "book_visit": 0.8,
}
ALWAYS_SIDE = frozenset({"report_danger", "talk_to_human"})
_QUESTION = re.compile(r"[吗么?？]|几点|哪[里儿]|怎么|多少|什么|能不能|有没有|是不是")
# Here any words are the answer.
FREE = frozenset({"name", "phone", "story"})


@dataclass(frozen=True)
class Draft:
    """A first look that is being talked about. `id` is the draft's own, from which the idempotency key comes.

    `answers` are those of questions.py, and "way", "consent", "name", "phone" ("yes" once the citizens' room has them),
    "story" (the text, sealed with the conversation). `asked` is what was asked last, `failures` how often in a row the
    answer was none. `heard` is the message that was taken last.
    """

    id: str
    answers: Answers = field(default_factory=dict)
    asked: str = ""
    failures: int = 0
    heard: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as the conversation keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Draft:
        """Read what `to_json` wrote."""
        return cls(**kept)

    @property
    def request(self) -> str:
        """The idempotency key: the same draft with the same answers is one application."""
        body = "|".join(f"{name}={self.answers[name]}" for name in sorted(self.answers))
        return hashlib.sha256(f"{self.id}|{body}".encode()).hexdigest()


@dataclass(frozen=True)
class Heard:
    """A message: its text ("" for a tapped button), the button's option, the intent and how sure that is."""

    text: str
    option: str = ""
    intent: str = ""
    confidence: float = 0.0


@dataclass(frozen=True)
class Meaning:
    """What a message means: "answer" (with `name` and `value`), "leave", "side" or "unclear"."""

    what: str
    name: str = ""
    value: str = ""


def missing(draft: Draft) -> str:
    """Return what to ask next; "" when the result, or the application, can be given."""
    if name := questions.missing(draft.answers):
        return name
    wanted = APPLY if draft.answers.get("way") == "apply" else ()
    return next((name for name in wanted if name not in draft.answers), "")


def take(draft: Draft, name: str, value: str) -> Draft:
    """Put an answer in; a first question that is answered anew drops what rested on it."""
    kept = dict(draft.answers)
    if name in questions.QUESTIONS and kept.get(name) != value:
        later = questions.QUESTIONS[questions.QUESTIONS.index(name) + 1 :]
        kept = {key: kept[key] for key in kept if key not in (*later, "way", "confirm")}
    return replace(draft, answers={**kept, name: value}, failures=0)


def read(heard: Heard, draft: Draft) -> Meaning:
    """Return what a message means while a question is asked."""
    name = missing(draft)
    if heard.option:
        return _tapped(heard.option)
    text = heard.text.strip()
    if heard.intent in ("stop", "goodbye") or _STOPS.fullmatch(text):
        return Meaning("leave")
    if value := _typed(name, text):
        return Meaning("answer", name, value)
    if _is_side(heard, name):
        return Meaning("side")
    return Meaning("answer", name, text) if name in FREE and text else Meaning("unclear")


def _is_side(heard: Heard, name: str) -> bool:
    """Whether a message asks for something else; where any words are the answer, only a question does."""
    if name in FREE and heard.intent not in ALWAYS_SIDE and not _QUESTION.search(heard.text):
        return False
    return heard.confidence >= SIDE.get(heard.intent, 2.0)


def _tapped(option: str) -> Meaning:
    """Read a button, which may be one of an earlier question."""
    field_, _, value = option.partition(":")
    name = field_.removeprefix("aid_")
    known = {"way": WAYS, "consent": ("yes", "no"), "confirm": ("yes", "change"), "story": (NO_STORY,)}
    if field_ != f"aid_{name}" or not (questions.valid(name, value) or value in known.get(name, ())):
        return Meaning("unclear")
    return Meaning("answer", name, value)


def _typed(name: str, text: str) -> str:
    """Return the answer that typed words give to a question with choices, "" for none."""
    plain = text.strip("。,，!！~ ")
    if name in ("consent", "confirm"):
        return "yes" if plain in YES else ("change" if name == "confirm" else "no") if plain in NO else ""
    return questions.read(name, text) if name in questions.QUESTIONS else ""
