"""The real gateway app over a real Valkey, with an engine that answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.bootstrap import bootstrap
from bot.channels.server import create_app
from bot.conversation.engine import Engine, Understood
from bot.conversation.model import Button, Card, Field, Inbound, Reply
from bot.errors import EngineUnavailable
from bot.platform.settings import load
from tests.channel.pages_world import world  # noqa: F401 - fixture
from tests.keys import ENV
from tests.store.conftest import redis, server  # noqa: F401 - fixtures

# No danger rule knows these words; the model does.
HINT = "药瓶就在手边，孩子以后麻烦你们"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class ScriptedEngine(Engine):
    """Says back what it was asked; knows a few special words."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "t")
        self.asked: list[Inbound] = []
        self.delay = 0.0

    async def ask(self, inbound: Inbound) -> Understood:
        self.asked.append(inbound)
        await asyncio.sleep(self.delay)
        if inbound.body == "坏了":
            raise EngineUnavailable("down")
        if inbound.body == HINT:
            return Understood((Reply("先打110"),), "report_danger", 0.3)
        buttons = (Button("约调解", "/book_mediation"), Button("转人工", "/talk_to_human"))
        card = Card("莲下镇司法所", (Field("电话", "0754-0000 0101"),), badge="示例")
        return Understood((Reply(f"收到{inbound.body}", buttons, card),), "greet", 0.9)

    async def ready(self) -> bool:
        return True


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def client(redis: Redis, engine: ScriptedEngine) -> AsyncIterator[TestClient]:  # noqa: F811
    settings = load(
        {
            "WECHAT_TOKEN": "tok",
            "WECHAT_APP_ID": "wxapp",
            "WECHAT_ENCODING_AES_KEY": KEY,
            "WECHAT_MODE": "compatible",
            "CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1",
            **ENV,
        }
    )
    app = create_app(bootstrap(settings, redis=redis, engine=engine))
    async with TestClient(TestServer(app)) as opened:
        yield opened
