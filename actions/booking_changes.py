"""How a change of an appointment is offered and said: its time, the way to meet, the person."""

from __future__ import annotations

from typing import Any

from actions.booking_talk import NOUNS, Button, Speaker, button
from bot.booking import desk, dialogue
from bot.booking.draft import Draft, take
from bot.booking.model import KINDS
from bot.booking.said import OTHER
from bot.booking.words import MODES_SAID, say_who

# Kinds that somebody serves, and not a counter.
WITH_PEOPLE = ("mediation", "consultation", "notary")


async def change_buttons(speak: Speaker, draft: Draft) -> list[Button]:
    """Return what else than the time can be changed; nothing for what is only being booked."""
    if draft.purpose != "move" or "kind" not in draft.facts:
        return []
    old = await desk.one(speak.parts.desk, str(draft.facts["appointment"]), speak.talk.person)
    now = draft.facts.get("mode") or old.mode
    ways = [button(f"换成{MODES_SAID[way]}", "mode", way) for way in KINDS[old.kind].modes if way != now]
    person = old.kind in WITH_PEOPLE and "practitioner" not in draft.facts
    return [*ways, *([button("换个人", "practitioner", OTHER)] if person else [])]


async def change_words(speak: Speaker, draft: Draft) -> dict[str, Any]:
    """Return the words of the question whether a change is right: what was, and what it shall be."""
    old = await desk.one(speak.parts.desk, str(draft.facts["appointment"]), speak.talk.person)
    new = speak.say_time(draft.slot.start) if draft.slot else ""
    who = say_who(await dialogue.chosen(speak.talk, draft))
    way = MODES_SAID[str(draft.facts.get("mode") or old.mode)]
    return {"old": speak.say_time(old.start), "new": new, "kind": NOUNS[old.kind], "who": who, "way": way}


def say_unfit(speak: Speaker, draft: Draft) -> Draft:
    """Say which way a kind cannot be done in, once."""
    way, kind = draft.facts.get("unfit"), draft.facts.get("kind")
    if not way or not kind:
        return draft
    ways = "、".join(MODES_SAID[fit] for fit in KINDS[str(kind)].modes)
    speak.say("utter_way_unfit", kind=NOUNS[str(kind)], way=MODES_SAID[str(way)], ways=ways)
    return take(draft, {"unfit": None})
