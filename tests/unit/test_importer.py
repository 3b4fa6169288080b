"""Reading a directory: what is taken, what is refused and where the fault is said to be."""

from __future__ import annotations

import csv
import json
from datetime import datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.areas.importer import read_areas
from bot.directory.hsds import to_hsds, to_tables
from bot.directory.importer import content_hash, read
from bot.directory.model import Tables
from bot.directory.tables import problems, tidied
from bot.errors import InvalidImport

FOLDER = Path(__file__).resolve().parents[2] / "data" / "directory" / "440515"
AREAS = read_areas(FOLDER / "areas.csv")
GOOD = {
    "organizations": [{"id": "org-1", "name": "示例律所", "demo": "yes"}],
    "hours": [
        {"schedule": "office", "opens_at": "08:30", "closes_at": "12:00", "rrule": "FREQ=WEEKLY;BYDAY=MO,TU"},
        {"schedule": "office", "dtstart": "2026-12-11", "closed": "yes", "description": "系统升级"},
    ],
    "places": [
        {
            "id": "firm-1",
            "organization_id": "org-1",
            "provider_type": "law_firm",
            "name": "示例律所",
            "areas": "440515",
            "location_area": "440515102",
            "matters": "labour;debt",
            "schedule": "office",
            "last_confirmed": "2026-11-03",
            "demo": "yes",
        }
    ],
    "people": [
        {
            "id": "law-1",
            "organization_id": "org-1",
            "provider_type": "lawyer",
            "name": "陈示例",
            "areas": "440515",
            "gender": "female",
            "languages": "zh-teochew;zh-cmn",
        }
    ],
}


def write(folder: Path, encoding: str = "utf-8", **changed: dict[str, str]) -> Path:
    """Write GOOD with the first row of some tables changed."""
    for table, good in GOOD.items():
        rows = [{**good[0], **changed.get(table, {})}, *good[1:]]
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (folder / f"{table}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    return folder


def refusal(*paths: Path) -> list[str]:
    with pytest.raises(InvalidImport) as refused:
        read(paths, AREAS)
    return refused.value.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_clerk_may_save_in_any_of_the_usual_encodings(tmp_path: Path, encoding: str) -> None:
    tables, notes = read([write(tmp_path, encoding)], AREAS)
    assert tables.rows == GOOD
    assert any("GBK" in note for note in notes) == (encoding == "gbk")


@pytest.mark.parametrize(
    ("table", "cell", "problem"),
    [
        ("places", {"areas": "440515999"}, "places.csv:2:5: areas area code '440515999'"),
        ("places", {"areas": "4.40515E+11"}, "places.csv:2:5: areas area code"),
        ("places", {"areas": ""}, "places.csv:2:5: areas must not be empty"),
        ("places", {"location_area": "440515102;440515103"}, "places.csv:2:6: location_area area code"),
        ("places", {"organization_id": "org-9"}, "places.csv:2:2: organization_id 'org-9' is not in organizations"),
        ("places", {"schedule": "ofice"}, "places.csv:2:8: schedule 'ofice' is not in hours"),
        ("places", {"last_confirmed": "2026-02-30"}, "places.csv:2:9: last_confirmed '2026-02-30' is not a date"),
        ("places", {"last_confirmed": "20261103"}, "places.csv:2:9: last_confirmed '20261103' is not a date"),
        ("places", {"matters": "labour;love"}, "places.csv:2:7: matters 'love' is none of"),
        ("places", {"provider_type": "lawyer"}, "places.csv:2:3: provider_type lawyer does not belong in places"),
        ("places", {"name": "长" * 501}, "places.csv:2:4: name is longer than 500"),
        ("places", {"name": "=HYPERLINK(1)"}, "places.csv:2:4: name a formula"),
        ("places", {"name": "两\n行"}, "places.csv:2:4: name holds a line break"),
        ("places", {"name": "反\u202e转"}, "places.csv:2:4: name holds a line break, a control or an invisible"),
        ("people", {"id": "firm-1"}, "people.csv:2:1: id 'firm-1' is used twice"),
        ("people", {"gender": "女"}, "people.csv:2:6: gender '女' is none of"),
        ("people", {"age": "40"}, "people.csv:1:8: unknown column 'age'"),
        ("hours", {"opens_at": "25:00"}, "hours.csv:2:2: opens_at '25:00' is not a time"),
        ("hours", {"opens_at": ""}, "hours.csv:2:2: opens_at an opening needs both times"),
        ("hours", {"rrule": "FREQ=WEEKLY;BYDAY=XX"}, "hours.csv:2:4: rrule"),
        ("hours", {"rrule": "FREQ=SECONDLY"}, "hours.csv:2:4: rrule"),
        ("hours", {"rrule": "FREQ=DAILY;INTERVAL=0"}, "hours.csv:2:4: rrule"),
        ("hours", {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "hours.csv:2:4: rrule"),
        ("hours", {"rrule": "FREQ=WEEKLY;INTERVAL=2"}, "hours.csv:2:5: dtstart must say the day"),
        ("hours", {"dtstart": "2026-12-11;2026-12-12"}, "hours.csv:2:5: dtstart '2026-12-11;2026-12-12' is not a date"),
    ],
)
def test_clerk_is_told_the_file_line_and_column(tmp_path: Path, table: str, cell: dict[str, str], problem: str) -> None:
    problems = refusal(write(tmp_path, **{table: cell}))
    assert any(line.startswith(problem) for line in problems), problems


def test_clerk_sees_every_fault_at_once(tmp_path: Path) -> None:
    problems = refusal(write(tmp_path, places={"areas": "1", "matters": "x"}, hours={"opens_at": "9"}))
    assert len(problems) == 3


@pytest.mark.parametrize(
    ("latitude", "longitude", "problem"),
    [
        ("116.76", "23.47", "latitude '116.76' is not in degrees"),
        ("23.47", "", "latitude needs the longitude beside it"),
        ("", "116.76", "latitude needs the longitude beside it"),
        ("23°28'", "116.76", "is not in degrees"),
        ("nan", "116.76", "is not in degrees"),
        ("23.47", "181", "longitude '181' is not in degrees"),
    ],
)
def test_clerk_is_told_of_coordinates_that_cannot_be(latitude: str, longitude: str, problem: str) -> None:
    places = [{**row, "latitude": latitude, "longitude": longitude} for row in GOOD["places"][:1]]
    tables = Tables({**GOOD, "places": [{k: v for k, v in row.items() if v} for row in places]})
    assert any(problem in f"{p.column} {p.reason}" for p in problems(tables, AREAS))


def test_coordinates_survive_a_spreadsheet_and_the_hsds_form() -> None:
    row = tidied("places", {**GOOD["places"][0], "latitude": "23.470", "longitude": "116.0"})
    assert (row["latitude"], row["longitude"]) == ("23.47", "116")
    document = to_hsds(Tables({**GOOD, "places": [row]}))
    assert (document["locations"][0]["latitude"], document["locations"][0]["longitude"]) == (23.47, 116.0)
    assert to_tables(document).rows["places"] == [row]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("places.csv", b"id\0", "places.csv:1:1: is not a text file"),
        ("places.csv", b'id,name\n"a', "places.csv:"),
        ("places.csv", b"id,name\n\xff\xff\n", "places.csv:2:1: is neither UTF-8 nor GBK"),
        ("prices.csv", b"id", "prices.csv:1:1: the file's name"),
        ("book.xlsx", b"PK\x03\x04 nothing", "book.xlsx:1:1: is not an Excel file"),
        ("export.json", b"[]", "export.json:1:1: is not HSDS JSON"),
        ("export.json", b"[" * 200_000, "export.json:1:1: is not HSDS JSON"),
        ("export.json", b'{"organizations": []}', "export.json:1:1: is not HSDS JSON"),
    ],
)
def test_broken_file_is_refused_and_named(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)
    problems = refusal(tmp_path / name)
    assert any(line.startswith(problem) for line in problems), problems


def test_missing_file_and_empty_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "places.csv")[0].startswith("places.csv:1:1: cannot be read")
    assert refusal(tmp_path)[0].startswith("nothing to import")


def test_half_a_character_in_json_is_refused_before_it_reaches_the_store(tmp_path: Path) -> None:
    tables, _ = read([write(tmp_path)], AREAS)
    document = to_hsds(tables)
    document["organizations"][0]["name"] = "\ud800"
    (tmp_path / "export.json").write_text(json.dumps(document))
    assert any("invisible character" in line for line in refusal(tmp_path / "export.json"))


def test_clerk_may_save_days_and_times_as_a_spreadsheet_does(tmp_path: Path) -> None:
    folder = write(
        tmp_path, hours={"opens_at": "8:30"}, places={"last_confirmed": "2026/11/3", "matters": "labour； debt;"}
    )
    assert read([folder], AREAS)[0].rows == GOOD


def test_clerk_may_import_an_excel_book(tmp_path: Path) -> None:
    book = Workbook()
    for table, rows in GOOD.items():
        sheet = book.create_sheet(table)
        names = list(dict.fromkeys(name for row in rows for name in row))
        sheet.append([*names, None])
        for row in rows:
            sheet.append([_typed(name, row.get(name)) for name in names])
        sheet.append([None])
    book.save(tmp_path / "book.xlsx")
    (tmp_path / "~$book.xlsx").write_bytes(b"lock")
    assert read([tmp_path], AREAS)[0].rows == GOOD


def _typed(name: str, text: str | None) -> object:
    """The type that Excel gives a cell when a clerk types it."""
    if text and name in ("last_confirmed", "dtstart"):
        return datetime.fromisoformat(text)
    if text and name in ("opens_at", "closes_at"):
        return time.fromisoformat(text)
    return int(text) if text and text.isdigit() else text


def test_formula_in_an_excel_book_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("organizations")
    sheet.append(["id", "name"])
    sheet.append(["org-1", "=1+1"])
    book.save(tmp_path / "book.xlsx")
    assert "book.xlsx[organizations]:2:2: name a formula is not taken" in refusal(tmp_path)


def test_same_content_has_the_same_fingerprint_whatever_the_file(tmp_path: Path) -> None:
    tables, _ = read([write(tmp_path)], AREAS)
    exported = tmp_path / "out" / "directory.json"
    exported.parent.mkdir()
    exported.write_text(json.dumps(to_hsds(tables), ensure_ascii=False), "utf-8")
    again, _ = read([exported], AREAS)
    assert content_hash(again) == content_hash(tables)
    changed, _ = read([write(tmp_path, places={"fee": "免费"})], AREAS)
    assert content_hash(changed) != content_hash(tables)
