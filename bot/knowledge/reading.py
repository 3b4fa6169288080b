"""The articles that are nearest to a question in their words: something to read, never an answer.

An index of character pairs in SQLite's full-text search, built once from the statute corpus beside the program's other
files. Pairs and not words: built in two seconds rather than ten, and found as well (docs/knowledge.md has the figures).
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.knowledge.citation import Citation, article_of
from bot.knowledge.corpus import REPEALED, Article, Corpus, clean

NEAREST = 3
# So many of the nearest by words alone are weighed again by their law.
CANDIDATES = 100
# A law that no entry cites is rarely what a citizen asks about: seafarers' and judges' laws share words with everything.
ELSEWHERE = 0.5
# How much a law that the matter's entries cite is preferred, at most; measured on the entries' own questions.
MATTER_WEIGHT = 3.0
_RUN = re.compile(r"[一-鿿]{2,}")
Weigh = Callable[[str], float]


def pairs(text: str) -> list[str]:
    """Return the pairs of neighbouring Chinese characters."""
    return [run[i : i + 2] for run in _RUN.findall(text) for i in range(len(run) - 1)]


def weigher(cited: Mapping[str, int], by_matter: Mapping[str, int]) -> Weigh:
    """Return what a law's name counts: `cited` and `by_matter` say how often entries, and a matter's entries, cite it."""
    total = max(1, sum(by_matter.values()))
    return lambda law: 1 + MATTER_WEIGHT * by_matter.get(law, 0) / total if law in cited else ELSEWHERE


def index_of(statutes: Path, cache: Path) -> Path:
    """Return the index of a statute file, built first when it is not there. Two builders at once do no harm."""
    digest = hashlib.sha256(statutes.read_bytes()).hexdigest()[:16]
    target = cache / f"statutes-{digest}.db"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}")
        partial.unlink(missing_ok=True)
        _build(statutes, partial)
        partial.replace(target)
    return target


def _build(statutes: Path, target: Path) -> None:
    source = sqlite3.connect(f"file:{statutes}?mode=ro&immutable=1", uri=True)
    index = sqlite3.connect(target)
    try:
        index.execute("PRAGMA journal_mode=OFF")
        index.execute("PRAGMA synchronous=OFF")
        index.execute("CREATE VIRTUAL TABLE articles USING fts5(pairs, content='')")
        rows = source.execute("SELECT id, law_name, article_text FROM articles WHERE status <> ?", (REPEALED,))
        index.executemany(
            "INSERT INTO articles(rowid, pairs) VALUES (?, ?)",
            ((number, " ".join(pairs(f"{law}。{clean(text)}"))) for number, law, text in rows),
        )
        index.execute("INSERT INTO articles(articles) VALUES ('optimize')")
        index.commit()
    finally:
        source.close()
        index.close()


class Reading:
    """Finds articles by their words. The file is opened once and never written."""

    def __init__(self, index: Path) -> None:
        self._db = sqlite3.connect(f"file:{index}?mode=ro&immutable=1", uri=True, check_same_thread=False)

    def nearest(self, question: str, corpus: Corpus, weigh: Weigh) -> list[tuple[Citation, Article]]:
        """Return at most NEAREST articles of laws in force, the nearest first."""
        wanted = " OR ".join(f'"{pair}"' for pair in dict.fromkeys(pairs(question)))
        if not wanted:
            return []
        rows = self._db.execute(
            "SELECT rowid, rank FROM articles WHERE articles MATCH ? ORDER BY rank LIMIT ?", (wanted, CANDIDATES)
        ).fetchall()
        laws = corpus.laws_of([number for number, _ in rows])
        # A rank is below zero, and the lower the nearer.
        scored = sorted((rank * weigh(laws[number].name), number) for number, rank in rows if number in laws)
        found = [corpus.numbered(laws[number], number) for _, number in scored[:NEAREST]]
        return [(cited, article) for article in found if (cited := article_of(article.law.name, article.number))]
