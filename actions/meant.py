"""Messages that mean a booking although the classifier reads something else: a reference, 想约他 after a card."""

from __future__ import annotations

from typing import Any

from actions.booking_form import begin
from actions.booking_talk import Speaker
from actions.my_bookings import show_bookings
from bot.booking.beginnings import RESUMES, purpose_of
from bot.booking.purposes import PURPOSES
from bot.booking.said import reference_in

Events = list[dict[str, Any]]


async def meant_for_booking(speak: Speaker) -> Events | None:
    """Return the events of a booking that a message means although it reads like something else; None when it does not."""
    said = speak.turn.heard()
    if reference_in(said.text):
        return await show_bookings(speak)
    if RESUMES.fullmatch(said.text.strip()):
        return await begin(speak, resume=True)
    purpose, who = purpose_of(said, speak.turn.shown)
    return await begin(speak) if who or (purpose and said.intent not in PURPOSES) else None
