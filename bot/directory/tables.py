"""The clerk's four tables: their columns, what each cell may hold, and how rows become listings. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.rrule import rrulestr

from bot.areas.model import AreaTable
from bot.directory.model import GENDERS, LANGUAGES, MATTERS, PEOPLE, PROVIDER_TYPES, Listing, Phone, Schedule, Tables

# Longer than any honest cell; keeps a pasted document out of a card.
MAX_CELL = 500
Rule = Callable[[str, AreaTable], str]
Row = dict[str, str]


def _one_of(allowed: tuple[str, ...]) -> Rule:
    return lambda value, _: "" if not value or value in allowed else f"{value!r} is none of {', '.join(allowed)}"


def _all_of(allowed: tuple[str, ...]) -> Rule:
    def check(value: str, _: AreaTable) -> str:
        bad = [part for part in parts(value) if part not in allowed]
        return f"{bad[0]!r} is none of {', '.join(allowed)}" if bad else ""

    return check


def _areas(value: str, areas: AreaTable) -> str:
    bad = [part for part in parts(value) if part not in areas]
    return f"area code {bad[0]!r} is not in areas.csv" if bad else ""


def _pattern(pattern: str, what: str) -> Rule:
    return lambda value, _: "" if not value or re.fullmatch(pattern, value) else f"{value!r} is not {what}"


def _day(value: str, _: AreaTable) -> str:
    for part in parts(value):
        try:
            date.fromisoformat(part)
        except ValueError:
            return f"{part!r} is not a date (YYYY-MM-DD)"
    return ""


def _rrule(value: str, _: AreaTable) -> str:
    try:
        rrulestr(value, dtstart=None) if value else None
    except (ValueError, TypeError) as error:
        return f"{value!r} is not an iCalendar rule: {error}"
    return ""


def _text(value: str, _: AreaTable) -> str:
    return "a formula is not taken" if value[:1] in ("=", "@") else ""


ID = _pattern(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "an id (letters, digits, - and _, at most 64)")
TIME = _pattern(r"([01]\d|2[0-3]):[0-5]\d|24:00", "a time (HH:MM)")
YES = _one_of(("yes", "no"))


@dataclass(frozen=True)
class Column:
    """A column's name, its rule, whether it may be empty, and the table whose id it refers to."""

    name: str
    rule: Rule = _text
    required: bool = False
    refers_to: str = ""


_SHARED = (
    Column("phone"),
    Column("languages", _all_of(LANGUAGES)),
    Column("matters", _all_of(MATTERS)),
    Column("fee"),
    Column("description"),
    Column("schedule", ID, refers_to="hours"),
    Column("last_confirmed", _day),
    Column("demo", YES),
)
_PROVIDER = (
    Column("id", ID, required=True),
    Column("organization_id", ID, required=True, refers_to="organizations"),
    Column("provider_type", _one_of(PROVIDER_TYPES), required=True),
    Column("name", required=True),
    Column("areas", _areas, required=True),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "organizations": (
        Column("id", ID, required=True),
        Column("name", required=True),
        Column("description"),
        Column("demo", YES),
    ),
    "places": (*_PROVIDER, Column("aliases"), Column("location_area", _areas), Column("address"), *_SHARED),
    "people": (*_PROVIDER, Column("title"), Column("gender", _one_of(GENDERS)), *_SHARED),
    "hours": (
        Column("schedule", ID, required=True),
        Column("opens_at", TIME),
        Column("closes_at", TIME),
        Column("rrule", _rrule),
        Column("dtstart", _day),
        Column("exdates", _day),
        Column("valid_from", _day),
        Column("valid_to", _day),
        Column("closed", YES),
        Column("on_holidays", _one_of(("closed", "open", "only"))),
        Column("description"),
    ),
}


def parts(value: str) -> list[str]:
    """Split a list cell at its semicolons (half or full width)."""
    return [part.strip() for part in re.split("[;；]", value) if part.strip()]


@dataclass(frozen=True)
class Problem:
    """A bad cell: the table, the row's index in it, the column and why."""

    table: str
    row: int
    column: str
    reason: str


def problems(tables: Tables, areas: AreaTable) -> Iterator[Problem]:
    """Yield everything that is wrong, cell by cell, then what only the tables together can tell."""
    for table, columns in COLUMNS.items():
        for number, row in enumerate(tables.rows.get(table, [])):
            for column in columns:
                if reason := _cell(row.get(column.name, ""), column, areas):
                    yield Problem(table, number, column.name, reason)
            yield from _row(table, number, row)
    yield from _across(tables)


def _cell(value: str, column: Column, areas: AreaTable) -> str:
    if not value:
        return "must not be empty" if column.required else ""
    if len(value) > MAX_CELL:
        return f"is longer than {MAX_CELL} characters"
    if any(ord(ch) < 32 for ch in value):
        return "holds a control character"
    return column.rule(value, areas)


def _row(table: str, number: int, row: Row) -> Iterator[Problem]:
    """Rules between the cells of one row."""
    if table == "hours":
        if not row.get("rrule") and not row.get("dtstart"):
            yield Problem(table, number, "rrule", "needs a rule or, in dtstart, a day")
        if row.get("closed") != "yes" and not (row.get("opens_at") and row.get("closes_at")):
            yield Problem(table, number, "opens_at", "an opening needs both times")
        return
    kind = row.get("provider_type")
    if table in ("places", "people") and kind in PROVIDER_TYPES and (kind in PEOPLE) != (table == "people"):
        yield Problem(table, number, "provider_type", f"{kind} does not belong in {table}")


def _across(tables: Tables) -> Iterator[Problem]:
    """Ids are unique over all tables; references lead somewhere."""
    seen: set[str] = set()
    known = {
        "organizations": {row.get("id", "") for row in tables.rows.get("organizations", [])},
        "hours": {row.get("schedule", "") for row in tables.rows.get("hours", [])},
    }
    for table in ("organizations", "places", "people"):
        for number, row in enumerate(tables.rows.get(table, [])):
            if row.get("id") in seen:
                yield Problem(table, number, "id", f"{row['id']!r} is used twice")
            seen.add(row.get("id", ""))
            for column in COLUMNS[table]:
                value = row.get(column.name, "")
                if column.refers_to and value and value not in known[column.refers_to]:
                    yield Problem(table, number, column.name, f"{value!r} is not in {column.refers_to}")


def listings(tables: Tables) -> list[Listing]:
    """Return one listing for each place and person of checked tables."""
    names = {row["id"]: row["name"] for row in tables.rows.get("organizations", [])}
    hours: dict[str, list[Schedule]] = {}
    for row in tables.rows.get("hours", []):
        hours.setdefault(row["schedule"], []).append(_schedule(row))
    rows = [*tables.rows.get("places", []), *tables.rows.get("people", [])]
    return [_listing(row, names[row["organization_id"]], tuple(hours.get(row.get("schedule", ""), ()))) for row in rows]


def _schedule(row: Row) -> Schedule:
    plain = {name: row.get(name, "") for name in ("opens_at", "closes_at", "rrule", "dtstart", "description")}
    return Schedule(
        **plain,
        valid_from=row.get("valid_from", ""),
        valid_to=row.get("valid_to", ""),
        exdates=tuple(parts(row.get("exdates", ""))),
        closed=row.get("closed") == "yes",
        on_holidays=row.get("on_holidays") or "closed",  # type: ignore[arg-type]
    )


def _listing(row: Row, organization: str, schedules: tuple[Schedule, ...]) -> Listing:
    plain: dict[str, Any] = {
        name: row.get(name, "")
        for name in ("id", "provider_type", "name", "organization_id", "location_area", "title", "gender", "address")
    }
    lists: dict[str, Any] = {
        name: tuple(parts(row.get(name, ""))) for name in ("areas", "aliases", "languages", "matters")
    }
    return Listing(
        **plain,
        **lists,
        organization_name=organization,
        phones=tuple(Phone(number) for number in parts(row.get("phone", ""))),
        schedules=schedules,
        fee=row.get("fee", ""),
        description=row.get("description", ""),
        last_confirmed=row.get("last_confirmed", ""),
        demo=row.get("demo") == "yes",
    )
