"""A citizen's own bookings: one by its reference, time or kind, or all; the times that the other side proposed."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action

from actions.booking_asks import slot_value, title_of
from actions.booking_summary import show
from actions.booking_talk import NOUNS, Speaker, button
from actions.my_applications import show_applications
from actions.parts import Parts
from actions.turn import Turn
from bot.booking import desk, dialogue
from bot.booking.beginnings import begun
from bot.booking.draft import Draft, request_key
from bot.booking.model import Appointment
from bot.booking.options import slot_of
from bot.booking.said import reference_in
from bot.booking.words import STATES_SAID
from bot.errors import BookingRefused, SlotClosed, SlotTaken
from bot.legal_aid.service import reference_of

Events = list[dict[str, Any]]
# As many as fit on a screen.
LISTED = 5


class ActionMyBookings(Action):  # type: ignore[misc]
    """Answers 我的预约怎么样了."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_my_bookings"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> Events:
        """Show the bookings that are meant."""
        return await show_bookings(Speaker(self._parts, Turn(tracker), dispatcher))


async def show_bookings(speak: Speaker) -> Events:
    """Show one booking with what can be done, or list several."""
    said = speak.turn.heard()
    name, _, value = said.option.partition(":")
    if name == "proposal":
        return await take_proposal(speak, value)
    if reference_of(said.text):
        await show_applications(speak)
        return []
    facts = begun(said, Draft("", "cancel"), "", (), "", speak.talk.now)
    applied = not facts.get("appointment") and not reference_in(said.text) and await show_applications(speak)
    reference = str(facts.get("appointment") or reference_in(said.text))
    found = [await _one(speak, reference)] if reference else list(await dialogue.meant(speak.talk, facts))
    if reference and not found[0]:
        speak.say("utter_no_such_booking", reference=reference)
    elif not found:
        if not applied:
            await _none(speak)
    elif len(found) == 1 and found[0]:
        await _details(speak, found[0])
    else:
        _list(speak, [old for old in found if old])
    return []


async def _one(speak: Speaker, reference: str) -> Appointment | None:
    try:
        return await desk.one(speak.parts.desk, reference, speak.talk.person)
    except BookingRefused:
        return None


async def _none(speak: Speaker) -> None:
    if speak.turn.in_booking:
        speak.say("utter_still_booking")
        return
    past = await desk.mine(speak.parts.desk, speak.talk.person)
    if past:
        last = past[-1]
        words = {"when": speak.say_time(last.start), "kind": NOUNS[last.kind], "state": STATES_SAID[last.state]}
        speak.say("utter_only_past_bookings", **words)
    else:
        speak.say("utter_no_bookings", what="查")


async def _details(speak: Speaker, booked: Appointment) -> None:
    speak.say(f"utter_state_{booked.state}", when=speak.say_time(booked.start), kind=NOUNS[booked.kind])
    if booked.proposals and booked.state == "pending":
        buttons = [
            button(speak.say_time(free.start), "proposal", f"{booked.id}|{slot_value(free)}", "check_status")
            for free in booked.proposals
        ]
        none = button("都不方便", "proposal", f"{booked.id}|none", "check_status")
        speak.say("utter_proposals", buttons=[*buttons, none])
    else:
        await show(speak, booked)


def _list(speak: Speaker, found: list[Appointment]) -> None:
    shown = found[:LISTED]
    lines = "\n".join(f"{title_of(speak, old.kind, old.start)}：{STATES_SAID[old.state]}" for old in shown)
    buttons = [button(title_of(speak, old.kind, old.start), "appointment", old.id, "check_status") for old in shown]
    speak.say("utter_bookings", number=len(found), lines=lines, buttons=buttons)


async def take_proposal(speak: Speaker, value: str) -> Events:
    """Take one of the times that the other side proposed, or none of them."""
    reference, _, choice = value.partition("|")
    talk, slot = speak.talk, slot_of(choice)
    key = request_key(Draft(f"proposal:{talk.person}", "move"), reference, choice)
    try:
        if slot is None:
            await desk.refuse_proposals(speak.parts.desk, reference, talk.person, talk.now, key)
            speak.say("utter_proposals_refused")
        else:
            booked = await desk.take_proposal(speak.parts.desk, reference, slot, talk.person, talk.now, key)
            speak.say("utter_moved", when=speak.say_time(booked.start))
            await show(speak, booked)
    except (SlotTaken, SlotClosed) as lost:
        buttons = [
            button(speak.say_time(free.start), "proposal", f"{reference}|{slot_value(free)}", "check_status")
            for free in lost.alternatives
        ]
        speak.say("utter_proposal_lost", buttons=buttons)
    except BookingRefused:
        speak.say("utter_change_too_late")
    return []
