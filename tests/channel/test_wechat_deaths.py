"""Exactly one answer when a gateway dies in the middle: another one goes on where it stopped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.channels.wechat import answering
from bot.channels.wechat.deliveries import Deliveries
from tests.channel.wechat_engine import LongEngine
from tests.channel.wechat_world import Gateway, Platform, gateway, hurry, until
from tests.keys import keyring_with
from tests.wechat import text


@pytest.fixture
def engine() -> LongEngine:
    return LongEngine()


@contextlib.asynccontextmanager
async def died_while_sending(redis: Redis, engine: LongEngine, platform: Platform, said: str) -> AsyncIterator[Gateway]:
    """Let a gateway die while its first message is on the way to the platform; give another one."""
    platform.delay = 30
    async with gateway(redis, engine, platform=platform) as one:
        await one.says(text(said, "1"))
        await until(lambda: platform.tried)
        await one.die()
        platform.delay = 0
        async with gateway(redis, engine, platform=platform) as two:
            yield two


async def test_message_of_a_dead_gateway_is_answered_by_another(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    engine.delay = 5
    async with gateway(redis, engine) as one, gateway(redis, engine) as two:
        cut_off = asyncio.create_task(one.says(text("你好", "77")))
        while not engine.asked:
            await asyncio.sleep(0.01)
        cut_off.cancel()
        await one.die()
        engine.delay = 0
        assert "收到你好" in await two.says(text("你好", "77"))


async def test_message_is_answered_when_the_gateway_dies_and_wechat_does_not_come_again(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    platform = Platform()
    engine.delay = 5
    async with gateway(redis, engine, platform=platform) as one:
        assert await one.post(text("你好", "77")) == "success"  # Acknowledged: WeChat will not send it again.
        await one.die()
        engine.delay = 0
        async with gateway(redis, engine, platform=platform):
            await until(lambda: platform.texts)
    assert len([said for said in platform.texts if "收到你好" in said]) == 1


async def test_message_that_kills_every_gateway_is_answered_with_an_apology(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    engine.delay = 5
    for _ in range(3):
        async with gateway(redis, engine) as gate:
            task = asyncio.create_task(gate.says(text("毒", "77")))
            asked = len(engine.asked)
            while len(engine.asked) == asked:
                await asyncio.sleep(0.01)
            await gate.die()
            task.cancel()
    monkeypatch.setattr(answering, "BUDGET_SECONDS", 2)
    async with gateway(redis, engine) as gate:
        assert "对不起" in await gate.says(text("毒", "77"))


async def test_message_under_way_when_the_gateway_dies_is_not_sent_again_and_can_be_fetched(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    platform = Platform()
    async with died_while_sending(redis, engine, platform, "选") as two:
        while await redis.zcard("{440515}:wechat:waiting"):
            await asyncio.sleep(0.02)
        assert platform.tried == 1
        assert "2. 转人工" in await two.says(text("继续", "2"))


async def test_message_that_was_not_tried_when_the_gateway_died_is_sent_by_another(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    platform = Platform()
    async with died_while_sending(redis, engine, platform, "长"):
        await until(lambda: "第259句" in "".join(platform.texts))
    assert len(platform.texts) == len(set(platform.texts)) == platform.tried - 1


async def test_gateway_that_slept_through_its_lead_cannot_answer_for_the_one_that_took_over(redis: Redis) -> None:
    slow, quick = (Deliveries(redis, "440515", keyring_with("k1"), owner) for owner in ("slow", "quick"))
    line = slow.line_of("wechat:o")
    for digest in ("a", "b"):
        await slow.arrive(line, digest, {"fields": {}}, 1)
    assert await slow.lead(line)
    assert not await quick.lead(line)
    await redis.delete("{440515}:wechat:lead:" + line)  # its time is over
    assert await quick.lead(line)
    assert await slow.commit(line, "a", {"message": "slow"}, None, None, 1) == "lost"
    assert await quick.commit(line, "a", {"message": "quick"}, None, None, 1) == "answered"
    assert await slow.commit(line, "b", {"message": "slow"}, None, None, 1) == "lost"
    assert not await slow.renew(line, 1)
    assert not await slow.keep_rest(line, {"parts": []})
    assert await slow.answer(line, "a") == {"message": "quick"}
    assert await slow.state(line, "b") == "waiting"
