"""Read data/notary/matters.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.errors import InvalidImport
from bot.notary.model import Fact, Matter


def read_matters(path: Path) -> tuple[Matter, ...]:
    """Read the matters. Raises InvalidImport, which names the one that cannot be read."""
    data = YAML(typ="safe").load(path)
    matters, problems = [], []
    for number, row in enumerate(data["matters"], 1):
        try:
            matters.append(_matter(row, data))
        except (KeyError, TypeError) as error:
            problems.append(f"{path.name}: matter {number} ({row.get('id')}): {error!r}")
    if problems:
        raise InvalidImport(problems)
    return tuple(matters)


def _matter(row: Mapping[str, Any], data: Mapping[str, Any]) -> Matter:
    return Matter(
        id=row["id"],
        title=row["title"],
        words=tuple(row["words"]),
        who=row["who"],
        papers=tuple(row["papers"]),
        know=tuple(Fact(**fact) for fact in row["know"]),
        coming=Fact(**data["who"][row["who"]]),
        common=tuple(Fact(**fact) for fact in data["common"]),
        reviewed=str(data["reviewed"]),
        reviewer=data["reviewer"],
    )
