"""Read a district's wechat_templates.csv, or refuse it whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bot.platform.csv_file import Row, read_rows, refuse
from bot.reach.model import Means, Template
from bot.reach.words import HEADINGS

COLUMNS = ("topic", "way", "template", "fields")
WAYS = ("subscription", "template")
VALUES = ("what", "when", "reference", "note")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
FIELD = re.compile(r"([a-z_]{1,24}[0-9]{1,3}|first|remark|keyword[0-9])=(\w+)")


def read_templates(path: Path, service: bool) -> Means:
    """Read wechat_templates.csv (UTF-8): which template of the account's carries which kind of notice.

    `fields` are pairs `thing1=what` separated by blanks: the template's field and one of VALUES. Without the file, notices
    go by customer-service messages alone, if the account may send them (`service`). Raises InvalidImport with
    `wechat_templates.csv:line:column: reason` for every bad cell.
    """
    rows = read_rows(path, COLUMNS) if path.is_file() else []
    refuse(path, _problems(rows))
    found: dict[str, dict[str, Template]] = {way: {} for way in WAYS}
    for _, row in rows:
        fields = dict(pair.split("=", 1) for pair in row["fields"].split())
        found[row["way"]][row["topic"]] = Template(row["template"], fields)
    return Means(found["subscription"], found["template"], service=service)


def _problems(rows: list[tuple[int, Row]]) -> Iterator[str]:
    """Yield `line:column: reason`."""
    first: dict[tuple[str, str], int] = {}
    for number, row in rows:
        pair = (row["topic"], row["way"])
        if pair in first:
            yield f"{number}:1: {row['topic']} by {row['way']} stands in line {first[pair]} already"
        first.setdefault(pair, number)
        for column, reason in _bad_cells(row):
            yield f"{number}:{COLUMNS.index(column) + 1}: {column} {reason}"


def _bad_cells(row: Row) -> Iterator[tuple[str, str]]:
    """Yield (column, reason)."""
    for column, known in (("topic", tuple(HEADINGS)), ("way", WAYS)):
        if row[column] not in known:
            yield column, f"{row[column]!r} is none of {', '.join(known)}"
    if not ID.fullmatch(row["template"]):
        yield "template", f"{row['template']!r} is not a template's id"
    pairs = [FIELD.fullmatch(pair) for pair in row["fields"].split()]
    if not pairs or not all(pair and pair[2] in VALUES for pair in pairs):
        yield (
            "fields",
            f"{row['fields']!r} is not a list like thing1=what time2=when; the words are {', '.join(VALUES)}",
        )
