"""A store of our own that holds what another holds at one moment, while that one goes on working.

The other server is asked for what a new replica gets first: a copy that it makes by forking, between two commands, so that
no function's or transaction's writes are ever seen by half. Every Valkey and Redis can do that over the wire, embedded or
not; the account needs the right to SYNC. The copy is loaded by a server beside, which holds the memory and answers at leisure.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from bot.errors import StoreUnavailable
from bot.platform.contents import open_bytes
from bot.platform.processes import Program, free_port, pings, valkey, write_store_config
from bot.platform.supervisor import Child

# A server that waits for a fork or other replicas says so by an empty line every second; a minute of silence is a dead one.
SILENCE_SECONDS = 60.0
PIECE = 1 << 20
MARK_LENGTH = 40


@asynccontextmanager
async def frozen(url: str, work: Path) -> AsyncIterator[Redis]:
    """Yield a client of the copy; `work` is an empty folder for its files. Raises StoreUnavailable."""
    with (work / "copy.rdb").open("wb") as file:
        try:
            await _receive(url, file)
        except (RedisError, OSError, EOFError) as error:
            raise StoreUnavailable(f"the store does not give a copy of itself: {error}") from error
    secret, port = secrets.token_urlsafe(24), free_port()
    write_store_config(work, port, secret, "appendonly no", "dbfilename copy.rdb")
    address = f"redis://:{secret}@127.0.0.1:{port}/{_database(url)}"
    child = Child(Program("copy", (str(valkey()), str(work / "valkey.conf")), pings(address)), work)
    copy = open_bytes(address)
    try:
        await child.start()
        await child.until_ready()
        yield copy
    finally:
        await copy.aclose()
        await child.stop()


def _database(url: str) -> int:
    return int(Redis.from_url(url).connection_pool.connection_kwargs.get("db") or 0)


async def _receive(url: str, file: BinaryIO) -> None:
    """Write the other server's snapshot to a file."""
    pool: Any = ConnectionPool.from_url(url, protocol=2)
    connection = pool.make_connection()
    await connection.connect()
    try:
        # "eof": sent straight from memory, so that the other server leaves no file behind. "rdb-only": nothing follows.
        for command in (("REPLCONF", "capa", "eof"), ("REPLCONF", "rdb-only", "1")):
            await connection.send_command(*command)
            await connection.read_response()
        await connection.send_command("SYNC")
        # What follows is no answer that a client library could read, so it is taken from the stream below it.
        await _copy(connection._reader, file)
    finally:
        await connection.disconnect(nowait=True)


async def _copy(reader: asyncio.StreamReader, file: BinaryIO) -> None:
    line = b""
    while not line:
        line = (await _within(reader.readuntil(b"\n"))).strip()
    if line.startswith(b"$EOF:"):
        await _until_mark(reader, line[5:], file)
    elif line.startswith(b"$"):
        await _exactly(reader, int(line[1:]), file)
    else:
        raise StoreUnavailable(f"the store does not give a copy of itself: {line.decode('utf-8', 'replace')}")


async def _until_mark(reader: asyncio.StreamReader, mark: bytes, file: BinaryIO) -> None:
    held = b""
    while held[-MARK_LENGTH:] != mark:
        piece = await _within(reader.read(PIECE))
        if not piece:
            raise EOFError("it ended in the middle")
        held += piece
        file.write(held[:-MARK_LENGTH])
        held = held[-MARK_LENGTH:]


async def _exactly(reader: asyncio.StreamReader, length: int, file: BinaryIO) -> None:
    while length:
        piece = await _within(reader.read(min(length, PIECE)))
        if not piece:
            raise EOFError("it ended in the middle")
        file.write(piece)
        length -= len(piece)


async def _within(reading: Any) -> bytes:
    return bytes(await asyncio.wait_for(reading, SILENCE_SECONDS))
