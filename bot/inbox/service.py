"""Leave something for the staff."""

from __future__ import annotations

from bot.inbox.model import Item, reference
from bot.inbox.store import InboxStore


async def leave(store: InboxStore, item: Item) -> str:
    """Keep an item for the staff and return the reference that the citizen can quote.

    Raises StoreUnavailable: then nothing must be promised.
    """
    return reference(await store.append(item))
