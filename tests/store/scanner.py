"""Looks for words in all that a Valkey holds: keys, values as they lie in memory, the append-only files as they lie on disk."""

from __future__ import annotations

import asyncio
import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from redis.asyncio import Redis


def disguises(needle: str) -> set[bytes]:
    """Return a text as it would lie in a store that does not seal it: plain, escaped, encoded, or hashed without a key."""
    raw = needle.encode()
    found = {raw, json.dumps(needle)[1:-1].encode(), raw.hex().encode()}
    for skipped in range(3):
        # Base64 in the middle of something longer: the ends depend on the neighbours and are left out.
        for encode in (b64encode, urlsafe_b64encode):
            found.add(encode(b"\0" * skipped + raw)[4:-4])
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):  # the bare hashes that are soon tried out
        found.add(digest(raw).hexdigest()[:16].encode())
    return {form for form in found if len(form) >= 6}


async def traces(redis: Redis, needles: Iterable[str]) -> set[str]:
    """Return "<where>: <what>" of every needle found, in whatever disguise."""
    forms = {form: needle for needle in needles for form in disguises(needle)}
    found = set()
    for where, content in [*await _memory(redis), *await _disk(redis)]:
        found |= {f"{where}: {needle}" for form, needle in forms.items() if form in content}
    return found


async def _memory(redis: Redis) -> list[tuple[str, bytes]]:
    pool = redis.connection_pool
    raw = Redis(connection_pool=pool.__class__(**{**pool.connection_kwargs, "decode_responses": False}))
    try:
        # Compressed, a text could not be found again.
        await raw.config_set("rdbcompression", "no")
        names = [name async for name in raw.scan_iter(count=1000)]
        return [(name.decode(), name + b"\n" + (await raw.dump(name) or b"")) for name in names]
    finally:
        await raw.aclose()


async def _disk(redis: Redis) -> list[tuple[str, bytes]]:
    folder = Path((await redis.config_get("dir"))["dir"]) / (await redis.config_get("appenddirname"))["appenddirname"]
    return [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


async def rewrite(redis: Redis) -> None:
    """Let the server write its append-only files anew, from what it holds now."""
    await redis.config_set("rdbcompression", "no")
    await redis.bgrewriteaof()
    await rewritten(redis)


async def rewritten(redis: Redis) -> None:
    """Wait until a rewrite has ended and the files before it are gone."""
    while True:
        state = await redis.info("persistence")
        # A base and what came after it; more while the files before are still being deleted.
        parts = [name for name, _ in await _disk(redis) if name.endswith(".aof")]
        if not (state["aof_rewrite_in_progress"] or state["aof_rewrite_scheduled"]) and len(parts) <= 2:
            return
        await asyncio.sleep(0.05)
