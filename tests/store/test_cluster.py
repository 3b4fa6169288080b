"""The book in a cluster: the same answers, and what was confirmed is still there when a primary has handed over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis, RedisCluster

from bench.cluster import cluster
from bot.booking import clock
from bot.booking import desk as at
from bot.booking.model import Interval
from bot.booking.store import BookingStore
from bot.errors import SlotTaken, StoreUnavailable
from bot.platform.processes import free_port
from bot.platform.store import connect, key
from tests.store.booking_world import DISTRICT, NOW, SLOT, SOON, WISH, claim, held, open_desk


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster() as url:
        yield url


def test_operator_names_a_cluster_by_one_of_its_servers() -> None:
    assert isinstance(connect("redis://127.0.0.1:1?cluster=true"), RedisCluster)
    assert isinstance(connect("redis://127.0.0.1:1"), Redis)


async def test_citizen_is_told_that_the_book_cannot_be_reached_when_no_server_of_a_cluster_answers() -> None:
    redis = connect(f"redis://127.0.0.1:{free_port()}?cluster=true")
    with pytest.raises(StoreUnavailable):
        await BookingStore(redis, DISTRICT).appointment("a1")
    await redis.aclose()


async def test_citizen_is_booked_once_in_a_cluster_and_still_is_after_a_failover(address: str) -> None:
    redis = connect(address)
    desk = await open_desk(redis)
    kept = await at.book(desk, WISH, SLOT, NOW, "r")
    with pytest.raises(SlotTaken):
        await at.book(desk, replace(WISH, citizen="c2"), SLOT, NOW, "r2")
    await fail_over(redis)
    # This client still believes in the old primary, and sends the next change there.
    assert (await claim(desk.book, held("a1", "c9", SLOT.start, "p2"), "r3")).state == "proposed"
    assert await at.accept(desk, kept.id, "B", SOON, "a") == await at.one(desk, kept.id, "c1")
    ((moved, what),) = await at.put_leave(desk, "p1", Interval(SLOT.start, SLOT.end), "", SOON, "l")
    assert (moved.id, what) == (kept.id, "moved")
    assert await clock.ring_due(desk, moved.end) > 0
    await redis.aclose()


async def test_citizens_are_answered_while_another_turn_lets_the_client_learn_the_cluster_anew(address: str) -> None:
    redis = connect(address)
    done = asyncio.Event()

    async def citizen(number: int) -> int:
        turns = 0
        while not done.is_set():
            name, turns = key(DISTRICT, "turn", str(number)), turns + 1
            await redis.set(name, turns)
            assert await redis.get(name) == str(turns)
        return turns

    turns = [asyncio.create_task(citizen(number)) for number in range(32)]
    for _ in range(40):
        await asyncio.sleep(0.02)
        await redis.aclose()
    done.set()
    assert all(await asyncio.gather(*turns))
    await redis.aclose()


async def fail_over(redis: Redis) -> None:
    """Let the replica of the district's primary take its place."""
    primary = Redis(port=redis.get_node_from_key(key(DISTRICT, "")).port, decode_responses=True)  # type: ignore[attr-defined]
    (_, _, ((_, port, _),)) = await primary.execute_command("ROLE")
    await primary.aclose()
    replica = Redis(port=int(port), decode_responses=True)
    await replica.execute_command("CLUSTER FAILOVER")
    deadline = time.monotonic() + 20
    while (await replica.execute_command("ROLE"))[0] != "master":
        assert time.monotonic() < deadline
    await replica.aclose()
