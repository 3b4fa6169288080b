"""What the pages' tests share: the gateway over a small directory at a fixed moment, and who comes with which link."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.booking import desk as booking
from bot.booking.model import Appointment
from bot.bootstrap import Parts, bootstrap
from bot.channels.server import create_app
from bot.citizens import service as citizens
from bot.citizens.model import contact_of, person_of
from bot.platform.settings import load
from tests.keys import ENV, SECRET
from tests.store.booking_world import NOW, SLOT, WISH, open_desk

MINE, OTHERS = person_of(SECRET, "web:sender-0001"), person_of(SECRET, "web:sender-0002")
PHONE, OTHER_PHONE = "+8613800138000", "+8613900139007"
FILLED = {"name": "陈小明", "phone": "13800138000", "other_name": "林大海", "other_phone": "139 0013 9007"}


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """The gateway's parts, its clock, and browsers; each browser has its own cookies."""

    parts: Parts
    clock: Clock
    server: TestServer
    browsers: list[TestClient] = field(default_factory=list)

    async def browser(self) -> Browser:
        client = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self.browsers.append(client)
        return Browser(client)

    def path(self, link: str) -> str:
        return link.removeprefix(self.parts.links.base)

    async def inside(self, person: str = MINE) -> Browser:
        """Return a browser that came by a link from the chat."""
        browser = await self.browser()
        await browser.get(self.path(self.parts.links.me_link(person, int(self.clock()))))
        return browser

    async def mediation(self, person: str = MINE, request: str = "r1") -> Appointment:
        """Return a request for a mediation as the chat makes one."""
        two = {"applicant": contact_of(SECRET, PHONE), "respondent": contact_of(SECRET, OTHER_PHONE)}
        seat = await booking.book(self.parts.desk, replace(WISH, citizen=person, **two), SLOT, NOW, request)
        await citizens.agree(self.parts.citizens, person, "booking", NOW)
        case = {"name": "陈小明", "phone": PHONE, "other_name": "林大海", "other_phone": OTHER_PHONE, "story": "漏水"}
        await citizens.keep_case(self.parts.citizens, person, seat.id, case)
        return seat

    async def seat(self, seat: Appointment) -> Appointment:
        """Return an appointment as it is now."""
        return await booking.one(self.parts.desk, seat.id, seat.citizen)


class Browser:
    """Goes from page to page as a citizen does, and keeps the page that it is on."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self.status, self.text, self.path, self.headers = 0, "", "", {}

    async def _keep(self, response: ClientResponse) -> Browser:
        self.status, self.text, self.headers = response.status, await response.text(), response.headers
        self.path = response.url.path
        return self

    async def get(self, path: str, **more: Any) -> Browser:
        return await self._keep(await self._client.get(path, **more))

    async def post(self, path: str, data: Any, **more: Any) -> Browser:
        return await self._keep(await self._client.post(path, data=data, **more))

    @property
    def token(self) -> str:
        return self.hidden("token")

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no {name} on {self.path}"
        return found[1]

    def links(self, pattern: str) -> list[str]:
        return [link.replace("&amp;", "&") for link in re.findall(rf'href="({pattern}[^"]*)"', self.text)]

    async def filled(self, world: World) -> Browser:
        """Go as far as the summary of a mediation with p1."""
        await self.get("/book/times?kind=mediation&who=p1")
        await self.get(self.links("/book/form")[1])
        form = {name: self.hidden(name) for name in ("token", "slot", "kind", "mode")}
        return await self.post("/book/form", {**form, **FILLED, "consent": "yes"})

    @property
    def confirming(self) -> dict[str, str]:
        return {name: self.hidden(name) for name in ("token", "form", "slot")}


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    clock = Clock()
    settings = load(
        {**ENV, "CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", "CHENGFATONG_PUBLIC_URL": "http://t.example"}
    )
    parts = replace(bootstrap(settings, redis=redis, clock=clock), desk=await open_desk(redis))
    async with TestServer(create_app(parts)) as server:
        world = World(parts, clock, server)
        yield world
        for browser in world.browsers:
            await browser.close()
