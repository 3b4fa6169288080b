"""The reference directory as citizens meet it, and HSDS export that loses nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.areas.importer import read_areas
from bot.directory.hsds import to_hsds, to_tables
from bot.directory.importer import read
from bot.directory.model import GENDERS, LANGUAGES, MATTERS, PEOPLE, PROVIDER_TYPES, Tables
from bot.directory.tables import COLUMNS, listings, problems, tidied
from bot.directory.words import looked_for

FOLDER = Path(__file__).resolve().parents[2] / "data" / "directory" / "440515"
AREAS = read_areas(FOLDER / "areas.csv")
TABLES, NOTES = read([FOLDER], AREAS)
LISTINGS = listings(TABLES)
TOWNS = AREAS.children("440515")


def _serving(provider_type: str, area: str) -> list[str]:
    return [li.id for li in LISTINGS if li.provider_type == provider_type and area in li.areas]


def test_every_town_has_its_office_its_station_and_three_mediators() -> None:
    for town in TOWNS:
        assert len(_serving("justice_office", town)) == 1
        assert len(_serving("service_center", town)) == 1
        assert len(_serving("mediator", town)) >= 3


def test_every_village_has_a_room_a_committee_and_one_adviser() -> None:
    villages = [area.code for area in AREAS if area.level == "village"]
    assert len(villages) == 184
    for kind in ("service_center", "mediation_committee", "village_adviser"):
        assert [v for v in villages if len(_serving(kind, v)) != 1] == [], kind


def test_every_kind_of_provider_can_be_found() -> None:
    assert {li.provider_type for li in LISTINGS} == set(PROVIDER_TYPES)


def test_nobody_can_be_called_or_taken_for_real() -> None:
    # No Chinese landline begins with 0000, and no mobile number with 100.
    undialable = re.compile(r"0754-0000 \d{4}|100 0000 \d{4}")
    numbers = [phone.number for li in LISTINGS for phone in li.phones]
    assert [number for number in numbers if not undialable.fullmatch(number)] == []
    assert [li.id for li in LISTINGS if not li.demo or (li.address and "示例" not in li.address)] == []


def test_every_listing_says_its_hours_and_when_it_was_confirmed() -> None:
    assert [li.id for li in LISTINGS if not (li.schedules and li.last_confirmed and li.phones and li.languages)] == []


def test_exported_reference_directory_imports_back_to_the_same() -> None:
    document = json.loads(json.dumps(to_hsds(TABLES), ensure_ascii=False))
    assert to_tables(document) == TABLES


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: text[0] not in "=@"
)
NAMED = WORDS.filter(lambda text: not set(text) & set(";；"))
DAYS = st.dates().map(str)
CLOCK = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
RULES = st.sampled_from(
    ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SA", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYMONTHDAY=15"]
)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), unique=True).map(";".join)


def _row(table: str, required: dict[str, str], **optional: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    fixed = {name: st.just(value) for name, value in required.items()}
    return st.fixed_dictionaries(fixed, optional=optional).map(lambda row: tidied(table, row))


@st.composite
def directories(draw: st.DrawFn) -> Tables:
    """Any directory that the importer would take."""
    shared = {
        "phone": st.lists(NAMED, unique=True, max_size=3).map(";".join),
        "languages": _some(LANGUAGES),
        "matters": _some(MATTERS),
        "fee": WORDS,
        "description": WORDS,
        "schedule": st.sampled_from(["h", "h-1"]),
        "last_confirmed": DAYS,
        "demo": st.sampled_from(["yes", "no"]),
    }
    rows: dict[str, list[dict[str, str]]] = {table: [] for table in COLUMNS}
    rows["organizations"] = [draw(_row("organizations", {"id": "o", "name": draw(WORDS)}, description=WORDS))]
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(PROVIDER_TYPES))
        areas = draw(st.lists(st.sampled_from(TOWNS), min_size=1, unique=True).map(";".join))
        fixed = {
            "id": f"p-{number}",
            "organization_id": "o",
            "provider_type": kind,
            "name": draw(WORDS),
            "areas": areas,
        }
        if kind in PEOPLE:
            own = {"title": WORDS, "gender": st.sampled_from(GENDERS)}
        else:
            names = st.lists(NAMED, unique=True, max_size=2).map(";".join)
            own = {"aliases": names, "location_area": st.sampled_from(TOWNS), "address": WORDS}
        table = "people" if kind in PEOPLE else "places"
        rows[table].append(draw(_row(table, fixed, **shared, **own)))
    for schedule in ("h", "h-1", *draw(st.lists(st.sampled_from(["h", "h-1", "unused"]), max_size=4))):
        fixed = {name: draw(CLOCK) for name in ("opens_at", "closes_at")} | {"schedule": schedule, "rrule": draw(RULES)}
        own = {"dtstart": DAYS, "exdates": st.lists(DAYS, unique=True, max_size=2).map(";".join)}
        more = {
            "closed": st.just("yes"),
            "on_holidays": st.sampled_from(["closed", "open", "only"]),
            "description": WORDS,
        }
        rows["hours"].append(draw(_row("hours", fixed, **own, **more)))
    return Tables(rows)


@given(directories())
def test_any_directory_that_is_taken_survives_export_and_import(tables: Tables) -> None:
    assert list(problems(tables, AREAS)) == []
    again = to_tables(json.loads(json.dumps(to_hsds(tables))))
    assert again == tables
    assert listings(again) == listings(tables)


@pytest.mark.parametrize(
    ("person", "organization", "kind", "name"),
    [
        ("陈律师", "", "", "陈律师"),
        ("林文斌", "", "", "林文斌"),
        ("陈小明", "", "lawyer", ""),  # 我叫陈小明, 想找个律师
        ("", "鹏程物流", "lawyer", ""),  # 鹏程物流撞了我, 找个律师
        ("", "海岳律师事务所", "", "海岳律师事务所"),
    ],
)
def test_look_up_is_about_a_provider_never_about_the_other_side(
    person: str, organization: str, kind: str, name: str
) -> None:
    assert looked_for(person, organization, kind) == name
