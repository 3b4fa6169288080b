"""What a notice says at the moment at which it is told or sent: an appointment may have moved on since."""

from __future__ import annotations

from dataclasses import dataclass

from bot.booking import desk as booking
from bot.booking.desk import Desk
from bot.booking.model import Appointment
from bot.booking.timers import REMINDERS
from bot.citizens import service as citizens
from bot.citizens.service import CitizenStore
from bot.errors import ApplicationAbsent, AppointmentAbsent
from bot.legal_aid import service as legal_aid
from bot.legal_aid import words as legal_aid_words
from bot.legal_aid.service import ApplicationStore
from bot.notices.store import NoticeStore
from bot.notices.words import WORDS, Facts, worded
from bot.reach.ports import Said


@dataclass(frozen=True)
class Sayings:
    """Words notices (bot.reach.ports.Words).

    Without `applications`, what is told of legal aid has no words. `people` is needed for phones, where SMS are sent.
    """

    desk: Desk
    notices: NoticeStore
    applications: ApplicationStore | None = None
    people: CitizenStore | None = None

    async def said(self, person: str, what: str, about: str, now: float) -> Said | None:
        """Return what to say about an appointment or an application; None when it is no longer true."""
        if what in legal_aid_words.WORDS:
            return await self._of_application(person, what, about, now)
        return await self._of_appointment(person, what, about, now) if what in WORDS else None

    async def read(self, person: str, notice: str) -> bool:
        """Whether the person's open page has shown a notice."""
        return await self.notices.was_shown(person, notice)

    async def _of_appointment(self, person: str, what: str, about: str, now: float) -> Said | None:
        try:
            appointment = await booking.one(self.desk, about, person)
        except AppointmentAbsent:
            return None
        listing, place = (
            await booking.listing_of(self.desk, appointment),
            await booking.place_of(self.desk, appointment),
        )
        reply = worded(what, Facts(appointment, listing, place), now)
        if reply is None:
            return None
        return Said(reply, appointment.start, await self._ahead(person, now), await self._phone(person, about))

    async def _of_application(self, person: str, what: str, about: str, now: float) -> Said | None:
        if self.applications is None:
            return None
        try:
            application = await legal_aid.one(self.applications, about, person)
        except ApplicationAbsent:
            return None
        reply = legal_aid_words.worded(what, application)
        if reply is None:
            return None
        return Said(reply, 0, await self._ahead(person, now), await self._phone(person, about))

    async def _ahead(self, person: str, now: float) -> bool:
        return any(_to_be_reminded(kept, now) for kept in await booking.mine(self.desk, person))

    async def _phone(self, person: str, about: str) -> str:
        return (await citizens.case(self.people, person, about)).get("phone", "") if self.people else ""


def _to_be_reminded(appointment: Appointment, now: float) -> bool:
    return appointment.state in ("pending", "booked") and now < appointment.start - REMINDERS["day"]
