"""A result as a citizen reads it: the answer first, then the steps, then what they rest on. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from bot.calculators.court_fee import SCALES
from bot.calculators.deadlines import days_left
from bot.calculators.inheritance import Share
from bot.calculators.model import Plan, Result, Rule, money, say_date
from bot.calculators.periods import PERIODS

WHAT_IS_DUE = {
    "ended": "经济补偿",
    "notice": "经济补偿加一个月工资",
    "unlawful": "违法辞退的赔偿金",
    "no_contract": "没签合同的另一倍工资",
    "overtime": "加班费",
}
# What each claim's figure is.
CLAIMED = {
    "consumer": "货款以外，还能要的赔偿",
    "support": "抚养费每个月一般",
    "injury": "一次性伤残补助金",
    "deposit": "收定金的一方要还",
    "leave": "没休的年休假，还要补",
}


def conclusion(plan: Plan, result: Result[Any], today: date) -> str:
    """Return the answer in one or two sentences."""
    facts, value = plan.facts, result.value
    if plan.calculator == "deadline":
        return f"{PERIODS[facts['what']].what}，最晚{say_date(value)}。{days_left(facts['what'], value, today)}"
    if plan.calculator == "court_fee":
        name = SCALES[facts["case"]].name if facts["case"] in SCALES else "劳动仲裁"
        return f"{name}：{value}。" if value.high else "劳动仲裁不要钱。"
    if plan.calculator == "severance":
        return f"{WHAT_IS_DUE[facts['what']]}：{money(value)}。"
    if plan.calculator == "interest":
        return f"法院能支持的利息：{money(value)}。" if value else "这段时间没有利息。"
    if plan.calculator in CLAIMED:
        return f"{CLAIMED[plan.calculator]}：{money(value) if isinstance(value, Decimal) else value}。"
    return "".join(_share(share) for share in value)


def _share(share: Share) -> str:
    if share.each == 1:
        return f"全部归{share.who}。"
    return f"{share.who}：{share.each}。" if share.count == 1 else f"{share.who}{share.count}人，每人{share.each}。"


def steps(result: Result[Any]) -> str:
    """Return the steps, numbered."""
    return "\n".join(f"{number}. {step.text}" for number, step in enumerate(result.steps, 1))


def basis(result: Result[Any]) -> str:
    """Return the rules, one law once with its articles."""
    articles: dict[tuple[str, str], list[str]] = {}
    for rule in result.rules:
        articles.setdefault((rule.law, rule.dated), []).extend(rule.article.split("、"))
    said = "；".join(str(Rule(law, "、".join(dict.fromkeys(found)), dated)) for (law, dated), found in articles.items())
    # What the corpus does not hold may have been revised since its text was read.
    return f"{said}。{'带日期的以现行文本为准。' if any(dated for _, dated in articles) else ''}"


def rest(result: Result[Any]) -> str:
    """Return what a result rests on: the rules, then what was taken for granted, one a line."""
    return "\n".join((basis(result), *(f"· {said}" for said in result.assumptions)))
