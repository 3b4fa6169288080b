"""Read the doors of a district."""

from __future__ import annotations

import csv
from pathlib import Path

from bot.knowledge.model import Door


def read_doors(path: Path) -> tuple[Door, ...]:
    """Read doors.csv: name, number, handles, matters, words, provider_type, rank; lists are separated by ";"."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return tuple(_door(row) for row in csv.DictReader(lines))


def _door(row: dict[str, str]) -> Door:
    return Door(
        name=row["name"],
        number=row["number"],
        handles=row["handles"],
        matters=tuple(filter(None, row["matters"].split(";"))),
        words=tuple(filter(None, row["words"].split(";"))),
        provider_type=row["provider_type"],
        rank=int(row["rank"] or 50),
    )
