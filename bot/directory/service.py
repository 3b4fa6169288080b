"""What the directory can be asked and told: one function a use case."""

from __future__ import annotations

from dataclasses import replace as with_fields
from typing import Any

from bot.areas.model import AreaTable
from bot.directory import hsds, search, tables
from bot.directory.distance import metres
from bot.directory.importer import content_hash
from bot.directory.model import Found, Listing, Near, Query, Tables
from bot.directory.store import DirectoryStore as DirectoryStore  # for those who hold one to call this service

# Nobody goes further to a window than this: a county's length and a bit. In metres.
REACH = 30_000
# The store's geographic index ends at 85 degrees north and south.
GRID_ENDS = 85
# Wishes are given up in this order: whom one talks to matters less than being understood, and that less than the trouble.
WISHES = ("gender", "language", "matter")


async def replace(store: DirectoryStore, imported: Tables, areas: AreaTable) -> int:
    """Put checked tables in the place of the whole directory. Return the number of listings."""
    return await store.replace(
        tables.listings(imported), areas, hsds.to_hsds(imported), imported, content_hash(imported)
    )


async def find(store: DirectoryStore, areas: AreaTable, query: Query, limit: int = 5, offset: int = 0) -> Found:
    """Find who serves an area.

    Who serves the asked area or one above it counts as near. When there is nobody, the search widens from village to
    town to county, and only then gives up wishes one by one, in the order of WISHES; Found says both.
    """
    asked = query.area if query.area in areas else ""
    county = areas.county.code
    for dropped in _given_up(query):
        wish = with_fields(query, **dict.fromkeys(dropped, ""))
        for at in areas.ancestors(asked or county):
            keys = search.lookup_keys(wish, areas, at)
            found, total = await store.page(keys, search.wanted(wish), offset, limit)
            if total:
                return Found(tuple(found), total, asked, at if asked else "", dropped)
    return Found((), 0, asked, "", ())


def _given_up(query: Query) -> list[tuple[str, ...]]:
    """Return what to give up at each try: nothing, then each wish alone, then all."""
    present = tuple(wish for wish in WISHES if getattr(query, wish))
    tries: list[tuple[str, ...]] = [(), *((wish,) for wish in present)]
    return tries if len(present) < 2 else [*tries, present]


async def by_name(store: DirectoryStore, name: str, limit: int = 5, provider_type: str = "") -> tuple[Listing, ...]:
    """Find by a name as said: typos, homophones, pinyin, initials. Empty when nothing is close."""
    said = search.Sounded.of(name)
    candidates = await store.named(search.said_keys(name))
    scored = sorted(
        (
            (max(search.likeness(said, search.Sounded.from_text(known)) for known in names), number)
            for number, names in candidates.items()
        ),
        reverse=True,
    )
    close = [(points, number) for points, number in scored if points >= search.CLOSE_ENOUGH][: limit * 3]
    found = await store.listings([number for _, number in close])
    best = close[0][0] if close else 0
    kept = [
        listing
        for (points, _), listing in zip(close, found, strict=False)
        # One exact hit is the answer; what is merely like it would only confuse.
        if (not provider_type or listing.provider_type == provider_type) and (best < 100 or points == 100)
    ]
    return tuple(kept[:limit])


async def details(store: DirectoryStore, listing_id: str) -> Listing | None:
    """Return one listing, or None when it is gone."""
    return await store.listing(listing_id)


async def nearest(store: DirectoryStore, areas: AreaTable, provider_type: str, area: str) -> Listing | None:
    """Return the one place or person of a kind that serves an area most closely."""
    found = await find(store, areas, Query(provider_type=provider_type, area=area), limit=1)
    return found.listings[0] if found.listings else None


async def points_near(
    store: DirectoryStore, areas: AreaTable, spot: tuple[float, float], area: str, limit: int
) -> list[Near]:
    """Return the service points for somebody at a spot (latitude, longitude) in a town or village, "" when unknown.

    The nearest by their coordinates. A point that serves that very town or village and has no coordinates stands before
    them: it is likelier around the corner than one that happens to be on the map.
    """
    around = await store.near(*spot, REACH, limit) if abs(spot[0]) < GRID_ENDS else []
    own = [listing for listing in await _own_points(store, areas, area) if listing.latitude is None]
    found = [Near(listing, None) for listing in own]
    for listing in around:
        if listing.latitude is not None and listing.longitude is not None:
            found.append(Near(listing, metres(*spot, listing.latitude, listing.longitude)))
    return found[:limit]


async def _own_points(store: DirectoryStore, areas: AreaTable, area: str) -> list[Listing]:
    """Return the room or station and the justice office of a town or village, not the county's."""
    if area not in areas or area == areas.county.code:
        return []
    own = set(areas.ancestors(area)) - {areas.county.code}
    found = [await nearest(store, areas, kind, area) for kind in ("service_center", "justice_office")]
    return [listing for listing in found if listing and own & set(listing.areas)]


async def records(store: DirectoryStore, collection: str, page: int, per_page: int) -> tuple[list[dict[str, Any]], int]:
    """Return one page (from 1) of an HSDS collection and how many records it has in all."""
    return await store.records(collection, (page - 1) * per_page, per_page)


async def record(store: DirectoryStore, collection: str, record_id: str) -> dict[str, Any] | None:
    """Return one HSDS record with the records that it joins."""
    found = await store.record(collection, record_id)
    if found and collection == "service_at_locations":
        found["service"] = await store.record("services", found["service_id"])
        found["location"] = await store.record("locations", found["location_id"])
    return found


async def export_tables(store: DirectoryStore) -> Tables:
    """Return the imported tables."""
    return await store.tables()


async def imported_hash(store: DirectoryStore) -> str:
    """Return the fingerprint of what is live; empty when nothing is."""
    return str((await store.live(fresh=True)).get("hash", ""))
