"""The clerk's four tables: their columns, what each cell may hold, and how rows become listings. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
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


def _area(value: str, areas: AreaTable) -> str:
    return "" if value in areas else f"area code {value!r} is not in areas.csv"


def _areas(value: str, areas: AreaTable) -> str:
    return next(filter(None, (_area(part, areas) for part in parts(value))), "")


def _pattern(pattern: str, what: str) -> Rule:
    return lambda value, _: "" if not value or re.fullmatch(pattern, value) else f"{value!r} is not {what}"


def _day(value: str, _: AreaTable) -> str:
    # fromisoformat also takes 20261231 and 2026-W53-4, which would not compare as text with other days.
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        with suppress(ValueError):
            date.fromisoformat(value)
            return ""
    return f"{value!r} is not a date (YYYY-MM-DD)"


def _days(value: str, areas: AreaTable) -> str:
    return next(filter(None, (_day(part, areas) for part in parts(value))), "")


# INTERVAL=0 would never end; hours and minutes belong in opens_at and closes_at.
RULE = re.compile(
    r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    r"(;((INTERVAL|COUNT)=[1-9]\d{0,2}|UNTIL=\d{8}|WKST=[A-Z]{2}|BY(DAY|MONTH|MONTHDAY|YEARDAY|WEEKNO|SETPOS)=[-+A-Z0-9,]+))*"
)


def _rrule(value: str, _: AreaTable) -> str:
    if not RULE.fullmatch(value):
        return f"{value!r} is not an iCalendar rule of days (FREQ=WEEKLY;BYDAY=MO,TU)"
    try:
        first = next(iter(rrulestr(value, dtstart=datetime(2024, 1, 1))), None)
    except (ValueError, TypeError, LookupError) as error:
        return f"{value!r} is not an iCalendar rule: {error}"
    return "" if first else f"{value!r} never falls on a day"


def _text(value: str, _: AreaTable) -> str:
    return "a formula is not taken" if value[:1] in ("=", "@") else ""


# The store's own grid ends at 85 degrees north and south.
def _degrees(most: float) -> Rule:
    def check(value: str, _: AreaTable) -> str:
        if not value or (re.fullmatch(r"-?(0|[1-9]\d{0,2})(\.\d{1,9})?", value) and abs(float(value)) <= most):
            return ""
        return f"{value!r} is not in degrees (23.4567, at most {most:g})"

    return check


def _shortest(value: str) -> str:
    # A spreadsheet drops a decimal's last zeros, and writes 23 as 23.0.
    return value.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", value) else value


def _same(value: str) -> str:
    return value


def _joined(value: str) -> str:
    return ";".join(dict.fromkeys(parts(value)))


def _iso_days(value: str) -> str:
    return ";".join(dict.fromkeys(re.sub(SHEET_DATE, _iso_day, part) for part in parts(value)))


def _iso_day(said: re.Match[str]) -> str:
    return f"{said[1]}-{said[2]:0>2}-{said[3]:0>2}"


def _clock(value: str) -> str:
    return re.sub(SHEET_TIME, lambda said: f"{said[1]:0>2}:{said[2]}", value)


def _only_yes(value: str) -> str:
    return "" if value == "no" else value


# How Excel and WPS write a day and a time when they save a sheet: 2026/9/6, 2026-09-06 00:00:00, 8:30, 08:30:00.
SHEET_DATE = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})( 00:00:00)?$")
SHEET_TIME = re.compile(r"^(\d{1,2})[:：](\d\d)(:00)?$")
ID = _pattern(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "an id (letters, digits, - and _, at most 64)")
TIME = _pattern(r"([01]\d|2[0-3]):[0-5]\d|24:00", "a time (HH:MM)")
YES = _one_of(("yes", "no"))


@dataclass(frozen=True)
class Column:
    """A column's name, its rule, whether it may be empty, the table whose id it refers to, and its one way of writing.

    `tidy` turns what means the same into the same, so that every file form gives equal rows.
    """

    name: str
    rule: Rule = _text
    required: bool = False
    refers_to: str = ""
    tidy: Callable[[str], str] = _same


_SHARED = (
    Column("phone", tidy=_joined),
    Column("languages", _all_of(LANGUAGES), tidy=_joined),
    Column("matters", _all_of(MATTERS), tidy=_joined),
    Column("fee"),
    Column("description"),
    Column("schedule", ID, refers_to="hours"),
    Column("last_confirmed", _day, tidy=_iso_days),
    Column("demo", YES, tidy=_only_yes),
)
_PROVIDER = (
    Column("id", ID, required=True),
    Column("organization_id", ID, required=True, refers_to="organizations"),
    Column("provider_type", _one_of(PROVIDER_TYPES), required=True),
    Column("name", required=True),
    Column("areas", _areas, required=True, tidy=_joined),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "organizations": (
        Column("id", ID, required=True),
        Column("name", required=True),
        Column("description"),
        Column("demo", YES, tidy=_only_yes),
    ),
    "places": (
        *_PROVIDER,
        Column("aliases", tidy=_joined),
        Column("location_area", _area),
        Column("address"),
        Column("latitude", _degrees(85), tidy=_shortest),
        Column("longitude", _degrees(180), tidy=_shortest),
        *_SHARED,
    ),
    "people": (*_PROVIDER, Column("title"), Column("gender", _one_of(GENDERS)), *_SHARED),
    "hours": (
        Column("schedule", ID, required=True),
        Column("opens_at", TIME, tidy=_clock),
        Column("closes_at", TIME, tidy=_clock),
        Column("rrule", _rrule),
        Column("dtstart", _day, tidy=_iso_days),
        Column("exdates", _days, tidy=_iso_days),
        Column("valid_from", _day, tidy=_iso_days),
        Column("valid_to", _day, tidy=_iso_days),
        Column("closed", YES, tidy=_only_yes),
        Column("on_holidays", _one_of(("closed", "open", "only"))),
        Column("description"),
    ),
}


def parts(value: str) -> list[str]:
    """Split a list cell at its semicolons (half or full width)."""
    return [part.strip() for part in re.split("[;；]", value) if part.strip()]


def tidied(table: str, row: Row) -> Row:
    """Return a row with every known cell in its one way of writing; empty cells are left out."""
    tidy = {column.name: column.tidy for column in COLUMNS[table]}
    cells = {name: tidy.get(name, _same)(value.strip()) for name, value in row.items()}
    return {name: value for name, value in cells.items() if value}


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
    # Cc: NUL, line breaks; Cs: halves of characters, which cannot be stored; Cf: invisible, may turn text around.
    if any(unicodedata.category(ch) in ("Cc", "Cs", "Cf") for ch in value):
        return "holds a line break, a control or an invisible character"
    return column.rule(value, areas)


def _row(table: str, number: int, row: Row) -> Iterator[Problem]:
    """Rules between the cells of one row."""
    if table == "hours":
        if not row.get("rrule") and not row.get("dtstart"):
            yield Problem(table, number, "rrule", "needs a rule or, in dtstart, a day")
        if row.get("closed") != "yes" and not (row.get("opens_at") and row.get("closes_at")):
            yield Problem(table, number, "opens_at", "an opening needs both times")
        if re.search("INTERVAL|COUNT", row.get("rrule", "")) and not row.get("dtstart"):
            yield Problem(table, number, "dtstart", "must say the day from which INTERVAL or COUNT counts")
        if row.get("valid_to") and row["valid_to"] < row.get("valid_from", ""):
            yield Problem(table, number, "valid_to", "is before valid_from")
        return
    if bool(row.get("latitude")) != bool(row.get("longitude")):
        yield Problem(table, number, "latitude", "needs the longitude beside it, and the other way round")
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
    spot: dict[str, Any] = {name: float(row[name]) for name in ("latitude", "longitude") if name in row}
    return Listing(
        **plain,
        **lists,
        **spot,
        organization_name=organization,
        phones=tuple(Phone(number) for number in parts(row.get("phone", ""))),
        schedules=schedules,
        fee=row.get("fee", ""),
        description=row.get("description", ""),
        last_confirmed=row.get("last_confirmed", ""),
        demo=row.get("demo") == "yes",
    )
