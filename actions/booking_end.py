"""The end of the booking dialogue: the command to the book, and each refusal in its own plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet

from actions.booking_summary import say_booked, show
from actions.booking_talk import Speaker
from bot.booking import desk, dialogue
from bot.booking.draft import Draft, take
from bot.booking.model import Appointment, local_day
from bot.errors import (
    AppointmentAbsent,
    BookingRefused,
    ConflictOfInterest,
    ConsentMissing,
    QuotaReached,
    SlotClosed,
    SlotTaken,
    StoreUnavailable,
    TransitionRefused,
    Unconfirmed,
)

Events = list[dict[str, Any]]


async def conclude(speak: Speaker, draft: Draft) -> Events:
    """Book, move or cancel; on a refusal say why and keep everything that is still good."""
    try:
        done = await dialogue.conclude(speak.talk, draft)
    except Unconfirmed:
        return await _again(speak, draft, "utter_unconfirmed")
    except StoreUnavailable:
        return await _again(speak, draft, "utter_store_down")
    except ConsentMissing:
        return [SlotSet("draft", take(draft, {"consent": None}).to_json())]
    except BookingRefused as refused:
        return await _refused(speak, draft, refused)
    await say_done(speak, draft.purpose, done, bool(draft.facts.get("other_phone")))
    await dialogue.forget(speak.talk)
    booked = {"draft": draft.id, "appointment": done.id, "purpose": draft.purpose}
    booked |= {"other_phone": "yes" if draft.facts.get("other_phone") else ""}
    after = {"what": "booked", "after": speak.turn.id}
    return [SlotSet("booking", "done"), SlotSet("draft", None), SlotSet("booked", booked), SlotSet("pending", after)]


async def repeat(speak: Speaker) -> None:
    """Say once more what was done last: five taps of a confirmation are one booking and the same answer."""
    kept = speak.turn.booked
    try:
        done = await desk.one(speak.parts.desk, kept.get("appointment", ""), speak.talk.person)
    except BookingRefused:
        speak.say("utter_affirm_unasked")
        return
    await say_done(speak, kept["purpose"], done, kept.get("other_phone") != "")


async def say_done(speak: Speaker, purpose: str, done: Appointment, other_phone: bool = True) -> None:
    """Say what was done."""
    if purpose == "cancel":
        speak.say("utter_cancelled", when=speak.say_time(done.start))
    elif purpose == "move":
        pending = done.state == "pending"
        speak.say("utter_moved_pending" if pending else "utter_moved", when=speak.say_time(done.start))
        await show(speak, done)
    else:
        await say_booked(speak, done, other_phone)


async def _again(speak: Speaker, draft: Draft, response: str) -> Events:
    """Stay at the summary: the same command with the same key finds out, and books no second time."""
    speak.say(response)
    return [SlotSet("draft", draft.to_json())]


async def _refused(speak: Speaker, draft: Draft, refused: BookingRefused) -> Events:
    """Say which check failed, and go back to where another answer helps."""
    draft = replace(draft, asked="", asks={**draft.asks, "slot": 0})
    if isinstance(refused, AppointmentAbsent | TransitionRefused) and draft.purpose in ("move", "cancel"):
        speak.say("utter_change_too_late")
        return [SlotSet("draft", None), SlotSet("booking", "refused")]
    if isinstance(refused, SlotTaken | SlotClosed):
        speak.say("utter_slot_taken" if isinstance(refused, SlotTaken) else "utter_slot_closed")
        start = draft.facts["slot"]["start"]
        draft = take(draft, {"slot": None, "told": [start, start]})
    elif isinstance(refused, QuotaReached):
        speak.say("utter_quota")
        day = local_day(draft.facts["slot"]["start"]).end
        draft = take(draft, {"slot": None, "when": None, "after": day})
    elif isinstance(refused, ConflictOfInterest):
        speak.say("utter_conflict")
        draft = take(draft, {"practitioner": None, "slot": None})
    else:
        speak.say("utter_not_booked")
        draft = take(draft, {"slot": None, "when": None})
    await dialogue.keep(speak.talk, draft)
    return [SlotSet("draft", draft.to_json())]
