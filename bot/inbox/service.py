"""Leave something for the staff; let go of it when its time is over."""

from __future__ import annotations

from bot.citizens.model import RETENTION
from bot.inbox.model import TRAYS, Item, reference
from bot.inbox.store import InboxStore


async def leave(store: InboxStore, item: Item) -> str:
    """Keep an item for the staff and return the reference that the citizen can quote.

    Raises StoreUnavailable: then nothing must be promised.
    """
    return reference(await store.append(item))


async def forget(store: InboxStore, now: float) -> int:
    """Drop what was kept longer than RETENTION allows, some of each tray, and return how many items are gone."""
    return sum([await store.drop_before(tray, now - RETENTION[tray].seconds) for tray in TRAYS])
