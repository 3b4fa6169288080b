"""The county's areas: names as people say them, and a bad areas.csv refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.areas.importer import read_areas
from bot.errors import InvalidImport

ROOT = Path(__file__).resolve().parents[2]
AREAS = read_areas(ROOT / "data" / "directory" / "440515" / "areas.csv")
OFFICIAL = ROOT.parent / "shared" / "data" / "areas" / "chenghai_villages.csv"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("莲下", ["莲下镇"]),
        ("凤翔", ["凤翔街道"]),
        ("凤翔街道", ["凤翔街道"]),
        ("澄海", ["澄海区"]),
        ("程洋岗", ["莲下镇程洋岗村"]),
        ("程洋冈村", ["莲下镇程洋岗村"]),
        ("东湖社区", ["凤翔街道东湖社区"]),
        ("南社", ["溪南镇南社村", "东里镇南社村"]),
        ("天津", []),
    ],
)
def test_citizen_names_an_area_as_people_do(said: str, meant: list[str]) -> None:
    assert [AREAS.full_name(code) for code in AREAS.resolve(said)] == meant


def test_citizen_settles_which_village_by_naming_the_town() -> None:
    assert [AREAS.full_name(c) for c in AREAS.resolve("南社", AREAS.resolve("东里"))] == ["东里镇南社村"]


def test_every_town_and_village_finds_itself_by_each_of_its_names() -> None:
    lost = [(area.code, name) for area in AREAS for name in area.spoken if area.code not in AREAS.resolve(name)]
    # A village that shares its short name with a town gives way to it.
    assert all(any(len(code) < len(lost_code) for code in AREAS.resolve(name)) for lost_code, name in lost)


def test_areas_are_the_official_ones() -> None:
    if not OFFICIAL.exists():
        pytest.skip(f"the official list is not beside the repository ({OFFICIAL.name})")
    with OFFICIAL.open(encoding="utf-8-sig", newline="") as lines:
        official = {(row["code"], row["name"], row["town_code"]) for row in csv.DictReader(lines)}
    assert {(a.code, a.name, a.parent) for a in AREAS if a.level == "village"} == official


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("code,name\n440515,澄海区\n", "areas.csv:1:1: the columns"),
        ("440515,澄海区,,\n44051510,莲下镇,440515,\n", "areas.csv:3:1: '44051510' is not a code"),
        ("440515,澄海区,,\n440515,澄海区,,\n", "areas.csv:3:1: 440515 stands in line 2"),
        ("440515,澄海区,,\n440515102201,某村,440515102,\n", "areas.csv:3:3: 440515102201 must come below its parent"),
        ("440515,,,\n", "areas.csv:2:2: must not be empty"),
        ("440515,澄海区,,\n440514,潮南区,,\n", "areas.csv:1:1: needs exactly one county"),
    ],
)
def test_editor_is_told_where_areas_csv_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    header = "" if text.startswith("code") else "code,name,parent,aliases\n"
    (tmp_path / "areas.csv").write_text(header + text, "utf-8")
    with pytest.raises(InvalidImport) as refused:
        read_areas(tmp_path / "areas.csv")
    assert any(line.startswith(problem) for line in refused.value.problems), refused.value.problems


def test_editor_is_told_when_areas_csv_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "areas.csv").write_bytes("code,name,parent,aliases\n440515,澄海区,,\n".encode("gbk"))
    with pytest.raises(InvalidImport) as refused:
        read_areas(tmp_path / "areas.csv")
    assert refused.value.problems == ["areas.csv:1:1: must be saved as UTF-8"]


@pytest.mark.parametrize(
    ("label", "area"),
    [
        ("广东省汕头市澄海区莲下镇程洋冈村", "莲下镇程洋岗村"),
        ("澄海区莲下镇326省道旁", "莲下镇"),
        ("莲下镇", "莲下镇"),
        ("广东省汕头市澄海区文冠路128号", ""),
        ("广东省汕头市龙湖区莲下镇小吃店", ""),
        ("程洋冈牛肉店", ""),
        ("", ""),
    ],
)
def test_address_of_a_sent_location_tells_the_town_or_the_village(label: str, area: str) -> None:
    code = AREAS.named_in(label)
    assert (AREAS.full_name(code) if code else "") == area


def test_every_village_is_found_by_its_own_full_address() -> None:
    wrong = [
        area.code
        for area in AREAS
        if area.level == "village" and AREAS.named_in(f"广东省汕头市澄海区{AREAS.full_name(area.code)}") != area.code
    ]
    assert wrong == []
