"""The stand-in for WeChat's platform with a gateway that answers from a script of the test's own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.standin import Account, Standin, Weather
from tests.standin.cipher import seal, sign, unseal

Answer = Callable[[ElementTree.Element, int], Awaitable[str]]
# Retries come after half a second instead of five.
PACE = 0.1


@dataclass
class Script:
    """A gateway by hand: `answer(push, number of the delivery)` makes the body, which is sealed unless it is an ack."""

    account: Account
    answer: Answer
    heard: list[ElementTree.Element] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        root = ElementTree.fromstring(await request.read())
        if sealed := root.findtext("Encrypt"):
            root = ElementTree.fromstring(unseal(sealed, self.account.key, self.account.app_id))
        self.heard.append(root)
        body = await self.answer(root, len(self.heard))
        if body.startswith("<xml>") and self.account.mode == "safe":
            body = self.sealed(body, request.query["nonce"])
        return web.Response(text=body)

    def sealed(self, body: str, nonce: str) -> str:
        stamp, sealed = str(int(time.time())), seal(body, self.account.key, self.account.app_id)
        signature = sign(self.account.token, stamp, nonce, sealed)
        return (
            f"<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
        )


def reply(push: ElementTree.Element, text: str, kind: str = "text") -> str:
    """Return a passive reply as the platform wants it."""
    to, by = push.findtext("FromUserName"), push.findtext("ToUserName")
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{by}</FromUserName><CreateTime>1</CreateTime>"
        f"<MsgType>{kind}</MsgType><Content><![CDATA[{text}]]></Content></xml>"
    )


async def echo(push: ElementTree.Element, _: int) -> str:
    said = push.findtext("Content") or push.findtext("Event", "")
    return "success" if "_" in said or "JOB" in said else reply(push, f"收到{said}")


@dataclass
class World:
    """The stand-in, the script, and calls of the API as an account makes them."""

    standin: Standin
    script: Script
    session: ClientSession
    token: str = ""

    async def call(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        if not self.token and "token" not in path and "sns" not in path:
            self.token = self.standin.mint.stable(self.standin.clock())[0]
        query = {"access_token": self.token, **query} if "cgi-bin" in path else query
        way = "GET" if body is None else "POST"
        async with self.session.request(way, self.standin.base + path, params=query, json=body) as response:
            assert response.status == 200
            return await response.json(content_type=None)

    async def sends(self, openid: str, kind: str, **inner: Any) -> int:
        import json

        raw = json.dumps({"touser": openid, "msgtype": kind, kind: inner}, ensure_ascii=False).encode()
        self.token = self.token or self.standin.mint.stable(self.standin.clock())[0]
        url = f"{self.standin.base}/cgi-bin/message/custom/send"
        async with self.session.post(url, params={"access_token": self.token}, data=raw) as response:
            return int((await response.json(content_type=None))["errcode"])


class Clock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    account = Account.drawn(getattr(request, "param", "safe"))
    script = Script(account, echo)
    app = web.Application()
    app.router.add_post("/wechat", script.receive)
    standin = Standin(account, Weather(pace=PACE), Clock())
    async with TestServer(app) as server, standin.serving(), ClientSession() as session:
        standin.courier.gateway = str(server.make_url("/wechat"))
        yield World(standin, script, session)
