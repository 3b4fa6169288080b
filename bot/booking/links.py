"""The addresses that open our pages: what the chat sends a citizen, and what an applicant forwards to the other side."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from bot.booking.model import Appointment
from bot.channels.links import Links

# Long enough to finish the call that came in between, and useless to who finds the chat open in the evening.
PERSON_SECONDS = 30 * 60
# What a link to the book may ask for beforehand; nothing of it is personal.
WISHES = ("kind", "area", "matter", "language", "gender", "provider_type", "who")


class PageLinks:
    """Makes absolute addresses; `base` is CHENGFATONG_PUBLIC_URL."""

    def __init__(self, links: Links, base: str) -> None:
        self.links = links
        self.base = base

    def me_link(self, person: str, now: int) -> str:
        """Return the address of a person's own bookings and data."""
        return self._personal("me", person, now)

    def book_link(self, person: str, now: int, wish: Mapping[str, str] | None = None) -> str:
        """Return the address of the book for a person, with what is already known of the wish (WISHES)."""
        known = {name: value for name, value in (wish or {}).items() if name in WISHES and value}
        return self._personal("book", person, now) + (f"?{urlencode(known)}" if known else "")

    def invite_link(self, appointment: Appointment) -> str:
        """Return the address of an invitation: always the same, so that it can be forwarded again, until the start.

        It names the other side, so that it is dead once somebody else is invited.
        """
        subject = f"{appointment.id} {appointment.respondent}"
        return f"{self.base}/invite/open/{self.links.sign('invite', subject, appointment.start, '')}"

    def _personal(self, purpose: str, person: str, now: int) -> str:
        token = self.links.sign(purpose, person, now + PERSON_SECONDS, secrets.token_urlsafe(12))
        return f"{self.base}/{purpose}/open/{token}"
