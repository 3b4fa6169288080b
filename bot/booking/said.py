"""One message of a citizen as the engine read it, and the facts that it states whatever was asked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.booking.moments import wished

# The book's own references, typed in any way: YY-7K3M-Q9XD, yy7k3mq9xd, 7k3m-q9xd.
_HALF = "[2-9A-HJKMNP-Z]{4}"
_REFERENCE = re.compile(
    rf"(?<![0-9A-Z])(?:YY[-—_ ]?({_HALF})[-—_ ]?({_HALF})|(?=[0-9-]*[A-Z])({_HALF})[-—]({_HALF}))(?![0-9A-Z])"
)
# Whose name or phone it is, by the words right before it.
_THEY = "(?:对方|对面|邻居|厝边|楼上|楼下|房东|租客|老板|公司|厂里|老公|老婆|前夫|前妻|他|她|它|伊|那边|那个人)"
_THEIRS = re.compile(
    rf"{_THEY}(?:[^，,。;；]{{0,8}}|[^。;；]{{0,6}}(?:错|不对)[^。;；]{{0,8}}|(?:叫|是|姓|名叫)[^，,。;；]{{1,10}}[，,\s]+[^，,。;；]{{0,6}})$"
)
_MINE = re.compile(r"(?:我(?!跟|和|们)|本人|自己)[^，,。;；]{0,10}$|(?:写错|说错|打错|不对|错了)[^。;；]{0,8}$")
_MY_NAME = re.compile(
    r"(?:我(?:的?(?:名字|姓名))?(?:叫做?|是|姓名是?)|本人(?:叫|是)?|(?:^|[，,。;；\s])(?:名字|姓名)(?:叫|是)?)[:：\s]*$"
)
_THEIR_NAME = re.compile(
    r"(?:对方|对面|邻居|厝边|房东|租客|老板|老公|老婆|前夫|前妻|他|她)(?:的?(?:名字|姓名))?(?:叫做?|是|姓名是?|名叫)[:：\s]*$"
)
_RENAMED = re.compile(
    r"(?P<whose>对方|他|她|邻居)?的?(?:名字|姓名)[^，,。]{0,4}(?:错|不对|改)[^，,。]{0,4}[，,。\s]*(?:应该)?(?:是|叫|改成|写)\s*(?P<name>[\u3400-\u9fff·]{2,12})"
)
_TO = re.compile(r"(?:改|换|挪|推|调|移|延|提前|推迟|延后)[^，,。]{0,4}(?:到|成|为|在|至)?\s*$")
# What a way to meet must follow to be a new one: 换成电话, 改用视频; 改电话 alone is about a number.
_INTO = re.compile(r"(?:换|改)[^，,。]{0,3}(?:成|为|用|到|个|走)[^，,。]{0,4}$|^(?:那?就?(?:要|用|走))?$")
# 换个调解员, 换一位女的, 不要他了换别人. 换个时间 is about none.
_SOMEBODY_ELSE = re.compile(
    r"(?:换|改)(?:成|约|找)?(?:一?[个位名])?(?:会讲?[^，,。]{0,4}的|[男女]的?|别的|另外的?|其他的?){0,2}(?:人|调解员|律师|顾问|公证员|别人|一位|[男女]的)"
)
_FOR = re.compile(r"(?:换|改)(?:成|为|到|给|约|找|跟|和)*\s*$")
OTHER = "other"
# The engine finds no name in 他叫林强, since 强 is a word too: after 叫, a common surname is enough.
_SURNAMES = (
    "陈林黄蔡李张王吴杨郑许谢刘周郭洪曾徐沈余朱何罗卢姚苏江方邱庄潘杜叶丁赖马高梁宋唐韩冯邓曹彭萧肖田董袁于蒋程魏吕任范姜钟汪石廖贾韦付孔"
    "白崔康毛薛顾侯邵孟龙万段雷钱汤尹黎易常武乔贺龚文庞樊兰殷施陶翁安颜倪严牛温芦季俞章鲁葛伍孙胡"
)
_CALLED = re.compile(
    rf"(?P<whose>我|本人|{_THEY})的?(?:名字|姓名)?(?:叫做?|名叫|名字是|姓名是)[:：\s]*"
    rf"(?P<name>[{_SURNAMES}][\u3400-\u9fff]{{1,3}}?)(?=[，,。;；\s\d]|$|的?电话|手机|住)"
)
_CONSULTED = {"lawyer", "village_adviser"}


class Entity(NamedTuple):
    """What the engine found in the text; `candidates` are the areas that an ambiguous name could mean."""

    name: str
    value: Any
    start: int = -1
    end: int = -1
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """A message. `text` is what was typed, "" for a tapped button; `option` is what a button of the dialogue carries."""

    text: str
    intent: str = ""
    confidence: float = 1.0
    entities: tuple[Entity, ...] = ()
    option: str = ""
    tapped: bool = False

    def first(self, name: str) -> Any:
        """Return the value of the first entity of a name, or None."""
        return next((entity.value for entity in self.entities if entity.name == name), None)

    def before(self, entity: Entity) -> str:
        """Return the text before an entity."""
        return self.text[: max(entity.start, 0)]

    def rest(self, *names: str) -> str:
        """Return the text without the entities of some names."""
        cut = sorted((e.start, e.end) for e in self.entities if e.name in names and e.start >= 0)
        text, read = "", 0
        for start, end in cut:
            text, read = text + self.text[read:start], max(read, end)
        return text + self.text[read:]


def reference_in(text: str) -> str:
    """Return the booking reference in a text as the book writes it, or ""."""
    found = _REFERENCE.search(text.upper())
    return "-".join(("YY", *filter(None, found.groups()))) if found else ""


def stated(said: Said, asked: str = "") -> dict[str, Any]:
    """Return the facts that a message states. `asked` settles whose name and phone it is when the words do not."""
    facts: dict[str, Any] = {name: value for name in ("mode", "language", "gender") if (value := said.first(name))}
    facts |= _area(said) | _people(said) | _phones(said, asked)
    if time := said.first("time"):
        facts["when"] = list(wished(str(time)))
    if said.first("provider_type") in _CONSULTED:
        facts["provider_type"] = said.first("provider_type")
    if reference := reference_in(said.text):
        facts["appointment"] = reference
    return facts


def moving(said: Said) -> dict[str, Any]:
    """Return the facts of a message that moves or cancels: which appointment ("of" a time), and to when ("when").

    In 明天那个改到周四 the first time tells which, the second to when; in 取消明天的 it tells which.
    """
    facts: dict[str, Any] = {"appointment": reference} if (reference := reference_in(said.text)) else {}
    for entity in said.entities:
        if entity.name == "time":
            to = _TO.search(said.before(entity)) or entity.start < 0
            facts.setdefault("when" if to else "of", list(wished(str(entity.value))))
    return facts


def changing(said: Said) -> dict[str, Any]:
    """Return another way or another person that a message wishes for an appointment it moves: 换成电话, 换个女的调解员."""
    facts: dict[str, Any] = {}
    for entity in said.entities:
        if entity.name == "mode" and _INTO.search(said.before(entity)) and "号" not in said.text:
            facts["mode"] = str(entity.value)
        if entity.name == "person_name" and _FOR.search(said.before(entity)):
            return {**facts, "who": str(entity.value)}
    if _SOMEBODY_ELSE.search(said.text):
        wishes = {name: value for name in ("language", "gender") if (value := said.first(name))}
        facts |= {"practitioner": OTHER, **wishes}
    return facts


def _area(said: Said) -> dict[str, Any]:
    for entity in said.entities:
        if entity.name == "area":
            several = len(entity.candidates) > 1
            return {"area": None, "areas": list(entity.candidates)} if several else {"area": str(entity.value)}
    return {}


def _people(said: Said) -> dict[str, Any]:
    """Return the names that the words give to somebody: 我叫…, 对方叫…."""
    facts: dict[str, Any] = {}
    for entity in said.entities:
        if entity.name == "person_name":
            if _THEIR_NAME.search(said.before(entity)):
                facts["other_name"] = str(entity.value)
            elif _MY_NAME.search(said.before(entity)):
                facts["name"] = str(entity.value)
    for called in _CALLED.finditer(said.text):
        facts.setdefault("name" if called["whose"] in ("我", "本人") else "other_name", called["name"])
    if renamed := _RENAMED.search(said.text):
        facts["other_name" if renamed["whose"] else "name"] = renamed["name"]
    return facts


def _phones(said: Said, asked: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for entity in said.entities:
        if entity.name == "phone_number" and str(entity.value).startswith("+86"):
            before = said.before(entity)
            mine, theirs = bool(_MINE.search(before)), bool(_THEIRS.search(before))
            other = theirs or (not mine and asked in ("other_phone", "other_name"))
            whose = "other_phone" if other or "phone" in facts else "phone"
            facts.setdefault(whose, str(entity.value))
    return facts
