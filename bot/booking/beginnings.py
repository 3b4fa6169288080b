"""Whether a message begins a booking, with whom, and what it tells already. Pure."""

from __future__ import annotations

import re
from typing import Any

from bot.booking.draft import Draft
from bot.booking.field_answers import LONGEST_STORY, WHICH, by_number, named
from bot.booking.news import fitting, moved_by, named_elsewhere
from bot.booking.options import pointed
from bot.booking.phrases import ITEM, QUESTION, RELATION
from bot.booking.purposes import NAMES_PURPOSE, PURPOSES, SERVES
from bot.booking.reading import UNCLEAR
from bot.booking.said import Said, stated

_PRONOUN = re.compile(r"他|她|伊|这位|那位|这个(?:人|律师|调解员|顾问)|那个(?:人|律师|调解员|顾问)|ta(?![a-z])", re.I)
_APPOINTS = re.compile(r"(?<![大合违节公条契邀制相婚隐])约(?!定|好|束|等于|莫|架)|预约(?!电话|方式|流程|吗|制)")
SHORTEST_STORY = 4
COUNTY = 6  # digits of the county's own code, which narrows nothing
# Meanings under which a request to book may hide.
_MISTAKEN = frozenset({"inform", "nlu_fallback", "ask_mediation", "ask_notary", "ask_legal_aid", "find_provider"})
RESUMES = re.compile(r"(?:那?就?|我要?)?(?:接着|继续)(?:办|约|来|说|上次的?)?[吧啊呀。!！]*")
_WANTS = {
    "mediation": re.compile(r"(?:想|要|帮|请|申请|麻烦|约|预约)[^，。,不]{0,14}调解(?!员[的叫是]|吗|要)"),
    "consultation": re.compile(r"(?:约|预约)[^，。,不]{0,10}(?:律师|顾问)"),
    "notary": re.compile(r"(?:约|预约)[^，。,不]{0,10}公证"),
    "legal_aid": re.compile(r"(?:约|预约|申请)[^，。,不]{0,8}(?:法律援助|法援)"),
    "visit": re.compile(r"(?:想|要|申请|约|预约)[^，。,不]{0,10}(?:会见|探视)"),
}


def purpose_of(said: Said, shown: tuple[tuple[str, str, str], ...]) -> tuple[str, str]:
    """Return what a message begins and with whom: ("consultation", "law-1"); ("", "") when it begins nothing.

    `shown` are those on the screen from the last look-up as (listing id, name, provider type). 想约他下周三下午 after a
    lawyer's card is a consultation with that lawyer, whatever the classifier takes it for.
    """
    purpose = PURPOSES.get(said.intent, "") or _wanted(said)
    if purpose in ("move", "cancel") or not shown or said.tapped:
        return purpose, ""
    appoints = bool(_APPOINTS.search(said.text)) or purpose not in ("", "visit")
    who = _pointed_at(said, shown)
    if appoints and not who and _PRONOUN.search(said.text) and purpose in ("", "visit"):
        return _alike(said, shown) or purpose, ""
    if not appoints or not who:
        return purpose, ""
    meant = next(SERVES.get(kind, "") for number, _, kind in shown if number == who)
    if meant and (purpose in ("", meant, "visit") or _PRONOUN.search(said.text)):
        return (purpose, "") if purpose == "visit" and NAMES_PURPOSE["visit"].search(said.text) else (meant, who)
    return purpose, ""


def _alike(said: Said, shown: tuple[tuple[str, str, str], ...]) -> str:
    """Return what those on the screen all serve: 想约他 after three lawyers begins a consultation, with whom is asked."""
    served = {SERVES.get(kind, "") for _, _, kind in shown}
    return "" if len(served) > 1 or NAMES_PURPOSE["visit"].search(said.text) else served.pop()


def _wanted(said: Said) -> str:
    """Return what a message asks for that the classifier took for facts or a question: so much is said that it drowns."""
    if said.tapped or said.intent not in _MISTAKEN or QUESTION.search(said.text):
        return ""
    return next((purpose for purpose, words in _WANTS.items() if words.search(said.text)), "")


def _pointed_at(said: Said, shown: tuple[tuple[str, str, str], ...]) -> str:
    """Return whom of those on the screen a message means: by name, by number, as the only one."""
    found = named(said.text, tuple((number, name) for number, name, _ in shown))
    found = found or by_number(said.text, [number for number, _, _ in shown]) or ""
    other = said.first("area") or said.first("matter") or said.first("provider_type") not in (None, shown[0][2])
    if not found and len(shown) == 1 and (_PRONOUN.search(said.text) or not other):
        found = shown[0][0]
    return str(found)


def begun(
    said: Said, draft: Draft, who: str, shown: tuple[tuple[str, str, str], ...], area: str, now: int
) -> dict[str, Any]:
    """Return the facts of the message that opens a dialogue, and what is known from before it.

    `who` is whom it is about, `shown` those on the screen, `area` that of the last look-up.
    """
    if draft.purpose in ("move", "cancel"):
        return {**moved_by(said, draft), **_which(said), **_option(said)}
    facts = {**fitting(stated(said), draft.purpose), **_told(said, draft.purpose), **_option(said)}
    if "when" in facts and max(facts["when"]) <= now:
        del facts["when"]  # 去年 is part of the story.
    if who:
        facts["practitioner"] = who
    elif name := named_elsewhere(said):
        facts["who"] = name
    elif len(shown) == 1 and SERVES.get(shown[0][2]) == draft.purpose and not {"gender", "language"} & facts.keys():
        facts["suggested"] = shown[0][0]
    return {"area": area, **facts} if len(area) > COUNTY and "areas" not in facts else facts


def _option(said: Said) -> dict[str, Any]:
    reading = pointed(said.option) if said.option else UNCLEAR
    return dict(reading.facts) if reading.meaning == "facts" else {}


def _which(said: Said) -> dict[str, Any]:
    return next(({"which": kind} for kind, words in WHICH.items() if re.search(words, said.text)), {})


def _told(said: Said, purpose: str) -> dict[str, Any]:
    """Return what the opening message tells of the trouble, of what is to be notarised, of whom one wants to see."""
    facts: dict[str, Any] = {}
    if (code := said.first("matter")) and purpose in ("mediation", "legal_aid", "consultation"):
        facts |= {"matter": str(code), "story": _story(said)[:LONGEST_STORY]}
    if purpose == "notary" and (found := ITEM.search(said.text)):
        facts["item"] = found.group()
    if purpose == "visit" and (found := RELATION.search(said.text)):
        facts["relation"] = found.group()
    return facts


def _story(said: Said) -> str:
    """Return the clauses that tell of the trouble, without those that give a name, a phone, a town or a time."""
    kept, start = [], 0
    for clause in re.split(r"(?<=[，,。；;！!])", said.text):
        inside = {e.name for e in said.entities if start <= e.start < start + len(clause)}
        if "matter" in inside or not inside:
            kept.append(clause)
        start += len(clause)
    story = "".join(kept).strip(" ，,。；;")
    return story if len(story) >= SHORTEST_STORY else said.text
