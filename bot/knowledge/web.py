"""The pages of the law: `/law/<law>` with its articles by chapter, `/law/<law>/<number>` with one text. For reading only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.web.pages import environment
from bot.directory.hours import SHANGHAI
from bot.knowledge.citation import Citation, article_of
from bot.knowledge.corpus import CITABLE, Article, Corpus, Law
from bot.knowledge.law_names import short_name
from bot.knowledge.library import Library
from bot.knowledge.standing_words import law_address, number_in_address, read_number, standing_said, why_absent
from bot.knowledge.telling import review_note

HERE = Path(__file__).parent
# The text of a law changes a few times a decade, its standing at midnight: an hour late is true enough.
HOUR = {"Cache-Control": "public, max-age=3600"}
# So much of an article tells whether to open it; the Civil Code's 1,260 articles must stay under 200 KB.
BEGINNING = 16


@dataclass(frozen=True)
class Line:
    """An article in a law's list. `address` is relative to the law's page, "" for what has no number."""

    number: str
    beginning: str
    address: str
    chapter: str


def routes(library: Library, district: str, version: str, clock: Callable[[], float]) -> Sequence[web.AbstractRouteDef]:
    """Return the routes; `version` is that of the styles, `clock` gives seconds since 1970."""
    pages = _Pages(library, district, version, clock)
    return [
        web.get("/law/{law}", pages.law),
        web.get("/law/{law}/{number}", pages.article),
    ]


class _Pages:
    def __init__(self, library: Library, district: str, version: str, clock: Callable[[], float]) -> None:
        self._library = library
        self._clock = clock
        self._templates = environment(HERE / "templates")
        self._templates.globals |= {"district": district, "version": version, "note": review_note}

    async def law(self, request: web.Request) -> web.Response:
        """Return a law's articles by chapter."""
        corpus = self._today()
        law = corpus.named(request.match_info["law"])
        if law is None:
            return self._absent(
                f"我这里没有叫“{request.match_info['law'][:40]}”的法律。我只收法律，不收法规和司法解释。"
            )
        lines = [_line(article) for article in corpus.articles(law)]
        chapters = [(name, list(found)) for name, found in groupby(lines, key=lambda line: line.chapter)]
        return self._show("law.html", **_told(corpus, law), chapters=chapters)

    async def article(self, request: web.Request) -> web.Response:
        """Return an article's text, its neighbours and the answers that rest on it."""
        corpus = self._today()
        law, number = corpus.named(request.match_info["law"]), read_number(request.match_info["number"])
        if law is None or number is None:
            return self._absent("没有这一条。条号写成43，“之一”写成133-1。")
        cited = Citation(law.name, *number)
        found = corpus.article(cited, law)
        if found is None:
            return self._absent(why_absent(corpus, cited), law)
        citing = await asyncio.to_thread(self._library.citing, cited)  # The first time, it reads all entries.
        return self._show(
            "article.html",
            **_told(corpus, law),
            number=found.number,
            paragraphs=found.text.split("\n"),
            neighbours=_neighbours(corpus.articles(law), found),
            citing=citing,
        )

    def _today(self) -> Corpus:
        return self._library.corpus(datetime.fromtimestamp(self._clock(), SHANGHAI).date())

    def _absent(self, why: str, law: Law | None = None) -> web.Response:
        more = {"name": short_name(law.name), "law_address": law_address(law.name)} if law else {}
        return self._show("absent.html", 404, why=why, **more)

    def _show(self, template: str, status: int = 200, **words: Any) -> web.Response:
        text = self._templates.get_template(template).render(**words)
        return web.Response(text=text, status=status, content_type="text/html", headers=HOUR)


def _told(corpus: Corpus, law: Law) -> dict[str, Any]:
    """Return what both pages say of a law."""
    return {
        "name": short_name(law.name),
        "law_address": law_address(law.name),
        "standing": standing_said(law, corpus.versions(law.name)),
        "counts": law.standing in CITABLE,
    }


def _line(article: Article) -> Line:
    cited = article_of(article.law.name, article.number)
    address = f"{short_name(article.law.name)}/{number_in_address(cited)}" if cited else ""
    beginning = article.text[:BEGINNING].replace("\n", " ") + ("…" if len(article.text) > BEGINNING else "")
    return Line(article.number, beginning, address, article.chapter)


def _neighbours(articles: Sequence[Article], here: Article) -> list[tuple[str, str]]:
    """Return (words, relative address) of the articles before and after."""
    at = next(number for number, article in enumerate(articles) if article.number == here.number)
    beside = [
        ("上一条", articles[at - 1] if at else None),
        ("下一条", articles[at + 1] if at + 1 < len(articles) else None),
    ]
    found = [(word, article_of(a.law.name, a.number)) for word, a in beside if a]
    return [(f"{word} {cited.number}", number_in_address(cited)) for word, cited in found if cited]
