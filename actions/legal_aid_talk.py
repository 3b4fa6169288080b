"""One turn of the legal aid dialogue: the message, the citizen, the rooms, and how buttons are made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from actions.parts import Parts
from actions.turn import Turn
from bot.citizens import service as citizens
from bot.citizens.model import PURPOSES, mask_name, mask_phone, person_of
from bot.citizens.service import CitizenStore
from bot.legal_aid import questions
from bot.legal_aid.application import Ask
from bot.legal_aid.draft import NO_STORY, Draft, Heard
from bot.legal_aid.model import MATTERS, Result, look

# 约 in 公约 or 违约 is no appointment.
_APPOINTS = re.compile(r"预约|(?<![公违节契合大])约(?![定束])")
HUMAN = {"title": "转人工", "payload": "/talk_to_human"}


def button(title: str, name: str, value: str) -> dict[str, str]:
    """Return a button that answers a question, in the form or after it."""
    option = json.dumps({"option": f"aid_{name}:{value}"})
    return {"title": title, "payload": f"/apply_legal_aid{option}"}


@dataclass(frozen=True)
class Talk:
    """What an action of the legal aid dialogue works with in one turn."""

    parts: Parts
    turn: Turn
    tracker: Any
    dispatcher: Any

    @property
    def people(self) -> CitizenStore:
        """The citizens' room."""
        return self.parts.citizens

    @property
    def person(self) -> str:
        """The citizen's pseudonym."""
        return person_of(self.parts.keyring.secret, self.turn.user)

    @property
    def now(self) -> int:
        """When the message was sent, seconds since 1970."""
        return int(self.turn.now.timestamp())

    @property
    def id(self) -> str:
        """The message's own id."""
        message = self.tracker.latest_message or {}
        events = [event for event in self.tracker.events or [] if event.get("event") == "user"]
        return str(message.get("message_id") or (events[-1].get("timestamp") if events else ""))

    @property
    def option(self) -> str:
        """What a tapped button says, "aid_<question>:<value>"."""
        said = str(self.turn.said.get("option") or "") if self.turn.tapped else ""
        return said if said.startswith("aid_") else ""

    @property
    def for_booking(self) -> bool:
        """Whether the message is for the booking dialogue: it names an appointment, or taps one of its buttons."""
        option = str(self.turn.said.get("option") or "") if self.turn.tapped else ""
        return bool(option and not option.startswith("aid_")) or bool(_APPOINTS.search(self.heard.text))

    @property
    def heard(self) -> Heard:
        """The message, as the rules read it."""
        text = "" if self.turn.tapped else self.turn.text
        confidence = float(((self.tracker.latest_message or {}).get("intent") or {}).get("confidence") or 0)
        return Heard(text, self.option, self.turn.intent, confidence)

    @property
    def draft(self) -> Draft | None:
        """The look that is being talked about, or was left."""
        kept = self.tracker.slots.get("aid_draft")
        return Draft.from_json(kept) if kept else None

    @property
    def looked(self) -> bool:
        """Whether the turn before this one ended with a result: 我要申请 then means to hand in."""
        return self.turn.action_before() in ("legal_aid_form", "action_begin_legal_aid") and (
            self.tracker.slots.get("aid") == "looked"
        )

    def say(self, response: str, **words: Any) -> None:
        """Say a response."""
        self.dispatcher.utter_message(response=response, **words)

    def ask(self, request: str) -> Ask:
        """Return who asks for a change of an application, and when."""
        return Ask("citizen", self.person, self.now, request)

    def look(self, draft: Draft) -> Result:
        """Return the first look's result."""
        return look(questions.facts_of(draft.answers), self.parts.standard)

    def story(self, draft: Draft) -> str:
        """Return what it is about in the citizen's own words, for the clerk; the citizens' room seals it.

        Why somebody is exempt and what the household has is not in it: that tells of health and means, needs a consent of its
        own (PIPL Art. 29), and is shown at the counter anyway.
        """
        given = draft.answers
        titles = [MATTERS[given["what"]].title, questions.ROLE_TITLES[given["role"]]]
        titles += [questions.PLACE_TITLES[given["place"]]] if "place" in given else []
        own = given.get("story", NO_STORY)
        return "；".join(titles) + ("" if own == NO_STORY else f"。{own}")

    async def words(self, name: str, draft: Draft) -> dict[str, str]:
        """Return what a question's wording is filled with."""
        if name == "consent":
            return {"sentence": PURPOSES["legal_aid"].sentence}
        if name != "confirm":
            return {}
        known = await citizens.profile(self.people, self.person)
        person = f"{mask_name(known.get('name', ''))}，{mask_phone(known.get('phone', ''))}"
        return {"person": person, "what": MATTERS[draft.answers["what"]].title}
