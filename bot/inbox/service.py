"""Leave something for the staff; read it; let go of it when its time is over."""

from __future__ import annotations

from bot.citizens.model import RETENTION
from bot.inbox.model import TRAYS, Item, Tray, reference
from bot.inbox.store import InboxStore as InboxStore  # for those who hold one to call this service


async def leave(store: InboxStore, item: Item) -> str:
    """Keep an item for the staff and return the reference that the citizen can quote.

    Raises StoreUnavailable: then nothing must be promised.
    """
    return reference(await store.append(item))


async def waiting(store: InboxStore, tray: Tray, count: int) -> list[dict[str, str]]:
    """Return a tray's newest items first, each as its fields with `reference`. A text that cannot be opened is ""."""
    return await store.contents(tray, count)


async def forget(store: InboxStore, now: float) -> int:
    """Drop what was kept longer than RETENTION allows, some of each tray, and return how many items are gone."""
    return sum([await store.drop_before(tray, now - RETENTION[tray].seconds) for tray in TRAYS])
