"""The other side of a mediation: sees the invitation, accepts, declines or proposes other times; the applicant answers.

`respondent` and `citizen` are pseudonyms; whoever is not the one the appointment names gets AppointmentAbsent.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.booking.desk import Desk
from bot.booking.model import Appointment, Invitation, Slot

# As many as somebody compares at a glance, and as they can keep free while the applicant thinks.
PROPOSED = 3


async def invitation(desk: Desk, appointment_id: str, respondent: str) -> Invitation:
    """Return the invitation, while the appointment is pending or booked."""
    raise NotImplementedError


async def accept(desk: Desk, appointment_id: str, respondent: str, now: int, request: str) -> Appointment:
    """Say yes: the appointment is booked."""
    raise NotImplementedError


async def decline(desk: Desk, appointment_id: str, respondent: str, why: str, now: int, request: str) -> Appointment:
    """Say no: it ends. `why` is one of DECLINE_REASONS."""
    raise NotImplementedError


async def propose(
    desk: Desk, appointment_id: str, respondent: str, slots: Sequence[Slot], now: int, request: str
) -> Appointment:
    """Propose up to PROPOSED other times, of those that desk.move_times offers. They are not held."""
    raise NotImplementedError


async def take_proposal(
    desk: Desk, appointment_id: str, slot: Slot, citizen: str, now: int, request: str
) -> Appointment:
    """Take one of the proposed times: moved and booked at once. SlotTaken carries the other proposals still free."""
    raise NotImplementedError


async def refuse_proposals(desk: Desk, appointment_id: str, citizen: str, now: int, request: str) -> Appointment:
    """Take none of them: the first time stands, and the other side is waited for anew, for a limited time."""
    raise NotImplementedError
