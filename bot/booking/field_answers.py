"""How the answer to each field of a booking is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.booking.draft import ANY, REMEMBERED, SKIPPABLE, Draft
from bot.booking.model import Slot
from bot.booking.moments import chosen, impossible, meant, wished
from bot.booking.said import Said
from bot.citizens.model import id_number_of, name_of, phone_of
from bot.directory.words import TYPES
from bot.errors import InvalidField

Meaning = Literal[
    "facts",  # something is known now
    "side",  # a question on the side: its own rule answers it
    "leave",  # no more of this for now
    "drop",  # no more of this at all
    "declined",  # no consent
    "confirmed",  # the summary is right
    "go_on",  # with the draft that was left half-way
    "start_anew",  # without it
    "more",  # other people
    "later",  # other times
    "switch",  # another purpose, in facts["purpose"]
    "reopen",  # ask facts["field"] anew
    "unclear",  # no answer
]


@dataclass(frozen=True)
class Reading:
    """What a message means. `facts` are to be put into the draft; `problem` says why an answer is none.

    `problem` is a sentence for the citizen, or the name of a response.
    """

    meaning: Meaning
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


UNCLEAR = Reading("unclear")
# A story is kept in a sentence or two: the mediator hears the rest from the citizen.
LONGEST_STORY = 200
LONGEST_WORDS = 40
_END = r"[吧啦了啊哦呀的呢。,，.!！\s]*"
YES = re.compile(
    rf"(?:嗯+|恩|对+|是|是的|好+|好的|行|可以|确认|确定|没错|没问题|正确|无误|同意|愿意|要|就这样|就这么(?:办|定)|定了|中|得|ok|继续|接着(?:办|约|来)?|就用这个|用这个|请继续){_END}(?:谢谢|麻烦了|确认|可以|没错|同意|对|就这样)?{_END}",
    re.I,
)
NO = re.compile(
    rf"(?:不+|不是|不对|不要|不行|不可以|不同意|不愿意|不想|不了|别|没有|否|先不|错了?|拒绝|不用|不用了|算了|换一个|no){_END}(?:谢谢)?{_END}",
    re.I,
)
ANYTHING = re.compile(
    rf"(?:我?(?:都|谁都|哪个都|哪位都|哪种都|什么都|哪天都|几点都|哪里都|怎么都|都随便)(?:可以|行|好|ok|成|得)|随便|随意|无所谓|不挑|不限|没要求|听(?:你|您)们?的?|"
    rf"(?:你|您)们?(?:来)?(?:定|安排|看着办|选|帮我选|推荐)(?:就好|就行)?|看(?:你|您)们?安排|安排就(?:好|行)|最近的|最快的|最早的|越快越好|尽快|哪个近|全区){_END}",
    re.I,
)
UNSURE = re.compile(rf"(?:我也?)?(?:不知道|不清楚|说不准|说不清|不懂|拿不准|不确定|唔知){_END}")
SKIP = re.compile(
    rf"(?:不知道|不晓得|不清楚|唔知|不说|不想说|不方便(?:说)?|跳过|没有|无|略|不记得|忘了|不写|不填|不留|保密|没他(?:的)?(?:电话|号码)|没有(?:电话|他的?电话|号码)|不知道(?:电话|号码|名字|叫什么|他?的?电话)|不记得(?:电话|号码)){_END}"
)
_MORE = re.compile(r"再看|还有(?:吗|别|谁|其他|没有|哪)|换(?:几个|一批|几位)|下一页|别的|其他人|更多")
_LATER = re.compile(
    r"换(?:一?天|个?时间|几个|一批)|别的(?:时间|天|日子)?|其他(?:时间|日子)|还有(?:吗|别|其他|没有|哪)|晚一?点|再晚|往后|都(?:不行|没空|不合适|不可以|不方便|唔得)|没空|没时间|不得闲|不方便|来不及|^不行|^不可以|^不合适"
)
_LAST = re.compile(r"最后(?:那|一)?[个位]")
_ORDINAL = re.compile(r"第([一二三1-3])[个位]?")
_THIS_ONE = re.compile(
    r"^(?:就|约|选|要)?(?:刚才)?(?:他|她|这位|这个|那位|刚才那[个位]|这[个位]|ta)(?:了|吧|就行|可以|好了)?$", re.I
)
_LAUGHS = re.compile(r"[哈呵嘿嘻嗯啊哦额呃唉]+|你好|您好|在吗|谢谢|不告诉你|不想说|什么|干嘛")
_NAME_LEAD = re.compile(
    r"^(?:不对|不是|错了|写错了|应该是|好的?|嗯|那|对方|他|她|它|邻居|房东|老板|那个?人|要见的?人?)*[，,:：\s]*(?:的?(?:名字|姓名))?(?:叫做?|是|姓名)?[:：\s]*"
)
RELATION = re.compile(
    r"父母|父亲|母亲|爸爸?|妈妈?|阿爸|阿妈|老公|老婆|丈夫|妻子|配偶|爱人|儿子|女儿|子女|孩子|奴仔|兄弟|姐妹|姐姐|妹妹|哥哥|弟弟|阿兄|爷爷|奶奶|孙子|孙女|侄子|外甥|亲戚|朋友"
)
ITEM = re.compile(r"遗嘱|继承|委托书?|声明|赠与|出国|学历|亲属关系|房产|借款|合同|婚前财产|存款")
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
    if not found and len(draft.shown) == 1 and (_THIS_ONE.match(text) or YES.fullmatch(text)):
        found = draft.shown[0][0]
    if not found and draft.shown:
        found = by_number(text, [number for number, _ in draft.shown])
    if found:
        return Reading("facts", {"practitioner": found})
    if _MORE.search(text):
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
    if _LAST.search(text):
        return of[-1]
    found = _ORDINAL.search(text)
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
    return Reading("later") if _LATER.search(text) or NO.fullmatch(text) else UNCLEAR


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
    text = _NAME_LEAD.sub("", said.rest("phone_number")).strip(" ，,。.!！")
    if SKIP.match(text) or _no(said):
        return Reading("facts", {"other_name": ""})
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
    return Reading("facts", {"other_phone": phone_of(said.text)})


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
    text = _NAME_LEAD.sub("", said.rest("phone_number")).strip(" ，,。.!！")
    if any(words.fullmatch(text) for words in (RELATION, YES, NO, SKIP, ANYTHING, UNSURE, _LAUGHS)):
        raise InvalidField("请写姓名，两到四个字。")
    own = said.first("person_name")
    return name_of(str(own) if own and str(own) in text and len(text) > len(str(own)) + 2 else text)


def _words(said: Said) -> str:
    text = said.text.strip(" ，,。.!！")
    if len(text) > LONGEST_WORDS:
        raise InvalidField(f"有点长了，{LONGEST_WORDS}个字以内说个大概就行。")
    if not re.search(r"[\u3400-\u9fffA-Za-z]", text) or YES.fullmatch(text) or NO.fullmatch(text):
        raise InvalidField("这句我没看懂。")
    return text


def pointed(option: str) -> Reading:
    """Return what a tapped button of the dialogue means; `option` is "<field>:<value>"."""
    name, _, value = option.partition(":")
    if (name, value) in _TAPPED:
        return _TAPPED[name, value]
    if name == "slot":
        found = slot_of(value)
        return Reading("facts", {"slot": asdict(found)}) if found else UNCLEAR
    if name == "edit":
        return Reading("reopen", {"field": value}) if value in EDIT_WORDS else UNCLEAR
    if name == "confirm":
        return Reading("confirmed", {"draft": value})
    return Reading("facts", {name: value}) if name in _TAPPABLE and (value or name in SKIPPABLE) else UNCLEAR


def slot_of(text: str) -> Slot | None:
    """Return the time that a button carries as "start|end|practitioner|room"."""
    start, end, who, room = (text.split("|") + [""] * 4)[:4]
    return Slot(int(start), int(end), who, room) if start.isdecimal() and end.isdecimal() else None


_TAPPED = {
    ("practitioner", "more"): Reading("more"),
    ("practitioner", "again"): Reading("facts", {"practitioner": None, "suggested": None}),
    ("slot", "later"): Reading("later"),
    ("consent", "yes"): Reading("facts", {"consent": True}),
    ("consent", "no"): Reading("declined"),
    ("contact", "yes"): Reading("facts", {"contact": True, "name": REMEMBERED, "phone": REMEMBERED}),
    ("contact", "no"): Reading("facts", {"contact": False}),
    ("edit", ""): Reading("facts", {"edit": True}),
    ("edit", "none"): Reading("facts", {"edit": None}),
    ("resume", "yes"): Reading("go_on"),
    ("resume", "no"): Reading("start_anew"),
    ("resume", "drop"): Reading("drop"),
}
_TAPPABLE = frozenset(
    {
        "matter",
        "mode",
        "area",
        "provider_type",
        "practitioner",
        "other_name",
        "other_phone",
        "relation",
        "item",
        "appointment",
    }
)
