"""What every page of the booking room shares: who is there, the way a page is answered, what goes wrong in words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment

from bot.booking import words
from bot.booking.choices import Desk
from bot.booking.links import PageLinks
from bot.booking.model import DAY, HOUR, KINDS, MINUTE, Slot
from bot.booking.timers import REMINDERS, SILENCE
from bot.channels.sessions import IDLE, LONGEST, Session, Sessions
from bot.channels.web.pages import environment as page_environment
from bot.citizens.keyring import Keyring
from bot.citizens.model import PersonalData
from bot.citizens.service import CitizenStore
from bot.directory.hours_words import say_time
from bot.directory.words import LANGUAGES, MATTERS
from bot.errors import ApplicationAbsent, AppointmentAbsent, LinkRefused, StoreUnavailable, Unconfirmed
from bot.legal_aid.service import ApplicationStore
from bot.legal_aid.words import STATES_SAID as AID_STATES
from bot.legal_aid.words import say_day
from bot.reach.service import ReachStore

NO_STORE = {"Cache-Control": "no-store"}
# What a time looks like in an address or a form: start, with whom, in which room.
SLOT = re.compile(r"([0-9]{9,11})~([A-Za-z0-9._-]{1,64})~([A-Za-z0-9._-]{0,64})")


class PageAbsent(Exception):
    """There is no such page: an address of ours that was typed or edited."""


class FormStale(Exception):
    """A form came without its session's token: from another site, or from a page of an earlier session."""


@dataclass(frozen=True)
class Pages:
    """What the pages work with. `rooms` are all that keep something of a citizen; `clock` gives seconds since 1970."""

    desk: Desk
    citizens: CitizenStore
    reach: ReachStore
    keyring: Keyring
    personal: Mapping[str, PersonalData]
    applications: ApplicationStore
    sessions: Sessions
    links: PageLinks
    clock: Callable[[], float]
    district: str
    version: str
    templates: Environment

    @property
    def now(self) -> int:
        """This moment."""
        return int(self.clock())

    @property
    def secure(self) -> bool:
        """Whether browsers reach us encrypted; only then may a cookie insist on it."""
        return self.links.base.startswith("https:")

    def show(self, template: str, status: int = 200, session: Session | None = None, **more: Any) -> web.Response:
        """Return a page."""
        text = self.templates.get_template(template).render(
            district=self.district,
            version=self.version,
            token=session.token if session else "",
            now=self.now,
            **more,
        )
        return web.Response(text=text, status=status, content_type="text/html", headers=NO_STORE)

    def refuse(self, reason: str, status: int) -> web.Response:
        """Return the page that says why something is not shown, and what to do."""
        return self.show("refused.html", status, reason=reason)

    def set_cookie(self, response: web.StreamResponse, name: str, path: str, session: Session) -> None:
        """Give a browser its session; no script reads it, and no other site's form brings it along."""
        response.set_cookie(
            name, session.id, path=path, max_age=LONGEST, httponly=True, samesite="Lax", secure=self.secure
        )


@dataclass(frozen=True)
class Visitor:
    """Somebody who came by a link of ours: a person's pseudonym, and the session."""

    person: str
    session: Session


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ForPerson = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]


def environment() -> Environment:
    """Return the templates with the words they use."""
    found = page_environment(Path(__file__).parent / "templates")
    found.filters |= {"when": words.say_when, "who": words.say_who, "slot": slot_text, "local": words.local}
    found.filters |= {"clock": lambda moment: say_time(words.local(moment)), "kind": words.KINDS_SAID.__getitem__}
    found.filters |= {"mode": words.say_mode}
    found.filters |= {"language": LANGUAGES.get, "matter": MATTERS.get, "query": query_of, "with": _with}
    found.filters |= {"plain_phone": lambda phone: (phone or "").removeprefix("+86")}
    found.globals |= {"modes": words.MODES_SAID, "states": words.STATES_SAID, "reasons": words.REASONS_SAID}
    found.filters["day"] = say_day
    found.globals["aid_states"] = AID_STATES
    found.globals |= {"silence": SILENCE // DAY, "quarter": REMINDERS["quarter"] // MINUTE, "idle": IDLE // HOUR}
    return found


def _with(values: Mapping[str, str], **others: str) -> dict[str, str]:
    return {**values, **others}


def see_other(path: str) -> web.Response:
    """Send the browser on after a form, so that going back and reloading repeats nothing."""
    return web.Response(status=303, headers={"Location": path, **NO_STORE})


def page(pages: Pages, handler: Handler) -> Handler:
    """Answer what goes wrong with a page in words rather than with a problem document."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except LinkRefused:
            return pages.refuse("link", 403)
        except FormStale:
            return pages.refuse("stale", 403)
        except (AppointmentAbsent, ApplicationAbsent, PageAbsent):
            return pages.refuse("absent", 404)
        except Unconfirmed:
            return pages.refuse("unconfirmed", 503)
        except StoreUnavailable:
            return pages.refuse("store", 503)

    return answered


def person_page(pages: Pages, cookie: str, handler: ForPerson) -> Handler:
    """Answer only to somebody with a person's session."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        visitor = await visitor_of(pages, request.cookies.get(cookie, ""))
        return await handler(request, visitor) if visitor else pages.refuse("stranger", 403)

    return page(pages, guarded)


async def visitor_of(pages: Pages, session_id: str) -> Visitor | None:
    """Return who has a person's session, None for anybody else."""
    session = await pages.sessions.find(session_id, pages.now)
    purpose, _, subject = session.subject.partition(" ") if session else ("", "", "")
    return Visitor(subject, session) if session and purpose == "person" else None


async def form_of(request: web.Request, session: Session) -> dict[str, str]:
    """Return a form's fields. Raises FormStale when the form is not this session's."""
    fields = await read_form(request)
    if not session.owns(fields.get("token", "")):
        raise FormStale
    return fields


async def read_form(request: web.Request) -> dict[str, str]:
    """Return a form's text fields, the last of each name; files and broken bodies are no fields of ours."""
    try:
        given = await request.post()
    except (ValueError, LookupError):
        raise FormStale from None
    return {name: value for name, value in given.items() if isinstance(value, str)}


def slot_text(slot: Slot) -> str:
    """Return a time as it stands in an address or a form."""
    return f"{slot.start}~{slot.practitioner}~{slot.room}"


def slot_of(text: str, kind: str) -> Slot:
    """Read what `slot_text` wrote. Raises PageAbsent. Whether it is free, the desk says."""
    match = SLOT.fullmatch(text)
    if match is None or kind not in KINDS:
        raise PageAbsent
    start = int(match[1])
    return Slot(start, start + KINDS[kind].slot, match[2], match[3])


def query_of(values: Mapping[str, str]) -> str:
    """Return an address's query, without what is empty."""
    return "&".join(f"{name}={quote(value)}" for name, value in values.items() if value)
