"""Who gets which share without a will: the spouse's own half first, then heirs of the first order, else of the second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from bot.calculators.model import Result, Rule, Step, cents, checked_money, money
from bot.errors import InvalidField

# More relatives of a kind than this are a slip of the finger.
MOST_RELATIVES = 30


@dataclass(frozen=True)
class Family:
    """Who is alive when the estate falls. Numbers are of living people.

    `gone_children`: for each child that died before, how many children of its own are alive; `gone_siblings` likewise.
    """

    spouse: bool = False
    children: int = 0
    parents: int = 0
    gone_children: tuple[int, ...] = ()
    siblings: int = 0
    grandparents: int = 0
    gone_siblings: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.children, self.parents, self.siblings, self.grandparents)
        if any(not 0 <= n <= MOST_RELATIVES for n in (*numbers, *self.gone_children, *self.gone_siblings)):
            raise InvalidField("人数我看不明白，请写一个数，比如2。")
        if self.parents > 2 or self.grandparents > 4:
            raise InvalidField("父母最多两位，祖父母和外祖父母最多四位，请再看一下。")


def code(article: str) -> Rule:
    """Return an article of the Civil Code."""
    return Rule("民法典", article)


@dataclass(frozen=True)
class Share:
    """`count` people, each with `each` of everything that is divided, by the rule."""

    who: str
    count: int
    each: Fraction
    rule: Rule


EXCEPTIONS = (
    Step("没有遗嘱，也没有遗赠扶养协议；有的话先照它办。", code("第1123条")),
    Step(
        "照顾老人多的可以多分，有能力却不管的少分或不分，有困难又不能劳动的要照顾，商量好也可以不均分。",
        code("第1130条"),
    ),
    Step("丧偶的儿媳、女婿尽了主要赡养义务的，也算第一顺序。", code("第1129条")),
    Step("靠他扶养的人、照顾他多的人，不是继承人也可以分一点。", code("第1131条")),
    Step("继承人在分之前也走了的，他那一份由他自己的继承人接着分。", code("第1152条")),
    Step("没出生的胎儿要留一份。", code("第1155条")),
    Step("没有人放弃，也没有人因为虐待、遗弃等丧失继承权。", code("第1125条")),
    Step("债务先从遗产里还。", code("第1159条")),
)


def shares(family: Family, common: bool, total: Decimal | None = None) -> Result[tuple[Share, ...]]:
    """Return everybody's share of what is divided; the shares add up to one.

    `common`: it belonged to both spouses, so half of it is the surviving spouse's own; `total`: its worth in yuan.
    """
    half = Fraction(1, 2) if common and family.spouse else Fraction(0)
    steps, found = [], []
    if half:
        steps.append(Step("夫妻共同的财产，先分出一半归配偶自己，另一半才是遗产。", code("第1153条")))
        found.append(Share("配偶（本来就是自己的）", 1, half, code("第1153条")))
    elif not family.spouse:
        unclear = "这里当作全是他自己的。和先走的丈夫、妻子一起挣的，要先把那一半按那一位的继承人分清楚。"
        steps.append(Step(unclear, code("第1153条")))
    else:
        steps.append(Step("是去世的人个人的财产，全部是遗产。", code("第1122条")))
    heirs, more = _heirs(family)
    steps += more
    found += [replace(share, each=share.each * (1 - half)) for share in heirs]
    if total is not None:
        steps += _in_yuan(found, checked_money(total))
    return Result(tuple(found), "份", tuple(steps), tuple(f"{said.text[:-1]}（{said.rule}）。" for said in EXCEPTIONS))


def _heirs(family: Family) -> tuple[list[Share], list[Step]]:
    """Return the shares of the estate alone, and the steps to them."""
    lines = [n for n in family.gone_children if n]
    parts = int(family.spouse) + family.children + family.parents + len(lines)
    if parts:
        alive: tuple[tuple[str, int], ...] = (
            ("配偶", int(family.spouse)),
            ("子女", family.children),
            ("父母", family.parents),
        )
        return _divided(parts, alive, lines, "先去世子女的孩子", "第一顺序是配偶、子女、父母")
    lines = [n for n in family.gone_siblings if n]
    parts = family.siblings + family.grandparents + len(lines)
    if parts:
        alive = (("兄弟姐妹", family.siblings), ("祖父母、外祖父母", family.grandparents))
        return _divided(parts, alive, lines, "先去世兄弟姐妹的孩子", "没有第一顺序的人，轮到兄弟姐妹、祖父母、外祖父母")
    text = "没有继承人的，归国家，用于公益；生前是村集体成员的，归村集体。"
    return [Share("国家或者村集体", 1, Fraction(1), code("第1160条"))], [Step(text, code("第1160条"))]


def _divided(
    parts: int, alive: Iterable[tuple[str, int]], lines: Iterable[int], descendants: str, order: str
) -> tuple[list[Share], list[Step]]:
    """Return equal parts for the living, and one part for each line, divided among its children."""
    each = Fraction(1, parts)
    found = [Share(who, count, each, code("第1130条")) for who, count in alive if count]
    steps = [
        Step(f"{order}，一共{parts}份。", code("第1127条")),
        Step(f"一般均分，每份是遗产的{_said(each)}。", code("第1130条")),
    ]
    for count in lines:
        found.append(Share(descendants, count, each / count, code("第1128条")))
        steps.append(
            Step(f"{descendants}代替父母的那一份，{count}人分，每人是遗产的{_said(each / count)}。", code("第1128条"))
        )
    return found, steps


def _said(part: Fraction) -> str:
    return "全部" if part == 1 else str(part)


def _in_yuan(found: Iterable[Share], total: Decimal) -> list[Step]:
    return [
        Step(
            f"{share.who}{'每人' if share.count > 1 else ''}{_said(share.each)}，{money(total)}里是{money(cents(Fraction(total) * share.each))}。",
            share.rule,
        )
        for share in found
    ]
