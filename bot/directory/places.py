"""Which place a citizen means who asks for hours or an address."""

from __future__ import annotations

from bot.areas.model import AreaTable
from bot.directory import service
from bot.directory.model import Listing, Query
from bot.directory.store import DirectoryStore


async def places_meant(
    store: DirectoryStore, areas: AreaTable, query: Query, limit: int
) -> tuple[tuple[Listing, ...], int]:
    """Return the places meant, at most `limit`, and how many there are.

    A name finds the one place that bears it; a kind with an area, the nearest of that kind (one); a kind alone, all of
    that kind in the county, since there may be one (the notary office) or eleven (a justice office a town).
    """
    if query.name:
        found = await service.by_name(store, query.name, 1, query.provider_type)
        return found, len(found)
    if query.area:
        nearest = await service.nearest(store, areas, query.provider_type, query.area)
        return ((nearest,), 1) if nearest else ((), 0)
    page = await service.find(store, areas, Query(provider_type=query.provider_type), limit)
    return page.listings, page.total
