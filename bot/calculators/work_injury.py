"""The lump sum for a lasting injury at work, by its grade."""

from __future__ import annotations

from decimal import Decimal

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money
from bot.calculators.periods import INJURY, INJURY_DATED
from bot.errors import InvalidField

# Months of the worker's own pay for grades 1 to 10.
MONTHS = (27, 25, 23, 21, 18, 16, 13, 11, 9, 7)
INSURANCE = "社会保险法"


def _article(grade: int) -> str:
    return "第35条" if grade <= 4 else "第36条" if grade <= 6 else "第37条"


def lump_sum(wage: Decimal, grade: int) -> Result[Decimal]:
    """Return 一次性伤残补助金 in yuan. `wage` a month, as insured. Raises InvalidField for no grade of 1 to 10."""
    checked_money(wage)
    if not 1 <= grade <= len(MONTHS):
        raise InvalidField("伤残分一级到十级，请看一下鉴定结论写的是几级。")
    months = MONTHS[grade - 1]
    due = wage * months
    rule = Rule(INJURY, _article(grade), INJURY_DATED)
    steps = (
        Step(f"{_grade(grade)}级伤残，一次性伤残补助金是{months}个月的本人工资。", rule),
        Step(f"{money(wage)}乘{months}，是{money(due)}。", rule),
        Step("这笔钱由工伤保险基金付。", Rule(INSURANCE, "第38条")),
        Step("单位没给交工伤保险的，由单位付；单位不付的，基金先付，再向单位追。", Rule(INSURANCE, "第41条")),
    )
    said = [
        "要先认定工伤、做劳动能力鉴定，级别以鉴定结论为准。",
        "本人工资以社保经办机构核定的为准，可能和到手的工资不一样。",
        "医疗费、停工期间的工资另算，这里没有加进去。",
    ]
    if grade >= 5:
        said.append("离开单位时还有一次性医疗补助金、就业补助金，标准由省里定，我没有核实到，请打12333问。")
    if grade <= 6:
        said.append("一级到六级可能还有按月的伤残津贴，这里没有算。")
    return Result(cents(due), "元", steps, tuple(said))


def _grade(grade: int) -> str:
    return "一二三四五六七八九十"[grade - 1]
