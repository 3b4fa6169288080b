"""Read a directory from CSV, Excel or HSDS JSON; refuse it whole when anything is wrong."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook

from bot.areas.model import AreaTable
from bot.directory import hsds
from bot.directory.model import Tables
from bot.directory.tables import COLUMNS, Problem, Row, problems
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
        missing = [c.name for c in COLUMNS[table] if c.required and c.name not in header]
        self.problems += [f"{file}:1:1: column {name!r} is missing" for name in missing]
        for line, cells in lines:
            if len(cells) > len(header) and any(cells[len(header) :]):
                self.problems.append(f"{file}:{line}:{len(header) + 1}: more cells than columns")
            self.rows[table].append({n: c.strip() for n, c in zip(header, cells, strict=False) if c.strip()})
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
    """Return a fingerprint of the content, the same whatever the file form."""
    return hashlib.sha256(json.dumps(tables.rows, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(p for p in path.iterdir() if p.stem in COLUMNS or p.suffix in (".json", ".xlsx"))
        else:
            files.append(path)
    return files


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
        reading.problems.append(f"{path.name}:1:1: cannot be read: {error.strerror}")


def _read_csv(path: Path, reading: _Reading) -> None:
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
        lines = [(rows.line_num, cells) for cells in rows if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        reading.problems.append(f"{path.name}:{rows.line_num}:1: {error}")
        return
    reading.add(path.stem, path.name, header, lines)


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
        book = load_workbook(path, read_only=True, data_only=False)
    except (BadZipFile, KeyError, ValueError) as error:
        reading.problems.append(f"{path.name}:1:1: is not an Excel file: {error}")
        return
    for sheet in book.worksheets:
        if sheet.title in COLUMNS:
            rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            header = rows[0] if rows else []
            lines = [(n, row) for n, row in enumerate(rows[1:], 2) if any(row)]
            reading.add(sheet.title, f"{path.name}[{sheet.title}]", header, lines)


def _read_json(path: Path, reading: _Reading) -> None:
    try:
        tables = hsds.to_tables(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reading.problems.append(f"{path.name}:1:1: is not HSDS JSON of this program: {error}")
        return
    for table, rows in tables.rows.items():
        header = [column.name for column in COLUMNS[table]]
        lines = [(number, [str(row.get(name, "")) for name in header]) for number, row in enumerate(rows, 1)]
        reading.add(table, f"{path.name}#{table}", header, lines)
