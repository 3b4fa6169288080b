"""Read a district's areas.csv, or refuse it whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bot.areas.model import Area, AreaTable
from bot.platform.csv_file import Row, read_rows, refuse

COLUMNS = ("code", "name", "parent", "aliases")
# The statistical codes nest: county 6 digits, town 9, village 12.
CODE, PARENT_DIGITS = re.compile(r"\d{6}|\d{9}|\d{12}"), {6: 0, 9: 6, 12: 9}


def read_areas(path: Path) -> AreaTable:
    """Read areas.csv: code, name, parent, aliases (separated by ";"); UTF-8.

    Raises InvalidImport with `areas.csv:line:column: reason` for every bad cell.
    """
    rows = read_rows(path, COLUMNS)
    refuse(path, _problems(rows))
    return AreaTable(Area(row["code"], row["name"], row["parent"], _aliases(row["aliases"])) for _, row in rows)


def _problems(rows: list[tuple[int, Row]]) -> Iterator[str]:
    """Yield `line:column: reason` for codes that are malformed, used twice or not under their parent."""
    first: dict[str, int] = {}
    for number, row in rows:
        code, parent = row["code"], row["parent"]
        if not CODE.fullmatch(code):
            yield f"{number}:1: {code!r} is not a code of 6, 9 or 12 digits"
        elif code in first:
            yield f"{number}:1: {code} stands in line {first[code]} already"
        elif parent != code[: PARENT_DIGITS[len(code)]] or (parent and parent not in first):
            yield f"{number}:3: {code} must come below its parent {code[: PARENT_DIGITS[len(code)]]!r}, not {parent!r}"
        if not row["name"]:
            yield f"{number}:2: must not be empty"
        first.setdefault(code, number)
    counties = [code for code in first if len(code) == 6]
    if len(counties) != 1:
        yield f"1:1: needs exactly one county (6 digits), has {len(counties)}"


def _aliases(cell: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in re.split("[;；]", cell) if alias.strip())
