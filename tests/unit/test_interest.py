"""Interest on private loans. The rate of the month is always told by the citizen; here it is made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.interest import loan_interest, overdue_interest, simple
from bot.calculators.spans import Length
from bot.errors import InvalidField

LPR = Decimal("0.03")  # not a real figure


@pytest.mark.parametrize(
    ("principal", "rate", "length", "due"),
    [
        (50_000, "0.10", Length(28), "11666.67"),  # 50000×10%×28÷12
        (80_000, "0.06", Length(27), "10800"),  # 80000×6%×27÷12
        (46_000, "0.12", Length(0, 413), "6245.92"),  # 46000×12%×413÷365
        (46_000, "0.12", Length(0, 365), "5520"),
        (20_000, "0.12", Length(14, 15), "2898.63"),  # 20000×12%×(14÷12 + 15÷365)
    ],
)
def test_lender_learns_the_agreed_interest(principal: int, rate: str, length: Length, due: str) -> None:
    assert loan_interest(Decimal(principal), Decimal(rate), length, LPR).value == Decimal(due)


def test_borrower_learns_that_interest_over_four_times_the_lpr_is_not_supported() -> None:
    result = loan_interest(Decimal(30_000), Decimal("0.36"), Length(14), LPR)
    assert result.value == Decimal("4200")  # 30000×12%×14÷12
    assert any("3%乘4，是12%" in step.text for step in result.steps)


def test_rate_at_the_cap_itself_is_supported_whole() -> None:
    assert loan_interest(Decimal(10_000), Decimal("0.12"), Length(12), LPR).value == 1_200
    assert loan_interest(Decimal(10_000), Decimal("0.1201"), Length(12), LPR).value == 1_200


def test_nothing_is_cut_and_it_is_said_when_the_lpr_is_not_known() -> None:
    result = loan_interest(Decimal(10_000), Decimal("0.36"), Length(12), None)
    assert result.value == 3_600
    assert any("没有比上限" in said for said in result.assumptions)


def test_loan_from_before_the_cap_is_not_measured_by_it() -> None:
    result = loan_interest(Decimal(10_000), Decimal("0.2"), Length(12), LPR, date(2020, 8, 19))
    assert result.value == 2_000
    assert any("2020年8月20日以前" in said for said in result.assumptions)
    assert loan_interest(Decimal(10_000), Decimal("0.2"), Length(12), LPR, date(2020, 8, 20)).value == 1_200


def test_loan_without_agreed_interest_bears_none_until_it_is_due() -> None:
    assert loan_interest(Decimal(20_000), None, Length(36), LPR).value == 0
    assert overdue_interest(Decimal(20_000), Length(12), lpr_now=LPR).value == 600  # 20000×3%


@pytest.mark.parametrize(
    ("rate", "overdue_rate", "due"),
    [
        (None, "0.10", 1_000),  # 10000×10%
        ("0.06", None, 600),  # the loan's own rate goes on
        ("0.06", "0.24", 1_200),  # under the cap of 12 %
        ("0.24", None, 1_200),
    ],
)
def test_overdue_interest_follows_what_was_agreed_under_the_cap(
    rate: str | None, overdue_rate: str | None, due: int
) -> None:
    agreed, late = (Decimal(said) if said else None for said in (rate, overdue_rate))
    assert overdue_interest(Decimal(10_000), Length(12), agreed, late, LPR).value == due


def test_overdue_interest_without_any_rate_asks_for_the_lpr_instead_of_assuming_one() -> None:
    with pytest.raises(InvalidField, match="LPR"):
        overdue_interest(Decimal(10_000), Length(12))


@pytest.mark.parametrize(("rate", "lpr"), [("0", "0.03"), ("12", "0.03"), ("0.1", "3.1"), ("0.1", "0")])
def test_slip_of_the_finger_in_a_rate_is_refused_with_a_sentence(rate: str, lpr: str) -> None:
    with pytest.raises(InvalidField):
        loan_interest(Decimal(10_000), Decimal(rate), Length(12), Decimal(lpr))


@given(st.integers(1, 10**7), st.decimals("0.001", "2", places=4), st.integers(1, 240), st.integers(1, 240))
def test_interest_grows_with_time_and_never_exceeds_the_cap(
    principal: int, rate: Decimal, one: int, other: int
) -> None:
    less, more = (loan_interest(Decimal(principal), rate, Length(m), LPR).value for m in sorted((one, other)))
    assert less <= more <= simple(Decimal(principal), 4 * LPR, Length(max(one, other)))


@given(st.integers(1, 10**6), st.integers(1, 3_000))
def test_simple_interest_of_two_stretches_is_that_of_both(principal: int, days: int) -> None:
    one, both = (simple(Decimal(principal), Decimal("0.1"), Length(0, n)) for n in (days, 2 * days))
    assert abs(2 * one - both) <= Decimal("0.01")
