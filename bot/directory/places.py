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
    county_wide = tuple(place for place in page.listings if areas.county.code in place.areas)
    # The county's own window stands for all the towns' and villages' of its kind until somebody names a town.
    return (county_wide[:1], 1) if len(county_wide) == 1 else (page.listings, page.total)


def same_hours(places: tuple[Listing, ...]) -> bool:
    """Whether all places keep the same hours, so that one answer serves for all."""
    return len({place.schedules for place in places}) == 1
