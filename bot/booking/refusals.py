"""What book.lua's refusals are called in Python."""

from __future__ import annotations

from bot.errors import (
    AppointmentAbsent,
    BookingRefused,
    ConflictOfInterest,
    HoldOver,
    LogOvertaken,
    QuotaReached,
    ReferenceTaken,
    RequestReused,
    SlotClosed,
    SlotTaken,
    StaleAppointment,
    TransitionRefused,
)
from bot.platform.along import BEHIND

REFUSALS: dict[str, type[BookingRefused | LogOvertaken]] = {
    BEHIND: LogOvertaken,
    "absent": AppointmentAbsent,
    "closed": SlotClosed,
    "conflict_of_interest": ConflictOfInterest,
    "hold_over": HoldOver,
    "id_used": ReferenceTaken,
    "key_reused": RequestReused,
    "not_due": TransitionRefused,
    "quota": QuotaReached,
    "stale": StaleAppointment,
    "state": TransitionRefused,
    "taken": SlotTaken,
}


def refusal(reason: str, detail: str = "") -> BookingRefused | LogOvertaken:
    """Return the error for a refusal; `detail` is who is taken, or the state that the appointment is in."""
    return REFUSALS[reason](detail or reason)
