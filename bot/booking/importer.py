"""Read a district's rooms.csv, or refuse it whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bot.areas.model import AreaTable
from bot.booking.model import KINDS, Room
from bot.platform.csv_file import Row, read_rows, refuse

COLUMNS = ("id", "place", "use", "name", "area", "demo")
USES = tuple(kind.room for kind in KINDS.values() if kind.room)
# An id stands in keys, between colons, and in addresses.
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def read_rooms(path: Path, areas: AreaTable) -> tuple[Room, ...]:
    """Read rooms.csv (UTF-8): one row a room or window, the order is that in which they are given out.

    `place` is the id of the directory's place that it is in, `area` the area which that serves. A district without the
    file has no rooms, hence nothing that needs one. Raises InvalidImport with `rooms.csv:line:column: reason` for every
    bad cell.
    """
    if not path.is_file():
        return ()
    rows = read_rows(path, COLUMNS)
    refuse(path, _problems(rows, areas))
    return tuple(_room(row) for _, row in rows)


def _room(row: Row) -> Room:
    return Room(row["id"], row["place"], row["use"], row["name"], row["area"], row["demo"] == "yes")


def _problems(rows: list[tuple[int, Row]], areas: AreaTable) -> Iterator[str]:
    """Yield `line:column: reason`."""
    first: dict[str, int] = {}
    for number, row in rows:
        if row["id"] in first:
            yield f"{number}:1: {row['id']} stands in line {first[row['id']]} already"
        first.setdefault(row["id"], number)
        for column, reason in _bad_cells(row, areas):
            yield f"{number}:{COLUMNS.index(column) + 1}: {column} {reason}"


def _bad_cells(row: Row, areas: AreaTable) -> Iterator[tuple[str, str]]:
    """Yield (column, reason)."""
    for column in ("id", "place"):
        if not ID.fullmatch(row[column]):
            yield column, f"{row[column]!r} is not an id of letters, digits, dot, dash and underscore"
    if row["use"] not in USES:
        yield "use", f"{row['use']!r} is none of {', '.join(USES)}"
    if not row["name"]:
        yield "name", "must not be empty"
    if row["area"] not in areas:
        yield "area", f"area code {row['area']!r} is not in areas.csv"
    if row["demo"] not in ("", "yes"):
        yield "demo", f"{row['demo']!r} is neither empty nor yes"
