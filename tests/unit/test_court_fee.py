"""Court fees: what a citizen has to bring to the court. The arithmetic of each example stands beside it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.court_fee import FIXED, SCALES, court_fee
from bot.calculators.model import Range
from bot.errors import InvalidField

YUAN = st.decimals(Decimal("0.01"), 30_000_000, places=2)
WITH_AMOUNT = sorted(set(SCALES) - FIXED)
# Written out from article 13 by hand, as (over, rate): a second copy, so that a slip in the table is seen.
RATES = [
    (10_000, "0.025"), (100_000, "0.02"), (200_000, "0.015"), (500_000, "0.01"), (1_000_000, "0.009"),
    (2_000_000, "0.008"), (5_000_000, "0.007"), (10_000_000, "0.006"), (20_000_000, "0.005"),
]  # fmt: skip


def fee(case: str, amount: int | str | Decimal | None = None, halved: bool = False) -> Range:
    return court_fee(case, None if amount is None else Decimal(amount), halved).value


def exact(case: str, amount: int | str | Decimal | None = None, halved: bool = False) -> Decimal:
    found = fee(case, amount, halved)
    assert found.exact
    return found.low


@pytest.mark.parametrize(
    ("amount", "due"),
    [
        (1, "50"),
        (10_000, "50"),
        ("10000.04", "50.00"),  # 50 + 0.04×2.5% = 50.001
        (35_000, "675"),  # 50 + 25000×2.5%
        (100_000, "2300"),  # 50 + 90000×2.5%
        (200_000, "4300"),  # 2300 + 100000×2%
        (235_000, "4825"),  # 4300 + 35000×1.5%
        (500_000, "8800"),  # 4300 + 300000×1.5%
        (1_000_000, "13800"),  # 8800 + 500000×1%
        (1_688_000, "19992"),  # 13800 + 688000×0.9%
        (2_000_000, "22800"),  # 13800 + 1000000×0.9%
        (5_000_000, "46800"),  # 22800 + 3000000×0.8%
        (10_000_000, "81800"),  # 46800 + 5000000×0.7%
        (20_000_000, "141800"),  # 81800 + 10000000×0.6%
        (30_000_000, "191800"),  # 141800 + 10000000×0.5%
    ],
)
def test_citizen_learns_what_a_property_case_costs(amount: int | str, due: str) -> None:
    assert exact("property", amount) == Decimal(due)
    assert exact("ip", amount) == exact("appeal", amount) == Decimal(due)


@pytest.mark.parametrize(
    ("case", "amount", "low", "high"),
    [
        ("divorce", None, "50", "300"),
        ("divorce", 200_000, "50", "300"),
        ("divorce", 800_000, "3050", "3300"),  # 600000×0.5% = 3000
        ("personality", None, "100", "500"),
        ("personality", 50_000, "100", "500"),
        ("personality", 80_000, "400", "800"),  # 30000×1% = 300
        ("personality", 120_000, "700", "1100"),  # 50000×1% + 20000×0.5% = 600
        ("ip", None, "500", "1000"),
        ("other", None, "50", "100"),
        ("enforcement", None, "50", "500"),
    ],
)
def test_citizen_is_told_the_range_where_the_province_may_fix_the_figure(
    case: str, amount: int | None, low: str, high: str
) -> None:
    found = court_fee(case, None if amount is None else Decimal(amount))
    assert found.value == Range(Decimal(low), Decimal(high))
    assert any("没有核实到" in said for said in found.assumptions)


@pytest.mark.parametrize(
    ("case", "amount", "due"),
    [
        ("labour", None, "10"),
        ("labour", 500_000, "10"),  # whatever is claimed
        ("administrative", None, "50"),
        ("administrative_ip", None, "100"),
        ("payment_order", 5_000, "16.67"),  # 50÷3
        ("payment_order", 100_000, "766.67"),  # 2300÷3
        ("preservation", None, "30"),
        ("preservation", 1_000, "30"),
        ("preservation", 50_000, "520"),  # 30 + 49000×1%
        ("preservation", 100_000, "1020"),  # 30 + 99000×1%
        ("preservation", 220_000, "1620"),  # 1020 + 120000×0.5%
        ("preservation", 896_000, "5000"),  # 1020 + 796000×0.5% = 5000
        ("preservation", 5_000_000, "5000"),  # never more
        ("enforcement", 10_000, "50"),
        ("enforcement", 35_000, "425"),  # 50 + 25000×1.5%
        ("enforcement", 500_000, "7400"),  # 50 + 490000×1.5%
        ("enforcement", 5_000_000, "52400"),  # 7400 + 4500000×1%
        ("enforcement", 10_000_000, "77400"),  # 52400 + 5000000×0.5%
        ("enforcement", 11_000_000, "78400"),  # 77400 + 1000000×0.1%
    ],
)
def test_citizen_learns_what_other_cases_and_applications_cost(case: str, amount: int | None, due: str) -> None:
    assert exact(case, amount) == Decimal(due)


def test_citizen_pays_half_when_the_case_is_mediated_withdrawn_or_simple() -> None:
    assert exact("property", 310_000, halved=True) == Decimal("2975")  # (4300 + 110000×1.5%)÷2
    assert exact("labour", halved=True) == Decimal(5)
    assert fee("divorce", halved=True) == Range(Decimal(25), Decimal(150))


@pytest.mark.parametrize("case", ["payment_order", "preservation", "enforcement"])
def test_application_is_never_halved_and_the_citizen_is_told(case: str) -> None:
    assert fee(case, 80_000, halved=True) == fee(case, 80_000)
    assert any("申请费没有这一条" in said for said in court_fee(case, Decimal(80_000), True).assumptions)


def test_citizen_who_appeals_is_told_that_only_the_disputed_part_counts() -> None:
    assert "不服的那部分" in court_fee("appeal", Decimal(46_000)).steps[0].text


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "Infinity", "1e13"])
def test_amount_that_cannot_be_is_refused_with_a_sentence(amount: str) -> None:
    with pytest.raises(InvalidField, match="金额"):
        court_fee("property", Decimal(amount))


@given(YUAN, YUAN, st.sampled_from(WITH_AMOUNT))
def test_more_money_never_costs_less(one: Decimal, other: Decimal, case: str) -> None:
    less, more = sorted((one, other))
    assert fee(case, less).low <= fee(case, more).low
    assert fee(case, less).high <= fee(case, more).high


@pytest.mark.parametrize("case", WITH_AMOUNT)
def test_fee_does_not_jump_at_a_bracket(case: str) -> None:
    scale = SCALES[case]
    for edge in (scale.covers, *(bracket.upto for bracket in scale.brackets if bracket.upto)):
        below, above = (fee(case, edge + step) for step in (Decimal(0), Decimal("0.01")))
        assert 0 <= above.low - below.low <= Decimal("0.01")


@given(st.sampled_from(RATES), st.integers(0, 90).map(lambda thousands: thousands * 1000))
def test_each_bracket_adds_its_own_rate_to_what_is_below(edge: tuple[int, str], more: int) -> None:
    over, rate = edge
    assert exact("property", over + more) - exact("property", over) == Decimal(more) * Decimal(rate)


@given(YUAN, st.sampled_from(WITH_AMOUNT))
def test_half_is_never_more_than_the_whole(amount: Decimal, case: str) -> None:
    assert fee(case, amount, halved=True).high <= fee(case, amount).high
    assert fee("payment_order", amount).low <= fee("property", amount).low


@given(YUAN, st.sampled_from(WITH_AMOUNT), st.booleans())
def test_last_sum_in_the_steps_is_the_answer(amount: Decimal, case: str, halved: bool) -> None:
    found = court_fee(case, amount, halved)
    assert any(str(found.value) in step.text for step in found.steps)
