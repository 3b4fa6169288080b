"""The page of phones: HTTP for a browser on this machine, and for nobody else.

Every change of a screen is sent at once (server-sent events). A page of another site can neither read nor send: the Host
must be this machine's, and what changes something must be JSON.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.standin.people import Person
from tests.standin.phone import Phone
from tests.standin.platform import Standin

STATIC = Path(__file__).parent / "static"
TYPES = {"phone.html": "text/html", "phone.css": "text/css", "phone.js": "text/javascript"}
POLICY = "default-src 'self'; frame-ancestors 'none'"
# A comment goes down the line this often, so that a closed page is noticed.
ALIVE_SECONDS = 15.0
FIRST = 3
# Characters of one message, as WeChat's own field takes about.
LONGEST = 2000
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def openid_of(number: int) -> str:
    """Return the openid of the n-th phone: 28 characters, as real ones have."""
    return f"oStandinPhone{number:015d}"


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request that a foreign page may have caused."""
    if request.host.rsplit(":", 1)[0] not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden
    return await handler(request)


class Page:
    """The routes of the page; phones 1 to 3 are there from the start, more on request."""

    def __init__(self, standin: Standin) -> None:
        self._standin = standin
        self._running: set[asyncio.Task[Any]] = set()
        self._over = asyncio.Event()
        for number in range(1, FIRST + 1):
            standin.phone(openid_of(number))
            standin.people[openid_of(number)].following = False

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Return the routes."""
        return [
            web.get("/", self.show),
            web.get("/static/{name}", self.file),
            web.get("/phones/{number:[1-9]}/events", self.events),
            web.post("/phones/{number:[1-9]}/{doing}", self.does),
        ]

    async def show(self, _: web.Request) -> web.StreamResponse:
        """Show the page."""
        return self._file("phone.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Show one of its files."""
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.Response:
        if name not in TYPES:
            raise web.HTTPNotFound
        text = (STATIC / name).read_text("utf-8")
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=text, content_type=TYPES[name], charset="utf-8", headers=headers)

    def _person(self, request: web.Request) -> Person:
        openid = openid_of(int(request.match_info["number"]))
        known = openid in self._standin.people
        self._standin.phone(openid)
        person = self._standin.people[openid]
        if not known:
            person.following = False
        return person

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send the whole screen now and whenever it changes, until the page is closed."""
        person = self._person(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        # Pages of the account's that are opened from here are opened by this phone.
        response.set_cookie("standin_phone", person.openid, httponly=True, samesite="Lax")
        await response.prepare(request)
        while not self._over.is_set():
            changed = person.changed
            await response.write(f"data: {json.dumps(self._state(person), ensure_ascii=False)}\n\n".encode())
            while not await _either(changed, self._over, ALIVE_SECONDS):
                await response.write(b":\n\n")
        return response

    def _state(self, person: Person) -> dict[str, Any]:
        now = self._standin.clock()
        return {
            "bubbles": [bubble.as_json() for bubble in person.screen],
            "typing": person.typing_until > now,
            "following": person.following,
            "menu": (self._standin.menu or {}).get("button", []),
            "left": person.allowances.left(now),
            "permissions": +person.permissions,
            "scenes": self._standin.suggested | dict.fromkeys(self._standin.scenes.values(), ""),
            "templates": self._standin.templates,
        }

    async def does(self, request: web.Request) -> web.StreamResponse:
        """Do something on a phone. The answer is immediate; what comes of it comes by the events."""
        person = self._person(request)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            given = await request.json()
            doing = _doing(self._standin.phone(person.openid), request.match_info["doing"], given)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise web.HTTPUnprocessableEntity from None
        task = asyncio.create_task(_quietly(doing))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return web.Response(status=202)

    async def close(self, _: web.Application) -> None:
        """End the lines to the browsers, so that nothing holds up the end."""
        self._over.set()


def _doing(phone: Phone, name: str, given: dict[str, Any]) -> Awaitable[Any]:
    """Return what a button of the page does. Raises what a wrong body raises."""
    if name == "says":
        return phone.says(_text(given["text"]))
    if name == "taps":
        return phone.taps(_text(given["label"]))
    if name == "menu":
        return phone.taps_menu(_text(given["name"]))
    if name == "location":
        return phone.sends_location(float(given["latitude"]), float(given["longitude"]), str(given["label"])[:LONGEST])
    if name == "photo":
        return phone.sends_photo()
    if name == "voice":
        return phone.speaks(str(given["heard"])[:LONGEST])
    if name == "scan":
        return phone.scans(_text(given["scene"])[:64])
    if name == "grant":
        return phone.grants(_text(given["template"]), bool(given["accepted"]))
    if name in ("follow", "unfollow"):
        return phone.follows() if name == "follow" else phone.unfollows()
    raise KeyError(name)


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > LONGEST:
        raise ValueError("a text is needed")
    return given


async def _quietly(doing: Awaitable[Any]) -> None:
    """Do it; a choice that is no longer on the screen is nothing to tell."""
    try:
        await doing
    except LookupError:
        return


async def _either(changed: asyncio.Event, over: asyncio.Event, seconds: float) -> bool:
    """Wait for one of two events; return whether one came in time."""
    waits = [asyncio.create_task(changed.wait()), asyncio.create_task(over.wait())]
    done, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return bool(done)
