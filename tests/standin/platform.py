"""The stand-in for WeChat's platform: one account, its API, the phones of those who follow it."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from tests.standin import api
from tests.standin.account import Account
from tests.standin.courier import Courier, Exchange
from tests.standin.media import Media
from tests.standin.people import Person
from tests.standin.phone import Phone
from tests.standin.pushes import Push
from tests.standin.tokens import Mint, Refused
from tests.standin.weather import Faults, Weather


class Standin:
    """A small WeChat. `clock` is what quotas and tokens go by; deliveries go by the real time and `weather.pace`.

    `templates`: the ids that the account has (any, when empty) and their titles; calls of the paths in `lacking` answer 48001.
    `scenes`: ticket of a code → its scene; `suggested`: scenes to try on the page of phones, and where such a code hangs.
    """

    def __init__(
        self, account: Account, weather: Weather | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.account = account
        self.clock = clock
        self.weather = weather or Weather()
        self.faults = Faults()
        self.courier = Courier(account, self.weather)
        self.mint = Mint()
        self.media = Media()
        self.people: dict[str, Person] = {}
        self.templates: dict[str, str] = {}
        self.lacking: set[str] = set()
        self.menu: dict[str, Any] | None = None
        self.codes: dict[str, tuple[str, bool]] = {}
        self.used_codes: set[str] = set()
        self.scenes: dict[str, str] = {}
        self.suggested: dict[str, str] = {}
        self.calls: list[tuple[str, int]] = []
        self.base = ""
        self._ids = itertools.count(int(time.time()) * 10**6 + 22 * 10**15)

    def phone(self, openid: str) -> Phone:
        """Return somebody's phone; a new person follows the account already."""
        return Phone(self, self.people.setdefault(openid, Person(openid)))

    async def carry(self, push: Push) -> Exchange:
        """Deliver a push."""
        return await self.courier.carry(push, self.people[push.openid])

    def message_id(self) -> str:
        """Return the next message's id: over 2^53, as the platform's are."""
        return str(next(self._ids))

    def job_id(self) -> int:
        """Return the next id of a notice."""
        return next(self._ids)

    def button(self, name: str) -> dict[str, Any]:
        """Return an entry of the account's menu."""
        tops = (self.menu or {}).get("button", [])
        every = [button for top in tops for button in (top.get("sub_button") or [top])]
        for button in every:
            if button["name"] == name:
                return dict(button)
        raise LookupError(f"the menu has no {name!r} among {[button['name'] for button in every]}")

    def ticket_of(self, scene: str) -> str:
        """Return the ticket of a scene's code; a code printed before today has one too."""
        for ticket, known in self.scenes.items():
            if known == scene:
                return ticket
        ticket = secrets.token_urlsafe(48)
        self.scenes[ticket] = scene
        return ticket

    def code_for(self, openid: str, snapshot: bool = False) -> str:
        """Return the code with which a page of the account's is opened by somebody; good for one use."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = (openid, snapshot)
        return code

    def follower(self, openid: str) -> Person:
        """Return a person who follows. Raises Refused (40003, 43004)."""
        person = self.people.get(openid)
        if person is None:
            raise Refused(40003)
        if not person.following:
            raise Refused(43004)
        return person

    def application(self, *middlewares: Middleware) -> web.Application:
        """Return the platform's HTTP side."""
        app = web.Application(client_max_size=12 * 1024**2, middlewares=middlewares)
        app.add_routes(api.routes(self))

        async def close(_: web.Application) -> None:
            await self.courier.close()

        app.on_cleanup.append(close)
        return app

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[Standin]:
        """Listen on loopback; `base` is the address then."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()
