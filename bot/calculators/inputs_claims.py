"""What the calculators of single claims must know. One thing at a time. Pure."""

from __future__ import annotations

from bot.calculators.asking import (
    NUMBERS,
    Input,
    Options,
    read_amount,
    read_count,
    read_length,
    read_never,
    read_yes,
    when,
)

NO_LOSS: Options = (("没有别的损失", "none"),)
DAYS: Options = (("1天", "1"), ("3天", "3"), ("5天", "5"))
GRADES: Options = tuple((f"{said}级", str(number)) for number, said in enumerate("一二三四五六七八九十", 1))
BOUGHT: Options = (
    ("商家骗人、卖假货", "fraud"),
    ("食品不合格、过期", "food"),
    ("假药、劣药", "medicine"),
)
CLAIM_INPUTS: dict[str, tuple[Input, ...]] = {
    "consumer": (
        Input("what", "是哪一种？", read_never, BOUGHT),
        Input("price", "买这样东西花了多少钱？", read_amount),
        Input(
            "loss",
            "除了买东西的钱，还有别的损失吗？比如看病花了500元。",
            read_amount,
            NO_LOSS,
            when("what", "food", "medicine"),
        ),
    ),
    "support": (
        Input("income", "出抚养费的一方，一个月总收入多少？", read_amount),
        Input("children", "要他出钱养的孩子有几个？", read_count, NUMBERS[:3]),
    ),
    "injury": (
        Input("grade", "劳动能力鉴定是几级？", read_count, GRADES),
        Input("wage", "受伤前十二个月，平均一个月工资多少？按交社保的数。", read_amount),
    ),
    "deposit": (
        Input(
            "deposit",
            "条子上写的是“定金”吗？订金、押金算法不一样。",
            read_yes,
            (("是定金", "yes"), ("不是", "no")),
        ),
        Input("broken", "是谁反悔？", read_never, (("收定金的一方", "receiver"), ("付定金的一方", "payer"))),
        Input("paid", "定金给了多少？", read_amount),
        Input("total", "合同总价多少？", read_amount),
    ),
    "leave": (
        Input("wage", "一个月工资多少？不算加班费，按前十二个月平均。", read_amount),
        Input("worked", "参加工作一共多少年了？各家单位加起来，比如12年。", read_length),
        Input("missed", "一年里有几天年休假没休？", read_count, DAYS),
    ),
}
