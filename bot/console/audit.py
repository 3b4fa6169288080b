"""The audit log's chain: each entry carries the SHA-256 of the one before, so that a change behind its back shows. Pure.

What it shows: an entry that was changed, is missing or stands elsewhere. What it cannot show alone: whoever may write to
the store can make a new chain from some entry on. The hash of the last entry, noted elsewhere, shows that too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from bot.console.model import Deed

# What stands before the first entry.
START = "0" * 64
# The outcome of a deed that was done, noted in the same step; a refused one says "refused: " and why.
DONE = "done"


@dataclass(frozen=True)
class Entry:
    """One line of the log. All are texts, as a stream keeps them; `at` is seconds since 1970 UTC. No personal data."""

    number: str
    at: str
    who: str
    role: str
    act: str
    subject: str
    request: str
    detail: str
    outcome: str
    before: str
    hash: str = ""

    @property
    def fingerprint(self) -> str:
        """What `hash` must be."""
        content = {name: value for name, value in asdict(self).items() if name != "hash"}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def following(last: Entry | None, deed: Deed, outcome: str, at: int) -> Entry:
    """Return the entry that comes after the last one."""
    entry = Entry(
        number=str(int(last.number) + 1 if last else 1),
        at=str(at),
        outcome=outcome,
        before=last.hash if last else START,
        **asdict(deed),
    )
    return replace(entry, hash=entry.fingerprint)


def faults(entries: Iterable[Entry], newest: int) -> list[str]:
    """Return what is wrong with a whole log, one line each. `newest` is the number that was given out last."""
    found = []
    number, before = 0, START
    for entry in entries:
        if int(entry.number) != number + 1:
            found.append(f"entry {entry.number} follows {number}: something is missing or stands elsewhere")
        if entry.before != before:
            found.append(f"entry {entry.number} does not carry the hash of the one before it")
        if entry.hash != entry.fingerprint:
            found.append(f"entry {entry.number} was changed")
        number, before = int(entry.number), entry.hash
    if number != newest:
        found.append(f"the log ends at {number}, though {newest} was written")
    return found
