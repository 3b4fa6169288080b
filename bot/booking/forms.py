"""The forms of the pages: which fields a kind of service asks for, and what is wrong with an answer. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.booking.draft import CONSENT, FIELDS, SKIPPABLE
from bot.citizens.model import id_number_of, name_of, phone_of
from bot.errors import InvalidField

# A story is told to the mediator and not to a form: what fits on a phone's screen helps to prepare.
LONGEST_STORY, LONGEST_LINE = 500, 60


@dataclass(frozen=True)
class Field:
    """One field: its label, how a phone's keyboard should help, and the check, which returns it as it is kept."""

    name: str
    label: str
    check: Callable[[str], str]
    hint: str = ""
    kind: str = "text"
    complete: str = "off"
    optional: bool = False
    choices: tuple[str, ...] = ()


def _line(text: str) -> str:
    line = " ".join(text.split())
    if len(line) > LONGEST_LINE:
        raise InvalidField(f"太长了，最多{LONGEST_LINE}个字。")
    return line


def _story(text: str) -> str:
    if len(text) > LONGEST_STORY:
        raise InvalidField(f"太长了，最多{LONGEST_STORY}个字，见面再细说。")
    return text.strip()


RELATIONS = ("父母", "夫妻", "子女", "兄弟姐妹", "其他亲属", "律师", "其他")
ITEMS = ("继承", "委托", "遗嘱", "赠与", "声明", "其他")
DETAILS = (
    Field("item", "办什么公证", _line, choices=ITEMS),
    Field("inmate", "要见的人叫什么", name_of),
    Field("relation", "您是TA的什么人", _line, choices=RELATIONS),
    Field("institution", "TA在哪里", _line, "比如哪个看守所、监狱、戒毒所"),
    Field("name", "您的姓名", name_of, "跟身份证上的一样", complete="name"),
    Field("phone", "您的电话", phone_of, "手机，或者带区号的座机", "tel", "tel"),
    Field("id_number", "您的身份证号", id_number_of, "18位，最后一位可能是X", "id"),
    Field("other_name", "对方的姓名", name_of),
    Field("other_phone", "对方的电话", phone_of, "对方要用它的后四位打开邀请", "tel"),
    Field("story", "大概什么事", _story, "一两句就行，见面再细说", "long", optional=True),
)
# Kinds in which somebody prepares better with a word about the matter.
TOLD = ("mediation", "consultation", "legal_aid")


def fields(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind of service, in the order of the page."""
    wanted = {*FIELDS[kind], *(("story",) if kind in TOLD else ())}
    return tuple(
        Field(**{**field.__dict__, "optional": field.optional or field.name in SKIPPABLE})
        for field in DETAILS
        if field.name in wanted
    )


def purpose(kind: str) -> str:
    """Return the consent that a kind of service needs."""
    return CONSENT.get(kind, "booking")


def read(kind: str, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is right of a form (field → value as it is kept), and what is wrong (field → why, for the citizen)."""
    good, wrong = {}, {}
    for field in fields(kind):
        text = given.get(field.name, "").strip()
        try:
            if text:
                good[field.name] = _checked(field, text)
            elif not field.optional:
                raise InvalidField(_empty(field))
        except InvalidField as error:
            wrong[field.name] = error.reason
    if good.get("other_phone") and good["other_phone"] == good.get("phone"):
        wrong["other_phone"] = "这个号码跟您自己的一样，请写对方的。"
    return good, wrong


def _checked(field: Field, text: str) -> str:
    value = field.check(text)
    if field.choices and value not in field.choices:
        raise InvalidField("请从里面选一个。")
    return value


def _empty(field: Field) -> str:
    return "请选一个。" if field.choices else f"这里还没写：{field.label}。"
