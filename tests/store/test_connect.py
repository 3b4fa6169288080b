"""The connection to the store in a rush."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from bot.platform.store import CONNECTIONS, connect


async def test_rush_waits_for_a_connection_instead_of_taking_the_store_for_dead(server: str, redis: Redis) -> None:
    rush = connect(server)
    await redis.set("a", "1")
    assert await asyncio.gather(*(rush.get("a") for _ in range(1000))) == ["1"] * 1000
    assert 1 < len(await redis.client_list()) <= CONNECTIONS + 5
    await rush.aclose()
    while len(await redis.client_list()) > 5:
        await asyncio.sleep(0.01)
