"""Leave something for the staff; read it; let go of it when its time is over."""

from __future__ import annotations

from bot.citizens.model import RETENTION
from bot.inbox.model import PHOTO, TRAYS, Item, Tray, number_of, reference
from bot.inbox.pictures import Picture, cleaned
from bot.inbox.store import InboxStore as InboxStore  # for those who hold one to call this service


async def leave(store: InboxStore, item: Item) -> str:
    """Keep an item for the staff and return the reference that the citizen can quote.

    Raises StoreUnavailable: then nothing must be promised.
    """
    return reference(await store.append(item))


async def leave_photo(store: InboxStore, user: str, at: str, content: bytes) -> str:
    """Keep a citizen's photo for the staff, the picture alone, and return the reference that the citizen can quote.

    The citizen has agreed. Raises PhotoRefused, StoreUnavailable: then nothing is kept.
    """
    picture = cleaned(content)
    return reference(await store.append(Item("message", user, "", at, PHOTO), picture))


async def photo(store: InboxStore, reference: str) -> Picture | None:
    """Return the photo of an item, None when there is none or its time is over."""
    number = number_of(reference)
    return None if number is None else await store.photo(str(number))


async def drop_photos(store: InboxStore, person: str) -> int:
    """Erase the photos of somebody who no longer agrees that they are kept, and return how many are gone."""
    return await store.drop_photos_of(person)


async def waiting(store: InboxStore, tray: Tray, count: int) -> list[dict[str, str]]:
    """Return a tray's newest items first, each as its fields with `reference`. A text that cannot be opened is ""."""
    return await store.contents(tray, count)


async def forget(store: InboxStore, now: float) -> int:
    """Drop what was kept longer than RETENTION allows, some of each tray, and return how many items are gone."""
    return sum([await store.drop_before(tray, now - RETENTION[tray].seconds) for tray in TRAYS])
