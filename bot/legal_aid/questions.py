"""The first look as five questions in plain words, what can be tapped, and how a typed answer is read. Pure.

`answers` is question → what was chosen; a question that can change nothing is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from bot.legal_aid.model import (
    EXEMPT,
    MATTERS,
    NOTIFIED,
    Exempt,
    Facts,
    Income,
    Place,
    Role,
    Standard,
    exemptions,
    notified,
)

QUESTIONS = ("what", "role", "exempt", "income", "place")
NONE = "none"
Answers = Mapping[str, str]
# Shown as buttons; a rarer matter can be typed.
COMMON = ("wages", "work_injury", "injury", "support", "violence", "criminal", "benefits", "other")
ROLE_TITLES: dict[str, str] = {
    "wronged": "我，吃亏、要讨说法的",
    "accused": "我，被告或被抓的",
    "for_wronged": "帮家里吃亏的人问",
    "for_accused": "帮家里被告、被抓的人问",
    "company": "公司、单位",
}
INCOME_TITLES: dict[str, str] = {
    "below": "很紧，请不起律师",
    "drained": "看病、意外或供读书花空了",
    "enough": "不困难，请得起律师",
    "valuables": "有两套以上城里的房子",
    "unsure": "说不清",
}
PLACE_TITLES: dict[str, str] = {"here": "在澄海", "elsewhere": "在别的地方", "unsure": "说不准"}
# Words that tell the answer, the longer ones first where one holds another; read in this order.
WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "what": (
        ("工伤 上班受伤 机器压 厂里受伤", "work_injury"),
        ("工资 工钱 欠薪 劳动关系 讨薪 加班费", "wages"),
        ("家暴 打我 虐待 遗弃", "violence"),
        ("车祸 交通事故 被撞 医疗事故 医院治坏 食物中毒 吃坏", "injury"),
        ("赡养 抚养 扶养 养老钱", "support"),
        ("改判无罪", "cleared"),
        ("国家赔偿", "state"),
        ("再审 申诉", "retrial"),
        ("抚恤", "pension"),
        ("社保 医保 低保 救助", "benefits"),
        ("污染", "pollution"),
        ("见义勇为", "bravery"),
        ("烈士", "martyr"),
        ("行为能力 痴呆", "capacity"),
        ("刑事 被抓 拘留 逮捕 坐牢 看守所 判刑", "criminal"),
        ("离婚 借钱 欠债 合同 房子 遗产 邻居 别的 其他", "other"),
    ),
    "role": (
        ("公司 单位 企业", "company"),
        ("帮被告 帮被抓 儿子被抓 老公被抓 家人被抓 家里被抓", "for_accused"),
        ("帮家里 替家人 帮我妈 帮我爸 帮孩子 替我", "for_wronged"),
        ("被告 被抓 告我 起诉我", "accused"),
        ("我自己 我本人 吃亏 受害 讨说法", "wronged"),
    ),
    "exempt": (
        ("都不是 没有 不是", NONE),
        ("低保 特困 五保 优抚 救助", "relief"),
        ("没收入 没有收入 老人 残疾", "no_income"),
        ("打工 农民工 外地", "migrant"),
        ("未成年 没满18 不满18", "minor"),
        ("聋 哑 盲", "senses"),
        ("精神 智力", "unsound"),
        ("死刑 无期", "grave"),
    ),
    "income": (
        ("说不清 不清楚 不知道", "unsure"),
        ("花空 花光 看病", "drained"),
        ("两套 三套", "valuables"),
        ("不困难 请得起 够用 过得去", "enough"),
        ("很紧 困难 请不起 没钱 穷", "below"),
    ),
    "place": (
        ("说不准 不知道 不清楚", "unsure"),
        ("别的地方 外地 别处 不在澄海", "elsewhere"),
        ("澄海 本地 这里", "here"),
    ),
}


def missing(answers: Answers) -> str:
    """Return the question to ask next, "" when all that can matter is known."""
    for name in QUESTIONS:
        if name not in answers and _matters(name, answers):
            return name
    return ""


def _matters(name: str, answers: Answers) -> bool:
    """Whether a question can change anything, given the answers before it."""
    if answers.get("role") == "company":
        return False
    owed = MATTERS[answers["what"]].rule == "no_limit" and not _accused(answers) if "what" in answers else False
    if name == "exempt":
        return not owed
    if name == "income":
        facts = facts_of(answers)
        return not (owed or exemptions(facts) or notified(facts))
    return True


def options(name: str, answers: Answers, standard: Standard) -> tuple[tuple[str, str], ...]:
    """Return what can be tapped: (value, title)."""
    match name:
        case "what":
            return tuple((code, MATTERS[code].title) for code in COMMON)
        case "role":
            return tuple(ROLE_TITLES.items())
        case "exempt":
            return (*((code, exempt.title) for code, exempt in _asked(answers).items()), (NONE, "都不是"))
        case "income":
            below = {} if standard.line is None else {"below": f"每人每月不到{standard.line}元"}
            return tuple({**INCOME_TITLES, **below}.items())
        case _:
            return tuple(PLACE_TITLES.items())


def _asked(answers: Answers) -> dict[str, Exempt]:
    """Return the exemptions that can count."""
    matter = answers.get("what", "")
    found = {name: exempt for name, exempt in EXEMPT.items() if matter in (exempt.only or (matter,))}
    return {**NOTIFIED, **found} if matter == "criminal" and _accused(answers) else {**found}


def _accused(answers: Answers) -> bool:
    return answers.get("role") in ("accused", "for_accused")


def valid(name: str, value: str) -> bool:
    """Whether a value is one that a question has."""
    known: dict[str, tuple[str, ...]] = {
        "what": tuple(MATTERS),
        "role": get_args(Role),
        "exempt": (*EXEMPT, *NOTIFIED, NONE),
        "income": get_args(Income),
        "place": get_args(Place),
    }
    return value in known.get(name, ())


def read(name: str, text: str) -> str:
    """Return the answer that a typed text gives to a question, "" when it gives none."""
    for words, value in WORDS.get(name, ()):
        if any(word in text for word in words.split()):
            return value
    return ""


def facts_of(answers: Answers) -> Facts:
    """Return the facts; what was not asked changes nothing and gets a harmless value."""
    exempt = answers.get("exempt", NONE)
    return Facts(
        matter=answers.get("what", "other"),
        role=cast("Role", answers.get("role", "wronged")),
        exempt=frozenset() if exempt == NONE else frozenset({exempt}),
        income=cast("Income", answers.get("income", "unsure")),
        place=cast("Place", answers.get("place", "unsure")),
    )
