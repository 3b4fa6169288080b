"""What an employer owes. The arithmetic of each example stands beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.severance import Employment, months_due, no_contract, overtime, severance
from bot.calculators.spans import Length, length_between
from bot.errors import InvalidField

LENGTHS = st.builds(Length, st.integers(0, 480), st.integers(1, 30))


def due(wage: int, months: int, kind: str = "ended", average: int | None = None) -> Decimal:
    return severance(
        Decimal(wage), Employment(Length(months)), kind, None if average is None else Decimal(average)
    ).value


@pytest.mark.parametrize(
    ("months", "days", "count"),
    [
        (38, 0, "3.5"),  # 3 years, 2 months
        (36, 0, "3"),
        (36, 1, "3.5"),
        (41, 30, "3.5"),
        (42, 0, "4"),  # half a year counts as a year
        (0, 1, "0.5"),
        (5, 30, "0.5"),
        (6, 0, "1"),
        (12, 0, "1"),
    ],
)
def test_worker_learns_for_how_many_months_the_work_counts(months: int, days: int, count: str) -> None:
    assert months_due(Length(months, days)) == Decimal(count)


@pytest.mark.parametrize(
    ("wage", "months", "kind", "average", "sum_"),
    [
        (5_800, 42, "ended", None, 23_200),  # 5800×4
        (5_800, 42, "notice", None, 29_000),  # 5800×4 + 5800
        (5_000, 78, "unlawful", None, 70_000),  # 5000×7×2
        (27_000, 180, "ended", 9_000, 405_000),  # just three times: no cap, 27000×15
        (27_001, 180, "ended", 9_000, 324_000),  # over it: 27000×12
        (50_000, 38, "ended", 9_000, 94_500),  # 27000×3.5
        (50_000, 180, "unlawful", 9_000, 648_000),  # 27000×12×2
    ],
)
def test_worker_learns_what_is_due(wage: int, months: int, kind: str, average: int | None, sum_: int) -> None:
    assert due(wage, months, kind, average) == sum_


def test_worker_is_told_when_no_cap_could_be_applied() -> None:
    result = severance(Decimal(50_000), Employment(Length(180)))
    assert any("没有算封顶" in said for said in result.assumptions)
    assert result.steps[0].text.startswith("工作满15年，按15个月算")


def test_years_before_the_law_count_only_against_an_unlawful_dismissal() -> None:
    work = Employment.between(date(2005, 1, 1), date(2009, 12, 31))  # five years, two of them since 2008
    ended = severance(Decimal(4_000), work)
    assert ended.value == 8_000  # 4000×2
    assert any("2008年以前" in said for said in ended.assumptions)
    assert severance(Decimal(4_000), work, "unlawful").value == 40_000  # 4000×5×2


def test_notice_pay_is_the_last_months_wage_when_it_is_known() -> None:
    result = severance(Decimal(5_000), Employment(Length(12)), "notice", last_wage=Decimal(6_200))
    assert result.value == 11_200  # 5000×1 + 6200


@pytest.mark.parametrize(
    ("months", "days", "count"),
    [(1, 0, 0), (1, 29, 0), (2, 0, 1), (8, 0, 7), (11, 30, 10), (12, 0, 11), (14, 0, 11), (60, 0, 11)],
)
def test_worker_without_a_contract_gets_a_second_wage_for_at_most_eleven_months(
    months: int, days: int, count: int
) -> None:
    assert no_contract(Decimal(4_000), Length(months, days)).value == 4_000 * count


@pytest.mark.parametrize(
    ("kind", "sum_"),
    [("workday", "1293.10"), ("restday", "1724.14"), ("holiday", "2586.21")],  # 5000÷(21.75×8)×30×1.5, ×2, ×3
)
def test_worker_learns_the_pay_for_overtime(kind: str, sum_: str) -> None:
    assert overtime(Decimal(5_000), Decimal(30), kind).value == Decimal(sum_)


@pytest.mark.parametrize(
    ("first", "last", "months", "days"),
    [
        (date(2020, 3, 1), date(2023, 2, 28), 36, 0),
        (date(2024, 2, 29), date(2025, 2, 28), 12, 1),
        (date(2026, 1, 31), date(2026, 2, 28), 1, 1),
        (date(2026, 1, 15), date(2026, 1, 15), 0, 1),
    ],
)
def test_length_counts_first_and_last_day(first: date, last: date, months: int, days: int) -> None:
    assert length_between(first, last) == Length(months, days)


def test_end_before_the_beginning_is_refused_with_a_sentence() -> None:
    with pytest.raises(InvalidField, match="还早"):
        length_between(date(2026, 2, 1), date(2026, 1, 1))


@given(LENGTHS, LENGTHS, st.integers(1, 100_000), st.sampled_from(["ended", "notice", "unlawful"]))
def test_longer_work_is_never_worth_less(one: Length, other: Length, wage: int, kind: str) -> None:
    shorter, longer = sorted((one, other), key=lambda length: (length.months, length.days))
    for average in (None, Decimal(9_000)):
        less = severance(Decimal(wage), Employment(shorter), kind, average).value
        assert less <= severance(Decimal(wage), Employment(longer), kind, average).value


@given(LENGTHS)
def test_work_is_never_rounded_by_more_than_half_a_year(length: Length) -> None:
    years = Decimal(length.months) / 12 + Decimal(length.days) / 365
    assert abs(months_due(length) - years) <= Decimal("0.6")


@given(st.dates(date(2000, 1, 1), date(2026, 1, 1)), st.integers(0, 8_000))
def test_one_day_more_never_makes_a_length_shorter(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    shorter, longer = (length_between(first, date.fromordinal(last.toordinal() + more)) for more in (0, 1))
    assert (shorter.months, shorter.days) < (longer.months, longer.days)
