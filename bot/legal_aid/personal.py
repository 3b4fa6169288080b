"""One person's applications, for whoever asks to see or to erase what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.errors import StaleApplication
from bot.legal_aid import service
from bot.legal_aid.application import Application, Ask, nameless, sources
from bot.legal_aid.store import ApplicationStore

# How often an erasure that meets a change of the same application is tried again.
ATTEMPTS = 5


class PersonalApplications:
    """Exports and erases; `clock` returns the moment of asking, seconds since 1970 UTC."""

    def __init__(self, store: ApplicationStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return a person's applications, without the pseudonym."""
        kept = await self._store.of(person)
        return {"applications": [nameless(found).to_json() for found in kept]} if kept else {}

    async def erase_of(self, person: str) -> int:
        """Take back what is open, and leave of the rest what names nobody. Return how many applications it was."""
        now = int(self._clock())
        kept = await self._store.of(person)
        for found in kept:
            await self._unname(found, now)
        return len(kept)

    async def _unname(self, found: Application, now: int) -> None:
        for _ in range(ATTEMPTS):
            with suppress(StaleApplication):
                if found.state in sources("withdrawn", "citizen"):
                    ask = Ask("citizen", found.citizen, now, f"erase:{found.id}:{found.revision}")
                    found = replace(await service.withdraw(self._store, found.id, ask), citizen=found.citizen)
                new = replace(nameless(found), revision=found.revision + 1)
                ask = Ask("system", "", now, f"unname:{found.id}:{found.revision}")
                await self._store.change(found, new, ask, frozenset({found.state}))
                return
            found = await self._store.application(found.id) or found
        raise StaleApplication(found.id)
