"""A citizen's own applications for legal aid: one by its reference, or all."""

from __future__ import annotations

import re

from actions.booking_talk import HUMAN, Speaker
from bot.inbox.model import REFERENCE_ALPHABET
from bot.legal_aid import service
from bot.legal_aid.words import status_line

# As many as fit on a screen.
LISTED = 5
_REFERENCE = re.compile(rf"FY-?([{REFERENCE_ALPHABET}]{{4}})-?([{REFERENCE_ALPHABET}]{{4}})", re.I)


def quoted(text: str) -> str:
    """Return the reference of an application that a text quotes, "" for none."""
    found = _REFERENCE.search(text)
    return f"FY-{found[1]}-{found[2]}".upper() if found else ""


async def show_applications(speak: Speaker) -> bool:
    """Show the applications that are meant; False when there is none. Another's reference is as good as none."""
    mine = await service.mine(speak.parts.applications, speak.talk.person)
    if reference := quoted(speak.turn.text):
        mine = tuple(found for found in mine if found.id == reference)
    if mine:
        speak.say("utter_applications", lines="\n".join(map(status_line, mine[:LISTED])), buttons=[HUMAN])
    elif reference:
        speak.say("utter_no_such_application", reference=reference)
    return bool(mine)
