"""What comes back of a 定金 when one side breaks the contract."""

from __future__ import annotations

from decimal import Decimal

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money, percent
from bot.errors import InvalidField

CODE = "民法典"
# The part of the contract's sum up to which a deposit counts as one.
MOST = Decimal("0.2")


def deposit(paid: Decimal, total: Decimal, broken_by: str) -> Result[Decimal]:
    """Return in yuan what the receiver must give back. `broken_by` is "receiver" or "payer"; `total` the contract's sum.

    What was paid beyond a fifth of the sum is no deposit but comes back once. Raises InvalidField.
    """
    if checked_money(paid) > checked_money(total):
        raise InvalidField("定金不会比合同总价还多，请再看一下两个数。")
    counts = min(paid, total * MOST)
    beyond = paid - counts
    steps = [
        Step(
            f"定金最多是合同总价的{percent(MOST)}：{money(total)}，最多{money(total * MOST)}。",
            Rule(CODE, "第586条"),
        )
    ]
    if beyond:
        steps.append(Step(f"超过的{money(beyond)}不算定金，当作先付的钱。", Rule(CODE, "第586条")))
    rule = Rule(CODE, "第587条")
    if broken_by == "receiver":
        due = counts * 2 + beyond
        steps.append(Step(f"收定金的一方违约，定金双倍还：{money(counts)}乘2，是{money(counts * 2)}。", rule))
    else:
        due = beyond
        steps.append(Step(f"付定金的一方违约，{money(counts)}的定金要不回来。", rule))
    if beyond:
        steps.append(
            Step(
                f"加上退回的{money(beyond)}，一共{money(due)}。" if due != beyond else f"能退的是{money(beyond)}。",
                rule,
            )
        )
    steps.append(Step("合同又约了违约金的，对方只能选一样：要定金，或者要违约金。", Rule(CODE, "第588条")))
    steps.append(Step("定金不够补损失的，超出的部分还可以要。", Rule(CODE, "第588条")))
    steps.append(Step("约的违约金太高或者太低，可以请法院、仲裁调。", Rule(CODE, "第585条")))
    said = (
        "写明是“定金”、钱也真的给了才这样算。写订金、押金、诚意金的要另看。",
        "违约到合同办不成的程度才这样算；小毛病不一定算。",
    )
    return Result(cents(due), "元", tuple(steps), said)
