"""A district's CSV file as rows with their line numbers, or refused whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from bot.errors import InvalidImport

Row = dict[str, str]


def read_rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, Row]]:
    """Return (line, column → cell) of each row that is not empty; UTF-8, cells without outer blanks, missing ones "".

    Raises InvalidImport with `file:line:column: reason` when it is no such file.
    """
    try:
        lines = csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), strict=True)
        header = tuple(next(lines, ()))
        rows = [(lines.line_num, [cell.strip() for cell in cells]) for cells in lines if any(cells)]
    except UnicodeDecodeError:
        raise InvalidImport([f"{path.name}:1:1: must be saved as UTF-8"]) from None
    except csv.Error as error:
        raise InvalidImport([f"{path.name}:{lines.line_num}:1: {error}"]) from None
    if header != columns:
        raise InvalidImport([f"{path.name}:1:1: the columns must be {','.join(columns)}"])
    width = len(columns)
    refuse(path, (f"{n}:{width + 1}: more cells than columns" for n, cells in rows if any(cells[width:])))
    return [(n, dict(zip(columns, (*cells, *[""] * width), strict=False))) for n, cells in rows]


def refuse(path: Path, problems: Iterable[str]) -> None:
    """Raise InvalidImport with every problem (`line:column: reason`) there is; do nothing when there is none."""
    found = [f"{path.name}:{problem}" for problem in problems]
    if found:
        raise InvalidImport(found)
