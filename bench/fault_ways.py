"""The ways in that citizens and staff have: the gateway's pages, the chat's actions, and the desk that the console stands on.

A way prepares a call (what changes nothing of the book), and makes it, as often as it must be made with the same key. It
returns the appointment as the book then has it; BookingRefused is a no, anything else leaves the answer unknown.
"""

from __future__ import annotations

import re
import secrets
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientTimeout

from bot.booking import desk
from bot.booking.desk import Desk
from bot.booking.draft import Draft, missing
from bot.booking.links import PageLinks
from bot.booking.model import ENDED, Appointment, Slot, Wish
from bot.booking.page import slot_text
from bot.channels.sessions import Session
from bot.citizens import service as citizens
from bot.citizens.service import CitizenStore
from bot.directory.hours import SHANGHAI
from bot.errors import AppointmentAbsent, SlotTaken, TransitionRefused

NAME = "示例市民"
TIMEOUT = ClientTimeout(total=10)
Call = dict[str, Any]
NO_TIME = {"start": 0, "end": 0, "practitioner": ""}


class NoAnswer(Exception):
    """The way did not say what became of the call."""


class Away(NoAnswer):
    """The page or the chat said that its store is away."""


class SessionOver(NoAnswer):
    """The page was left open too long: the call can no longer be asked about."""


@dataclass(frozen=True)
class Way(ABC):
    """One way in. `book` reads what the citizen would be shown next."""

    book: Desk

    async def prepare(self, call: Call, now: int) -> Call:
        """Return the call with what it needs to be made, and to be made again by another process."""
        return call

    @abstractmethod
    async def make(self, call: Call, request: str, now: int) -> Appointment:
        """Make the call."""

    async def close(self) -> None:  # noqa: B027 - the desk has nothing to close
        """Close what was opened."""

    async def _shown(self, call: Call, reference: str) -> Appointment:
        """Return the appointment if it is as the call wanted it; a page shows it as it is, and says no more."""
        found = await desk.one(self.book, reference, call["citizen"])
        if _is_so(found, call):
            return found
        raise TransitionRefused(found.state)

    async def _as_told(self, call: Call, reference: str) -> Appointment:
        """Return the appointment as the citizen was told that it is; whether the book agrees is the checker's question."""
        with suppress(AppointmentAbsent):
            found = await desk.one(self.book, reference, call["citizen"])
            if _is_so(found, call):
                return found
        slot, state = Slot(**call["slot"] or NO_TIME), "cancelled" if call["do"] == "cancel" else "booked"
        told = Appointment(
            reference, "consultation", state, slot.practitioner, call["citizen"], slot.start, slot.end, 0
        )
        return replace(told, mode="video")


def _is_so(found: Appointment, call: Call) -> bool:
    """Whether the book has what a call wanted."""
    if call["do"] == "cancel":
        return found.state == "cancelled"
    slot = Slot(**call["slot"])
    return found.state not in ENDED and (found.start, found.practitioner) == (slot.start, slot.practitioner)


class AtTheDesk(Way):
    """What the console's pages call."""

    async def make(self, call: Call, request: str, now: int) -> Appointment:
        """Call the desk itself."""
        who = call["citizen"] if call["by"] == "citizen" else "示例职员"
        if call["do"] == "cancel":
            return await desk.cancel(self.book, call["id"], call["by"], who, now, request)
        slot = Slot(**call["slot"])
        if call["do"] == "move":
            return await desk.move(self.book, call["id"], slot, call["by"], who, now, request)
        return await desk.book(self.book, wish(call["citizen"], slot.practitioner), slot, now, request)


def wish(citizen: str, practitioner: str) -> Wish:
    """Return the wish that every booking of the run has."""
    return Wish("consultation", mode="video", practitioner=practitioner, citizen=citizen)


@dataclass(frozen=True)
class OnThePages(Way):
    """The gateway's pages: a link from the chat, a form, a summary, one tap."""

    http: ClientSession
    links: PageLinks

    async def prepare(self, call: Call, now: int) -> Call:
        """Open the page and fill in the form, up to the last tap."""
        cookies = await self._open(call["citizen"], now)
        call |= {"cookies": cookies, "token": Session(cookies["chengfatong_book"], "", 0).token}
        if call["do"] != "book":
            return call
        slot = Slot(**call["slot"])
        asked = {"kind": "consultation", "mode": "video", "who": slot.practitioner, "slot": slot_text(slot)}
        form = {**asked, "name": NAME, "phone": _phone(call), "consent": "yes", "token": call["token"]}
        await self._post("/book/form", form, cookies)
        text, _ = await self._get("/book/check", cookies)
        found = re.search(r'name="form" value="([^"]+)"', text)
        if found is None:
            raise NoAnswer("no summary")
        return call | {"form": found[1]}

    async def make(self, call: Call, request: str, now: int) -> Appointment:
        """Tap once more."""
        fields = {"token": call["token"], "key": request}
        if call["slot"]:
            fields["slot"] = slot_text(Slot(**call["slot"]))
        if call["do"] != "book":
            if not await self._post(f"/me/{call['id']}/{call['do']}", fields, call["cookies"]):
                raise SlotTaken("the page offers others")
            return await self._shown(call, call["id"])
        shown = await self._post("/book/check", {**fields, "form": call["form"]}, call["cookies"])
        while shown == "/book/check":  # What a second tap finds when the first one was heard.
            _, shown = await self._get(shown, call["cookies"])
        if not shown.startswith("/book/done/"):
            raise SlotTaken("the page offers others")
        return await self._as_told(call, shown.removeprefix("/book/done/"))

    async def _open(self, person: str, now: int) -> dict[str, str]:
        link = self.links.me_link(person, now)
        async with self.http.get(link, allow_redirects=False) as answer:
            _heed(answer)
            cookies = {name: cookie.value for name, cookie in answer.cookies.items()}
        if "chengfatong_book" not in cookies:
            raise NoAnswer(f"no session: {answer.status}")
        return cookies

    async def _post(self, path: str, form: dict[str, str], cookies: dict[str, str]) -> str:
        """Return the address that the answer leads to, "" for a page."""
        async with self.http.post(
            self.links.base + path, data=form, headers=_cookies(cookies), allow_redirects=False
        ) as answer:
            _heed(answer)
            return answer.headers.get("Location", "")

    async def _get(self, path: str, cookies: dict[str, str]) -> tuple[str, str]:
        """Return a page, and the address that the answer leads to."""
        async with self.http.get(self.links.base + path, headers=_cookies(cookies), allow_redirects=False) as answer:
            _heed(answer)
            return await answer.text(), answer.headers.get("Location", "")

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close()


def _heed(answer: ClientResponse) -> None:
    """Raise what an answer says that is neither a page nor the way to one."""
    if answer.status == 403:
        raise SessionOver(answer.url.path)
    if answer.status == 503:
        raise Away
    if answer.status not in (200, 303, 409):
        raise NoAnswer(f"{answer.status} at {answer.url.path}")


def _phone(call: Call) -> str:
    """Return a phone that nobody else has."""
    return f"138{int(call['citizen'][:8], 16) % 10**8:08d}"


def _cookies(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


@dataclass(frozen=True)
class InTheChat(Way):
    """The actions' own web address, as the engine calls it when somebody confirms the summary."""

    http: ClientSession
    url: str
    token: str
    people: CitizenStore

    async def prepare(self, call: Call, now: int) -> Call:
        """Agree that name and phone are kept."""
        await citizens.agree(self.people, call["citizen"], "booking", now)
        return call

    async def make(self, call: Call, request: str, now: int) -> Appointment:
        """Confirm the summary."""
        draft = _draft(call, request)
        assert missing(draft) == "confirm", missing(draft)
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.post(
            f"{self.url}/webhook", json=_turn(call["sender"], draft, now), headers=headers
        ) as answer:
            _heed(answer)
            events = (await answer.json())["events"]
        slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        if slots.get("booking") == "done":
            return await self._as_told(call, slots["booked"]["appointment"])
        if slots.get("booking") == "refused":
            raise TransitionRefused("too late")
        kept = Draft.from_json(slots["draft"])
        if call["do"] != "cancel" and kept.slot is None:
            raise SlotTaken("the chat offers others")
        raise Away

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close()


def _draft(call: Call, request: str) -> Draft:
    facts: dict[str, Any] = {"slot": call["slot"]} if call["slot"] else {}
    if call["do"] == "book":
        person = {"consent": True, "remembered": False, "name": NAME, "phone": f"+86{_phone(call)}", "other_name": ""}
        facts |= {"provider_type": "lawyer", "mode": "video", "practitioner": call["slot"]["practitioner"], **person}
        return Draft(request, "consultation", facts, asked="confirm")
    return Draft(request, call["do"], facts | {"appointment": call["id"], "kind": "consultation"}, asked="confirm")


def _turn(sender: str, draft: Draft, now: int) -> dict[str, Any]:
    """Return Rasa's call of the form's action after a tap on the summary's button."""
    option = f"confirm:{draft.id}"
    text, message = f'/affirm{{"option":"{option}"}}', secrets.token_hex(8)
    at = datetime.fromtimestamp(now, SHANGHAI).isoformat()
    said = {
        "text": text,
        "intent": {"name": "affirm", "confidence": 1.0},
        "entities": [{"entity": "option", "value": option}],
        "metadata": {"at": at},
        "message_id": message,
    }
    tracker = {
        "sender_id": sender,
        "slots": {"draft": draft.to_json()},
        "latest_message": said,
        "events": [{"event": "user", "text": text, "message_id": message, "timestamp": now, "parse_data": said}],
        "paused": False,
        "latest_action_name": "action_listen",
        "active_loop": {"name": "booking_form"},
        "followup_action": None,
        "latest_input_channel": "gateway",
    }
    return {
        "next_action": "validate_booking_form",
        "sender_id": sender,
        "tracker": tracker,
        "domain": {},
        "version": "3.6",
    }
