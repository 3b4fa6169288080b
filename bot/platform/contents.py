"""What one key of the store holds, read out and put back by ordinary commands.

A value is plain JSON and the same for the same content, whatever server holds it: DUMP would not do, since its bytes
depend on the server's version and an older server refuses a newer one's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from bot.errors import BackupRefused

# Elements in one command: large enough to be quick, small enough that no single command holds the server up.
CHUNK = 1000


@dataclass(frozen=True)
class Record:
    """One key: its name, its type, when it ends (Unix time in ms, -1 for never) and what it holds."""

    key: str
    kind: str
    expires: int
    value: Any


def open_bytes(url: str) -> Redis:
    """Connect so that any bytes come through unchanged, as text. A large answer may take a minute, not two seconds."""
    return Redis.from_url(
        url, decode_responses=True, encoding_errors="surrogateescape", protocol=3, socket_timeout=60, retry=None
    )


async def read(redis: Redis, names: Sequence[str]) -> list[Record | None]:
    """Return what each key holds, None for one that is not there. Consistent only where nobody writes meanwhile."""
    pipe = redis.pipeline(transaction=False)
    for name in names:
        pipe.type(name)
        pipe.pexpiretime(name)
    kinds = await pipe.execute()
    for name, kind in zip(names, kinds[::2], strict=True):
        _ask(pipe, name, kind)
    answers = await pipe.execute()
    rows = zip(names, kinds[::2], kinds[1::2], answers, strict=True)
    return [_record(*row) if row[1] != "none" and row[3] is not None else None for row in rows]


async def put(redis: Redis, records: Sequence[tuple[str, Record]]) -> None:
    """Make each key anew under the name beside it. A key whose time is over is not kept by the server."""
    pipe = redis.pipeline(transaction=False)
    for name, record in records:
        _WRITERS[record.kind](pipe, name, record.value)
        if record.expires >= 0:
            pipe.pexpireat(name, record.expires)
    await pipe.execute()


def _ask(pipe: Pipeline, name: str, kind: str) -> None:
    questions: dict[str, Callable[[], Any]] = {
        "none": lambda: pipe.get(name),
        "string": lambda: pipe.get(name),
        "list": lambda: pipe.lrange(name, 0, -1),
        "set": lambda: pipe.smembers(name),
        "hash": lambda: pipe.hgetall(name),
        "zset": lambda: pipe.zrange(name, 0, -1, withscores=True),
        "stream": lambda: pipe.execute_command("XINFO", "STREAM", name, "FULL", "COUNT", 0),
    }
    if kind not in questions:
        raise BackupRefused(f"key {name} is a {kind}, which a backup cannot hold")
    questions[kind]()


def _record(name: str, kind: str, expires: int, answer: Any) -> Record:
    if kind == "set":
        answer = sorted(answer)
    elif kind == "hash":
        answer = sorted([field, value] for field, value in answer.items())
    elif kind == "zset":
        answer = [[member, score] for member, score in answer]
    elif kind == "stream":
        answer = _stream(answer)
    return Record(name, kind, expires, answer)


def _stream(answer: Any) -> dict[str, Any]:
    info = _mapping(answer)
    entries = [[number, list(fields)] for number, fields in info["entries"]]
    there = {number for number, _ in entries}
    return {
        "entries": entries,
        "last": info["last-generated-id"],
        "added": info["entries-added"],
        "deleted": info["max-deleted-entry-id"],
        "groups": [_group(_mapping(group), there) for group in info["groups"]],
    }


def _group(group: dict[str, Any], there: set[str]) -> dict[str, Any]:
    # An entry that was trimmed away while somebody still worked on it can be given to nobody again.
    return {
        "name": group["name"],
        "last": group["last-delivered-id"],
        "read": group["entries-read"],
        "consumers": sorted(_mapping(consumer)["name"] for consumer in group["consumers"]),
        "pending": [list(row) for row in group["pending"] if row[0] in there],
    }


def _mapping(answer: Any) -> dict[str, Any]:
    """Return a reply of names and values as a mapping, whichever protocol brought it."""
    return dict(answer) if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=True))


def _put_string(pipe: Pipeline, name: str, value: str) -> None:
    pipe.set(name, value)


def _put_list(pipe: Pipeline, name: str, value: list[str]) -> None:
    for part in batched(value, CHUNK):
        pipe.rpush(name, *part)


def _put_set(pipe: Pipeline, name: str, value: list[str]) -> None:
    for part in batched(value, CHUNK):
        pipe.sadd(name, *part)


def _put_hash(pipe: Pipeline, name: str, value: list[list[str]]) -> None:
    for part in batched(value, CHUNK):
        pipe.hset(name, items=[text for pair in part for text in pair])


def _put_zset(pipe: Pipeline, name: str, value: list[tuple[str, float]]) -> None:
    for part in batched(value, CHUNK):
        pipe.zadd(name, dict(part))


def _put_stream(pipe: Pipeline, name: str, value: dict[str, Any]) -> None:
    # A stream may be empty; a group that is made and dropped again makes the key all the same.
    pipe.xgroup_create(name, "-", "0", mkstream=True)
    pipe.xgroup_destroy(name, "-")
    for number, fields in value["entries"]:
        pipe.execute_command("XADD", name, number, *fields)
    pipe.execute_command(
        "XSETID", name, value["last"], "ENTRIESADDED", value["added"], "MAXDELETEDID", value["deleted"]
    )
    for group in value["groups"]:
        _put_group(pipe, name, group)


def _put_group(pipe: Pipeline, name: str, group: dict[str, Any]) -> None:
    pipe.xgroup_create(name, group["name"], group["last"], entries_read=group["read"])
    for consumer in group["consumers"]:
        pipe.xgroup_createconsumer(name, group["name"], consumer)
    for number, consumer, at, count in group["pending"]:
        pipe.execute_command(
            "XCLAIM", name, group["name"], consumer, 0, number, "TIME", at, "RETRYCOUNT", count, "FORCE", "JUSTID"
        )


_WRITERS: dict[str, Callable[[Pipeline, str, Any], None]] = {
    "string": _put_string,
    "list": _put_list,
    "set": _put_set,
    "hash": _put_hash,
    "zset": _put_zset,
    "stream": _put_stream,
}
