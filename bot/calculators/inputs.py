"""What each calculator must know: the questions, what can be tapped, and how an answer is read. One thing at a time. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from bot.calculators.asking import (
    ALIVE,
    NUMBERS,
    UNKNOWN,
    Facts,
    Input,
    Options,
    read_amount,
    read_count,
    read_day,
    read_length,
    read_lines,
    read_lpr,
    read_never,
    read_people,
    read_rate,
    read_yes,
    when,
)
from bot.calculators.court_fee import FIXED
from bot.calculators.inputs_claims import CLAIM_INPUTS
from bot.calculators.model import Ask, Plan, percent
from bot.calculators.periods import PERIODS

# Three times an average below 2,000 yuan a month: no city's is that low, so under this wage the cap cannot bite.
CAP_MAY_BITE = Decimal(6000)


def _no_first_order(facts: Facts) -> bool:
    first = ("children", "parents", "gone_children")
    return facts.get("spouse") == "no" and all(facts.get(name) == "0" for name in first)


def _wants_lpr(facts: Facts) -> bool:
    return facts.get("rate") != "none" or facts.get("late") == "yes"


LINES: Options = (("一个，留下1个", "1"), ("一个，留下2个", "2"), ("没有", "0"))
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
    ("对支付令提异议", "payment_order"),
    ("事故责任认定复核", "accident_review"),
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
        Input("case", "是哪一种案子？", read_never, CASES),
        Input(
            "amount",
            "涉及多少钱？比如3.5万。",
            read_amount,
            needed=lambda facts: facts["case"] not in {*FIXED, "labour_arbitration", "divorce", "personality", "ip"},
        ),
        Input(
            "amount", "要分的房子、存款一共值多少？比如60万。", read_amount, (("不分财产", "none"),), when("case", "divorce")
        ),
        Input(
            "amount", "要对方赔多少？比如2万。", read_amount, (("不要求赔钱", "none"),), when("case", "personality", "ip")
        ),
    ),
    "severance": (
        Input("what", "您要算哪一样？", read_never, ENDED),
        Input("wage", "一个月工资多少？按最近十二个月平均，扣社保以前的。", read_amount),
        Input("day", "加班是哪种日子？", read_never, OVERTIME, when("what", "overtime")),
        Input("hours", "一共加了多少个小时？", read_count, needed=when("what", "overtime")),
        Input(
            "length",
            "在这家做了多久？比如3年2个月。",
            read_length,
            needed=when("what", "ended", "notice", "unlawful"),
        ),
        Input("length", "从上班那天起，多久没签合同？比如8个月。", read_length, needed=when("what", "no_contract")),
        Input(
            "average",
            "本市上年度职工月平均工资多少？可以打12333问；不知道也能先算。",
            read_amount,
            UNKNOWN,
            lambda facts: facts["what"] in ("ended", "notice", "unlawful") and Decimal(facts["wage"]) > CAP_MAY_BITE,
        ),
    ),
    "deadline": (
        Input("what", "您要办哪一件？上诉的看文书上的名字。", read_never, DEADLINES),
        Input("begin", "", read_day),
    ),
    "interest": (
        Input("principal", "实际到手的本金多少？比如5万。", read_amount),
        Input("rate", "利息怎么约定的？比如年利率12%，或者月息一分。", read_rate, (("没约定利息", "none"),)),
        Input("length", "要算多久的利息？比如2年3个月，或者200天。", read_length),
        Input(
            "lpr",
            "{when}的一年期LPR是百分之几？全国银行间同业拆借中心每月公布；不知道就点“不知道”。",
            read_lpr,
            UNKNOWN,
            _wants_lpr,
        ),
    ),
    "inheritance": (
        Input("spouse", "他走的时候，丈夫或妻子还在世吗？", read_yes, (("在世", "yes"), ("没有", "no"))),
        Input("common", "要分的是夫妻一起挣的吗？", read_yes, (("是共同的", "yes"), ("是他个人的", "no")), when("spouse", "yes")),
        Input("children", "他走的时候，在世的子女有几个？儿女都算，出嫁的也算，后来才走的也算；没有就写0。", read_people, NUMBERS),
        Input("gone_children", "有没有比他先走、留下了孩子的子女？有的话，各留下几个孩子？比如一个留下2个、一个留下1个，就写“2，1”。", read_lines, LINES),
        Input("parents", "他走的时候，父母还在世几位？", read_people, ALIVE),
        Input("siblings", "他走的时候，在世的兄弟姐妹有几个？没有就写0。", read_people, NUMBERS, _no_first_order),
        Input("gone_siblings", "有没有比他先走、留下了孩子的兄弟姐妹？有的话，各留下几个孩子？比如写“2，1”。", read_lines, LINES, _no_first_order),
        Input("grandparents", "祖父母、外祖父母还在世几位？", read_people, ALIVE, _no_first_order),
    ),
    **CLAIM_INPUTS,
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
