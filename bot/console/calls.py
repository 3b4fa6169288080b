"""Whom somebody must call, because a notice could not be sent; and whether a citizen can be reached at all."""

from __future__ import annotations

from dataclasses import dataclass

from bot.booking import desk
from bot.booking.model import Appointment
from bot.console.audit import DONE
from bot.console.model import Account, Deed
from bot.console.service import Console
from bot.errors import AppointmentAbsent
from bot.reach import service as reach
from bot.reach.model import Safe, Standing
from bot.reach.records import Job

# As many as somebody calls in a morning.
SHOWN = 200
# A citizen's last notices, on the page of an appointment.
NEWEST = 5


@dataclass(frozen=True)
class Call:
    """One notice to be told by phone. `appointment` is None for an application, or when it is gone."""

    job: Job
    safe: Safe
    appointment: Appointment | None = None

    def overdue(self, now: float) -> bool:
        """Whether a call is of no more use."""
        return self.job.by <= now


@dataclass(frozen=True)
class Reach:
    """How the citizen of an appointment can be told, and what became of its last notices."""

    standing: Standing
    outcomes: tuple[Job, ...]


async def calls(console: Console) -> list[Call]:
    """Return whom to call, the most urgent first."""
    return [await _call(console, job) for job in await reach.to_call(console.reach, SHOWN)]


async def _call(console: Console, job: Job) -> Call:
    safe = await reach.safe_of(console.reach, job.person)
    try:
        return Call(job, safe, await desk.for_staff(console.desk, job.about))
    except AppointmentAbsent:
        return Call(job, safe)


async def called(console: Console, account: Account, number: str, request: str, now: int) -> None:
    """Note that somebody was called. Raises AppointmentAbsent when the notice is on no list."""
    job = await console.reach.job(number)
    if job is None or job.state not in ("call", "called"):
        raise AppointmentAbsent(number)
    deed = Deed(account.name, account.role, "called", job.about, request, job.what)
    await console.store.record(deed, DONE, now, console.reach.call_made(number))


async def of_appointment(console: Console, appointment: Appointment, now: float) -> Reach | None:
    """Return how an appointment's citizen can be told; None when nobody is known any more."""
    if not appointment.citizen:
        return None
    standing = await reach.standing_of(console.reach, appointment.citizen, now)
    jobs = await reach.outcomes(console.reach, appointment.citizen)
    return Reach(standing, tuple(job for job in jobs if job.about == appointment.id)[:NEWEST])
