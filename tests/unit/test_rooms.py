"""A district's rooms.csv: read, or refused with the place of each wrong cell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.areas.importer import read_areas
from bot.booking.importer import read_rooms
from bot.booking.model import KINDS, Room
from bot.errors import InvalidImport

DATA = Path(__file__).resolve().parents[2] / "data" / "directory" / "440515"
AREAS = read_areas(DATA / "areas.csv")
HEADER = "id,place,use,name,area,demo\n"


def problems(path: Path, text: str | bytes) -> list[str]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidImport) as refused:
        read_rooms(path, AREAS)
    return refused.value.problems


def test_clerk_can_list_rooms_and_windows(tmp_path: Path) -> None:
    path = tmp_path / "rooms.csv"
    path.write_text(
        "\ufeff" + HEADER + "r1,sc-county,mediation,调解室,440515,yes\n\nw1,aid,window,一号,440515,\n", "utf-8"
    )
    assert read_rooms(path, AREAS) == (
        Room("r1", "sc-county", "mediation", "调解室", "440515", demo=True),
        Room("w1", "aid", "window", "一号", "440515"),
    )


def test_district_without_the_file_has_no_rooms(tmp_path: Path) -> None:
    assert read_rooms(tmp_path / "rooms.csv", AREAS) == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (":,sc,visit,x,440515,", "2:1: id ':' is not an id"),
        ("r,s c,visit,x,440515,", "2:2: place 's c' is not an id"),
        ("r,sc,party,x,440515,", "2:3: use 'party' is none of mediation, window, visit"),
        ("r,sc,visit,,440515,", "2:4: name must not be empty"),
        ("r,sc,visit,x,999999,", "2:5: area area code '999999' is not in areas.csv"),
        ("r,sc,visit,x,440515,no", "2:6: demo 'no' is neither empty nor yes"),
        ("r,sc,visit,x,440515,,more", "2:7: more cells than columns"),
        ("r,sc,visit,x,440515,\nr,sc,visit,x,440515,", "3:1: r stands in line 2 already"),
        ('r,sc,visit,"x,440515,', "2:1: unexpected end of data"),
    ],
)
def test_clerk_is_told_which_cell_is_wrong(tmp_path: Path, row: str, said: str) -> None:
    (problem,) = problems(tmp_path / "rooms.csv", HEADER + row + "\n")
    assert problem.startswith(f"rooms.csv:{said}")


def test_clerk_is_told_when_it_is_another_file(tmp_path: Path) -> None:
    path = tmp_path / "rooms.csv"
    assert problems(path, "id,name\n") == ["rooms.csv:1:1: the columns must be id,place,use,name,area,demo"]
    assert problems(path, HEADER.encode() + "r,sc,visit,调解室,440515,".encode("gbk")) == [
        "rooms.csv:1:1: must be saved as UTF-8"
    ]


def test_reference_district_has_rooms_where_its_directory_has_places() -> None:
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as lines:
        places = {row["id"]: row for row in csv.DictReader(lines)}
    rooms = read_rooms(DATA / "rooms.csv", AREAS)
    for room in rooms:
        assert places[room.place]["location_area"] == room.area
        assert room.demo == (places[room.place]["demo"] == "yes")
    for kind in (kind for kind in KINDS.values() if kind.by_place):
        served = {room.place for room in rooms if room.use == kind.room}
        assert {places[place]["provider_type"] for place in served} <= set(kind.served_by)
        assert served
