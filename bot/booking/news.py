"""What a message states that a draft does not know yet, corrections too. Pure."""

from __future__ import annotations

import re
from typing import Any

from bot.booking.draft import FIELDS, Draft
from bot.booking.field_answers import LONGEST_STORY
from bot.booking.model import Interval
from bot.booking.moments import meant
from bot.booking.phrases import CORRECTS
from bot.booking.purposes import PURPOSES
from bot.booking.said import Said, changing, moving, stated
from bot.directory.words import looked_for

# Fields whose answer is free words: only what has the shape of a question is one on the side.
FREE = frozenset(
    {"matter", "item", "name", "phone", "other_name", "other_phone", "relation", "inmate", "institution", "id_number"}
)
PERSONAL = FREE - {"matter"}
_PARTICLES = re.compile(r"[\s,，.。!！?？、~～]|那|呢|的|吧|啊|呀|哈|哦|喔|就|在|是|改成|改到|换成")


def news(said: Said, draft: Draft) -> dict[str, Any]:
    """Return what a message states that the draft does not know, with what falls for it.

    Where a name or a phone is asked, only people are looked for (林莲下 is no town), unless the message corrects something
    or holds nothing but facts.
    """
    moves = draft.purpose in ("move", "cancel")
    facts = moved_by(said, draft) if moves else fitting(stated(said, draft.asked), draft.purpose)
    if draft.asked in PERSONAL and not (CORRECTS.search(said.text) or _is_bare(said)):
        facts = {name: value for name, value in facts.items() if name in ("name", "phone", "other_name", "other_phone")}
    if draft.asked == "slot" or (draft.asked == "matter" and said.intent not in PURPOSES):
        facts.pop("when", None)  # The reader of times knows what is on the screen; 唱到半夜 belongs to the story.
    if draft.slot and "when" in facts:
        facts["when"] = list(meant(Interval(*facts["when"]), said.text, [draft.slot]))
    facts |= _another_trouble(said, draft)
    facts = {name: value for name, value in facts.items() if draft.facts.get(name) != value}
    if draft.slot and "when" in facts and _covers(facts["when"], draft.slot.start):
        del facts["when"]
    if "when" in facts and draft.slot:
        facts["slot"] = None
    if {"gender", "language"} & facts.keys() and "practitioner" in draft.facts:
        facts |= {"practitioner": None}
    if not moves and (who := named_elsewhere(said)) and draft.asked not in PERSONAL | {"practitioner"}:
        facts["who"] = who
    return facts


def moved_by(said: Said, draft: Draft) -> dict[str, Any]:
    """Return what a message states about an appointment that is to be moved or cancelled."""
    return {**moving(said), **(changing(said) if draft.purpose == "move" else {})}


def _another_trouble(said: Said, draft: Draft) -> dict[str, Any]:
    """Return the trouble that a correction names: 不是，是借钱的事. What was told of the first one goes with it."""
    code = said.first("matter")
    known = draft.facts.get("matter")
    if not code or known in (None, code) or draft.asked in PERSONAL or not CORRECTS.search(said.text):
        return {}
    return {"matter": str(code), "story": said.text.strip()[:LONGEST_STORY]}


def fitting(facts: dict[str, Any], purpose: str) -> dict[str, Any]:
    """Return facts without those that mean nothing to a purpose: 远程会见 is no way to meet, it has one alone."""
    useless = {name for name in ("mode", "provider_type") if name not in FIELDS[purpose]}
    return {name: value for name, value in facts.items() if name not in useless}


def named_elsewhere(said: Said) -> str:
    """Return whom of the directory a message names by name and title (陈伟明律师), or ""."""
    person = str(said.first("person_name") or "")
    return looked_for(person, "", "lawyer")


def _is_bare(said: Said) -> bool:
    """Whether a message holds nothing but facts."""
    return bool(said.entities) and not _PARTICLES.sub("", said.rest(*{entity.name for entity in said.entities}))


def _covers(wish: list[int], moment: int) -> bool:
    start, end = wish
    return start <= moment < max(end, start + 1)
