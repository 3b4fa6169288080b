"""A citizen who unfollows and follows again at once."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from tests.channel.conftest import ScriptedEngine
from tests.channel.wechat_world import Platform, gateway
from tests.wechat import text


async def test_citizen_who_is_back_already_keeps_what_is_on_its_way(redis: Redis, engine: ScriptedEngine) -> None:
    engine.delay = 0.3
    async with gateway(redis, engine, platform=Platform()) as gate:
        deliveries = gate.webhook.deliveries
        person = deliveries.line_of("wechat:oUser1")
        answer = asyncio.create_task(gate.says(text("你好", "77")))
        while not await redis.exists(f"{{440515}}:wechat:lead:{person}"):
            await asyncio.sleep(0.01)
        assert await deliveries.let_go(person) == 0
        assert "收到你好" in await answer
        await gate.idle()
        assert await deliveries.let_go(person) > 0
