"""What can be told to and asked of the answers' store: one function a use case. Every write raises StoreUnavailable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.citizens.model import RETENTION
from bot.knowledge.store import KnowledgeStore as KnowledgeStore  # for those who hold one to call this service


async def given(store: KnowledgeStore, entry: str, person: str, at: datetime) -> None:
    """Note that a person was given an entry, so that it is known whom a change of the law concerns."""
    await store.rely(entry, person, int(at.timestamp()))


async def judged(store: KnowledgeStore, entry: str, useful: bool, at: datetime) -> None:
    """Count that somebody found an entry useful, or not."""
    await store.judge(entry, useful, at.date().isoformat())


async def relying(store: KnowledgeStore, entries: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return the pseudonyms of those who were given each entry."""
    return {entry: await store.relied(entry) for entry in entries}


async def forget(store: KnowledgeStore, now: float) -> int:
    """Forget who relied on what longer ago than RETENTION allows, and return how many pairs."""
    return await store.forget_before(now - RETENTION["relied"].seconds)
