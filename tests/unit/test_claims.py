"""Claims with a figure of their own: worked examples by hand from the rules, and what must hold for any input."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.annual_leave import annual_leave, days_due
from bot.calculators.consumer import EXTRAS, consumer
from bot.calculators.deposit import deposit
from bot.calculators.inheritance import Family, shares
from bot.calculators.model import cents
from bot.calculators.spans import Length
from bot.calculators.support import support
from bot.calculators.work_injury import lump_sum
from bot.errors import InvalidField

YUAN = st.integers(1, 10_000_000).map(lambda hundredths: Decimal(hundredths) / 100)


@pytest.mark.parametrize(
    ("kind", "price", "loss", "due"),
    [
        ("fraud", "1", None, "500"),
        ("fraud", "166.66", None, "500"),  # three times is 499.98
        ("fraud", "166.67", None, "500.01"),
        ("fraud", "1200", None, "3600"),
        ("food", "99.99", None, "1000"),
        ("food", "100.01", None, "1000.1"),
        ("food", "38", "500", "1500"),  # three times the loss is more than ten times the price
        ("food", "300", "500", "3000"),
        ("food", "10", "20", "1000"),
        ("medicine", "60", "2000", "6000"),
    ],
)
def test_buyer_learns_what_is_due_beyond_the_refund(kind: str, price: str, loss: str | None, due: str) -> None:
    assert consumer(kind, Decimal(price), Decimal(loss) if loss else None).value == Decimal(due)


@given(YUAN, YUAN, st.sampled_from(sorted(EXTRAS)), st.none() | YUAN)
def test_dearer_goods_never_bring_less_and_nobody_falls_under_the_least(
    one: Decimal, more: Decimal, kind: str, loss: Decimal | None
) -> None:
    low, high = consumer(kind, one, loss).value, consumer(kind, one + more, loss).value
    assert EXTRAS[kind].least <= low <= high


@pytest.mark.parametrize(
    ("income", "children", "low", "high"),
    [
        ("8000", 1, "1600", "2400"),
        ("8000", 2, "1600", "4000"),
        ("3333.33", 1, "666.67", "1000"),
        ("1", 3, "0.2", "0.5"),
    ],
)
def test_parent_learns_the_usual_share_of_an_income(income: str, children: int, low: str, high: str) -> None:
    due = support(Decimal(income), children).value
    assert (due.low, due.high) == (Decimal(low), Decimal(high))


@given(YUAN.filter(lambda income: income >= 1), st.integers(1, 15))
def test_support_is_never_more_than_half_an_income_nor_less_for_one_child_more(income: Decimal, children: int) -> None:
    due = support(income, children).value
    assert due.low <= due.high <= income / 2 + Decimal("0.01")
    if children < 15:
        assert support(income, children + 1).value.high >= due.high


@pytest.mark.parametrize(
    ("grade", "months"),
    [(1, 27), (2, 25), (3, 23), (4, 21), (5, 18), (6, 16), (7, 13), (8, 11), (9, 9), (10, 7)],
)
def test_worker_learns_the_lump_sum_of_each_grade(grade: int, months: int) -> None:
    assert lump_sum(Decimal("4321.5"), grade).value == cents(Decimal("4321.5") * months)


@pytest.mark.parametrize("grade", [0, 11, -1])
def test_grade_that_there_is_not_is_refused_with_a_sentence(grade: int) -> None:
    with pytest.raises(InvalidField, match="一级到十级"):
        lump_sum(Decimal(5000), grade)


@pytest.mark.parametrize(
    ("paid", "total", "broken_by", "due"),
    [
        (20_000, 100_000, "receiver", 40_000),
        (20_000, 100_000, "payer", 0),
        (30_000, 100_000, "receiver", 50_000),  # a fifth doubles, the rest comes back once
        (30_000, 100_000, "payer", 10_000),
        (5000, 100_000, "receiver", 10_000),
        (100, 100, "receiver", 120),
    ],
)
def test_buyer_learns_what_of_a_deposit_comes_back(paid: int, total: int, broken_by: str, due: int) -> None:
    assert deposit(Decimal(paid), Decimal(total), broken_by).value == due


@given(YUAN, YUAN)
def test_what_one_side_gains_of_a_deposit_is_what_the_other_would_lose(paid: Decimal, more: Decimal) -> None:
    total = paid + more
    gain = deposit(paid, total, "receiver").value - paid
    loss = paid - deposit(paid, total, "payer").value
    assert gain == loss
    assert gain <= cents(total / 5) + Decimal("0.01")


def test_deposit_above_the_price_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidField, match="总价"):
        deposit(Decimal(101), Decimal(100), "payer")


@pytest.mark.parametrize(("months", "days"), [(11, 0), (12, 5), (119, 5), (120, 10), (239, 10), (240, 15), (600, 15)])
def test_worker_learns_the_days_of_paid_leave(months: int, days: int) -> None:
    assert days_due(Length(months)) == days


@pytest.mark.parametrize(
    ("wage", "months", "missed", "due"),
    [("6000", 144, 5, "2758.62"), ("4350", 24, 1, "400"), ("2175", 300, 15, "3000")],
)
def test_worker_learns_what_is_still_due_for_leave_not_given(wage: str, months: int, missed: int, due: str) -> None:
    assert annual_leave(Decimal(wage), Length(months), missed).value == Decimal(due)


@pytest.mark.parametrize(("months", "missed", "said"), [(6, 3, "满一年"), (24, 6, "一年有5天"), (24, 0, "1到5")])
def test_leave_that_nobody_has_is_refused_with_the_reason(months: int, missed: int, said: str) -> None:
    with pytest.raises(InvalidField, match=said):
        annual_leave(Decimal(5000), Length(months), missed)


def test_two_children_without_a_spouse_share_by_the_rule_of_equal_parts() -> None:
    said = shares(Family(children=2), False, Decimal(100)).steps
    assert [step.rule.article for step in said if "100元" in step.text] == ["第1130条"]


def test_family_whose_other_parent_died_before_is_told_to_part_that_half_first() -> None:
    assert any("先走" in step.text for step in shares(Family(children=2), False).steps)
    assert not any("先走" in step.text for step in shares(Family(True, 2), True).steps)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 4), st.booleans())
def test_each_line_shares_one_part_among_its_own(lines: list[int], children: int, spouse: bool) -> None:
    family = Family(spouse, children, gone_children=tuple(lines))
    found = [share for share in shares(family, False).value if share.who == "先去世子女的孩子"]
    parts = children + spouse + len(lines)
    assert [share.each * share.count for share in found] == [Fraction(1, parts)] * len(lines)
