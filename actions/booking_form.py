"""The booking dialogue: begin, take what was said, ask for the rest, book. Rules are in bot/booking."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import FollowupAction, SlotSet

from actions.booking_asks import ASKS
from actions.booking_end import conclude, repeat
from actions.booking_talk import WHAT, Speaker, button
from actions.parts import Parts
from actions.turn import Turn
from bot.booking import dialogue
from bot.booking.answers import read
from bot.booking.beginnings import RESUMES, begun, purpose_of
from bot.booking.draft import END_AT, FIELDS, Draft, asking, is_begun, left_at, missing, reopened, resumed, take
from bot.booking.field_answers import LONGEST_STORY
from bot.booking.model import KINDS
from bot.booking.purposes import INTENTS
from bot.booking.reading import Reading
from bot.citizens.model import RETENTION
from bot.directory.words import MATTERS
from bot.errors import StoreUnavailable

Events = list[dict[str, Any]]
# After an hour one no longer has the question in mind.
AWAY = 3600
# 我想找人来调解一下: a wish, and nothing of what it is about.
LONGEST_WISH = 15
# What must be known before anything is asked.
FIRST = {"visit": "utter_visit_rules", "legal_aid": "utter_legal_aid_first"}
# What tells who the two sides are, and with it who must not serve them.
SIDES = {"phone", "other_phone", "contact", "practitioner"}


class _BookingAction(Action):  # type: ignore[misc]
    def __init__(self, parts: Parts) -> None:
        self._parts = parts


class ActionBeginBooking(_BookingAction):
    """Starts a draft with everything that was said at once, and lets the form ask for the rest."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_begin_booking"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Begin to book, move or cancel."""
        return await begin(Speaker(self._parts, Turn(tracker), dispatcher))


async def begin(speak: Speaker, resume: bool = False, switch_to: str = "") -> Events:
    """Begin what the message asks for, or go on with what was left; who switches is not asked about that.

    Also called by the actions that find that a message means a booking.
    """
    turn = speak.turn
    said = turn.heard()
    purpose, who = purpose_of(said, turn.shown)
    resume = resume or bool(RESUMES.fullmatch(said.text.strip()))
    purpose = switch_to or purpose
    draft = Draft(secrets.token_hex(8), purpose or "consultation", heard=turn.id, at=speak.talk.now)
    draft = take(draft, begun(said, draft, who, turn.shown, turn.previous_query.area, speak.talk.now))
    draft = about_before(speak, draft)
    if purpose in ("move", "cancel"):
        return await _begin_change(speak, draft)
    earlier = None if switch_to else await left_draft(speak)
    if resume and not earlier:
        speak.say("utter_nothing_left")
        return []
    if earlier and said.option == "resume:no":
        await dialogue.forget(speak.talk)
    elif earlier:
        draft = replace(draft, earlier=earlier.to_json())
        draft = resumed(draft) if resume or said.option == "resume:yes" else draft
    return await _opened(speak, draft)


def about_before(speak: Speaker, draft: Draft) -> Draft:
    """Return the draft with the trouble that was told just before, and say so; a longer message tells its own."""
    matter, story = speak.turn.trouble_before()
    own = "matter" in draft.facts or len(speak.turn.heard().text) > LONGEST_WISH
    if not matter or own or "matter" not in FIELDS.get(draft.purpose, ()):
        return draft
    title = MATTERS.get(matter)
    speak.say("utter_booking_same_trouble", what=f"“{title}”那件事" if title else "那件事")
    return take(draft, {"matter": matter, "story": story[:LONGEST_STORY]})


async def left_draft(speak: Speaker) -> Draft | None:
    """Return the draft that was left: the one kept for a week, else this conversation's own."""
    own = speak.turn.draft
    fresh = own is not None and speak.talk.now - own.at < RETENTION["draft"].seconds
    found = await dialogue.left(speak.talk) or (own if fresh else None)
    return found if found and is_begun(found) else None


async def _begin_change(speak: Speaker, draft: Draft) -> Events:
    found = await dialogue.meant(speak.talk, draft.facts)
    if not found:
        named = draft.facts.get("appointment")
        speak.say("utter_no_such_booking" if named else "utter_no_bookings", reference=named, what=WHAT[draft.purpose])
        return []
    return await _opened(speak, draft)


async def _opened(speak: Speaker, draft: Draft) -> Events:
    if draft.purpose in FIRST and not draft.asks:
        speak.say(FIRST[draft.purpose])
    draft = await dialogue.settled(speak.talk, draft)
    return [SlotSet("booking", None), SlotSet("draft", draft.to_json()), FollowupAction("booking_form")]


class ValidateBookingForm(_BookingAction):
    """Takes a message into the draft; leaves a side question to its own rule by setting nothing."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "validate_booking_form"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Return the draft with what was said, and the slot `booking` when the dialogue is over."""
        speak = Speaker(self._parts, Turn(tracker), dispatcher)
        draft = speak.turn.draft
        if draft is None:  # Nothing is kept of a dialogue that was erased meanwhile.
            return [SlotSet("booking", "gone")]
        if draft.heard == speak.turn.id:
            return [SlotSet("draft", draft.to_json())]
        said = speak.turn.heard()
        reading = read(said, draft, speak.talk.now)
        if reading.meaning == "side":
            return await _back_after_a_while(speak, draft)
        draft = replace(draft, heard=speak.turn.id, at=speak.talk.now)
        try:
            return await TAKERS.get(reading.meaning, take_facts)(speak, draft, reading)
        except StoreUnavailable:
            speak.say("utter_store_down")
            return [SlotSet("draft", draft.to_json())]


async def _back_after_a_while(speak: Speaker, draft: Draft) -> Events:
    """Leave a side question to its rule; whoever says hello after an hour is first asked whether to go on."""
    away = speak.talk.now - draft.at > AWAY and draft.earlier is None and is_begun(draft)
    if speak.turn.intent != "greet" or not away:
        return []
    speak.say("utter_greet_again")
    fresh = Draft(secrets.token_hex(8), draft.purpose, heard=speak.turn.id, at=speak.talk.now, earlier=draft.to_json())
    return [SlotSet("draft", fresh.to_json())]


async def take_facts(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Put facts into the draft, and say what was heard where it does not show."""
    before = draft
    if reading.facts.get("consent"):
        await dialogue.agree(speak.talk, draft)
    draft = take(left_at(draft, draft.asked, failed=False), reading.facts)
    if SIDES & reading.facts.keys() and await dialogue.refused_by_conflict(speak.talk, draft):
        speak.say("utter_conflict")
        draft = take(draft, {"practitioner": None})
    events = await _next(speak, draft)
    _acknowledge(speak, before, Draft.from_json(events[0]["value"]))
    return events


def _acknowledge(speak: Speaker, before: Draft, after: Draft) -> None:
    if speak.turn.tapped:
        return
    if after.slot and after.slot != before.slot and missing(after) != "confirm":
        speak.say("utter_slot_chosen", when=speak.say_time(after.slot.start))
    elif missing(after) == before.asked and before.asked not in ("confirm", "practitioner", "slot"):
        speak.say("utter_noted")


async def _next(speak: Speaker, draft: Draft) -> Events:
    draft = await dialogue.settled(speak.talk, draft)
    await dialogue.keep(speak.talk, draft)
    return [SlotSet("draft", draft.to_json())]


async def fail(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Say why it is no answer; too often, and the dialogue ends with the draft kept."""
    draft = left_at(draft, draft.asked, failed=True)
    if draft.failures >= END_AT:
        return await leave(speak, draft, reading, "utter_booking_given_up")
    if reading.problem:
        speak.problem(reading.problem, **_notice_words(speak, draft))
    return [SlotSet("draft", draft.to_json())]


def _notice_words(speak: Speaker, draft: Draft) -> dict[str, str]:
    kind = KINDS.get(str(draft.facts.get("kind") or draft.purpose), KINDS["consultation"])
    return {**speak.notice(kind), "wished": "那个时间"}


async def leave(speak: Speaker, draft: Draft, reading: Reading, response: str = "") -> Events:
    """End for now; the draft stays."""
    change = draft.purpose in ("move", "cancel")
    kept = bool(draft.facts.get("consent"))
    again = [] if change else [button("接着办", "resume", "yes", INTENTS[draft.purpose])]
    left = "utter_change_left" if change else "utter_booking_left" if kept or is_begun(draft) else "utter_stopped"
    speak.say(response or left, buttons=again if left != "utter_stopped" else [])
    return [
        SlotSet("draft", None if change else replace(draft, asked="", failures=0).to_json()),
        SlotSet("booking", "left"),
    ]


async def drop(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """End for good."""
    await dialogue.forget(speak.talk)
    speak.say("utter_booking_dropped")
    return [SlotSet("draft", None), SlotSet("booking", "dropped")]


async def decline(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """No consent: say what can be done without."""
    speak.say("utter_consent_declined")
    return [SlotSet("draft", None), SlotSet("booking", "declined")]


async def go_on(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Go on with the draft that was left."""
    return await _next(speak, resumed(draft))


async def start_anew(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Leave the earlier draft behind."""
    await dialogue.forget(speak.talk)
    return await _next(speak, replace(draft, earlier=None))


async def more(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Show other people."""
    turned = 0 if "named" in draft.facts else draft.page + len(draft.shown)
    draft = take(left_at(draft, draft.asked, failed=False), {"named": None})
    return [SlotSet("draft", replace(draft, page=turned).to_json())]


async def later(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Show other times."""
    return await _next(speak, dialogue.later(left_at(draft, draft.asked, failed=False)))


async def switch(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Begin something else, in the same form; who has nothing to move or cancel means what is being booked."""
    said = speak.turn.heard()
    if reading.facts["purpose"] in ("move", "cancel") and not await dialogue.meant(speak.talk, {}):
        answer = read(replace(said, intent="inform", tapped=False), draft, speak.talk.now)
        return await TAKERS.get(answer.meaning, take_facts)(speak, draft, answer)
    if draft.facts.get("consent"):
        await dialogue.keep(speak.talk, draft)
    events = await begin(speak, switch_to=str(reading.facts["purpose"]))
    form = FollowupAction("booking_form")
    return [event for event in events if event != form] if form in events else [*events, SlotSet("booking", "left")]


async def reopen(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Ask a field anew."""
    return [SlotSet("draft", reopened(draft, str(reading.facts["field"])).to_json())]


async def confirmed(speak: Speaker, draft: Draft, reading: Reading) -> Events:
    """Book, move or cancel, when all is known; a button of an earlier summary changes nothing."""
    if reading.facts.get("draft", draft.id) != draft.id:
        if reading.facts["draft"] == speak.turn.booked.get("draft"):
            await repeat(speak)
        return [SlotSet("draft", draft.to_json())]
    if missing(draft) != "confirm":
        return [SlotSet("draft", draft.to_json())]
    return await conclude(speak, draft)


TAKERS = {
    "unclear": fail,
    "leave": leave,
    "drop": drop,
    "declined": decline,
    "go_on": go_on,
    "start_anew": start_anew,
    "more": more,
    "later": later,
    "switch": switch,
    "reopen": reopen,
    "confirmed": confirmed,
}


class ActionAskBooking(_BookingAction):
    """Asks for the next thing, or shows the summary."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_booking"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Ask, and remember what was asked and shown."""
        speak = Speaker(self._parts, Turn(tracker), dispatcher)
        draft = speak.turn.draft or Draft("", "consultation")
        name = missing(draft)
        asked = await ASKS[name](speak, draft)
        return [SlotSet("draft", asking(asked, name).to_json())]
