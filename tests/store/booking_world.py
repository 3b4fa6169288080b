"""What the appointment book's tests share: a district on three working days, and who asks for what."""

from __future__ import annotations

from datetime import datetime

from redis.asyncio import Redis

from bot.booking.model import HOLD, HOUR, KINDS, MINUTE, Appointment, Choice, Schedule, Slot
from bot.booking.store import BookingStore
from bot.directory.hours import SHANGHAI
from bot.directory.model import Schedule as Opening

DISTRICT = "440515"
WEEK = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
OFFICE = (Opening("08:30", "12:00", WEEK), Opening("14:30", "17:30", WEEK))
NOW = int(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI).timestamp())
START = int(datetime(2026, 11, 26, 9, 45, tzinfo=SHANGHAI).timestamp())
MEDIATION, CONSULTATION = KINDS["mediation"], KINDS["consultation"]
CHOICE = Choice((Schedule("p1", OFFICE), Schedule("p2", OFFICE)))
SLOT = Slot(START, START + HOUR, "p1")


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


async def claim(book: BookingStore, new: Appointment, request: str, now: int = NOW) -> Appointment:
    """Claim as a citizen whose time is within the schedules."""
    return await book.claim(new, CONSULTATION, False, "citizen", now, request)


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


LATER = START + 2 * HOUR
SOON = NOW + 5 * MINUTE
OVER = NOW + HOLD
