"""Gateways with a WeChat webhook over one store, and what they send; some of them die."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.bootstrap import alert_to, photos_to
from bot.channels import wechat
from bot.channels.problems import problems
from bot.channels.wechat import answering, deliveries, leading
from bot.channels.wechat.inbound import Outcome, Trigger, read
from bot.channels.wechat.messages import parse
from bot.citizens.store import CitizenStore
from bot.conversation.engine import Engine
from bot.conversation.photos import Photos
from bot.conversation.senses import Senses
from bot.conversation.service import Conversation
from bot.conversation.store import ConversationStore
from bot.directory.hours import SHANGHAI
from bot.directory.store import DirectoryStore
from bot.errors import WeChatError
from bot.inbox.store import InboxStore
from bot.platform.settings import load
from tests.keys import ENV, keyring_with
from tests.wechat import APP_ID, KEY, OLD_KEY, TOKEN, content_of, query

BASE = "https://falv.example.cn"


class Platform:
    """Takes customer-service messages, and refuses them with what is in `errors`, one after the other."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.errors: list[WeChatError | None] = []
        self.tried = 0
        self.delay = 0.0

    async def send(self, openid: str, message: Mapping[str, Any]) -> None:
        self.tried += 1
        await asyncio.sleep(self.delay)
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        self.sent.append((openid, message))

    @property
    def texts(self) -> list[str]:
        return [message["text"]["content"] for _, message in self.sent if message["msgtype"] == "text"]


class Ledger:
    """Writes down what it is told; `left` messages may be sent."""

    def __init__(self, left: int = 100) -> None:
        self.left = left
        self.heard_of: list[tuple[str, str]] = []
        self.permissions: list[tuple[str, str, int]] = []
        self.outcomes: list[Outcome] = []
        self.refusals: list[tuple[str, str, int]] = []

    async def heard(self, user: str, trigger: Trigger, now: float) -> None:
        self.heard_of.append((user, trigger))

    async def take(self, user: str, now: float, count: int = 1) -> bool:
        if self.left < count:
            return False
        self.left -= count
        return True

    async def permitted(self, user: str, template: str, count: int, push: str, now: float) -> None:
        self.permissions.append((user, template, count))

    async def came_of(self, user: str, outcome: Outcome, now: float) -> None:
        self.outcomes.append(outcome)

    async def refused(self, user: str, way: str, code: int, reason: str, now: float) -> None:
        self.refusals.append((user, way, code))


class Gateway:
    """One gateway process with nothing but the webhook."""

    def __init__(self, client: TestClient, webhook: wechat.Webhook) -> None:
        self.client = client
        self.webhook = webhook

    async def post(self, body: str, asked: Mapping[str, str] | None = None) -> str:
        """Deliver a push and return what WeChat is answered."""
        response = await self.client.post("/wechat", params=asked or query(), data=body.encode())
        assert response.status == 200
        return await response.text()

    async def says(self, body: str) -> str:
        """Deliver a push and return the text that the citizen reads."""
        return content_of(await self.post(body))

    async def status(self, body: str | bytes, asked: Any = None) -> int:
        """Deliver something and return the HTTP status."""
        data = body if isinstance(body, bytes) else body.encode()
        return (await self.client.post("/wechat", params=query() if asked is None else asked, data=data)).status

    async def idle(self) -> None:
        """Wait until nothing is being worked on."""
        while tasks := list(self.webhook.leaders._led.values()):
            await asyncio.wait(tasks)

    async def die(self) -> None:
        """Stop in the middle of everything, as a killed process does: nothing is finished and nothing given back."""
        leaders = self.webhook.leaders
        leaders._closing = True
        for task in [*leaders._led.values(), leaders._sweep]:
            if task:
                task.cancel()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def gateway(
    redis: Redis,
    engine: Engine,
    mode: str = "plain",
    platform: Platform | None = None,
    ledger: Ledger | None = None,
) -> AsyncIterator[Gateway]:
    """Run a gateway; with a platform it sends customer-service messages."""
    settings = load(
        {
            "WECHAT_TOKEN": TOKEN,
            "WECHAT_APP_ID": APP_ID,
            "WECHAT_ENCODING_AES_KEY": KEY,
            "WECHAT_ENCODING_AES_KEY_PREVIOUS": OLD_KEY,
            "WECHAT_MODE": mode,
            "WECHAT_STRATEGY": "service" if platform else "passive",
            "CHENGFATONG_PUBLIC_URL": BASE,
            **ENV,
        }
    )
    keyring = keyring_with("k1")
    notes = ConversationStore(redis, settings.district, keyring)
    trays, people = InboxStore(redis, settings.district, keyring), CitizenStore(redis, settings.district, keyring)
    areas, places = read_areas(settings.data / "areas.csv"), DirectoryStore(redis, settings.district)
    senses = Senses(places, areas, Photos(notes, None, photos_to(trays, people, keyring)), None)
    talk = Conversation(engine, notes, alert_to(trays), senses)
    webhook = wechat.Webhook.of(talk, redis, settings, keyring, platform=platform, ledger=ledger)
    app = web.Application(middlewares=[problems])
    wechat.install(app, webhook)
    async with TestClient(TestServer(app)) as client:
        yield Gateway(client, webhook)


async def hang_up(gate: Gateway, body: str) -> None:
    """Deliver a push, hang up at once, and let the answer be made."""
    deliveries, said = gate.webhook.deliveries, parse(body)
    at = datetime.now(SHANGHAI)
    arrival = read(said, at)
    line, digest = deliveries.line_of(arrival.user), deliveries.digest_of(arrival.identity)
    await deliveries.arrive(line, digest, leading.kept_push(said, at), time.time())
    gate.webhook.leaders.start(line)


def hurry(monkeypatch: Any) -> None:
    """Let a lead lapse, and WeChat's patience end, within fractions of a second."""
    monkeypatch.setattr(deliveries, "LEAD_MS", 300)
    monkeypatch.setattr(leading, "LEAD_MS", 300)
    monkeypatch.setattr(leading, "SWEEP_SECONDS", 0.1)
    monkeypatch.setattr(answering, "BUDGET_SECONDS", 0.5)


async def until(done: Any) -> None:
    """Wait until something is so, at most ten seconds."""
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")
