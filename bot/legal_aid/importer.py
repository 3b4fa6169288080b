"""Read a district's hardship line."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from bot.errors import InvalidImport
from bot.legal_aid.model import Standard

UNKNOWN = "unknown"


def read_standard(path: Path) -> Standard:
    """Read data/legal_aid/<district>.csv: name, value, confirmed (a date), source. No file, or `unknown`: no line.

    A figure that nobody signed with a date is refused, since citizens are judged by it. Raises InvalidImport.
    """
    if not path.is_file():
        return Standard()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["name"]: (number, row) for number, row in enumerate(csv.DictReader(lines), 2)}
    number, row = rows.get("income_line", (0, {"value": UNKNOWN}))
    if row["value"] == UNKNOWN:
        return Standard()
    if not row["value"].isdecimal() or int(row["value"]) == 0:
        raise InvalidImport([f"{path.name}:{number}:value: yuan a month as a whole number, or {UNKNOWN}"])
    return Standard(int(row["value"]), _day(path, number, row["confirmed"]))


def _day(path: Path, number: int, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidImport(
            [f"{path.name}:{number}:confirmed: when the figure was checked, like 2026-11-25"]
        ) from error
