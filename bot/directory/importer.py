"""Read a directory from CSV, Excel or HSDS JSON; refuse it whole when anything is wrong."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from bot.areas.model import AreaTable
from bot.directory import hsds
from bot.directory.model import Tables
from bot.directory.tables import COLUMNS, Problem, Row, problems, tidied
from bot.errors import InvalidImport

# A county's directory is a few hundred kilobytes; 64 MiB stops a wrong file before it fills the memory.
MAX_FILE = 64 * 1024**2


class _Reading:
    """What has been read so far, and where each row came from."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        self.origins: dict[str, list[tuple[str, int, list[str]]]] = {table: [] for table in COLUMNS}
        self.problems: list[str] = []
        self.notes: list[str] = []

    def add(self, table: str, file: str, header: list[str], lines: Iterable[tuple[int, list[str]]]) -> None:
        """Take a table's lines: (line number, cells)."""
        known = [column.name for column in COLUMNS[table]]
        for number, name in enumerate(header, 1):
            if name not in known:
                self.problems.append(f"{file}:1:{number}: unknown column {name!r}")
            elif name in header[: number - 1]:
                self.problems.append(f"{file}:1:{number}: column {name!r} stands twice")
        missing = [c.name for c in COLUMNS[table] if c.required and c.name not in header]
        self.problems += [f"{file}:1:1: column {name!r} is missing" for name in missing]
        for line, cells in lines:
            if len(cells) > len(header) and any(cells[len(header) :]):
                self.problems.append(f"{file}:{line}:{len(header) + 1}: more cells than columns")
            self.rows[table].append(tidied(table, dict(zip(header, cells, strict=False))))
            self.origins[table].append((file, line, header))

    def where(self, problem: Problem) -> str:
        """Say a problem as `file:line:column: reason`."""
        file, line, header = self.origins[problem.table][problem.row]
        column = header.index(problem.column) + 1 if problem.column in header else 1
        return f"{file}:{line}:{column}: {problem.column} {problem.reason}"


def read(paths: Iterable[Path], areas: AreaTable) -> tuple[Tables, list[str]]:
    """Read files or folders into checked tables, with notes for the operator.

    Raises InvalidImport with every problem found; then nothing must be applied.
    """
    reading = _Reading()
    for path in _files(paths):
        _read_file(path, reading)
    tables = Tables(dict(reading.rows))
    if not reading.problems:
        reading.problems += [reading.where(problem) for problem in problems(tables, areas)]
    if not reading.problems and not (tables.rows["places"] or tables.rows["people"]):
        reading.problems.append("nothing to import: no place and no person in these files")
    if reading.problems:
        raise InvalidImport(reading.problems)
    return tables, reading.notes


def content_hash(tables: Tables) -> str:
    """Return a fingerprint of the content, the same whatever the file form and the order of its rows."""
    rows = sorted(
        json.dumps([table, row], sort_keys=True, ensure_ascii=False)
        for table, table_rows in tables.rows.items()
        for row in table_rows
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(p for p in path.iterdir() if _is_import(p))
        else:
            files.append(path)
    return files


def _is_import(path: Path) -> bool:
    # Excel keeps a lock file, ~$places.xlsx, beside an open book.
    named = path.suffix == ".csv" and path.stem in COLUMNS
    return (named or path.suffix in (".json", ".xlsx")) and not path.name.startswith(("~", "."))


def _read_file(path: Path, reading: _Reading) -> None:
    try:
        if path.stat().st_size > MAX_FILE:
            reading.problems.append(f"{path.name}:1:1: larger than {MAX_FILE // 1024**2} MiB")
        elif path.suffix == ".json":
            _read_json(path, reading)
        elif path.suffix == ".xlsx":
            _read_excel(path, reading)
        else:
            _read_csv(path, reading)
    except OSError as error:
        reading.problems.append(f"{path.name}:1:1: cannot be read: {error.strerror or error}")


def _read_csv(path: Path, reading: _Reading) -> None:
    if path.name == "areas.csv":
        reading.notes.append("areas.csv: is read where it lies, in the district's folder; not imported")
        return
    if path.stem not in COLUMNS:
        reading.problems.append(f"{path.name}:1:1: the file's name must be one of {', '.join(COLUMNS)}")
        return
    raw = path.read_bytes()
    if b"\0" in raw:
        reading.problems.append(f"{path.name}:1:1: is not a text file")
        return
    text = _decode(path.name, raw, reading)
    if text is None:
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        lines = list(_numbered(rows))
    except csv.Error as error:
        reading.problems.append(f"{path.name}:{rows.line_num}:1: {error}")
        return
    reading.add(path.stem, path.name, header, lines)


def _numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold anything, each with the number of its first line."""
    before = rows.line_num
    for cells in rows:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = rows.line_num


def _decode(name: str, raw: bytes, reading: _Reading) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reading.problems.append(f"{name}:{line}:1: is neither UTF-8 nor GBK")
        return None
    reading.notes.append(f"{name}: read as GBK; UTF-8 is safer")
    return text


def _read_excel(path: Path, reading: _Reading) -> None:
    try:
        with ZipFile(path) as parts:
            # The size once unpacked: a small file can hold an endless sheet.
            if sum(part.file_size for part in parts.infolist()) > MAX_FILE:
                reading.problems.append(f"{path.name}:1:1: larger than {MAX_FILE // 1024**2} MiB")
                return
        book = load_workbook(path, read_only=True, data_only=False)
        sheets = {sheet.title: list(_lines(sheet)) for sheet in book.worksheets if sheet.title in COLUMNS}
        book.close()
    except (BadZipFile, LookupError, ValueError, TypeError, SyntaxError, EOFError, zlib.error) as error:
        reading.problems.append(f"{path.name}:1:1: is not an Excel file: {error}")
        return
    if not sheets:
        reading.problems.append(f"{path.name}:1:1: has no sheet named {', '.join(COLUMNS)}")
    for title, lines in sheets.items():
        (_, header), *rest = lines or [(1, [])]
        reading.add(title, f"{path.name}[{title}]", header, rest)


def _lines(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield a sheet's header and its lines that hold anything, without the empty cells at their ends."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_cell_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells or number == 1:
            yield number, cells


def _cell_text(cell: Any) -> str:
    # A code typed as a number may come back as 440515102.0.
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell).strip()


def _read_json(path: Path, reading: _Reading) -> None:
    try:
        tables = hsds.to_tables(json.loads(path.read_text("utf-8-sig")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reading.problems.append(f"{path.name}:1:1: is not HSDS JSON of this program: {error}")
        return
    for table, rows in tables.rows.items():
        header = [column.name for column in COLUMNS[table]]
        lines = [(number, [str(row.get(name, "")) for name in header]) for number, row in enumerate(rows, 1)]
        reading.add(table, f"{path.name}#{table}", header, lines)
