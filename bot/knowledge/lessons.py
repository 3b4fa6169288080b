"""Learning the law: a short course on a matter, and one question a day. Pure.

Nothing is made up for it. The wrong choices of a question are true sentences that answer other questions.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.entry import Entry

# What fits on a screen as buttons; a matter has up to four such pages.
COURSE = 5
CHOICES = 3


@dataclass(frozen=True)
class Question:
    """The day's question: which of the choices' conclusions answers what `entry` is asked? `right` counts from 1."""

    day: date
    entry: Entry
    choices: tuple[Entry, ...]

    @property
    def right(self) -> int:
        """The number of the right choice."""
        return self.choices.index(self.entry) + 1


def course(of_matter: Sequence[Entry], offset: int = 0) -> tuple[tuple[Entry, ...], int]:
    """Return a page of a matter's entries, and how many there are after it."""
    page = tuple(of_matter[offset : offset + COURSE])
    return page, max(0, len(of_matter) - offset - len(page))


def question_of(day: date, entries: Mapping[str, Entry]) -> Question:
    """Return the question of a day: the same for everybody, another one each day until all were asked.

    The entries must not be fewer than CHOICES in the matter.
    """
    turn, number = divmod(day.toordinal(), len(entries))
    ordered = sorted(entries)
    random.Random(turn).shuffle(ordered)  # noqa: S311 - an order, not a secret
    entry = entries[ordered[number]]
    others = [other for other in entries.values() if other.matter == entry.matter and other.id != entry.id]
    chance = random.Random(day.toordinal())  # noqa: S311 - the same
    choices = [entry, *chance.sample(others, CHOICES - 1)]
    chance.shuffle(choices)
    return Question(day, entry, tuple(choices))
