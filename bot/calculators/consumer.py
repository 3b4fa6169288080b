"""What a shop owes beyond the refund: for fraud, for food below its standard, for fake or bad medicine."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money

PUNITIVE = Rule("最高人民法院关于审理食品药品惩罚性赔偿纠纷案件适用法律若干问题的解释", "第12条", "2024-08-21")


@dataclass(frozen=True)
class Extra:
    """How the extra is reckoned: so many times the price, or of the loss (None: not by the loss), and at least `least`.

    `must` is what has to be shown, in a citizen's words.
    """

    what: str
    rule: Rule
    times: int
    of_loss: int | None
    least: Decimal
    must: str


FOOD = Rule("食品安全法", "第148条")
EXTRAS = {
    "fraud": Extra(
        "商家故意骗人",
        Rule("消费者权益保护法", "第55条"),
        3,
        None,
        Decimal(500),
        "要能说明商家是故意骗您，比如卖假货、虚构原价、瞒着毛病不说。光是质量不好不一定算。",
    ),
    "food": Extra(
        "食品不合安全标准",
        FOOD,
        10,
        3,
        Decimal(1000),
        "向卖家要的，要能说明他明知不合标准还卖；标签上不影响安全、不会误导人的小毛病不算。",
    ),
    "medicine": Extra(
        "假药、劣药",
        Rule("药品管理法", "第144条"),
        10,
        3,
        Decimal(1000),
        "向卖家要的，要能说明他明知是假药、劣药还卖。",
    ),
}


def consumer(kind: str, price: Decimal, loss: Decimal | None = None) -> Result[Decimal]:
    """Return in yuan what is due beyond refund and loss. `kind` is a key of EXTRAS, `loss` what it cost beyond the price."""
    found = EXTRAS[kind]
    checked_money(price)
    due = price * found.times
    steps = [Step(f"{found.what}的，另外赔价款的{_times(found.times)}倍：{money(price)}，是{money(due)}。", found.rule)]
    if found.of_loss and loss is not None:
        by_loss = checked_money(loss) * found.of_loss
        steps.append(Step(f"也可以选损失的{_times(found.of_loss)}倍：{money(loss)}，是{money(by_loss)}。", found.rule))
        due = max(due, by_loss)
        steps.append(Step(f"两样选多的：{money(due)}。", found.rule))
    if due < found.least:
        due = found.least
        steps.append(Step(f"不到{money(found.least)}的，按{money(found.least)}赔。", found.rule))
    steps.append(Step("这是另外加的：货款照退，真有损失的照赔。", found.rule))
    if kind == "food":
        steps.append(Step("明知是假还去买的，只在自己家合理吃用的数量里支持。", PUNITIVE))
    return Result(cents(due), "元", tuple(steps), (found.must, "买来是自己生活用的，小票、聊天记录和东西都留着。"))


def _times(number: int) -> str:
    return {3: "三", 10: "十"}[number]
