"""One turn of the booking dialogue: the message, the desk, and how its questions and buttons are worded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from actions.parts import Parts
from actions.turn import Turn
from bot.booking.dialogue import Talk
from bot.booking.draft import EXAMPLE_AT, PERSON_AT, Draft
from bot.booking.model import ServiceKind
from bot.booking.words import local
from bot.directory.hours_words import say_day, say_time

Button = dict[str, str]
WHAT = {
    "mediation": "约调解",
    "consultation": "约律师",
    "notary": "约公证",
    "legal_aid": "约法律援助",
    "visit": "约会见",
    "move": "改时间",
    "cancel": "取消预约",
}
NOUNS = {"mediation": "调解", "consultation": "咨询", "notary": "公证", "legal_aid": "法律援助", "visit": "会见"}
HUMAN = {"title": "转人工", "payload": "/talk_to_human"}
STOP = {"title": "先不办了", "payload": "/stop"}
VARIANTS = ("", "_again", "_example")


def button(title: str, name: str, value: str, intent: str = "inform") -> Button:
    """Return a button that puts a value into a field of the dialogue."""
    option = json.dumps({"option": f"{name}:{value}"}, ensure_ascii=False)
    return {"title": title, "payload": f"/{intent}{option}"}


@dataclass(frozen=True)
class Speaker:
    """What an action of the booking dialogue works with in one turn."""

    parts: Parts
    turn: Turn
    dispatcher: Any

    @property
    def talk(self) -> Talk:
        """The desk, as this citizen stands at it now."""
        now = int(self.turn.now.timestamp())
        return Talk(self.parts.desk, self.parts.citizens, self.parts.keyring.secret, self.turn.user, now)

    def say(self, response: str, **words: Any) -> None:
        """Say a response."""
        self.dispatcher.utter_message(response=response, **words)

    def problem(self, said: str, **words: Any) -> None:
        """Say why something is no answer: a response, or the sentence itself."""
        if said.startswith("utter_"):
            self.say(said, **words)
        else:
            self.dispatcher.utter_message(text=said)

    def ask(self, draft: Draft, name: str, buttons: list[Button] | None = None, called: str = "", **words: Any) -> None:
        """Ask a field, never twice in the same words; after two failures with an example, after three with a person.

        `called` is the question's name where one field is asked differently for different purposes.
        """
        failures, asks = draft.failures if name == draft.asked else 0, draft.asks.get(name, 0)
        if failures >= PERSON_AT:
            self.say("utter_booking_person", buttons=[*(buttons or []), HUMAN, STOP], what=WHAT[draft.purpose])
            return
        variant = 2 if failures >= EXAMPLE_AT else 1 + (asks + 1) % 2 if asks else 0
        self.say(
            f"utter_ask_{called or name}{VARIANTS[variant]}", buttons=buttons or [], what=WHAT[draft.purpose], **words
        )

    def notice(self, kind: ServiceKind) -> dict[str, str]:
        """Return from when on and until which day a kind can be booked now."""
        start, end = kind.notice(self.talk.now)
        return {"earliest": self.say_time(start), "latest": say_day(local(end).date(), self.turn.now.date())}

    def say_time(self, moment: int) -> str:
        """Return a moment as people say it today: 明天15:00, 12月3日周四9:45."""
        at = local(moment)
        return f"{say_day(at.date(), self.turn.now.date())}{say_time(at)}"
