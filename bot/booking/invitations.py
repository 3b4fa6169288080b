"""The other side of a mediation: sees the invitation, accepts, declines or proposes other times; the applicant answers.

`respondent` and `citizen` are pseudonyms; whoever is not the one the appointment names gets AppointmentAbsent. Every
answer is for a request whose time is still to come; else TransitionRefused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.booking import service
from bot.booking.choices import Desk, diary_of
from bot.booking.model import (
    DECLINE_REASONS,
    KINDS,
    Appointment,
    Ask,
    Invitation,
    ServiceKind,
    Slot,
    State,
    moved,
    settled,
    sources,
)
from bot.booking.service import Search
from bot.errors import AppointmentAbsent, SlotClosed, SlotTaken, TransitionRefused

# As many as somebody compares at a glance, and can keep free while the applicant thinks.
PROPOSED = 3
# More free times than a practitioner has within any kind's notice.
ALL = 1000


async def invitation(desk: Desk, appointment_id: str, respondent: str) -> Invitation:
    """Return the invitation, while the appointment is pending or booked."""
    found = await desk.book.appointment(appointment_id)
    if found is None or not respondent or found.respondent != respondent or found.state not in ("pending", "booked"):
        raise AppointmentAbsent(appointment_id)
    return Invitation(found, found.state == "pending")


async def accept(desk: Desk, appointment_id: str, respondent: str, now: int, request: str) -> Appointment:
    """Say yes: the appointment is booked."""
    ask = Ask("respondent", respondent, now, request)

    async def step(old: Appointment) -> Appointment:
        new = settled(old, "booked")
        return await service.keep(desk.book, old, new, ask, _to_come(old, now, sources(_kind(old), "booked", ask.by)))

    return await service.changing(desk.book, appointment_id, step)


async def decline(desk: Desk, appointment_id: str, respondent: str, why: str, now: int, request: str) -> Appointment:
    """Say no, before or after a yes: it ends. `why` is one of DECLINE_REASONS."""
    if why not in DECLINE_REASONS:
        raise ValueError(f"{why!r} is no reason to decline")
    ask = Ask("respondent", respondent, now, request)
    return await service.advance(desk.book, appointment_id, "cancelled", ask, why=why)


async def propose(
    desk: Desk, appointment_id: str, respondent: str, slots: Sequence[Slot], now: int, request: str
) -> Appointment:
    """Propose one to PROPOSED other times, of those that desk.move_times offers; SlotClosed for any other.

    They are not held: the applicant may find one taken.
    """
    ask = Ask("respondent", respondent, now, request)

    async def step(old: Appointment) -> Appointment:
        fit = 1 <= len(set(slots)) <= PROPOSED and set(slots) <= set(await _free(desk, old, now))
        new = replace(settled(old, "pending"), proposals=tuple(slots))
        before = _to_come(old, now, frozenset({"pending"})) if fit else frozenset()
        try:
            return await service.keep(desk.book, old, new, ask, before)
        except TransitionRefused as refused:
            raise refused if fit else SlotClosed("a proposal is one to three free times") from refused

    return await service.changing(desk.book, appointment_id, step)


def _to_come(old: Appointment, now: int, before: frozenset[State]) -> frozenset[State]:
    """Return the states in which an answer counts: none once the time has come. An earlier answer still stands."""
    return before if now < old.start else frozenset()


def _kind(appointment: Appointment) -> ServiceKind:
    return KINDS[appointment.kind]


async def _free(desk: Desk, appointment: Appointment, now: int) -> tuple[Slot, ...]:
    diary, search = await diary_of(desk, appointment), Search(limit=ALL, moving=appointment)
    return (await service.offer(diary, _kind(appointment), appointment.citizen, now, search)).slots


async def take_proposal(
    desk: Desk, appointment_id: str, slot: Slot, citizen: str, now: int, request: str
) -> Appointment:
    """Take one of the proposed times: moved and booked at once. SlotTaken carries the other proposals still free."""
    ask = Ask("citizen", citizen, now, request)

    async def step(old: Appointment) -> Appointment:
        new = replace(moved(old, slot, _kind(old), now), state="booked")
        diary = await diary_of(desk, old)
        try:
            return await service.move_to(diary, old, new, ask, among=old.proposals)
        except (SlotTaken, SlotClosed) as lost:
            lost.alternatives = tuple(other for other in await _free(desk, old, now) if other in old.proposals)
            raise

    return await service.changing(desk.book, appointment_id, step)


async def refuse_proposals(desk: Desk, appointment_id: str, citizen: str, now: int, request: str) -> Appointment:
    """Take none of them: the first time stands, and the other side is waited for anew, for a limited time."""
    ask = Ask("citizen", citizen, now, request)

    async def step(old: Appointment) -> Appointment:
        before = frozenset({old.state}) if old.proposals else frozenset()
        return await service.keep(desk.book, old, settled(old, "pending"), ask, _to_come(old, now, before))

    return await service.changing(desk.book, appointment_id, step)
