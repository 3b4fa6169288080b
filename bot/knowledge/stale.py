"""Which entries rest on law that is no longer what it was when they were reviewed. Pure apart from the corpora's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from bot.knowledge.citation import Citation
from bot.knowledge.corpus import CITABLE, Corpus
from bot.knowledge.entry import Entry


def stale(entries: Iterable[Entry], corpus_on: Callable[[date], Corpus], now: Corpus) -> Mapping[str, Sequence[str]]:
    """Return entry id → what became of its citations, for the entries of which something did.

    `corpus_on` gives the statutes as the reviewer had them on a day; `now` those to hold them against.
    """
    found = {}
    for entry in entries:
        then = corpus_on(date.fromisoformat(entry.reviewed))
        if changes := [said for citation in entry.citations if (said := became(citation, then, now))]:
            found[entry.id] = changes
    return found


def became(citation: Citation, then: Corpus, now: Corpus) -> str:
    """Say what became of a citation: "" when it reads as it did."""
    law, before = now.law(citation.law), then.article(citation)
    if law is None:
        return f"{citation}: the law is gone"
    if law.standing not in CITABLE:
        return f"{citation}: the law is {law.standing} ({law.version}, in force from {law.effective})"
    after = now.article(citation, law)
    if after is None:
        return f"{citation}: the article is gone from the text of {law.version}"
    if before is None:
        return f"{citation}: was not there when the entry was reviewed"
    return "" if before.text == after.text else f"{citation}: reads otherwise in the text of {law.version}"
