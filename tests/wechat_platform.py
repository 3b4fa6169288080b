"""A small fake of the platform for the client's tests: it counts calls, and answers as a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Act = Callable[[web.Request], Awaitable[web.StreamResponse]]
APP_ID, SECRET = "wx0123456789abcdef", "s3cr3t" * 6


def said(body: Any, **more: Any) -> web.Response:
    """WeChat sends JSON as text/plain, with status 200 whatever it says."""
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="text/plain", **more)


def code(number: int, words: str = "made up") -> Act:
    async def act(_: web.Request) -> web.Response:
        return said({"errcode": number, "errmsg": words})

    return act


def gives(response: Callable[[], web.StreamResponse]) -> Act:
    async def act(_: web.Request) -> web.StreamResponse:
        return response()

    return act


async def silence(_: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


class FakePlatform:
    """`next[path]` are answers to the next calls of a path, one each; then all is well. `asked` is what came."""

    def __init__(self) -> None:
        self.next: dict[str, list[Act]] = {}
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.good: set[str] = set()
        self.made = 0
        self.expires = 7200
        self.slow = 0.0
        self.menu: Any = None
        self.base = ""

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _, _ in self.asked)

    def body(self, number: int = -1) -> Any:
        return json.loads(self.asked[number][2])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, dict(request.query), await request.read()))
        if waiting := self.next.get(request.path):
            return await waiting.pop(0)(request)
        if request.path == "/cgi-bin/stable_token":
            return await self._token()
        needed = request.path.startswith("/cgi-bin/") and request.path != "/cgi-bin/showqrcode"
        if needed and request.query.get("access_token") not in self.good:
            return said({"errcode": 40001, "errmsg": "invalid credential rid: 5f6aa3c8-53e42bec-1197ef32"})
        return await self._answer(request)

    async def _token(self) -> web.Response:
        await asyncio.sleep(self.slow)
        if not self.good or self.body().get("force_refresh"):
            self.made += 1
            self.good = {f"token-{self.made}-{'x' * 100}"}
        return said({"access_token": next(iter(self.good)), "expires_in": self.expires})

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path.rpartition("/")[2]
        if path == "getticket":
            return said({"errcode": 0, "ticket": "ticket-" + "y" * 80, "expires_in": 7200})
        if request.path == "/cgi-bin/menu/create":
            self.menu = self.body()
        if request.path == "/cgi-bin/menu/get":
            return said({"menu": self.menu} if self.menu else {"errcode": 46003, "errmsg": "menu no exist"})
        if path == "create":
            return said(
                {"errcode": 0, "ticket": "gQH47joAAAAAAAAAASxodHRw==", "url": "http://weixin.qq.com/q/kZgfwMTm72"}
            )
        if path == "showqrcode":
            return web.Response(body=b"\x89PNG picture", content_type="image/jpg")
        return said({"errcode": 0, "errmsg": "ok", "msgid": 200228332})


@asynccontextmanager
async def platform_server() -> AsyncIterator[FakePlatform]:
    fake = FakePlatform()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.base = str(server.make_url("/")).rstrip("/")
        yield fake
