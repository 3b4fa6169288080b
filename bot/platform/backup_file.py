"""A backup's file: JSON lines. The first says what it is, the last how many keys there are and the SHA-256 of all before.

{"chengfatong_backup": 1, "district": "440515", "created_at": "2026-11-25T02:30:00+08:00"}
{"key": "inbox", "kind": "stream", "expires": -1, "value": …}          (without the district's prefix)
{"count": 1, "sha256": "…"}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from bot.errors import BackupRefused
from bot.platform.contents import Record

FORMAT = 1
# The first and the last line are short; a foreign file may have no line end at all.
SHORT = 4096


@dataclass(frozen=True)
class Header:
    """Which district's data it is, and as of when (ISO 8601 with offset)."""

    district: str
    created_at: str


class Writer:
    """Writes a backup to an open file, line after line."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = file
        self._sum = hashlib.sha256()
        self.count = 0
        self._line({"chengfatong_backup": FORMAT, **asdict(header)})

    def add(self, record: Record) -> None:
        """Write one key."""
        self._line(asdict(record))
        self.count += 1

    def end(self) -> None:
        """Write the last line; without it the file counts as cut off."""
        self._file.write(_encode({"count": self.count, "sha256": self._sum.hexdigest()}))

    def _line(self, content: dict[str, Any]) -> None:
        line = _encode(content)
        self._sum.update(line)
        self._file.write(line)


def check(file: BinaryIO, name: str) -> Header:
    """Read the whole file and return its header.

    Raises BackupRefused with one line when it is not a backup, of a newer format, cut off or damaged.
    """
    file.seek(0)
    header = _header(file.readline(SHORT), name)
    file.seek(0)
    total, lines, last = hashlib.sha256(), 0, b""
    for line in file:
        total.update(last)
        lines, last = lines + 1, line
    end = _loads(last)
    if not last.endswith(b"\n") or "sha256" not in end:
        raise BackupRefused(f"{name} is cut off: its last line is missing")
    if end != {"count": lines - 2, "sha256": total.hexdigest()}:
        raise BackupRefused(f"{name} is damaged: its content does not match its checksum")
    return header


def records(file: BinaryIO) -> Iterator[Record]:
    """Yield the keys of a file that was checked."""
    file.seek(0)
    next(file)
    for line in file:
        content = _loads(line)
        if "sha256" in content:
            return
        yield Record(**content)


def _header(line: bytes, name: str) -> Header:
    first = _loads(line)
    if "chengfatong_backup" not in first:
        raise BackupRefused(f"{name} is not a backup of chengfatong")
    if first["chengfatong_backup"] != FORMAT:
        raise BackupRefused(f"{name} has format {first['chengfatong_backup']}; this version reads format {FORMAT}")
    return Header(str(first.get("district")), str(first.get("created_at")))


def _encode(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape") + b"\n"


def _loads(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line.decode("utf-8", "surrogateescape"))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
