"""The staff's trays in Valkey: one stream a tray."""

from __future__ import annotations

from typing import Any

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
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.incr(key(self._district, "inbox", "last"))
            pipe.xadd(self._stream(item.tray), item.fields())  # type: ignore[arg-type]
            pipe.execute_command("WAITAOF", 1, 0, FSYNC_TIMEOUT_MS)  # counts this connection's writes only
            number, entry, on_disk = await pipe.execute(raise_on_error=False)
            for result in (number, entry):
                if isinstance(result, RedisError):
                    raise result
        _require_on_disk(on_disk)
        return int(number)

    async def contents(self, tray: str, count: int = 100) -> list[dict[str, str]]:
        """Return a tray's newest items first, each as its fields."""
        async with store_errors():
            entries: Any = await self._redis.xrevrange(self._stream(tray), count=count)
        return [fields for _, fields in entries]


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
