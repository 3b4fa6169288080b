"""Read a district's areas.csv."""

from __future__ import annotations

import csv
from pathlib import Path

from bot.areas.model import Area, AreaTable


def read_areas(path: Path) -> AreaTable:
    """Read areas.csv: code, name, parent, aliases (separated by ";"); UTF-8."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return AreaTable(
            Area(row["code"], row["name"], row["parent"], tuple(filter(None, row["aliases"].split(";"))))
            for row in csv.DictReader(lines)
        )
