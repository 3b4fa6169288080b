"""A citizen's own applications for legal aid: one by its reference, or all."""

from __future__ import annotations

from actions.booking_talk import HUMAN, Speaker
from bot.legal_aid import service
from bot.legal_aid.words import status_line

# As many as fit on a screen.
LISTED = 5


async def show_applications(speak: Speaker) -> bool:
    """Show the applications that are meant; False when there is none. Another's reference is as good as none."""
    mine = await service.mine(speak.parts.applications, speak.talk.person)
    if reference := service.reference_of(speak.turn.text):
        mine = tuple(found for found in mine if found.id == reference)
    if mine:
        speak.say("utter_applications", lines="\n".join(map(status_line, mine[:LISTED])), buttons=[HUMAN])
        if speak.parts.links:
            speak.say("utter_applications_page", link=speak.parts.links.me_link(speak.talk.person, speak.talk.now))
    elif reference:
        speak.say("utter_no_such_application", reference=reference)
    return bool(mine)
