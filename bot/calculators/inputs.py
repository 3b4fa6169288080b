"""What each calculator must know: the questions, what can be tapped, and how an answer is read. One thing at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.calculators import hear
from bot.calculators.choose import pack
from bot.calculators.court_fee import FIXED
from bot.calculators.inheritance import MOST_RELATIVES
from bot.calculators.model import Ask, Plan, checked_money, percent
from bot.calculators.periods import PERIODS
from bot.errors import InvalidField
from bot.understanding.numbers import number

Facts = Mapping[str, str]
Options = tuple[tuple[str, str], ...]
# Three times an average below 2,000 yuan a month: no city's is that low, so under this wage the cap cannot bite.
CAP_MAY_BITE = Decimal(6000)
UNKNOWN: Options = (("不知道", "unknown"),)
NUMBERS: Options = (("没有", "0"), ("1个", "1"), ("2个", "2"), ("3个", "3"))


@dataclass(frozen=True)
class Input:
    """One input. `read` turns an answer into the fact, or None when it is no answer; `needed` says whether to ask."""

    name: str
    question: str
    read: Callable[[str, date], str | None]
    options: Options = ()
    needed: Callable[[Facts], bool] = lambda facts: True


def _amount(text: str, today: date) -> str | None:
    found = hear.asked_amount(text)
    return None if found is None else str(checked_money(found))


def _length(text: str, today: date) -> str | None:
    found = hear.length(text)
    return pack(found) if found else None


def _day(text: str, today: date) -> str | None:
    found = hear.day(text, today)
    return found.isoformat() if found else None


def _rate(text: str, today: date) -> str | None:
    found = hear.rates(text)
    if found:
        return str(found[0]) if len(found) == 1 else None
    return "four" if hear.says_four_times(text) else "none" if hear.says_no_interest(text) else None


def _lpr(text: str, today: date) -> str | None:
    found = re.search(r"\d+(?:\.\d+)?", text)
    return str(Decimal(found.group()) / 100) if found else None


def _count(text: str, today: date) -> str | None:
    found = re.search(r"\d{1,4}|[零一二两三四五六七八九十百]{1,5}", text)
    if not found:
        return "0" if re.search(r"没有|冇|都不在|无", text) else None
    value = number(found.group())
    return None if value is None else str(int(value))


def _people(text: str, today: date) -> str | None:
    found = _count(text, today)
    if found and int(found) > MOST_RELATIVES:
        raise InvalidField("人数我看不明白，请写一个数，比如2。")
    return found


def _yes(text: str, today: date) -> str | None:
    said = re.match(
        r"(?:他|她|人|都|早就|已经|老伴)*(?:(?P<no>没|不|去世|走了|离|无|冇|否)|(?P<yes>有|还?在|是|对))", text.strip()
    )
    return None if said is None else "no" if said["no"] else "yes"


def _never(text: str, today: date) -> str | None:
    return None


def _is(name: str, *values: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.get(name) in values


def _no_first_order(facts: Facts) -> bool:
    first = ("children", "parents", "gone_children")
    return facts.get("spouse") == "no" and all(facts.get(name) == "0" for name in first)


def _wants_lpr(facts: Facts) -> bool:
    return facts.get("rate") != "none" or facts.get("late") == "yes"


CASES: Options = (
    ("欠钱、合同、赔钱", "property"),
    ("离婚", "divorce"),
    ("劳动争议去法院", "labour"),
    ("劳动仲裁", "labour_arbitration"),
    ("名誉、肖像", "personality"),
    ("告行政机关", "administrative"),
    ("申请执行", "enforcement"),
    ("财产保全", "preservation"),
)
DEADLINES: Options = (
    ("上诉：民事判决书", "appeal_judgment"),
    ("上诉：刑事判决书", "criminal_judgment"),
    ("上诉：行政判决书", "administrative_appeal"),
    ("上诉：民事裁定书", "appeal_ruling"),
    ("上诉：刑事裁定书", "criminal_ruling"),
    ("申请劳动仲裁", "arbitration"),
    ("申请行政复议", "review"),
    ("起诉（欠钱、赔偿）", "limitation"),
    ("申请执行", "enforcement"),
)
ENDED: Options = (
    ("单位让我走，给了理由", "ended"),
    ("单位让我走，没提前三十天说", "notice"),
    ("单位乱辞退", "unlawful"),
    ("一直没签合同", "no_contract"),
    ("加班费", "overtime"),
)
OVERTIME: Options = (("平时晚上", "workday"), ("周末没补休", "restday"), ("法定节假日", "holiday"))
INPUTS: dict[str, tuple[Input, ...]] = {
    "court_fee": (
        Input("case", "是哪一种案子？", _never, CASES),
        Input(
            "amount",
            "涉及多少钱？比如3.5万。",
            _amount,
            needed=lambda facts: facts["case"] not in {*FIXED, "labour_arbitration", "divorce", "personality", "ip"},
        ),
        Input(
            "amount", "要分的房子、存款一共值多少？比如60万。", _amount, (("不分财产", "none"),), _is("case", "divorce")
        ),
        Input(
            "amount", "要对方赔多少？比如2万。", _amount, (("不要求赔钱", "none"),), _is("case", "personality", "ip")
        ),
    ),
    "severance": (
        Input("what", "您要算哪一样？", _never, ENDED),
        Input("wage", "一个月工资多少？按最近十二个月平均，扣社保以前的。", _amount),
        Input("day", "加班是哪种日子？", _never, OVERTIME, _is("what", "overtime")),
        Input("hours", "一共加了多少个小时？", _count, needed=_is("what", "overtime")),
        Input(
            "length",
            "在这家做了多久？比如3年2个月。",
            _length,
            needed=_is("what", "ended", "notice", "unlawful"),
        ),
        Input("length", "从上班那天起，多久没签合同？比如8个月。", _length, needed=_is("what", "no_contract")),
        Input(
            "average",
            "本市上年度职工月平均工资多少？可以打12333问；不知道也能先算。",
            _amount,
            UNKNOWN,
            lambda facts: facts["what"] in ("ended", "notice", "unlawful") and Decimal(facts["wage"]) > CAP_MAY_BITE,
        ),
    ),
    "deadline": (
        Input("what", "您要办哪一件？上诉的看文书上的名字。", _never, DEADLINES),
        Input("begin", "", _day),
    ),
    "interest": (
        Input("principal", "实际到手的本金多少？比如5万。", _amount),
        Input("rate", "利息怎么约定的？比如年利率12%，或者月息一分。", _rate, (("没约定利息", "none"),)),
        Input("length", "要算多久的利息？比如2年3个月，或者200天。", _length),
        Input(
            "lpr",
            "{when}的一年期LPR是百分之几？全国银行间同业拆借中心每月公布；不知道就点“不知道”。",
            _lpr,
            UNKNOWN,
            _wants_lpr,
        ),
    ),
    "inheritance": (
        Input("spouse", "去世的人有没有在世的丈夫或妻子？", _yes, (("有", "yes"), ("没有", "no"))),
        Input("common", "要分的是夫妻一起挣的吗？", _yes, (("是共同的", "yes"), ("是他个人的", "no")), _is("spouse", "yes")),
        Input("children", "在世的子女有几个？儿女都算，出嫁的也算。", _people, NUMBERS),
        Input("gone_children", "有没有先去世、留下了孩子的子女？有的话，留下几个孩子？", _people, NUMBERS[:3]),
        Input("parents", "去世的人的父母，还在世几位？", _people, (("都不在", "0"), ("1位", "1"), ("2位", "2"))),
        Input("siblings", "在世的兄弟姐妹有几个？", _people, NUMBERS, _no_first_order),
        Input("grandparents", "祖父母、外祖父母还在世几位？", _people, (("都不在", "0"), ("1位", "1"), ("2位", "2")), _no_first_order),
    ),
}  # fmt: skip


def missing(plan: Plan) -> Ask | None:
    """Return the next thing to ask, or None when the calculation can be made."""
    found = _next(plan)
    return Ask(found.name, _question(found, plan), _options(found, plan)) if found else None


def answered(plan: Plan, text: str, today: date) -> Plan | None:
    """Return the plan with what was asked answered by a typed text; None when it is no answer. Raises InvalidField."""
    found = _next(plan)
    if found is None:
        return None
    options = _options(found, plan)
    value = next((value for title, value in options if text.strip() in (title, value)), None)
    if value is None and options == UNKNOWN and re.search(r"不知|不清楚|没查", text):
        value = "unknown"
    value = value or found.read(text, today)
    return _with(plan, found.name, value) if value is not None else None


def tapped(plan: Plan, name: str, value: str) -> Plan | None:
    """Return the plan with a tapped button's value; None when the button belongs to an earlier question."""
    found = _next(plan)
    if found is None or found.name != name or value not in {offered for _, offered in _options(found, plan)}:
        return None
    return _with(plan, name, value)


def _with(plan: Plan, name: str, value: str) -> Plan:
    return Plan(plan.calculator, {**plan.facts, name: value})


def _next(plan: Plan) -> Input | None:
    return next((i for i in INPUTS[plan.calculator] if i.name not in plan.facts and i.needed(plan.facts)), None)


def _options(found: Input, plan: Plan) -> Options:
    if found.name == "rate" and (either := plan.facts.get("either")):
        monthly, yearly = either.split(",")
        return (
            (f"月息，一年{percent(Decimal(monthly))}", monthly),
            (f"年息，一年{percent(Decimal(yearly))}", yearly),
        )
    return found.options


def _question(found: Input, plan: Plan) -> str:
    if found.name == "begin":
        return f"{PERIODS[plan.facts['what']].begins}是哪年哪月哪日？用公历，比如2026年10月9日。"
    if found.name == "rate" and plan.facts.get("either"):
        return "几分利说的是每月还是每年？"
    late = plan.facts.get("late") == "yes" and plan.facts.get("rate") == "none"
    return (
        found.question.format(when="到期没还那个月" if late else "借钱那个月")
        if found.name == "lpr"
        else found.question
    )
