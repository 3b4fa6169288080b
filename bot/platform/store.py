"""The connection to Valkey / Redis, and the promise that a write is on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import StoreUnavailable

# A citizen is answered within 5 s (WeChat's limit); a store that needs longer than 2 s counts as down.
TIMEOUT_SECONDS = 2.0
# How long a write may take to reach the disk before the citizen is told that it could not be kept.
FSYNC_TIMEOUT_MS = 2000


def connect(url: str) -> Redis:
    """Open a pool to the store; no connection is made before the first command. Text in, text out (UTF-8)."""
    return Redis.from_url(
        url, decode_responses=True, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


def key(district: str, *parts: str) -> str:
    """`{440515}:part:part`: one hash tag a district, so that its keys share a cluster slot."""
    return ":".join(("{" + district + "}", *parts))


@asynccontextmanager
async def store_errors() -> AsyncIterator[None]:
    """Turn the client's errors into StoreUnavailable."""
    try:
        yield
    except RedisError as error:
        raise StoreUnavailable(str(error)) from error
