"""Legal aid in the chat: what it is, the first look as a small form, and the application. Rules are in bot/legal_aid."""

from __future__ import annotations

import secrets
from abc import abstractmethod
from dataclasses import replace
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import FollowupAction, SlotSet

from actions.booking_form import begin
from actions.booking_talk import Speaker
from actions.further import say_further
from actions.legal_aid_result import say_result
from actions.legal_aid_talk import HUMAN, Talk, button
from actions.parts import Parts
from actions.turn import Turn
from bot.citizens import service as citizens
from bot.citizens.model import name_of, phone_of
from bot.errors import ApplicationRefused, ConsentMissing, InvalidField, StoreUnavailable, Unconfirmed
from bot.legal_aid import questions, service
from bot.legal_aid.draft import END_AT, LONGEST_STORY, NO_STORY, PERSON_AT, Draft, Heard, Meaning, missing, read, take
from bot.legal_aid.model import MATTERS
from bot.legal_aid.words import status_line

Events = list[dict[str, Any]]
LOOK = {"title": "看看我够不够条件", "payload": "/apply_legal_aid"}
BOOK = button("约个时间去", "way", "book")


class _LegalAidAction(Action):  # type: ignore[misc]
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Answer; when the store does not, say so and keep the dialogue as it is."""
        talk = Talk(self._parts, Turn(tracker), tracker, dispatcher)
        try:
            return await self.answer(talk)
        except StoreUnavailable:
            talk.say("utter_aid_store_down")
            return []

    @abstractmethod
    async def answer(self, talk: Talk) -> Events:
        """Answer."""


class ActionAskLegalAid(_LegalAidAction):
    """Says shortly what legal aid is, and offers the first look."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_legal_aid"

    async def answer(self, talk: Talk) -> Events:
        """Say free, for whom, how long."""
        if say_further(self._parts, talk.turn, talk.dispatcher):
            return []
        talk.say("utter_legal_aid", buttons=[LOOK, BOOK, HUMAN])
        return []


class ActionBeginLegalAid(_LegalAidAction):
    """Begins the first look, goes on with it, or does what was tapped under its result."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_begin_legal_aid"

    async def answer(self, talk: Talk) -> Events:
        """Begin with what was said already, and let the form ask for the rest."""
        draft, option, opened = talk.draft, talk.option, False
        if option == "aid_way:book" or talk.for_booking:
            return await book(talk)
        if option.startswith("aid_confirm") and draft is None:
            return await repeat(talk)
        option = option or ("aid_way:apply" if talk.looked and talk.heard.text else "")
        finished = draft is not None and not questions.missing(draft.answers)
        if draft is None or option == "aid_way:again" or (finished and option != "aid_way:apply"):
            draft, option, opened = _opened(talk), option.replace("aid_way:again", ""), True
        meaning = read(Heard("", option), draft) if option else Meaning("unclear")
        if meaning.what == "answer" and meaning.name != "confirm":
            draft = take(draft, meaning.name, meaning.value)
        if opened and meaning.what != "answer":
            _say_begin(talk, draft)
        draft = await _known(talk, replace(draft, heard=talk.id, asked="", failures=0))
        if not missing(draft):  # The tap was the last answer of a look that was left.
            return await say_result(talk, draft)
        return [SlotSet("aid", None), SlotSet("aid_draft", draft.to_json()), FollowupAction("legal_aid_form")]


def _say_begin(talk: Talk, draft: Draft) -> None:
    """Say what comes; and of what trouble it is taken to be, when the message itself did not say."""
    talk.say("utter_aid_begin")
    if (what := draft.answers.get("what")) and not questions.read("what", talk.heard.text):
        talk.say("utter_aid_same_trouble", matter=MATTERS[what].title)


def _opened(talk: Talk) -> Draft:
    """Return a new draft with the matter that the message names, or the trouble that was told before it."""
    what = questions.read("what", talk.heard.text) or questions.read("what", talk.turn.trouble_before()[1])
    return Draft(secrets.token_hex(8), {"what": what} if what not in ("", "other") else {})


class ValidateLegalAidForm(_LegalAidAction):
    """Takes a message into the draft; leaves a side question to its own rule by setting nothing."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "validate_legal_aid_form"

    async def answer(self, talk: Talk) -> Events:
        """Return the draft with what was said, and the slot `aid` when the dialogue is over."""
        draft = talk.draft
        if draft is None:  # Nothing is kept of a dialogue that was erased meanwhile.
            return [SlotSet("aid", "gone")]
        if draft.heard == talk.id:
            return [SlotSet("aid_draft", draft.to_json())]
        meaning = read(talk.heard, draft)
        draft = replace(draft, heard=talk.id)
        match meaning.what:
            case "side":
                return []
            case "leave":
                talk.say("utter_aid_left", buttons=[LOOK, HUMAN])
                return [SlotSet("aid", "left"), SlotSet("aid_draft", None)]
            case "answer":
                return await _taken(talk, draft, meaning)
            case _:
                return _failed(talk, draft)


async def _taken(talk: Talk, draft: Draft, meaning: Meaning) -> Events:
    """Take an answer, and give the result or the application when it was the last."""
    name, value = meaning.name, meaning.value
    if (name, value) == ("way", "book"):
        talk.say("utter_aid_left", buttons=[BOOK, LOOK])
        return [SlotSet("aid", "left"), SlotSet("aid_draft", None)]
    if (name, value) == ("consent", "no"):
        talk.say("utter_aid_declined", buttons=[BOOK, HUMAN])
        return [SlotSet("aid", "declined"), SlotSet("aid_draft", None)]
    if name == "confirm" and missing(draft) != "confirm":  # A button of an earlier summary changes nothing.
        return [SlotSet("aid_draft", draft.to_json())]
    if (name, value) == ("confirm", "change"):
        kept = {key: known for key, known in draft.answers.items() if key not in ("name", "phone", "story")}
        return [SlotSet("aid_draft", replace(draft, answers=kept, failures=0).to_json())]
    try:
        draft = await _kept(talk, draft, name, value)
    except InvalidField as bad:
        return _failed(talk, draft, bad.reason)
    except StoreUnavailable:
        talk.say("utter_aid_store_down")
        return [SlotSet("aid_draft", draft.to_json())]
    if missing(draft):
        return [SlotSet("aid_draft", draft.to_json())]
    return await hand_in(talk, draft) if draft.answers.get("way") == "apply" else await say_result(talk, draft)


async def _kept(talk: Talk, draft: Draft, name: str, value: str) -> Draft:
    """Return the draft with an answer; a name and a phone go to the citizens' room and only their being there to the draft."""
    if name == "consent":
        await citizens.agree(talk.people, talk.person, "legal_aid", talk.now)
    if name in ("name", "phone"):
        said = name_of(value) if name == "name" else phone_of(value)
        await citizens.remember(talk.people, talk.person, {name: said, "address": talk.turn.user})
        value = "yes"
    return await _known(talk, take(draft, name, value[:LONGEST_STORY]))


async def _known(talk: Talk, draft: Draft) -> Draft:
    """Return the draft with what need not be asked: a consent that holds, a name and a phone that are remembered."""
    if draft.answers.get("way") != "apply":
        return draft
    if await citizens.agreed(talk.people, talk.person, "legal_aid"):
        draft = take(draft, "consent", "yes")
    if "consent" in draft.answers and draft.asked in ("", "consent"):
        remembered = await citizens.profile(talk.people, talk.person)
        for name in ("name", "phone"):
            draft = take(draft, name, "yes") if remembered.get(name) else draft
    return draft


def _failed(talk: Talk, draft: Draft, why: str = "") -> Events:
    """Say why it is no answer; too often, and the dialogue ends."""
    draft = replace(draft, failures=draft.failures + 1)
    if draft.failures >= END_AT:
        talk.say("utter_aid_given_up", buttons=[HUMAN, BOOK])
        return [SlotSet("aid", "given_up"), SlotSet("aid_draft", draft.to_json())]
    if why:
        talk.dispatcher.utter_message(text=why)
    return [SlotSet("aid_draft", draft.to_json())]


async def hand_in(talk: Talk, draft: Draft) -> Events:
    """Hand the application in; the citizen hears of it only when it is on disk."""
    fields = {**await citizens.profile(talk.people, talk.person), "story": talk.story(draft)}
    fields = {name: fields[name] for name in ("name", "phone", "address", "story") if fields.get(name)}
    try:
        result = talk.look(draft)
        done = await service.hand_in(
            talk.parts.applications, talk.people, draft.answers["what"], result.outcome, fields, talk.ask(draft.request)
        )
    except Unconfirmed:
        return _again(talk, draft, "utter_aid_unconfirmed")
    except (StoreUnavailable, ApplicationRefused):
        return _again(talk, draft, "utter_aid_store_down")
    except ConsentMissing:
        answers = {name: value for name, value in draft.answers.items() if name not in ("consent", "confirm")}
        return [SlotSet("aid_draft", replace(draft, answers=answers).to_json())]
    talk.say("utter_aid_handed_in", reference=done.id, papers="、".join(result.papers), buttons=[BOOK])
    return [SlotSet("aid", "done"), SlotSet("aid_draft", None)]


def _again(talk: Talk, draft: Draft, response: str) -> Events:
    """Stay at the summary: the same tap with the same key finds out, and hands in no second time."""
    talk.say(response)
    answers = {name: value for name, value in draft.answers.items() if name != "confirm"}
    return [SlotSet("aid_draft", replace(draft, answers=answers).to_json())]


async def repeat(talk: Talk) -> Events:
    """Say once more how the last application stands: five taps are one application and the same answer."""
    mine = await service.mine(talk.parts.applications, talk.person)
    if mine:
        talk.say("utter_aid_status", line=status_line(mine[0]))
    else:
        talk.say("utter_legal_aid", buttons=[LOOK, BOOK, HUMAN])
    return []


async def book(talk: Talk) -> Events:
    """Let the booking dialogue make an appointment at the center."""
    return await begin(Speaker(talk.parts, talk.turn, talk.dispatcher))


class ActionAskAid(_LegalAidAction):
    """Asks the next question with what can be tapped."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_aid"

    async def answer(self, talk: Talk) -> Events:
        """Ask, and remember what was asked."""
        draft = talk.draft or _opened(talk)
        name = missing(draft)
        buttons = [button(title, name, value) for value, title in self._options(name, draft)]
        if draft.failures >= PERSON_AT:
            talk.say("utter_aid_person", buttons=[*buttons, HUMAN])
        else:
            again = "_again" if draft.failures and name in questions.QUESTIONS else ""
            talk.say(f"utter_ask_aid_{name}{again}", buttons=buttons, **await talk.words(name, draft))
        return [SlotSet("aid_draft", replace(draft, asked=name).to_json())]

    def _options(self, name: str, draft: Draft) -> tuple[tuple[str, str], ...]:
        """Return what can be tapped: (value, title)."""
        further = {
            "consent": (("yes", "同意"), ("no", "不同意")),
            "story": ((NO_STORY, "见面再说"),),
            "confirm": (("yes", "交上去"), ("change", "改一下")),
        }
        if name in questions.QUESTIONS:
            return questions.options(name, draft.answers, self._parts.standard)
        return further.get(name, ())
