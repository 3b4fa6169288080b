"""The connection to Valkey / Redis, and what every store does with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, cast
from urllib.parse import parse_qs, urlsplit, urlunsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisClusterException, RedisError

from bot.errors import StoreUnavailable
from bot.platform.disk import FSYNC_TIMEOUT_MS as FSYNC_TIMEOUT_MS
from bot.platform.disk import disk_of

# A citizen is answered within 5 s (WeChat's limit); a store that needs longer than 2 s counts as down.
TIMEOUT_SECONDS = 2.0
# A rush waits a moment for a connection. The client's own pool gives 100 and then an error, as if the store were down.
CONNECTIONS = 64
# A cluster's client cannot wait; it may open as many as there will ever be.
CLUSTER_CONNECTIONS = 10_000
EACH = """#!lua
local answers = {}
for number, command in ipairs(cjson.decode(ARGV[1])) do
  answers[number] = redis.call(unpack(command))
end
return answers
"""
SWAP = """#!lua
local read = {string = {'GET', KEYS[1]}, hash = {'HGET', KEYS[1], ARGV[2]}, list = {'LINDEX', KEYS[1], ARGV[2]}}
local write = {
  string = {'SET', KEYS[1], ARGV[4], 'KEEPTTL'},
  hash = {'HSET', KEYS[1], ARGV[2], ARGV[4]},
  list = {'LSET', KEYS[1], ARGV[2], ARGV[4]},
}
if redis.call(unpack(read[ARGV[1]])) ~= ARGV[3] then return 0 end
redis.call(unpack(write[ARGV[1]]))
return 1
"""


class Cluster(RedisCluster):
    """A cluster's client. That it finds no server of the cluster is a connection error, as it is for a single server."""

    async def initialize(self, *args: Any, **kwargs: Any) -> Cluster:
        """Learn the cluster. The client's own error for a failure is none of its RedisErrors, which callers heed."""
        try:
            await super().initialize(*args, **kwargs)
        except RedisClusterException as error:
            raise Disconnected(str(error)) from error
        return self

    async def aclose(self) -> None:
        """Close the connections, each when whoever waits for an answer on it has it; learn the cluster anew at the next use.

        redis-py 8.1 cuts them off under their users, also by itself when slots move, and those get a TypeError of asyncio's.
        """
        self._initialize = True
        # A server may stand in both, each time with connections of its own.
        nodes = [*self.nodes_manager.startup_nodes.values(), *self.nodes_manager.nodes_cache.values()]
        for node in nodes:
            node.update_active_connections_for_reconnect()
            # Nobody else can take up what is being closed here.
            idle = [node.acquire_connection() for _ in range(len(node._free))]
            for connection in idle:
                await connection.disconnect()
                node.release(connection)


def connect(url: str) -> Redis:
    """Open a pool to the store; no connection is made before the first command. Text in, text out (UTF-8).

    `?cluster=true` at the end of the address says that it is a node of a cluster; the others are found from it. The
    client of a cluster answers to the same commands.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
    }
    if parse_qs(parts.query).get("cluster") == ["true"]:
        address = urlunsplit(parts._replace(query=""))
        return cast("Redis", Cluster.from_url(address, max_connections=CLUSTER_CONNECTIONS, **options))
    redis = Redis.from_url(url, **options)
    # The client's own pool is put away unopened; whoever closes the client closes this one with it.
    redis.connection_pool = BlockingConnectionPool.from_url(
        url, max_connections=CONNECTIONS, timeout=TIMEOUT_SECONDS, **options
    )
    return redis


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


async def atomically(redis: Redis, *commands: Sequence[str | int], frees: bool = False) -> list[Any]:
    """Run commands in one step, wait until they are on this server's disk, and return their answers.

    Not MULTI: WAITAOF speaks of one connection's writes, and must follow them on it. The second word of each command is
    its key. `frees` says that the commands only delete, which a full store must still do. Raises StoreUnavailable.
    """
    script = EACH.replace("#!lua", "#!lua flags=allow-oom", 1) if frees else EACH
    keys = list(dict.fromkeys(str(command[1]) for command in commands))
    told = json.dumps([[str(part) for part in command] for command in commands], ensure_ascii=False)
    async with store_errors():
        answers, on_disk = await disk_of(redis).run(keys[0], ("EVAL", script, len(keys), *keys, told))
        if isinstance(answers, Exception):
            raise answers
    # A server without an append-only file is the operator's choice, and doctor warns of it.
    if on_disk is False:
        raise StoreUnavailable("the write did not reach the disk in time")
    return list(answers)


async def swap(redis: Redis, kind: Literal["string", "hash", "list"], name: str, at: str, old: str, new: str) -> bool:
    """Put a new value in the place of an old one, if that is still there. Deadlines stay as they are.

    `at` is the field of a hash, the index in a list, "" for a string.
    """
    async with store_errors():
        return bool(await redis.eval(SWAP, 1, name, kind, at, old, new))
