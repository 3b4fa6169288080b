"""Which of the ranked entries is said: an answer, a choice of up to three, or nothing at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.knowledge.entry import Entry

# Chosen on tests/evaluation/questions.jsonl: of the entries at 0.35 and more, 98 % answer the question. A wrong answer costs
# a citizen more than one more tap, so below it nothing is said outright.
SURE = 0.35
# Of the first three entries at 0.1 and more, one answers the question in nine of ten cases; lower ones only fill the screen.
POSSIBLE = 0.1
CHOICES = 3


@dataclass(frozen=True)
class Decision:
    """The entry to say, or the entries to choose from; both empty when nobody has answered such a question yet."""

    answer: Entry | None = None
    choices: tuple[Entry, ...] = ()


def decide(ranked: Iterable[Mapping[str, Any]], entries: Mapping[str, Entry]) -> Decision:
    """Decide on the engine's `[{"id", "probability"}]`, the likeliest first.

    An id that is not among the entries is passed over: the engine's index may be older than what editors wrote.
    """
    known = [(entries[str(r["id"])], float(r["probability"])) for r in ranked if str(r["id"]) in entries]
    if known and known[0][1] >= SURE:
        return Decision(answer=known[0][0])
    return Decision(choices=tuple(entry for entry, probability in known if probability >= POSSIBLE)[:CHOICES])
