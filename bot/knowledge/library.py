"""What the editors wrote and the statutes it rests on, opened once a process. The day decides which law is in force."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from bot.knowledge.citation import Citation
from bot.knowledge.corpus import Corpus, statutes
from bot.knowledge.entry import Entry
from bot.knowledge.importer import read_entries
from bot.knowledge.reading import Weigh, weigher
from bot.platform.settings import ROOT

# Today, the day on which an entry was reviewed, and a few more around midnight and in tests.
DAYS_KEPT = 8


class Library:
    """Entries by id and by matter, and the statutes as they stand on a day. Nothing is read before it is asked for."""

    def __init__(self, folder: Path, laws: Path) -> None:
        self._folder = folder
        self._laws = laws
        self._corpora: dict[date, Corpus] = {}

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """All entries by their id, in the editors' order."""
        return {entry.id: entry for entry in read_entries(self._folder)}

    def of_matter(self, matter: str) -> Sequence[Entry]:
        """Return a matter's entries in the editors' order: what is asked most stands first."""
        return [entry for entry in self.entries.values() if entry.matter == matter]

    def corpus(self, day: date) -> Corpus:
        """Return the statutes as they stand on a day."""
        if day not in self._corpora:
            if len(self._corpora) >= DAYS_KEPT:
                self._corpora.clear()
            self._corpora[day] = Corpus(self._laws, day)
        return self._corpora[day]

    @cached_property
    def _citing(self) -> Mapping[tuple[str, int, int], Sequence[Entry]]:
        found: dict[tuple[str, int, int], list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            for at in dict.fromkeys((c.law, c.article, c.suffix) for c in entry.citations):
                found[at].append(entry)
        return found

    def citing(self, citation: Citation) -> Sequence[Entry]:
        """Return the entries that rest on an article."""
        return self._citing.get((citation.law, citation.article, citation.suffix), ())

    @cached_property
    def _cited(self) -> Mapping[str, Counter[str]]:
        """How often each matter's entries cite each law; under "" all of them."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in self.entries.values():
            found[entry.matter].update(citation.law for citation in entry.citations)
            found[""].update(citation.law for citation in entry.citations)
        return found

    def weigh(self, matter: str, nearest: Iterable[str] = ()) -> Weigh:
        """Return how near a law is to a question, as citations tell: of the nearest entries, else of the matter's."""
        near = Counter(c.law for name in nearest if name in self.entries for c in self.entries[name].citations)
        by_matter = self._cited.get(matter, Counter()) if matter else Counter[str]()
        return weigher(self._cited[""], near or by_matter)


@cache
def library() -> Library:
    """Return the one library of this process."""
    return Library(ROOT / "data" / "knowledge", statutes())
