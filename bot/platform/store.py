"""The connection to Valkey / Redis, and the promise that a write is on disk."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, cast
from urllib.parse import parse_qs, urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import MovedError, RedisError

from bot.errors import StoreUnavailable

# A citizen is answered within 5 s (WeChat's limit); a store that needs longer than 2 s counts as down.
TIMEOUT_SECONDS = 2.0
# How long a write may take to reach the disk before the citizen is told that it could not be kept.
FSYNC_TIMEOUT_MS = 2000
# Replicas come and go with an operator's hand; a lost one is noticed at the first write that it does not confirm.
REPLICAS_SECONDS = 30.0
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
        return cast("Redis", RedisCluster.from_url(urlunsplit(parts._replace(query="")), **options))
    return Redis.from_url(url, **options)


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


class Disk:
    """Sees writes to the disk: to this server's and, when it has replicas, to that of one of them as well."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._replicas = 0
        self._asked_at = float("-inf")

    async def run(self, name: str, call: Sequence[Any]) -> tuple[Any, bool]:
        """Run one command that writes to a key's slot. Return its answer, or its error, and whether it is on disk.

        WAITAOF counts one connection's writes, hence must follow them on it; a command that the cluster sends elsewhere
        is therefore sent whole again.
        """
        if time.monotonic() - self._asked_at > REPLICAS_SECONDS:
            await self._ask(name)
        answer, confirmed = await self._send(name, call)
        if isinstance(answer, MovedError):
            await self._redis.aclose()  # a cluster's client learns the cluster anew when it is used again
            answer, confirmed = await self._send(name, call)
        return answer, await self._enough(name, confirmed)

    async def _send(self, name: str, call: Sequence[Any]) -> tuple[Any, Any]:
        node = await self._node(name)
        once = {"allow_redirections": False} if node else {}
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.execute_command(*call, **node)
            pipe.execute_command("WAITAOF", 1, min(self._replicas, 1), FSYNC_TIMEOUT_MS, **node)
            answer, confirmed = await pipe.execute(raise_on_error=False, **once)
        return answer, confirmed

    async def _enough(self, name: str, confirmed: object) -> bool:
        if not isinstance(confirmed, (list, tuple)) or int(confirmed[0]) < 1:
            return False
        if self._replicas and int(confirmed[1]) < 1:
            await self._ask(name)
        return not self._replicas or int(confirmed[1]) >= 1

    async def _ask(self, name: str) -> None:
        """Ask the server of a key how many replicas follow it."""
        told: dict[str, Any] = await self._redis.info("replication", **await self._node(name))
        self._replicas, self._asked_at = int(told.get("connected_slaves", 0)), time.monotonic()

    async def _node(self, name: str) -> dict[str, Any]:
        """Return how to name the server of a key to a cluster's client, nothing for a single server."""
        if not isinstance(self._redis, RedisCluster):
            return {}
        await self._redis.initialize()
        return {"target_nodes": self._redis.get_node_from_key(name)}


async def atomically(redis: Redis, *commands: Sequence[str | int], frees: bool = False) -> list[Any]:
    """Run commands in one step, wait until they are on this server's disk, and return their answers.

    Not MULTI: WAITAOF speaks of one connection's writes, and must follow them on it. The second word of each command is
    its key. `frees` says that the commands only delete, which a full store must still do. Raises StoreUnavailable.
    """
    script = EACH.replace("#!lua", "#!lua flags=allow-oom", 1) if frees else EACH
    keys = list(dict.fromkeys(str(command[1]) for command in commands))
    told = json.dumps([[str(part) for part in command] for command in commands], ensure_ascii=False)
    async with store_errors(), redis.pipeline(transaction=False) as pipe:
        pipe.eval(script, len(keys), *keys, told)
        pipe.execute_command("WAITAOF", 1, 0, FSYNC_TIMEOUT_MS)
        answers, on_disk = await pipe.execute(raise_on_error=False)
        if isinstance(answers, RedisError):
            raise answers
    _require_on_disk(on_disk)
    return list(answers)


async def swap(redis: Redis, kind: Literal["string", "hash", "list"], name: str, at: str, old: str, new: str) -> bool:
    """Put a new value in the place of an old one, if that is still there. Deadlines stay as they are.

    `at` is the field of a hash, the index in a list, "" for a string.
    """
    async with store_errors():
        return bool(await redis.eval(SWAP, 1, name, kind, at, old, new))


def _require_on_disk(answer: object) -> None:
    """Refuse to promise anything that WAITAOF did not confirm.

    A server without an append-only file answers with an error: that is the operator's choice, and doctor warns of it.
    """
    if isinstance(answer, RedisError):
        if "appendonly" in str(answer):
            return
        raise StoreUnavailable(str(answer)) from answer
    if not isinstance(answer, (list, tuple)) or int(answer[0]) < 1:
        raise StoreUnavailable("the write did not reach the disk in time")
