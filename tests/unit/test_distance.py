"""How far a place is, as a citizen reads it."""

from __future__ import annotations

import pytest

from bot.directory.distance import metres, say_distance


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "不到100米"),
        (99.9, "不到100米"),
        (260, "约300米"),
        (949, "约900米"),
        (960, "约1公里"),
        (1234, "约1.2公里"),
        (9_940, "约9.9公里"),
        (9_999, "约10公里"),
        (23_400, "约23公里"),
    ],
)
def test_citizen_reads_a_distance_as_people_say_it(length: float, said: str) -> None:
    assert say_distance(length) == said


def test_distances_are_those_of_the_earth() -> None:
    # One degree of a meridian: a 360th of the circumference.
    assert metres(23, 116, 24, 116) == pytest.approx(111_195, abs=1)
    # Eastwards it shrinks with the cosine of the latitude.
    assert metres(60, 116, 60, 117) == pytest.approx(111_195 / 2, rel=1e-4)
    assert metres(23.4, 116.7, 23.4, 116.7) == 0


def test_the_other_side_of_the_date_line_is_near() -> None:
    assert metres(0, 179.99, 0, -179.99) == pytest.approx(2_224, abs=1)
