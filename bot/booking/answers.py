"""What a message means to the booking dialogue: an answer, a correction, a question on the side, a wish to leave. Pure.

Rasa's form asks `read`, and `purpose_of` says whether a message begins a booking at all. The tables are held to examples
by tests.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.booking.draft import FIELDS, Draft
from bot.booking.field_answers import (
    LONGEST_STORY,
    READERS,
    WHICH,
    by_number,
    field_meant,
    is_yes_or_no,
    named,
    without_phone,
)
from bot.booking.model import KINDS, Interval
from bot.booking.moments import meant, objection
from bot.booking.options import pointed
from bot.booking.phrases import ITEM, RELATION
from bot.booking.reading import UNCLEAR, Reading
from bot.booking.said import Said, changing, moving, stated
from bot.directory.words import looked_for
from bot.errors import InvalidField

# intent → what is to be booked, moved or cancelled.
PURPOSES = {
    "book_mediation": "mediation",
    "book_consultation": "consultation",
    "book_notary": "notary",
    "apply_legal_aid": "legal_aid",
    "book_visit": "visit",
    "change_booking": "move",
    "cancel_booking": "cancel",
}
INTENTS = {purpose: intent for intent, purpose in PURPOSES.items()}
# A message of another purpose must also name it before the dialogue leaves what it is about: classifiers slip.
_KEPT = r"约好的|约了的|已经约|[改换取]消?预约|预约[改换取]消?|上次约|之前约|yy-?[a-z2-9]{4}-?[a-z2-9]{4}"
NAMES_PURPOSE = {
    "mediation": re.compile(r"调解|说和|公亲"),
    "consultation": re.compile(r"律师|顾问|咨询"),
    "notary": re.compile(r"公证"),
    "legal_aid": re.compile(r"法律援助|法援"),
    "visit": re.compile(r"会见|探视|探监|看守所|监狱|戒毒|拘留所|矫正|坐牢|服刑|在押|关着|关在|里面"),
    "move": re.compile(_KEPT, re.I),
    "cancel": re.compile(_KEPT, re.I),
}
# Side questions, each from which confidence on; below it, the message is taken for an answer that was not understood.
SIDE: dict[str, float] = {
    "report_danger": 0.0,
    "talk_to_human": 0.5,
    "ask_hours": 0.6,
    "ask_location": 0.6,
    "ask_legal_aid": 0.6,
    "ask_notary": 0.6,
    "ask_mediation": 0.6,
    "find_provider": 0.6,
    "greet": 0.6,
    "thank": 0.6,
    "help": 0.7,
    "bot_challenge": 0.7,
    "where_to_go": 0.7,
    "ask_law": 0.7,
    "calculate": 0.7,
    "learn_law": 0.7,
    "check_status": 0.7,
    "manage_my_data": 0.7,
    "give_feedback": 0.8,
    "out_of_scope": 0.8,
}
# field → intents that are its answer, however they read: a trouble told is the answer to "what is it about".
ANSWERS: dict[str, frozenset[str]] = {
    "matter": frozenset({"ask_law", "where_to_go", "calculate"}),
    "area": frozenset({"find_provider", "ask_location"}),
    "provider_type": frozenset({"find_provider"}),
    "practitioner": frozenset({"find_provider"}),
}
# Fields whose answer is free words: only what has the shape of a question is one on the side.
FREE = frozenset(
    {"matter", "item", "name", "phone", "other_name", "other_phone", "relation", "inmate", "institution", "id_number"}
)
# Requests of their own, which no story and no name is taken for, unless it is as short as a name.
COMMANDS = frozenset({"manage_my_data", "check_status", "help", "bot_challenge", "give_feedback"})
LONGEST_FAMILIAR = 4
# Here a person's name and phone are all that is looked for, unless the message corrects something.
NAMES = frozenset({"name", "inmate", "other_name"})
PERSONAL = FREE - {"matter"}
# Fields with yes and no: 好的谢谢 is yes before it is thanks.
YES_OR_NO = frozenset({"consent", "confirm", "resume", "contact"})
_QUESTION = re.compile(
    r"[吗么?？]|几点|哪[里儿]|怎么|怎样|多少|什么|为什么|能不能|可不可以|有没有|是不是|要不要|在哪|谁"
)
# A time with one of these is about a place's hours; without, it answers "when".
_OPENING = re.compile(r"上班|下班|开门|关门|营业|放假|开到|几点")
_CORRECTS = re.compile(
    r"不对|不是|错了|写错|说错|弄错|更正|改[成为到]|改(?=[今明后下周星礼\d])|往[后前]推|推[迟后]|提前|换[成到个]|应该是|改一下|改下|不要"
)
_LEAVES = re.compile(
    r"(?:那?就?算了|(?:我|先|都|还是)*不(?:想|要)?(?:办|约|弄|搞|调解|咨询)了?|停|退出|结束|不要了|(?:我|先)?(?:改天|以后|下次|回头|晚点)再(?:说|约|办|来)|不用(?:约|办)?了|取消)"
    r"[吧啦了啊哦。,，!！]*(?:谢谢)?[。!！]*"
)
# A text this short that the classifier takes for 取消预约, with nothing booked yet, means the dialogue.
_SHORT = 10
_SMALL_TALK = re.compile(
    r"(?:你好|您好|在吗|在不在|哈喽|嗨|hello|hi|早上好|下午好|晚上好|喂|谢谢(?:你|您|啦|了)?|多谢|辛苦了|麻烦你了)[。.!！~？?啊呀]*",
    re.I,
)
_PARTICLES = re.compile(r"[\s,，.。!！?？、~～]|那|呢|的|吧|啊|呀|哈|哦|喔|就|在|是|改成|改到|换成")
_PRONOUN = re.compile(r"他|她|伊|这位|那位|这个(?:人|律师|调解员|顾问)|那个(?:人|律师|调解员|顾问)|ta(?![a-z])", re.I)
_APPOINTS = re.compile(r"(?<![大合违节公条契邀制相婚隐])约(?!定|好|束|等于|莫|架)|预约(?!电话|方式|流程|吗|制)")
# 还是约律师吧: so short and plain that it is no answer to anything else.
_ASKS_FOR = re.compile(
    r"(?:(?:那|算了|不|好)[，,\s]*)?(?:我|想|要|先|还是|改成?|就)*(?:约|预约|申请|改约)(?:个|一下|一个|一位)?(?:办)?"
    r"(?P<what>调解员?|律师|村?法律顾问|公证员?|法律援助|法援|远程会见|会见)(?:吧|了|好了|啊)*[。!！]*"
)
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
SERVES = {name: kind.name for kind in KINDS.values() if not kind.by_place for name in kind.served_by}


def read(said: Said, draft: Draft, now: int) -> Reading:
    """Return what a message means while a field of the draft is asked."""
    if said.option and said.intent in ("inform", "affirm", "deny"):
        return pointed(said.option)
    if _leaves(said, draft):
        return Reading("leave")
    if switched := _switched(said, draft):
        return Reading("switch", {"purpose": switched})
    if _is_side(said, draft):
        return Reading("side")
    try:
        return _objected(_answer(said, draft, now), draft, now)
    except InvalidField as bad:
        return Reading("unclear", problem=bad.reason)


def _leaves(said: Said, draft: Draft) -> bool:
    text = said.text.strip()
    if said.tapped or (draft.purpose == "cancel" and said.intent == "cancel_booking"):
        return said.intent in ("stop", "goodbye")
    if _LEAVES.fullmatch(text) and not (draft.purpose == "cancel" and text.startswith("取消")):
        return True
    if said.intent == "cancel_booking" and len(text) <= _SHORT and not NAMES_PURPOSE["cancel"].search(text):
        return True
    free = draft.asked in FREE and len(text) > _SHORT
    return said.intent in ("stop", "goodbye") and said.confidence >= 0.6 and not free


def _switched(said: Said, draft: Draft) -> str:
    """Return another purpose that the message is clearly about, or ""."""
    if asked_for := _ASKS_FOR.fullmatch(said.text.strip()):
        purpose = next(name for name, words in NAMES_PURPOSE.items() if words.search(asked_for["what"]))
        return purpose if purpose != draft.purpose else ""
    purpose = PURPOSES.get(said.intent, "")
    if not purpose or (purpose == draft.purpose and not said.tapped):
        return ""
    if said.tapped:
        return purpose
    sure = said.confidence >= SIDE["ask_law"] and NAMES_PURPOSE[purpose].search(said.text)
    told = _free_answer(said, draft) and not (purpose in ("move", "cancel") and draft.asked in PERSONAL)
    return purpose if sure and not told else ""


def _is_side(said: Said, draft: Draft) -> bool:
    if said.tapped:
        return said.intent not in ("inform", "affirm", "deny")
    if said.intent not in SIDE or said.confidence < SIDE[said.intent]:
        return False
    if said.intent in ("report_danger", "talk_to_human") or _SMALL_TALK.fullmatch(said.text.strip()):
        return True
    if draft.asked in YES_OR_NO and is_yes_or_no(said.text):
        return False
    if said.intent == "find_provider" and _CORRECTS.search(said.text) and news(said, draft):
        return False  # 换个女的调解员
    if said.intent in ANSWERS.get(draft.asked, ()) or _free_answer(said, draft):
        return False
    about_when = draft.asked == "slot" and said.first("time") and not _OPENING.search(said.text)
    return not (about_when and said.intent in ("ask_hours", "check_status", "find_provider", "ask_location"))


def _free_answer(said: Said, draft: Draft) -> bool:
    if draft.asked not in FREE or _QUESTION.search(said.text):
        return False
    return said.intent not in COMMANDS or len(said.text.strip()) <= LONGEST_FAMILIAR


def _answer(said: Said, draft: Draft, now: int) -> Reading:
    facts = news(said, draft)
    if facts and draft.asked in NAMES and draft.asked not in facts:
        facts |= _name_beside(said, draft, now)
    if facts and (draft.asked in PERSONAL | YES_OR_NO or draft.asked in facts):
        return Reading("facts", facts)
    if not facts and _CORRECTS.search(said.text) and (name := field_meant(said.text, draft)):
        return Reading("reopen", {"field": name})
    reader = READERS.get(draft.asked)
    reading = reader(said, draft, now) if reader else UNCLEAR
    if reading.meaning == "facts":
        return replace(reading, facts={**facts, **reading.facts})
    return Reading("facts", facts) if facts and reading == UNCLEAR else reading


def _name_beside(said: Said, draft: Draft, now: int) -> dict[str, Any]:
    """Return the name that stands beside a phone: 李建国13712345678."""
    if _CORRECTS.search(said.text) or not without_phone(said):
        return {}
    try:
        return dict(READERS[draft.asked](said, draft, now).facts)
    except InvalidField:
        return {}


def news(said: Said, draft: Draft) -> dict[str, Any]:
    """Return what a message states that the draft does not know, with what falls for it.

    Where a name or a phone is asked, only people are looked for (林莲下 is no town), unless the message corrects something
    or holds nothing but facts.
    """
    moves = draft.purpose in ("move", "cancel")
    facts = _moved(said, draft) if moves else fitting(stated(said, draft.asked), draft.purpose)
    if draft.asked in PERSONAL and not (_CORRECTS.search(said.text) or _is_bare(said)):
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


def _moved(said: Said, draft: Draft) -> dict[str, Any]:
    return {**moving(said), **(changing(said) if draft.purpose == "move" else {})}


def _another_trouble(said: Said, draft: Draft) -> dict[str, Any]:
    """Return the trouble that a correction names: 不是，是借钱的事. What was told of the first one goes with it."""
    code = said.first("matter")
    known = draft.facts.get("matter")
    if not code or known in (None, code) or draft.asked in PERSONAL or not _CORRECTS.search(said.text):
        return {}
    return {"matter": str(code), "story": said.text.strip()[:LONGEST_STORY]}


def begun(
    said: Said, draft: Draft, who: str, shown: tuple[tuple[str, str, str], ...], area: str, now: int
) -> dict[str, Any]:
    """Return the facts of the message that opens a dialogue, and what is known from before it.

    `who` is whom it is about, `shown` those on the screen, `area` that of the last look-up.
    """
    if draft.purpose in ("move", "cancel"):
        return {**_moved(said, draft), **_which(said), **_option(said)}
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


def fitting(facts: dict[str, Any], purpose: str) -> dict[str, Any]:
    """Return facts without those that mean nothing to a purpose: 远程会见 is no way to meet, it has one alone."""
    useless = {name for name in ("mode", "provider_type") if name not in FIELDS[purpose]}
    return {name: value for name, value in facts.items() if name not in useless}


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


def _objected(reading: Reading, draft: Draft, now: int) -> Reading:
    """Return a reading, or why the time in it cannot be had by anybody."""
    when, kind = reading.facts.get("when"), KINDS.get(str(draft.facts.get("kind") or draft.purpose))
    if not when or kind is None:
        return reading
    why = objection(Interval(*when), kind, now)
    return Reading("unclear", problem=f"utter_when_{why}") if why else reading


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
    if said.tapped or said.intent not in _MISTAKEN or _QUESTION.search(said.text):
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
