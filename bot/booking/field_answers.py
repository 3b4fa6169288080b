"""How the answer to each field of a booking is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from bot.booking.draft import ANY, REMEMBERED, Draft
from bot.booking.moments import chosen, impossible, meant, wished
from bot.booking.phrases import (
    ANYTHING,
    LAST,
    LATER,
    LAUGHS,
    MORE,
    NAME_LEAD,
    NO,
    ORDINAL,
    PHONE_LEAD,
    RELATION,
    SKIP,
    THIS_ONE,
    UNSURE,
    YES,
)
from bot.booking.reading import UNCLEAR, Reading
from bot.booking.said import Said
from bot.citizens.model import id_number_of, name_of, phone_of
from bot.directory.words import TYPES
from bot.errors import InvalidField

# A story is kept in a sentence or two: the mediator hears the rest from the citizen.
LONGEST_STORY = 200
LONGEST_WORDS = 40
EDIT_WORDS: dict[str, str] = {
    "other_phone": r"(?:对方|他|她).{0,3}(?:电话|手机|号码)",
    "other_name": r"对方",
    "id_number": r"身份证|证件",
    "phone": r"电话|手机|号码",
    "inmate": r"要见的|里面的人",
    "name": r"名字|姓名|名",
    "slot": r"时间|几点|哪天|日期|日子",
    "mode": r"方式|怎么谈|怎么见",
    "practitioner": r"调解员|律师|顾问|公证员|换个?人|哪位|谁",
    "area": r"镇|街道|村|地区|哪里",
    "item": r"事项|办什么|什么事",
    "matter": r"什么事|事情|纠纷",
    "relation": r"关系",
    "institution": r"看守所|监狱|监所|地方|单位",
}


def matter(said: Said, draft: Draft, now: int) -> Reading:
    """Read what the trouble is: a code from the words, and the words themselves when they tell a story."""
    code = said.first("matter")
    text = said.text.strip()
    if _indifferent(text) or SKIP.fullmatch(text):
        return Reading("facts", {"matter": "other"})
    if YES.fullmatch(text) or NO.fullmatch(text) or (len(text) < 2 and not code):
        return UNCLEAR
    story = {"story": text[:LONGEST_STORY]} if len(text) >= 4 or not code else {}
    return Reading("facts", {**story, **({"matter": str(code)} if code else {})})


def mode(said: Said, draft: Draft, now: int) -> Reading:
    """Read how one wants to meet."""
    for way, words in (
        ("video", "视频|线上|网上|远程"),
        ("phone", "电话|打给我|语音"),
        ("on_site", "当面|见面|面谈|现场|上门|过去|来|去"),
    ):
        if said.first("mode") == way or (not said.first("mode") and re.search(words, said.text)):
            return Reading("facts", {"mode": way})
    return Reading("facts", {"mode": "phone"}) if ANYTHING.fullmatch(said.text.strip()) else UNCLEAR  # anybody has one


def area(said: Said, draft: Draft, now: int) -> Reading:
    """Read the town; the message's own area was taken already."""
    return Reading("facts", {"area": ANY}) if _indifferent(said.text.strip()) else UNCLEAR


def provider_type(said: Said, draft: Draft, now: int) -> Reading:
    """Read whether a lawyer or the village's adviser is wanted."""
    if _indifferent(said.text.strip()):
        return Reading("facts", {"provider_type": ANY})
    if re.search(r"顾问|村里", said.text):
        return Reading("facts", {"provider_type": "village_adviser"})
    return Reading("facts", {"provider_type": "lawyer"}) if "律师" in said.text else UNCLEAR


def practitioner(said: Said, draft: Draft, now: int) -> Reading:
    """Read whom one wants: somebody on the screen by name, number or as the only one; anybody; others."""
    text = said.text.strip()
    found = named(text, draft.shown)
    if not found and len(draft.shown) == 1 and (THIS_ONE.match(text) or YES.fullmatch(text)):
        found = draft.shown[0][0]
    if not found and draft.shown:
        found = by_number(text, [number for number, _ in draft.shown])
    if found:
        return Reading("facts", {"practitioner": found})
    if MORE.search(text):
        return Reading("more")
    if ANYTHING.fullmatch(text):
        return Reading("facts", {"practitioner": ANY})
    who = said.first("person_name")
    return Reading("facts", {"who": str(who)}) if who else UNCLEAR


def named(text: str, shown: tuple[tuple[str, str], ...]) -> str:
    """Return the id of the one person on the screen whose name, or surname with a title, a text has; "" for none."""
    whole = [number for number, name in shown if name in text]
    titles = "|".join({*TYPES.values(), "顾问", "老师"})
    surname = [number for number, name in shown if re.search(rf"{name[0]}(?:{titles})", text)]
    for found in (whole, surname):
        if len(found) == 1:
            return found[0]
    return ""


def by_number(text: str, of: list[Any]) -> Any:
    """Return the one of a list that a text picks by 第二个 or 最后一个, or None."""
    if LAST.search(text):
        return of[-1]
    found = ORDINAL.search(text)
    number = "一二三".find(found[1]) + 1 or int(found[1]) if found else 0
    return of[number - 1] if 1 <= number <= len(of) else None


def slot(said: Said, draft: Draft, now: int) -> Reading:
    """Read the time: one of the offered, another one, or none of these."""
    text = said.text.strip()
    if impossible(text):
        return Reading("unclear", problem="utter_when_impossible")
    if time := said.first("time"):
        wish = meant(wished(str(time)), text, draft.offered)
        found = chosen(wish, draft.offered)
        return Reading("facts", {"slot": asdict(found)} if found else {"when": list(wish)})
    if draft.offered and (found := by_number(text, list(draft.offered))):
        return Reading("facts", {"slot": asdict(found)})
    if draft.offered and (ANYTHING.fullmatch(text) or (len(draft.offered) == 1 and YES.fullmatch(text))):
        return Reading("facts", {"slot": asdict(draft.offered[0])})
    return Reading("later") if LATER.search(text) or NO.fullmatch(text) else UNCLEAR


def consent(said: Said, draft: Draft, now: int) -> Reading:
    """Read yes or no to what is kept."""
    if _yes(said):
        return Reading("facts", {"consent": True})
    return Reading("declined") if _no(said) else UNCLEAR


def contact(said: Said, draft: Draft, now: int) -> Reading:
    """Read whether the name and phone of last time still hold."""
    if _yes(said):
        return Reading("facts", {"contact": True, "name": REMEMBERED, "phone": REMEMBERED})
    if _no(said) or re.search("换|改|变", said.text):
        return Reading("facts", {"contact": False})
    return name(said, draft, now)


def name(said: Said, draft: Draft, now: int) -> Reading:
    """Read the citizen's name. Raises InvalidField."""
    return Reading("facts", {"name": _name(said)})


def other_name(said: Said, draft: Draft, now: int) -> Reading:
    """Read the other side's name: as known, in part, or not at all."""
    text = NAME_LEAD.sub("", without_phone(said))
    if SKIP.match(text) or _no(said):
        return Reading("facts", {"other_name": ""})
    if YES.fullmatch(text) or LAUGHS.fullmatch(text):
        return UNCLEAR
    if not text or len(text) > LONGEST_WORDS:
        return Reading("unclear", problem="utter_too_long" if text else "")
    # 隔壁阿明, 三楼姓陈的: the staff know how to ask further; a company's name is longer than a person's.
    return Reading("facts", {"other_name": text})


def phone(said: Said, draft: Draft, now: int) -> Reading:
    """Read the citizen's phone. Raises InvalidField."""
    return Reading("facts", {"phone": phone_of(said.text)})


def other_phone(said: Said, draft: Draft, now: int) -> Reading:
    """Read the other side's phone, or that it is not known. Raises InvalidField."""
    if SKIP.search(said.text) or (_no(said) and not re.search(r"\d", said.text)):
        return Reading("facts", {"other_phone": ""})
    number = phone_of(said.text)
    if number == draft.facts.get("phone"):
        raise InvalidField("这个号码跟您自己的一样，请写对方的。")
    return Reading("facts", {"other_phone": number})


def id_number(said: Said, draft: Draft, now: int) -> Reading:
    """Read the ID number. Raises InvalidField."""
    return Reading("facts", {"id_number": id_number_of(said.text)})


def relation(said: Said, draft: Draft, now: int) -> Reading:
    """Read who the other is to the citizen."""
    found = RELATION.search(said.text)
    return Reading("facts", {"relation": found.group() if found else _words(said)})


def inmate(said: Said, draft: Draft, now: int) -> Reading:
    """Read whom the citizen wants to see. Raises InvalidField."""
    return Reading("facts", {"inmate": _name(said)})


def institution(said: Said, draft: Draft, now: int) -> Reading:
    """Read where that person is."""
    return Reading("facts", {"institution": _words(said)})


def item(said: Said, draft: Draft, now: int) -> Reading:
    """Read what is to be notarised."""
    if _indifferent(said.text.strip()):
        return Reading("facts", {"item": "到时候当面说"})
    return Reading("facts", {"item": _words(said)})


def appointment(said: Said, draft: Draft, now: int) -> Reading:
    """Read which appointment is meant, by the kind that is named; its reference and time were taken already."""
    for kind, words in WHICH.items():
        if re.search(words, said.text):
            return Reading("facts", {"which": kind})
    return UNCLEAR


def confirm(said: Said, draft: Draft, now: int) -> Reading:
    """Read whether the summary is right."""
    if _yes(said):
        return Reading("confirmed")
    return Reading("facts", {"edit": True}) if _no(said) or re.search("改|错", said.text) else UNCLEAR


def edit(said: Said, draft: Draft, now: int) -> Reading:
    """Read what is to be changed."""
    found = field_meant(said.text, draft)
    if found:
        return Reading("reopen", {"field": found})
    return Reading("facts", {"edit": None}) if _no(said) or "没" in said.text else UNCLEAR


def resume(said: Said, draft: Draft, now: int) -> Reading:
    """Read whether to go on with what was left half-way."""
    if re.search("重新|重来|新的|从头", said.text) or _no(said):
        return Reading("start_anew")
    return Reading("go_on") if _yes(said) or re.search("接着|继续|上次", said.text) else UNCLEAR


# What an appointment is called, said of one that exists.
WHICH = {
    "mediation": "调解",
    "consultation": "律师|顾问|咨询",
    "notary": "公证",
    "legal_aid": "法律?援助?",
    "visit": "会见|探视",
}
READERS: dict[str, Callable[[Said, Draft, int], Reading]] = {
    reader.__name__: reader
    for reader in (
        matter, mode, area, provider_type, practitioner, slot, consent, contact, name, phone, other_name, other_phone,
        id_number, relation, inmate, institution, item, appointment, confirm, edit, resume,
    )
}  # fmt: skip


def field_meant(text: str, draft: Draft) -> str:
    """Return the known field that a text names ("电话写错了"), or ""."""
    return next((name for name, words in EDIT_WORDS.items() if name in draft.facts and re.search(words, text)), "")


def is_yes_or_no(text: str) -> bool:
    """Whether a text is nothing but a yes or a no."""
    return bool(YES.fullmatch(text.strip()) or NO.fullmatch(text.strip()))


def _indifferent(text: str) -> bool:
    return bool(ANYTHING.fullmatch(text) or UNSURE.fullmatch(text))


def _yes(said: Said) -> bool:
    text = said.text.strip()
    return bool(YES.fullmatch(text)) or (said.intent == "affirm" and not re.search("不|别|改|错", text))


def _no(said: Said) -> bool:
    return bool(NO.fullmatch(said.text.strip())) or said.intent == "deny"


def _name(said: Said) -> str:
    text = NAME_LEAD.sub("", without_phone(said))
    if any(words.fullmatch(text) for words in (RELATION, YES, NO, SKIP, ANYTHING, UNSURE, LAUGHS)):
        raise InvalidField("请写姓名，两到四个字。")
    own = said.first("person_name")
    return name_of(str(own) if own and str(own) in text and len(text) > len(str(own)) + 2 else text)


def without_phone(said: Said) -> str:
    """Return what is left of 林某，电话13…: 林某."""
    return PHONE_LEAD.sub("", said.rest("phone_number").strip(" ，,。.!！")).strip(" ，,。.!！")


def _words(said: Said) -> str:
    text = said.text.strip(" ，,。.!！")
    if len(text) > LONGEST_WORDS:
        raise InvalidField(f"有点长了，{LONGEST_WORDS}个字以内说个大概就行。")
    if not re.search(r"[\u3400-\u9fffA-Za-z]", text) or YES.fullmatch(text) or NO.fullmatch(text):
        raise InvalidField("这句我没看懂。")
    return text
