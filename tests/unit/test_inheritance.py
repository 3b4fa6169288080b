"""Shares without a will."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.inheritance import Family, shares
from bot.errors import InvalidField

SMALL = st.integers(0, 4)
LINES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
FAMILIES = st.builds(Family, st.booleans(), SMALL, st.integers(0, 2), LINES, SMALL, SMALL, LINES)


def divided(family: Family, common: bool = False) -> dict[str, Fraction]:
    return {share.who: share.each for share in shares(family, common).value}


@pytest.mark.parametrize(
    ("family", "common", "each"),
    [
        # Half of what the couple owned is hers; of the other half five heirs take a fifth each.
        (Family(True, 3, 1), True, {"配偶（本来就是自己的）": (1, 2), "配偶": (1, 10), "子女": (1, 10), "父母": (1, 10)}),
        (Family(True, 3, 1), False, {"配偶": (1, 5), "子女": (1, 5), "父母": (1, 5)}),
        (Family(True), True, {"配偶（本来就是自己的）": (1, 2), "配偶": (1, 2)}),
        # A dead son's two children share his third.
        (Family(children=2, gone_children=(2,)), False, {"子女": (1, 3), "先去世子女的孩子": (1, 6)}),
        # A child that died without children leaves no part.
        (Family(children=2, gone_children=(0,)), False, {"子女": (1, 2)}),
        # Grandchildren in their parent's place keep the second order away.
        (Family(gone_children=(1,), siblings=3), False, {"先去世子女的孩子": (1, 1)}),
        (Family(parents=2, siblings=3), False, {"父母": (1, 2)}),
        (Family(siblings=2, grandparents=1), False, {"兄弟姐妹": (1, 3), "祖父母、外祖父母": (1, 3)}),
        (Family(siblings=1, gone_siblings=(2,)), False, {"兄弟姐妹": (1, 2), "先去世兄弟姐妹的孩子": (1, 4)}),
        (Family(), False, {"国家或者村集体": (1, 1)}),
    ],
)  # fmt: skip
def test_family_learns_everybodys_share(family: Family, common: bool, each: dict[str, tuple[int, int]]) -> None:
    assert divided(family, common) == {who: Fraction(*part) for who, part in each.items()}


def test_family_learns_the_shares_in_yuan() -> None:
    said = "".join(step.text for step in shares(Family(True, 3), True, Decimal(1_200_000)).steps)
    assert "120万元里是60万元" in said  # her half
    assert "120万元里是15万元" in said  # a quarter of the other half


def test_family_is_told_the_exceptions_from_equal_shares() -> None:
    said = "".join(shares(Family(True, 2), True).assumptions)
    for word in ("遗嘱", "多分", "少分或不分", "丧偶", "胎儿", "债务"):
        assert word in said


@pytest.mark.parametrize("wrong", [{"parents": 3}, {"children": -1}, {"grandparents": 5}, {"gone_children": (99,)}])
def test_number_of_relatives_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidField):
        Family(**wrong)


@given(FAMILIES, st.booleans())
def test_shares_add_up_to_the_whole(family: Family, common: bool) -> None:
    assert sum(share.count * share.each for share in shares(family, common).value) == 1


@given(FAMILIES, st.booleans())
def test_nobody_of_the_second_order_inherits_beside_the_first(family: Family, common: bool) -> None:
    who = set(divided(family, common))
    assert not (who & {"配偶", "子女", "父母", "先去世子女的孩子"} and who & {"兄弟姐妹", "祖父母、外祖父母"})


@given(FAMILIES, st.booleans())
def test_heirs_of_one_order_get_equal_shares(family: Family, common: bool) -> None:
    parts = divided(family, common)
    assert len({parts[who] for who in ("配偶", "子女", "父母") if who in parts}) <= 1
