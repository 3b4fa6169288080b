"""Notarial matters, and how a citizen's words find one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Who = Literal["self", "agent", "ask"]


@dataclass(frozen=True)
class Fact:
    """One sentence and the article it rests on (`cite`, as `bot.knowledge.citation` reads it), or a rule beside it."""

    says: str
    cite: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Matter:
    """One matter. `words` tell that it is meant; `who` whether the citizen must come; `know` what holds for it alone.

    `coming` says that in words, and `common` are facts that hold for every matter. `reviewed` is ISO 8601.
    """

    id: str
    title: str
    words: tuple[str, ...]
    who: Who
    papers: tuple[str, ...]
    know: tuple[Fact, ...]
    coming: Fact
    common: tuple[Fact, ...]
    reviewed: str
    reviewer: str

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Everything that is said of it, in the order in which a citizen wants to know."""
        return (self.coming, *self.know, *self.common)


def find(text: str, matters: Iterable[Matter]) -> Matter | None:
    """Return the matter that a text means: the longest of its words in the text decides, then how many there are."""
    matters = tuple(matters)
    if named := next((matter for matter in matters if matter.title == text), None):
        return named
    scored = [(_fit(text, matter), matter) for matter in matters]
    best, found = max(scored, key=lambda pair: pair[0], default=((0, 0), None))
    return found if best > (0, 0) else None


def by_id(number: str, matters: Iterable[Matter]) -> Matter | None:
    """Return the matter with an id."""
    return next((matter for matter in matters if matter.id == number), None)


def _fit(text: str, matter: Matter) -> tuple[int, int]:
    said = [len(word) for word in matter.words if word in text]
    return (max(said, default=0), sum(said))
