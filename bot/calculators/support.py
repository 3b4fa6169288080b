"""What the parent with whom a child does not live pays a month."""

from __future__ import annotations

from decimal import Decimal

from bot.calculators.model import Range, Result, Rule, Step, cents, checked_money, money, percent
from bot.errors import InvalidField

FAMILY = "最高人民法院关于适用〈民法典〉婚姻家庭编的解释（一）"
FAMILY_DATED = "2020-12-29"
LOW, HIGH, MOST = Decimal("0.2"), Decimal("0.3"), Decimal("0.5")
# More children of two parents are a slip of the finger.
MOST_CHILDREN = 15


def support(income: Decimal, children: int) -> Result[Range]:
    """Return in yuan a month, for all children together, what is usual of a fixed monthly `income`. Raises InvalidField."""
    checked_money(income)
    if not 1 <= children <= MOST_CHILDREN:
        raise InvalidField("孩子的人数我看不明白，请写一个数，比如1。")
    rule = Rule(FAMILY, "第49条", FAMILY_DATED)
    most = HIGH if children == 1 else MOST
    due = Range(cents(income * LOW), cents(income * most))
    if children == 1:
        first = f"一个孩子，一般是月总收入的{percent(LOW)}到{percent(HIGH)}：{due}。"
    else:
        first = f"{children}个孩子合起来，可以比{percent(HIGH)}高一些，一般不超过月总收入的{percent(MOST)}：{due}。"
    steps = (
        Step("不跟孩子住的一方要出抚养费；给多少、给多久先商量，商量不成由法院判。", Rule("民法典", "第1085条")),
        Step(first, rule),
        Step(f"按月收入{money(income)}算。没有固定收入的，按当年总收入或者同行业的平均收入比照着算。", rule),
        Step("一般给到十八岁。", Rule(FAMILY, "第53条", FAMILY_DATED)),
        Step("孩子真有需要的，以后还可以要求增加。", Rule("民法典", "第1085条")),
    )
    return Result(due, "元", steps, ("有特殊情况的，法院可以判高一些或者低一些。",))
