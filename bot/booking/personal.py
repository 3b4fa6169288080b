"""One person's part of the book, for whoever asks to see or to erase what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.booking import service
from bot.booking.model import ENDED, Appointment, Ask, nameless
from bot.booking.store import Act, BookingStore
from bot.errors import BookingRefused


class PersonalBookings:
    """Exports and erases; `clock` returns the moment of asking, seconds since 1970 UTC."""

    def __init__(self, book: BookingStore, clock: Callable[[], float]) -> None:
        self._book = book
        self._clock = clock

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return a person's appointments, without the pseudonyms of anybody."""
        kept = await self._book.of(person)
        return {"appointments": [nameless(old).to_json() for old in kept]} if kept else {}

    async def erase_of(self, person: str) -> int:
        """Cancel what is still to come, and leave of the rest what names nobody. Return how many appointments it was.

        The slots of the past stay in the practitioner's calendar and in the figures.
        """
        now = int(self._clock())
        kept = await self._book.of(person)
        for old in kept:
            if old.state not in ENDED and old.start > now:
                ask = Ask("citizen", person, now, f"erase:{old.id}:{old.revision}")
                with suppress(BookingRefused):
                    await service.advance(self._book, old.id, "cancelled", ask)
            await service.changing(self._book, old.id, lambda fresh: self._unname(fresh, now))
        return len(kept)

    async def _unname(self, old: Appointment, now: int) -> Appointment:
        act = Act("erased", Ask("system", "", now, ""), frozenset({old.state}))
        return await self._book.change(old, replace(nameless(old), revision=old.revision + 1), act)
