"""References that a citizen can read out over the phone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.inbox.model import REFERENCE_ALPHABET, reference


@given(st.integers(0, len(REFERENCE_ALPHABET) ** 5 - 2))
def test_two_citizens_never_get_the_same_reference(number: int) -> None:
    assert reference(number) != reference(number + 1)
    assert all(ch in REFERENCE_ALPHABET for ch in reference(number).removeprefix("LY-"))
