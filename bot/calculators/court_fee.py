"""What a court takes for a case or an application, by the brackets of the State Council's regulation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from bot.calculators.model import Range, Result, Rule, Step, cents, checked_money, money, percent

DATED = "2006-12-19"
# Guangdong may fix figures inside the ranges of article 13; none could be verified, so the range itself is told.
RANGE_OPEN = "广东在这个幅度里定的具体数额我没有核实到，以法院的缴费通知为准。"


def fees_rule(article: str) -> Rule:
    """Return an article of the regulation on court fees."""
    return Rule("诉讼费用交纳办法", article, DATED)


class Bracket(NamedTuple):
    """What lies over the bracket before it and not over `upto` yuan (None: without end) costs `rate` of itself."""

    upto: Decimal | None
    rate: Decimal


@dataclass(frozen=True)
class Scale:
    """A fee: `flat` a case, which covers up to `covers` yuan, and brackets above.

    `without` is the flat fee when there is no amount at all (None: an amount is needed); `part` of it all is due.
    """

    name: str
    article: str
    flat: Range
    covers: Decimal = Decimal(0)
    brackets: tuple[Bracket, ...] = ()
    most: Decimal | None = None
    without: Range | None = None
    part: Fraction = Fraction(1)
    for_acceptance: bool = True

    @property
    def needs_amount(self) -> bool:
        """Whether nothing can be said without an amount."""
        return self.without is None


def _range(low: int, high: int | None = None) -> Range:
    return Range(Decimal(low), Decimal(low if high is None else high))


def _brackets(*pairs: tuple[int | None, str]) -> tuple[Bracket, ...]:
    return tuple(Bracket(None if upto is None else Decimal(upto) * 10_000, Decimal(rate)) for upto, rate in pairs)


# Upper limits are in ten thousand yuan here.
PROPERTY = _brackets(
    (10, "0.025"),
    (20, "0.02"),
    (50, "0.015"),
    (100, "0.01"),
    (200, "0.009"),
    (500, "0.008"),
    (1000, "0.007"),
    (2000, "0.006"),
    (None, "0.005"),
)
ENFORCEMENT = _brackets((50, "0.015"), (500, "0.01"), (1000, "0.005"), (None, "0.001"))
FIRST = Decimal(10_000)
SCALES = {
    "property": Scale("财产案件受理费", "第13条", _range(50), FIRST, PROPERTY),
    "appeal": Scale("上诉案件受理费", "第13条", _range(50), FIRST, PROPERTY),
    "divorce": Scale(
        "离婚案件受理费",
        "第13条",
        _range(50, 300),
        Decimal(200_000),
        _brackets((None, "0.005")),
        without=_range(50, 300),
    ),
    "personality": Scale(
        "人格权案件受理费",
        "第13条",
        _range(100, 500),
        Decimal(50_000),
        _brackets((10, "0.01"), (None, "0.005")),
        without=_range(100, 500),
    ),
    "ip": Scale("知识产权案件受理费", "第13条", _range(50), FIRST, PROPERTY, without=_range(500, 1000)),
    "labour": Scale("劳动争议案件受理费", "第13条", _range(10), without=_range(10)),
    "administrative": Scale("行政案件受理费", "第13条", _range(50), without=_range(50)),
    "administrative_ip": Scale("商标、专利行政案件受理费", "第13条", _range(100), without=_range(100)),
    "other": Scale("其他非财产案件受理费", "第13条", _range(50, 100), without=_range(50, 100)),
    "payment_order": Scale(
        "支付令申请费", "第14条", _range(50), FIRST, PROPERTY, part=Fraction(1, 3), for_acceptance=False
    ),
    "preservation": Scale(
        "保全申请费",
        "第14条",
        _range(30),
        Decimal(1000),
        _brackets((10, "0.01"), (None, "0.005")),
        most=Decimal(5000),
        without=_range(30),
        for_acceptance=False,
    ),
    "enforcement": Scale(
        "执行申请费", "第14条", _range(50), FIRST, ENFORCEMENT, without=_range(50, 500), for_acceptance=False
    ),
}
# The amount plays no part in these, whatever the quarrel is worth.
FIXED = frozenset({"labour", "administrative", "administrative_ip", "other"})
WHO_PAYS = {
    "property": ("起诉的一方先交，最后一般由输的一方出。", ("第20条", "第29条")),
    "appeal": ("谁上诉谁先交，交上诉状时一起交。", ("第20条", "第22条")),
    "divorce": ("起诉的一方先交，最后谁出由双方商量，商量不成由法院定。", ("第20条", "第33条")),
    "labour": ("追讨工资的可以先不交。", ("第20条",)),
    "enforcement": ("不用先交，执行到了再交，由被执行的一方出。", ("第20条", "第38条")),
    "preservation": ("申请的一方先交，打官司时可以要求对方出。", ("第20条", "第38条")),
    "payment_order": ("申请的一方先交；对方没提异议的，由对方出。", ("第20条", "第36条")),
}


def court_fee(case: str, amount: Decimal | None = None, halved: bool = False) -> Result[Range]:
    """Return a fee in yuan. `case` is a key of SCALES; `amount` what is claimed, divided, kept safe or enforced.

    `halved`: simplified procedure, settled by mediation, or withdrawn; applications are never halved. Raises InvalidField.
    """
    scale = SCALES[case]
    counted = None if case in FIXED or amount is None else checked_money(amount)
    due, steps = _without_amount(case, scale) if counted is None else _by_brackets(scale, counted)
    if case == "appeal":
        steps.insert(0, Step("上诉按不服的那部分金额算，不按全部。", fees_rule("第17条")))
    due, steps = _parts(scale, due, steps, halved)
    said, articles = WHO_PAYS.get(case, WHO_PAYS["property"])
    steps.append(Step(said, fees_rule("、".join(articles))))
    return Result(due, "元", tuple(steps), _assumptions(case, scale, due, halved))


def _without_amount(case: str, scale: Scale) -> tuple[Range, list[Step]]:
    if scale.without is None:
        raise KeyError(f"{case} needs an amount")
    return scale.without, [Step(f"{scale.name}每件{scale.without}。", fees_rule(scale.article))]


def _by_brackets(scale: Scale, amount: Decimal) -> tuple[Range, list[Step]]:
    """Return flat fee and brackets added up, each bracket a step; not more than the scale's most."""
    rule = fees_rule(scale.article)
    covered = f"不超过{money(scale.covers)}的部分" if amount > scale.covers else money(amount)
    steps = [Step(f"{covered}，每件{scale.flat}。", rule)]
    above, over = Decimal(0), scale.covers
    for upto, rate in scale.brackets:
        part = (amount if upto is None else min(amount, upto)) - over
        if part <= 0:
            break
        above += part * rate
        steps.append(Step(f"超过{money(over)}的{money(part)}，按{percent(rate)}：{money(part * rate)}。", rule))
        over = upto or over
    due = Range(scale.flat.low + above, scale.flat.high + above)
    if above:
        steps.append(Step(f"加起来：{due}。", rule))
    if scale.most is not None and due.high > scale.most:
        due = Range(scale.most, scale.most)
        steps.append(Step(f"最多收{money(scale.most)}，所以是{money(scale.most)}。", rule))
    return due, steps


def _parts(scale: Scale, due: Range, steps: list[Step], halved: bool) -> tuple[Range, list[Step]]:
    if scale.part != 1:
        due = _share(due, scale.part)
        steps.append(Step(f"支付令只收三分之一：{due}。", fees_rule("第14条")))
    if halved and scale.for_acceptance:
        due = _share(due, Fraction(1, 2))
        steps.append(Step(f"调解结案、撤诉、用简易程序的减半：{due}。", fees_rule("第15条、第16条")))
    return _share(due, Fraction(1)), steps


def _share(due: Range, part: Fraction) -> Range:
    return Range(cents(Fraction(due.low) * part), cents(Fraction(due.high) * part))


def _assumptions(case: str, scale: Scale, due: Range, halved: bool) -> tuple[str, ...]:
    said = [] if due.exact else [RANGE_OPEN]
    if scale.for_acceptance and not halved:
        simple = "" if case == "appeal" else "用简易程序、"
        said.append(f"没有减半。{simple}调解结案或者撤诉的，只收一半。")
    if halved and not scale.for_acceptance:
        said.append("减半说的是案件受理费，申请费没有这一条。")
    if scale.for_acceptance:
        said.append("交不起可以在起诉时书面申请缓交、减交或者免交。")
    return tuple(said)
