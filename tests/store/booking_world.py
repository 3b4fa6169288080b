"""What the appointment book's tests share: a district on working days, who can be booked, and who asks for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.booking.choices import Desk
from bot.booking.model import HOLD, HOUR, KINDS, MINUTE, Appointment, Ask, Choice, Room, Schedule, Slot, Wish
from bot.booking.service import Diary
from bot.booking.store import Act, BookingStore
from bot.directory.holidays import ChineseCalendar
from bot.directory.hours import SHANGHAI
from bot.directory.model import Listing
from bot.directory.model import Schedule as Opening
from bot.directory.store import DirectoryStore

DISTRICT = "440515"
TOWN, OTHER_TOWN = "440515102", "440515103"
WEEK = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
OFFICE = (Opening("08:30", "12:00", WEEK), Opening("14:30", "17:30", WEEK))
CALENDAR = ChineseCalendar()
AREAS = read_areas(Path(__file__).resolve().parents[2] / "data" / "directory" / DISTRICT / "areas.csv")
NOW = int(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI).timestamp())
START = int(datetime(2026, 11, 26, 9, 45, tzinfo=SHANGHAI).timestamp())
MEDIATION, CONSULTATION = KINDS["mediation"], KINDS["consultation"]
CHOICES = (Choice(Schedule("p1", OFFICE)), Choice(Schedule("p2", OFFICE)))
SLOT = Slot(START, START + HOUR, "p1")
LATER = START + 2 * HOUR
SOON = NOW + 5 * MINUTE
OVER = NOW + HOLD
# A mediation between c1 and a neighbour; the letters are pseudonyms of the two phones.
WISH = Wish("mediation", area=TOWN, mode="video", citizen="c1", applicant="A", respondent="B")


def listing(number: str, provider_type: str, area: str = TOWN, **more: object) -> Listing:
    return Listing(number, provider_type, number, f"org-{number}", number, (area,), schedules=OFFICE, **more)  # type: ignore[arg-type]


LISTINGS = (
    listing("p1", "mediator", languages=("zh-teochew",)),
    listing("p2", "mediator"),
    listing("p3", "mediator", OTHER_TOWN),
    listing("law", "lawyer", DISTRICT),
    replace(listing("firm", "law_firm", DISTRICT), organization_id="org-law"),
    listing("aid", "legal_aid_center", DISTRICT),
    listing("jo", "justice_office"),
    listing("jo-far", "justice_office", OTHER_TOWN),
    listing("center", "service_center", DISTRICT),
)
ROOMS = (
    Room("aid-1", "aid", "window", "一号窗口", DISTRICT),
    Room("aid-2", "aid", "window", "二号窗口", DISTRICT),
    Room("center-m", "center", "mediation", "调解室", DISTRICT),
    Room("jo-m", "jo", "mediation", "调解室", TOWN),
    Room("jo-v", "jo", "visit", "会见室", TOWN),
    Room("far-m", "jo-far", "mediation", "调解室", OTHER_TOWN),
    Room("far-v", "jo-far", "visit", "会见室", OTHER_TOWN),
)


def desk_on(redis: Redis) -> Desk:
    """Return a desk over whatever directory the store has."""
    return Desk(BookingStore(redis, DISTRICT), DirectoryStore(redis, DISTRICT), AREAS, CALENDAR, ROOMS)


async def open_desk(redis: Redis) -> Desk:
    """Return a desk over a small directory."""
    desk = desk_on(redis)
    await desk.directory.replace(LISTINGS, AREAS, {}, None, "")
    return desk


def diary(book: BookingStore) -> Diary:
    return Diary(book, CALENDAR, CHOICES)


def held(
    number: str, citizen: str = "c1", start: int = START, practitioner: str = "p1", room: str = "", kind: str = ""
) -> Appointment:
    """Return a hold as service.claim makes it."""
    rule = KINDS[kind or "consultation"]
    end = start + rule.slot
    return Appointment(
        number,
        rule.name,
        "proposed",
        practitioner,
        citizen,
        start,
        end,
        end + rule.buffer,
        room=room,
        hold_until=NOW + HOLD,
    )


async def claim(
    book: BookingStore, new: Appointment, request: str, now: int = NOW, closed: bool = False
) -> Appointment:
    """Claim as a citizen whose time is within the schedules."""
    body = {"new": [new.kind, new.start, new.practitioner, new.room, new.citizen]}
    return await book.claim(new, Act("claimed", Ask("citizen", new.citizen, now, request), body=body, closed=closed))


async def wanted(redis: Redis) -> list[tuple[str, str]]:
    """Return what people must be told, as (person, what), the oldest first."""
    told = await redis.xrange(f"{{{DISTRICT}}}:notices")
    return [(fields["person"], fields["what"]) for _, fields in told]


async def everything(redis: Redis) -> dict[str, tuple[object, object]]:
    """Return each key's content and expiry, to show that nothing changed."""
    raw = Redis(
        connection_pool=redis.connection_pool.__class__(
            **{**redis.connection_pool.connection_kwargs, "decode_responses": False}
        )
    )
    try:
        return {name.decode(): (await raw.dump(name), await raw.pexpiretime(name)) for name in sorted(await raw.keys())}
    finally:
        await raw.aclose()
