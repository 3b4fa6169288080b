"""A district's data into one file, as of one moment, while the program works; and back again, whole or not at all.

Back: everything is loaded beside the district's keys, read again and compared with the file; only then does one step in the
server put it in their place. Until that step nothing of the district has changed, whatever happens.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Any, BinaryIO

from redis.asyncio import Redis

from bot.errors import BackupRefused, StoreUnavailable, Unconfirmed
from bot.platform.backup_file import Header, Writer, check, records
from bot.platform.contents import Record, open_bytes, put, read
from bot.platform.snapshot import frozen
from bot.platform.store import key, store_errors

SWAP = Path(__file__).with_name("swap.lua")
# Not within the district's own prefix, so that no backup holds it; with its hash tag, so that a cluster renames it in place.
BESIDE = "restoring:"
# Keys read or written in one round trip.
BATCH = 200
# The last step writes a whole district at once; nobody waits for it but the operator.
ON_DISK_MS = 30_000


@dataclass(frozen=True)
class Kept:
    """What was written: keys, and the file's size in bytes."""

    keys: int
    size: int


@dataclass(frozen=True)
class Restored:
    """What was put back: keys, and how many of the file's had run out by themselves since."""

    header: Header
    keys: int
    ran_out: int


async def back_up(url: str, district: str, path: Path, now: datetime) -> Kept:
    """Write all keys of a district to `path` (absolute), which is replaced only by a whole file.

    Raises BackupRefused when there are none (a wrong setting would otherwise make empty backups for years),
    StoreUnavailable when the store gives no copy of itself, OSError when the file cannot be written.
    """
    work = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        async with frozen(url, work) as copy, store_errors():
            with (work / "backup").open("xb") as file:
                count = await write(copy, file, Header(district, now.isoformat(timespec="seconds")))
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        if not count:
            raise BackupRefused(f"district {district} has no data in this store; nothing was written")
        _publish(work / "backup", path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    async with _client(url) as redis:
        await _note(redis, district, now)
    return Kept(count, size)


async def last_backup(redis: Redis, district: str) -> datetime | None:
    """Return when the data was last written to a file, as the store remembers."""
    async with store_errors():
        text = await redis.get(key(district, "backup", "last"))
    return datetime.fromisoformat(str(text)) if text else None


async def _note(redis: Redis, district: str, at: datetime) -> None:
    await redis.set(key(district, "backup", "last"), at.isoformat(timespec="seconds"))


async def write(source: Redis, file: BinaryIO, header: Header) -> int:
    """Write a district's keys in the order of their names; as consistent as the source is quiet."""
    prefix = key(header.district, "")
    writer = Writer(file, header)
    found: Any = await source.keys(f"{prefix}*")
    for names in batched(sorted(found), BATCH):
        for record in await read(source, names):
            if record is not None:
                writer.add(replace(record, key=record.key.removeprefix(prefix)))
    writer.end()
    return writer.count


async def restore(url: str, district: str, path: Path, over: bool) -> Restored:
    """Put a backup in the place of a district's data; with `over` even when there is some.

    Raises BackupRefused when the file is no whole backup of this district, when there is data and `over` is false, or when
    what was loaded differs from the file: nothing was changed. Unconfirmed when it is in place but perhaps not on disk.
    """
    with path.open("rb") as file:
        header = _own(file, path.name, district)
        async with _client(url) as redis:
            if not over and await _any(redis, key(district, "")):
                raise BackupRefused(f"district {district} has data in this store; --replace gives it up for the backup")
            await _clear(redis, district)
            try:
                await _load(redis, file, district)
                kept, ran_out = await _compare(redis, file, district)
                await _swap(redis, district, over)
                await _note(redis, district, datetime.fromisoformat(header.created_at))
            finally:
                await _clear(redis, district)
    return Restored(header, kept, ran_out)


def require_own(path: Path, district: str) -> None:
    """Raise BackupRefused when a file is no whole backup of this district; no store is needed for that."""
    with path.open("rb") as file:
        _own(file, path.name, district)


def _own(file: BinaryIO, name: str, district: str) -> Header:
    header = check(file, name)
    if header.district != district:
        raise BackupRefused(f"{name} is of district {header.district}, and this is {district}")
    return header


async def _load(redis: Redis, file: BinaryIO, district: str) -> None:
    for batch in _batches(file):
        await put(redis, [(_beside(district, record), record) for record in batch])


async def _compare(redis: Redis, file: BinaryIO, district: str) -> tuple[int, int]:
    """Return how many keys are there exactly as in the file, and how many ran out; raise when any is neither."""
    same = ran_out = differ = 0
    for batch in _batches(file):
        found = await read(redis, [_beside(district, record) for record in batch])
        seconds, micros = await redis.time()
        for record, other in zip(batch, found, strict=True):
            if other is None and 0 <= record.expires <= seconds * 1000 + micros // 1000:
                ran_out += 1
            elif other is not None and replace(other, key=record.key) == record:
                same += 1
            else:
                differ += 1
    if differ:
        raise BackupRefused(f"{differ} of {same + differ + ran_out} keys differ from the file; nothing was changed")
    return same, ran_out


async def _swap(redis: Redis, district: str, over: bool) -> None:
    own = key(district, "")
    async with redis.pipeline(transaction=False) as pipe:
        pipe.eval(SWAP.read_text("utf-8"), 0, own, BESIDE + own, "replace" if over else "empty")
        pipe.execute_command("WAITAOF", 1, 0, ON_DISK_MS)
        done, on_disk = await pipe.execute(raise_on_error=False)
    if isinstance(done, Exception):
        raise StoreUnavailable(str(done)) from done
    if not done:
        raise BackupRefused(f"district {district} got data in this moment; stop the program first, or use --replace")
    if isinstance(on_disk, Exception) or not on_disk[0]:
        raise Unconfirmed("the backup is in place, but the store did not confirm that it is on disk")


async def _clear(redis: Redis, district: str) -> None:
    names = redis.scan_iter(match=f"{BESIDE}{key(district, '')}*", count=1000)
    found = [name async for name in names]
    for batch in batched(found, BATCH):
        await redis.unlink(*batch)


async def _any(redis: Redis, prefix: str) -> bool:
    async for _ in redis.scan_iter(match=f"{prefix}*", count=1000):
        return True
    return False


def _batches(file: BinaryIO) -> Iterator[tuple[Record, ...]]:
    return batched(records(file), BATCH)


def _beside(district: str, record: Record) -> str:
    return BESIDE + key(district, record.key)


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Redis]:
    redis = open_bytes(url)
    try:
        async with store_errors():
            yield redis
    finally:
        await redis.aclose()


def _publish(finished: Path, path: Path) -> None:
    """Give a written file its name, and see the name to the disk as well."""
    finished.chmod(0o600)
    finished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
