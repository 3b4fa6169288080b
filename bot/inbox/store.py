"""The staff's trays in Valkey: one stream a tray."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import StoreUnavailable
from bot.inbox.model import Item
from bot.platform.store import FSYNC_TIMEOUT_MS, key, store_errors


class InboxStore:
    """Appends items; nothing is read back here before the console exists."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district

    def _stream(self, tray: str) -> str:
        return key(self._district, "unanswered" if tray == "unanswered" else "inbox")

    async def append(self, item: Item) -> int:
        """Keep an item and return its running number.

        Raises StoreUnavailable when it could not be written or did not reach the disk in time.
        """
        async with store_errors(), self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(key(self._district, "inbox", "last"))
            pipe.xadd(self._stream(item.tray), item.fields())  # type: ignore[arg-type]
            number, _ = await pipe.execute()
        await self._on_disk()
        return int(number)

    async def _on_disk(self) -> None:
        """Wait until what this connection wrote is fsynced; refuse to promise anything before."""
        async with store_errors():
            try:
                local, _ = await self._redis.execute_command("WAITAOF", 1, 0, FSYNC_TIMEOUT_MS)
            except RedisError as error:
                if "appendonly" in str(error):  # A server without an append-only file: doctor warns the operator.
                    return
                raise
        if int(local) < 1:
            raise StoreUnavailable("the write did not reach the disk in time")

    async def contents(self, tray: str, count: int = 100) -> list[dict[str, str]]:
        """Return a tray's newest items first, each as its fields."""
        async with store_errors():
            entries = await self._redis.xrevrange(self._stream(tray), count=count)
        return [fields for _, fields in entries]
