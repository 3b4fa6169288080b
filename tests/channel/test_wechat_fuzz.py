"""Two thousand of the bench's 200,000 wrong bodies, and its control."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from bench.wechat_fuzz import fuzz, planted


@pytest.fixture
def heap_of_its_own() -> Iterator[None]:
    """Leave what a thousand other tests keep in memory out of the collections that run while a body is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("heap_of_its_own")
async def test_wrong_bodies_cause_no_server_error_no_trace_and_no_delay(server: str, redis: Redis) -> None:
    result = await fuzz(Redis.from_url(server, decode_responses=True), 2000, seed=7)
    assert len(result.times) == 2000
    assert result.errors == {}
    assert result.bad == 0
    assert {200, 400, 403} <= set(result.statuses) <= {200, 400, 403, 413}
    assert result.in_time


async def test_fuzzing_finds_a_reader_that_raises(server: str, redis: Redis) -> None:
    with planted():
        result = await fuzz(Redis.from_url(server, decode_responses=True), 300, seed=7)
    assert result.bad > 0
