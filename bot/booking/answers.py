"""What a message means while the booking dialogue asks something: an answer, a question on the side, a wish to leave. Pure.

Rasa's form asks `read`. news.py tells what a message states, beginnings.py whether it begins a booking at all. The tables are
held to examples by tests.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.booking.draft import Draft
from bot.booking.field_answers import READERS, field_meant, is_yes_or_no, without_phone
from bot.booking.model import KINDS, Interval
from bot.booking.moments import objection
from bot.booking.news import FREE, PERSONAL, news
from bot.booking.options import pointed
from bot.booking.phrases import CORRECTS, QUESTION
from bot.booking.purposes import NAMES_PURPOSE, PURPOSES
from bot.booking.reading import UNCLEAR, Reading
from bot.booking.said import Said
from bot.errors import InvalidField

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
# Requests of their own, which no story and no name is taken for, unless it is as short as a name.
COMMANDS = frozenset({"manage_my_data", "check_status", "help", "bot_challenge", "give_feedback"})
LONGEST_FAMILIAR = 4
# Here a person's name and phone are all that is looked for, unless the message corrects something.
NAMES = frozenset({"name", "inmate", "other_name"})
# Fields with yes and no: 好的谢谢 is yes before it is thanks.
YES_OR_NO = frozenset({"consent", "confirm", "resume", "contact"})
# A time with one of these is about a place's hours; without, it answers "when".
_OPENING = re.compile(r"上班|下班|开门|关门|营业|放假|开到|几点")
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
# 还是约律师吧: so short and plain that it is no answer to anything else.
_ASKS_FOR = re.compile(
    r"(?:(?:那|算了|不|好)[，,\s]*)?(?:我|想|要|先|还是|改成?|就)*(?:约|预约|申请|改约)(?:个|一下|一个|一位)?(?:办)?"
    r"(?P<what>调解员?|律师|村?法律顾问|公证员?|法律援助|法援|远程会见|会见)(?:吧|了|好了|啊)*[。!！]*"
)


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
    if said.intent == "find_provider" and CORRECTS.search(said.text) and news(said, draft):
        return False  # 换个女的调解员
    if said.intent in ANSWERS.get(draft.asked, ()) or _free_answer(said, draft):
        return False
    about_when = draft.asked == "slot" and said.first("time") and not _OPENING.search(said.text)
    return not (about_when and said.intent in ("ask_hours", "check_status", "find_provider", "ask_location"))


def _free_answer(said: Said, draft: Draft) -> bool:
    if draft.asked not in FREE or QUESTION.search(said.text):
        return False
    return said.intent not in COMMANDS or len(said.text.strip()) <= LONGEST_FAMILIAR


def _answer(said: Said, draft: Draft, now: int) -> Reading:
    facts = news(said, draft)
    if facts and draft.asked in NAMES and draft.asked not in facts:
        facts |= _name_beside(said, draft, now)
    if facts and (draft.asked in PERSONAL | YES_OR_NO or draft.asked in facts):
        return Reading("facts", facts)
    if not facts and CORRECTS.search(said.text) and (name := field_meant(said.text, draft)):
        return Reading("reopen", {"field": name})
    reader = READERS.get(draft.asked)
    reading = reader(said, draft, now) if reader else UNCLEAR
    if reading.meaning == "facts":
        return replace(reading, facts={**facts, **reading.facts})
    return Reading("facts", facts) if facts and reading == UNCLEAR else reading


def _name_beside(said: Said, draft: Draft, now: int) -> dict[str, Any]:
    """Return the name that stands beside a phone: 李建国13712345678."""
    if CORRECTS.search(said.text) or not without_phone(said):
        return {}
    try:
        return dict(READERS[draft.asked](said, draft, now).facts)
    except InvalidField:
        return {}


def _objected(reading: Reading, draft: Draft, now: int) -> Reading:
    """Return a reading, or why the time in it cannot be had by anybody."""
    when, kind = reading.facts.get("when"), KINDS.get(str(draft.facts.get("kind") or draft.purpose))
    if not when or kind is None:
        return reading
    why = objection(Interval(*when), kind, now)
    return Reading("unclear", problem=f"utter_when_{why}") if why else reading
