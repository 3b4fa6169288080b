"""The right door."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.importer import read_doors
from bot.knowledge.model import MAX_DOORS, right_doors

DOORS = read_doors(Path(__file__).resolve().parents[2] / "data" / "knowledge" / "doors.csv")


@pytest.mark.parametrize(
    ("said", "matter", "number"),
    [
        ("工资拖了半年该打什么电话", "labour", "12333"),
        ("刚刚转账给骗子了找谁", "", "110"),
        ("店家不给退款去哪里投诉", "consumer", "12315"),
        ("想告他要去哪里立案", "debt", "12368"),
        ("举报村官贪污", "administrative", "12388"),
    ],
)
def test_citizen_gets_the_right_door_first(said: str, matter: str, number: str) -> None:
    assert right_doors(DOORS, said, matter)[0].number == number


def test_citizen_gets_the_general_hotlines_when_nothing_fits() -> None:
    assert [d.number for d in right_doors(DOORS, "", "")] == ["12348", "12345"]


def test_citizen_is_never_given_more_doors_than_can_be_read() -> None:
    assert len(right_doors(DOORS, "被骗了工资判决离婚退款孩子邻居", "labour")) == MAX_DOORS
