"""Who in the directory can be booked for a wish, when, and in which rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from bot.areas.model import AreaTable
from bot.booking.model import KINDS, Appointment, Choice, Room, Schedule, ServiceKind, Wish, conflicts
from bot.booking.service import Diary
from bot.booking.store import BookingStore
from bot.directory import service as directory
from bot.directory.holidays import HolidayCalendar
from bot.directory.model import Listing, Query
from bot.directory.service import DirectoryStore

# How many more than asked for are looked up, since those with a conflict of interest are left out afterwards.
MARGIN = 20
# Whoever asks for any time with anybody is offered the times of this many, the nearest ones.
NEAREST = 6


@dataclass(frozen=True)
class Desk:
    """What every use case of the desk works with."""

    book: BookingStore
    directory: DirectoryStore
    areas: AreaTable
    calendar: HolidayCalendar
    rooms: tuple[Room, ...] = ()

    def diary(self, choices: Iterable[Choice]) -> Diary:
        """Return the diary of those who can be booked."""
        return Diary(self.book, self.calendar, tuple(choices))


async def eligible(desk: Desk, wish: Wish, limit: int, offset: int = 0) -> list[Listing]:
    """Return who can serve a wish, the nearest first, without those who must not."""
    kind = KINDS[wish.kind]
    if wish.mode and wish.mode not in kind.modes:
        return []
    found = await _named(desk, kind, wish) if wish.practitioner else await _near(desk, kind, wish, offset + limit)
    barred = await desk.book.conflicted(
        [listing.id for listing in found], conflicts(kind.name, wish.applicant, wish.respondent)
    )
    return [listing for listing in found if listing.id not in barred][offset : offset + limit]


async def _named(desk: Desk, kind: ServiceKind, wish: Wish) -> list[Listing]:
    listing = await directory.details(desk.directory, wish.practitioner)
    return [listing] if listing and listing.provider_type in kind.served_by else []


async def _near(desk: Desk, kind: ServiceKind, wish: Wish, count: int) -> list[Listing]:
    types = [name for name in kind.served_by if wish.provider_type in ("", name)]
    if kind.by_place:
        return [place for place in await _places(desk, kind, wish.area) if place.provider_type in types]
    base = Query(area=wish.area, matter=wish.matter, language=wish.language, gender=wish.gender)
    queries = [replace(base, provider_type=name) for name in types]
    found = await asyncio.gather(
        *(directory.find(desk.directory, desk.areas, query, count + MARGIN) for query in queries)
    )
    # In turns: a lawyer and the village's own adviser are both worth seeing first.
    return [listing for listing in chain(*zip_longest(*(page.listings for page in found))) if listing]


async def _places(desk: Desk, kind: ServiceKind, area: str) -> list[Listing]:
    """Return the places that have a room for a kind, the nearest to an area first."""
    rooms = nearest_first(desk, (room for room in desk.rooms if room.use == kind.room), area)
    found = await _listings(desk, [room.place for room in rooms])
    return list(found.values())


def nearest_first(desk: Desk, rooms: Iterable[Room], area: str) -> list[Room]:
    """Return rooms, those that serve an area first: the village's, the town's, the county's, then the others'."""
    above = desk.areas.ancestors(area or desk.areas.county.code)
    return sorted(rooms, key=lambda room: above.index(room.area) if room.area in above else len(above))


async def _listings(desk: Desk, ids: Iterable[str]) -> dict[str, Listing]:
    wanted = list(dict.fromkeys(ids))
    found = await asyncio.gather(*(directory.details(desk.directory, number) for number in wanted))
    return {listing.id: listing for listing in found if listing}


async def choices(desk: Desk, kind: ServiceKind, listings: Iterable[Listing], mode: str, area: str) -> list[Choice]:
    """Return when listings can be booked, and the rooms of which a meeting in that mode takes one, the nearest first."""
    who = {listing: _rooms(desk, kind, listing, area) for listing in listings}
    if kind.room == "" or (mode or kind.modes[0]) != "on_site":
        return [Choice(Schedule(listing.id, listing.schedules)) for listing in who]
    places = await _listings(desk, (room.place for rooms in who.values() for room in rooms))
    return [
        Choice(
            Schedule(listing.id, listing.schedules),
            tuple(Schedule(room.id, places[room.place].schedules) for room in rooms if room.place in places),
        )
        for listing, rooms in who.items()
    ]


def _rooms(desk: Desk, kind: ServiceKind, listing: Listing, area: str) -> list[Room]:
    """Return the rooms that a listing can meet in: a place its own, a person those of the areas above its own."""
    fit = [room for room in desk.rooms if room.use == kind.room]
    if kind.by_place:
        return [room for room in fit if room.place == listing.id]
    reached = {code for own in listing.areas for code in desk.areas.ancestors(own)}
    return nearest_first(desk, (room for room in fit if room.area in reached), area or next(iter(listing.areas), ""))


async def diary_for(desk: Desk, wish: Wish, practitioner: str = "") -> Diary:
    """Return the diary of those who can serve a wish; of the named one too, who may not be among the nearest."""
    kind = KINDS[wish.kind]
    found = await eligible(desk, wish, NEAREST)
    if practitioner and practitioner not in {listing.id for listing in found}:
        found += await _named(desk, kind, replace(wish, practitioner=practitioner))
    return desk.diary(await choices(desk, kind, found, wish.mode, wish.area))


async def diary_of(desk: Desk, appointment: Appointment) -> Diary:
    """Return the diary of an appointment's own practitioner, in its mode."""
    wish = Wish(appointment.kind, mode=appointment.mode, practitioner=appointment.practitioner)
    return await diary_for(desk, wish)
