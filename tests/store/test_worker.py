from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.platform.worker import KEEP_DAYS, run_once

NOW = 1_800_000_000.0


@pytest.mark.parametrize("stream", ["inbox", "unanswered"])
async def test_citizens_words_cannot_stay_longer_than_promised(redis: Redis, stream: str) -> None:
    name = f"{{990001}}:{stream}"
    limit = int((NOW - KEEP_DAYS * 86400) * 1000)
    await redis.xadd(name, {"text": "old"}, id=f"{limit - 1}-0")
    await redis.xadd(name, {"text": "young"}, id=f"{limit}-0")
    assert await run_once(redis, "990001", NOW) == 1
    assert [fields for _, fields in await redis.xrange(name)] == [{"text": "young"}]


async def test_operator_can_see_that_the_worker_lives_and_that_it_has_died(redis: Redis) -> None:
    await run_once(redis, "990001", NOW)
    assert 0 < await redis.ttl("{990001}:worker:heartbeat") <= 20
