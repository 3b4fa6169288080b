"""The desk: what the chat, the pages and the staff can ask of the appointment book and the directory together.

`now` is a moment in seconds since 1970 UTC. `request` is an idempotency key: the same command with the same key has one
effect and one answer; another slot needs another key. Every refusal is a BookingRefused; StoreUnavailable surely did not
happen, Unconfirmed may have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.areas.model import AreaTable
from bot.booking.model import (
    Appointment,
    Candidate,
    Interval,
    Leave,
    Offer,
    Role,
    Room,
    Slot,
    State,
    Wish,
)
from bot.booking.store import BookingStore
from bot.directory.holidays import HolidayCalendar
from bot.directory.model import Listing
from bot.directory.service import DirectoryStore


@dataclass(frozen=True)
class Desk:
    """What every use case here works with."""

    book: BookingStore
    directory: DirectoryStore
    areas: AreaTable
    calendar: HolidayCalendar
    rooms: tuple[Room, ...] = ()


async def candidates(desk: Desk, wish: Wish, now: int, limit: int = 3, offset: int = 0) -> tuple[Candidate, ...]:
    """Return who can serve a wish, the nearest first, each with the earliest free time.

    Whoever must not serve this citizen or the other side is left out without a word: the reason is not the citizen's to
    know.
    """
    raise NotImplementedError


async def times(
    desk: Desk, wish: Wish, now: int, near: int | None = None, within: Interval | None = None, limit: int = 3
) -> Offer:
    """Return the free times nearest to a moment (or the earliest) within an interval of starts, at which the citizen is free too."""
    raise NotImplementedError


async def book(desk: Desk, wish: Wish, slot: Slot, now: int, request: str) -> Appointment:
    """Book a time: claimed and confirmed. The state is "booked", or "pending" where others must agree.

    SlotTaken and SlotClosed carry `alternatives`.
    """
    raise NotImplementedError


async def mine(desk: Desk, citizen: str) -> tuple[Appointment, ...]:
    """Return all of a person's appointments, the newest start last; those that ended, for RETENTION_DAYS."""
    raise NotImplementedError


async def one(desk: Desk, appointment_id: str, citizen: str) -> Appointment:
    """Return a person's appointment; AppointmentAbsent when there is none or it is another's."""
    raise NotImplementedError


async def move_times(
    desk: Desk, appointment: Appointment, now: int, near: int | None = None, within: Interval | None = None
) -> Offer:
    """Return other times of the same practitioner, in the same mode."""
    raise NotImplementedError


async def move(desk: Desk, appointment_id: str, slot: Slot, by: Role, who: str, now: int, request: str) -> Appointment:
    """Give an appointment another time; when that is lost it keeps the one it has, and the error carries others."""
    raise NotImplementedError


async def cancel(
    desk: Desk, appointment_id: str, by: Role, who: str, now: int, request: str, reason: str = ""
) -> Appointment:
    """Give the time back. `reason` is one of REASONS; "" takes what the role implies."""
    raise NotImplementedError


async def agenda(desk: Desk, day: date) -> tuple[Appointment, ...]:
    """Return a local day's appointments by start, those that ended included."""
    raise NotImplementedError


async def advance(
    desk: Desk, appointment_id: str, state: State, by: Role, who: str, now: int, request: str
) -> Appointment:
    """Bring an appointment to the state that somebody reports: approved ("booked"), arrived, fulfilled, noshow."""
    raise NotImplementedError


async def put_leave(
    desk: Desk, actor: str, interval: Interval, why: str, now: int, request: str
) -> tuple[tuple[Appointment, Literal["moved", "cancelled"]], ...]:
    """Take an actor (a listing's id or a room's) out of the book for a time.

    Each appointment in it is moved to the nearest free time of the same practitioner or, when there is none, cancelled
    with reason "leave"; the citizens are told.
    """
    raise NotImplementedError


async def leaves(desk: Desk, actor: str, now: int) -> tuple[Leave, ...]:
    """Return an actor's leaves that are not over, the earliest first."""
    raise NotImplementedError


async def end_leave(desk: Desk, actor: str, leave_id: str, now: int, request: str) -> None:
    """Put the actor back into the book. What was moved stays moved."""
    raise NotImplementedError


async def listing_of(desk: Desk, appointment: Appointment) -> Listing | None:
    """Return who serves an appointment, or None when the directory has it no more."""
    raise NotImplementedError


async def place_of(desk: Desk, appointment: Appointment) -> Listing | None:
    """Return the place to go to when on site: the room's, else the office of the practitioner's organization."""
    raise NotImplementedError


def room_of(desk: Desk, appointment: Appointment) -> Room | None:
    """Return the room or window, or None when there is none."""
    raise NotImplementedError
