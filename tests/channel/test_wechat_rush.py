"""More messages at once than the engine can answer: late, in order, each once, and nobody in danger waits."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.channels.wechat import answering, deliveries, queue
from bot.conversation.engine import Understood
from tests.channel.conftest import ScriptedEngine
from tests.channel.wechat_world import Platform, gateway, hurry, until
from tests.wechat import text

CITIZENS = 60


class SlowEngine(ScriptedEngine):
    """Knows how many messages it worked on at once."""

    def __init__(self) -> None:
        super().__init__()
        self.delay, self.now, self.most = 0.05, 0, 0

    async def ask(self, inbound: Any) -> Understood:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().ask(inbound)
        finally:
            self.now -= 1


def crowd(citizens: int = CITIZENS) -> list[str]:
    """Return a message of each of so many citizens."""
    return [text("你好", str(number), user=f"oUser{number}") for number in range(citizens)]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SlowEngine:
    hurry(monkeypatch)
    monkeypatch.setattr(queue, "MOST_BUSY", 2)
    monkeypatch.setattr(queue, "LATE_SECONDS", 0.4)
    return SlowEngine()


async def test_citizens_in_a_rush_are_answered_once_each_and_the_engine_is_not_flooded(
    redis: Redis, engine: SlowEngine
) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        answers = await asyncio.gather(*(gate.post(body) for body in crowd()))
        passive = [number for number, answer in enumerate(answers) if "收到你好" in answer]
        await until(lambda: len(platform.sent) >= 2 * CITIZENS - len(passive))
        await gate.idle()
    whole = [openid for openid, message in platform.sent if "收到你好" in str(message)]
    assert sorted([*whole, *(f"oUser{number}" for number in passive)]) == sorted(f"oUser{n}" for n in range(CITIZENS))
    assert 0 < len(passive) < CITIZENS
    assert engine.most == 2


async def test_delivery_in_a_rush_is_acknowledged_at_once_and_one_of_danger_is_answered(
    redis: Redis, engine: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "BUDGET_SECONDS", 5)
    engine.delay = 0.3
    async with gateway(redis, engine, platform=Platform()) as gate:
        others = [asyncio.create_task(gate.post(body)) for body in crowd()]
        await until(lambda: gate.webhook.leaders.full)
        began = time.monotonic()
        assert await gate.post(text("你好", "1", user="oLast")) == "success"
        assert "110" in await gate.says(text("他拿刀要杀我", "2", user="oUser5"))
        assert time.monotonic() - began < 1
        await gate.die()
        for task in others:
            task.cancel()


async def test_rush_that_a_dead_gateway_leaves_is_answered_by_another(
    redis: Redis, engine: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "UNCOLLECTED_SECONDS", 0.2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as one:
        tasks = [asyncio.create_task(one.post(body)) for body in crowd()]
        await until(lambda: one.webhook.leaders.full)
        await one.die()
        for task in tasks:
            task.cancel()
        known = await redis.zcard("{440515}:wechat:waiting")
        engine.delay = 0
        async with gateway(redis, engine, platform=platform):
            await until(lambda: len({openid for openid, _ in platform.sent}) >= known)
    whole = [openid for openid, message in platform.sent if "收到你好" in str(message)]
    assert len(whole) == len(set(whole))
    assert known > CITIZENS / 2
