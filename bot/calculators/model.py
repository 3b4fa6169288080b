"""A result that shows how it came about, and the rule under every step. Pure, standard library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from bot.errors import InvalidField

CENT = Decimal("0.01")
# More than any dispute of a county; a longer row of digits is a card number or a slip of the finger.
MOST_MONEY = Decimal(10) ** 12


@dataclass(frozen=True)
class Rule:
    """Where a step is written. `article` is "第47条" or "第47条第2款".

    `dated` is empty for a law of the statute corpus; anything else (regulation, interpretation, notice) carries the day
    of its text, ISO 8601, since the corpus cannot tell whether it still stands.
    """

    law: str
    article: str
    dated: str = ""

    def __str__(self) -> str:
        return f"《{self.law}》{f'（{say_date(date.fromisoformat(self.dated))}）' if self.dated else ''}{self.article}"


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic in a citizen's words, and the rule that it follows."""

    text: str
    rule: Rule


@dataclass(frozen=True)
class Range:
    """An amount in yuan from `low` to `high`; both are the same where the rule leaves no room."""

    low: Decimal
    high: Decimal

    @property
    def exact(self) -> bool:
        """Whether it is one amount."""
        return self.low == self.high

    def __str__(self) -> str:
        return money(self.low) if self.exact else f"{money(self.low)}到{money(self.high)}"


T = TypeVar("T", covariant=True)


@dataclass(frozen=True)
class Result(Generic[T]):
    """What came out. `assumptions` are sentences: what was taken for granted and may be otherwise."""

    value: T
    unit: str
    steps: tuple[Step, ...]
    assumptions: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of all steps, each once, in their order."""
        return tuple(dict.fromkeys(step.rule for step in self.steps))


@dataclass(frozen=True)
class Plan:
    """A calculation being prepared: which one, and the inputs that were said, as text so that a conversation can keep it."""

    calculator: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """The next thing to ask: the input's name, the question, and what can be tapped as (title, value)."""

    name: str
    question: str
    options: tuple[tuple[str, str], ...] = ()


def checked_money(amount: Decimal) -> Decimal:
    """Return an amount of yuan that can be reckoned with. Raises InvalidField with a citizen's sentence."""
    if not amount.is_finite() or amount <= 0 or amount > MOST_MONEY:
        raise InvalidField("这个数目我看不明白，请写一个大于0的金额，比如35000或者3.5万。")
    return amount


def cents(amount: Decimal | Fraction) -> Decimal:
    """Return an amount rounded half up to the cent."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator) if isinstance(amount, Fraction) else amount
    return exact.quantize(CENT, ROUND_HALF_UP)


def money(amount: Decimal) -> str:
    """Return an amount as people write it: 1050元, 16.67元, 3.5万元."""
    rounded = cents(amount)
    if rounded >= 10_000 and rounded % 100 == 0:
        return f"{plain(rounded / 10_000)}万元"
    return f"{plain(rounded)}元"


def plain(number: Decimal) -> str:
    """Return a number without exponent or trailing zeros: 2.50 → 2.5, 1E+2 → 100."""
    return format(number.normalize(), "f")


def percent(rate: Decimal) -> str:
    """Return a rate as people write it: 0.025 → 2.5%."""
    return f"{plain(rate * 100)}%"


def say_date(day: date) -> str:
    """Return a date with its year: 2026年10月9日."""
    return f"{day.year}年{day.month}月{day.day}日"
