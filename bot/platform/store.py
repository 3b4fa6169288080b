"""The connection to Valkey / Redis, and the promise that a write is on disk."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import StoreUnavailable

# A citizen is answered within 5 s (WeChat's limit); a store that needs longer than 2 s counts as down.
TIMEOUT_SECONDS = 2.0
# How long a write may take to reach the disk before the citizen is told that it could not be kept.
FSYNC_TIMEOUT_MS = 2000
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
