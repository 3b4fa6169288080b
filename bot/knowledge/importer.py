"""Read what editors wrote: the doors, the entries."""

from __future__ import annotations

import csv
from pathlib import Path

from ruamel.yaml import YAML

from bot.knowledge.entry import Entry, entry_from
from bot.knowledge.model import Door


def read_doors(path: Path) -> tuple[Door, ...]:
    """Read doors.csv: the columns of Door; lists are separated by ";"."""
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
        civil=row["civil"] == "yes",
        say=row["say"],
    )


def read_entries(folder: Path) -> tuple[Entry, ...]:
    """Read data/knowledge/<matter>.yml: a list of entries each; the file's name is their matter."""
    yaml = YAML(typ="safe")
    return tuple(entry_from(data, file.stem) for file in sorted(folder.glob("*.yml")) for data in yaml.load(file) or ())
