"""What the staff ask and tell at the desk: one function a use case.

`account` is who asks; what it may not reach is absent to it. `now` is a moment in seconds since 1970 UTC. `request` is an
idempotency key: the same deed with the same key has one effect and one entry in the audit log.

A deed and its entry in the log are one step, whichever room's: the book writes the entry with the change. A deed that was done
is never missing from the log, and what is in the log as done was done.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from bot.booking import desk
from bot.booking.desk import Desk
from bot.booking.model import Appointment, Interval, Leave
from bot.citizens import service as citizens
from bot.citizens.model import mask_name
from bot.citizens.service import CitizenStore
from bot.console.acts import ACTS, speaks_as
from bot.console.audit import DONE, Entry
from bot.console.model import Account, Deed
from bot.console.store import ConsoleStore
from bot.directory import service as directory
from bot.directory.model import Listing
from bot.errors import ApplicationRefused, AppointmentAbsent, BookingRefused, TransitionRefused
from bot.inbox import service as inbox
from bot.inbox.model import PHOTO
from bot.inbox.pictures import Picture
from bot.inbox.service import InboxStore
from bot.legal_aid.service import ApplicationStore
from bot.platform.along import Along
from bot.reach.service import ReachStore

# As many alerts and messages as somebody reads down a page.
SHOWN = 200
Effect = TypeVar("Effect")


@dataclass(frozen=True)
class Console:
    """What every use case here works with."""

    store: ConsoleStore
    desk: Desk
    citizens: CitizenStore
    inbox: InboxStore
    applications: ApplicationStore
    reach: ReachStore


@dataclass(frozen=True)
class Row:
    """An appointment as the list shows it. `name` is masked, "" when it was erased; `practitioner` is a name.

    `place` is where to meet, as far as it is asked for; `demo` says that the practitioner is made up.
    """

    appointment: Appointment
    name: str
    practitioner: str
    demo: bool = False
    place: str = ""


@dataclass(frozen=True)
class Actor:
    """Somebody or something with a calendar: a person, a place, a room. `detail` tells two of the same name apart."""

    id: str
    name: str
    detail: str = ""
    demo: bool = False


@dataclass(frozen=True)
class Message:
    """A citizen's words to the staff. `at` is ISO 8601; `channel` is web or wechat; `seen` is for danger messages."""

    reference: str
    at: str
    channel: str
    text: str
    seen: bool = False
    photo: bool = False


async def day(console: Console, account: Account, when: date) -> list[Row]:
    """Return a day's appointments that an account reaches, by start."""
    found = await desk.agenda(console.desk, when)
    return list(await asyncio.gather(*(_row(console, a) for a in found if account.reaches(a.practitioner))))


async def requests(console: Console, account: Account, now: int) -> list[Row]:
    """Return what waits for a yes on any day to come, as far as an account reaches it, by start."""
    found = await desk.requests(console.desk, now)
    return list(await asyncio.gather(*(_row(console, a) for a in found if account.reaches(a.practitioner))))


async def one(console: Console, account: Account, appointment_id: str) -> Row:
    """Return one appointment. Raises AppointmentAbsent, for another's as well."""
    found = await desk.for_staff(console.desk, appointment_id)
    if not account.reaches(found.practitioner):
        raise AppointmentAbsent(appointment_id)
    row = await _row(console, found)
    if found.mode != "on_site":
        return row
    where = (await desk.place_of(console.desk, found), desk.room_of(console.desk, found))
    return replace(row, place=" ".join(part.name for part in where if part))


async def _row(console: Console, appointment: Appointment) -> Row:
    case, listing = await asyncio.gather(
        citizens.case(console.citizens, appointment.citizen, appointment.id),
        desk.listing_of(console.desk, appointment),
    )
    name = mask_name(case["name"]) if case.get("name") else ""
    if listing is None:
        return Row(appointment, name, appointment.practitioner)
    return Row(appointment, name, listing.name, listing.demo)


async def contact(console: Console, account: Account, appointment_id: str, now: int) -> dict[str, str]:
    """Return the citizen's details in the clear, once it is on disk who asked for them.

    Every look is a deed of its own: with a key that the browser brings, many looks could be one entry.
    """
    row = await one(console, account, appointment_id)
    deed = Deed(account.name, account.role, "contact_shown", appointment_id, secrets.token_hex(16))
    await console.store.record(deed, DONE, now)
    return await citizens.case(console.citizens, row.appointment.citizen, appointment_id)


async def act(
    console: Console, account: Account, name: str, appointment_id: str, reason: str, request: str, now: int
) -> Appointment:
    """Do one of ACTS to an appointment. Raises BookingRefused; ValueError for a reason that is none of the act's."""
    chosen = ACTS[name]
    row = await one(console, account, appointment_id)
    if (reason not in chosen.reasons) if chosen.reasons else reason:
        raise ValueError(f"{reason!r} is no reason to {name}")
    if now < chosen.first_moment(row.appointment):
        raise TransitionRefused("too early")
    by, who = speaks_as(account)
    key = f"console:{account.name}:{request}"

    async def effect(along: Along) -> Appointment:
        # From the act's own states only: the book's table also knows what others may do.
        before = chosen.before
        return await desk.advance(
            console.desk, appointment_id, chosen.after, by, who, now, key, reason, before=before, along=along
        )

    deed = Deed(account.name, account.role, name, appointment_id, request, reason)
    return await noted(console.store, deed, effect, now)


async def noted(store: ConsoleStore, deed: Deed, effect: Callable[[Along], Awaitable[Effect]], now: int) -> Effect:
    """Do it, with its entry in the same step. A refusal, which changed nothing, has an entry of its own."""
    try:
        return await store.along(deed, now, effect)
    except (BookingRefused, ApplicationRefused) as refused:
        await store.record(deed, f"refused: {type(refused).__name__}", now)
        raise


async def actor(console: Console, account: Account, actor_id: str) -> Actor:
    """Return whose calendar an id is. Raises AppointmentAbsent, for one that the account does not reach as well."""
    if account.reaches(actor_id):
        for room in console.desk.rooms:
            if room.id == actor_id:
                return Actor(room.id, room.name, demo=room.demo)
        if listing := await directory.details(console.desk.directory, actor_id):
            return _actor(listing)
    raise AppointmentAbsent(actor_id)


def _actor(listing: Listing) -> Actor:
    return Actor(listing.id, listing.name, listing.organization_name, listing.demo)


async def actors_named(console: Console, name: str) -> list[Actor]:
    """Return people and places of a name as said, and the rooms whose name holds it; all rooms for no name."""
    found = await directory.by_name(console.desk.directory, name, limit=10) if name else ()
    people = [_actor(listing) for listing in found]
    rooms = [room for room in console.desk.rooms if name in room.name]
    places = await asyncio.gather(*(directory.details(console.desk.directory, room.place) for room in rooms))
    return people + [
        Actor(room.id, room.name, place.name if place else "", room.demo)
        for room, place in zip(rooms, places, strict=True)
    ]


async def leaves(console: Console, account: Account, actor_id: str, now: int) -> tuple[Leave, ...]:
    """Return an actor's leaves that are not over."""
    known = await actor(console, account, actor_id)
    return await desk.leaves(console.desk, known.id, now)


async def put_leave(
    console: Console, account: Account, actor_id: str, interval: Interval, why: str, request: str, now: int
) -> tuple[tuple[Appointment, str], ...]:
    """Take an actor out of the book for a time, and return what was moved and cancelled for it."""
    known = await actor(console, account, actor_id)
    key = f"console:{account.name}:{request}"

    async def effect(along: Along) -> tuple[tuple[Appointment, str], ...]:
        return await desk.put_leave(console.desk, known.id, interval, why, now, key, account.name, along)

    detail = f"{interval.start}-{interval.end}"
    deed = Deed(account.name, account.role, "leave_put", known.id, request, detail)
    return await noted(console.store, deed, effect, now)


async def end_leave(console: Console, account: Account, actor_id: str, leave_id: str, request: str, now: int) -> None:
    """Put the actor back into the book."""
    known = await actor(console, account, actor_id)
    key = f"console:{account.name}:{request}"

    async def effect(along: Along) -> None:
        await desk.end_leave(console.desk, known.id, leave_id, now, key, account.name, along)

    deed = Deed(account.name, account.role, "leave_ended", known.id, request, leave_id)
    await noted(console.store, deed, effect, now)


async def alerts(console: Console) -> list[Message]:
    """Return the newest danger messages, the newest first."""
    found, seen = await asyncio.gather(inbox.waiting(console.inbox, "alert", SHOWN), console.store.seen())
    return [_message(item, item["reference"] in seen) for item in found]


async def unseen(console: Console) -> list[Message]:
    """Return the danger messages that nobody has looked at, the newest first."""
    return [message for message in await alerts(console) if not message.seen]


async def mark_seen(console: Console, account: Account, reference: str, request: str, now: int) -> None:
    """Note that somebody looks after a danger message."""
    if reference not in {message.reference for message in await alerts(console)}:
        raise AppointmentAbsent(reference)
    deed = Deed(account.name, account.role, "alert_seen", reference, request)
    await console.store.record(deed, DONE, now, [console.store.mark_seen(reference, account.name, now)])


async def messages(console: Console) -> list[Message]:
    """Return the newest messages for a person, the newest first."""
    return [_message(item) for item in await inbox.waiting(console.inbox, "message", SHOWN)]


def _message(item: dict[str, str], seen: bool = False) -> Message:
    channel = item["user"].partition(":")[0]
    return Message(item["reference"], item["at"], channel, item["text"], seen, item["note"] == PHOTO)


async def photo(console: Console, account: Account, reference: str, now: int) -> Picture:
    """Return a citizen's photo, once it is on disk who looked. Raises AppointmentAbsent when there is none any more."""
    found = await inbox.photo(console.inbox, reference)
    if found is None:
        raise AppointmentAbsent(reference)
    deed = Deed(account.name, account.role, "photo_shown", reference, secrets.token_hex(16))
    await console.store.record(deed, DONE, now)
    return found


async def log(console: Console, count: int) -> list[Entry]:
    """Return the audit log's last entries, the newest first."""
    return await console.store.newest(count)
