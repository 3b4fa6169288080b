"""The outbox and what came of it, in Valkey.

`{district}:notices`           stream of what is to be told: person, what, appointment, at (other rooms write it)
`{district}:notices:<person>`  sorted set of what one person was told, by number (notices.lua tells the form)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.conversation.model import Reply, reply_from_json, reply_to_json
from bot.notices.model import KEEP_DAYS, PAGE, Notice, Told
from bot.platform.store import atomically, key, store_errors

SCRIPT = Path(__file__).with_name("notices.lua")
GROUP = "delivery"
# All workers share one name, so that a new one takes up what a dead one left.
CONSUMER = "worker"
# Read in one round; a county's reminders for a day are fewer.
ROUND = 100


class NoticeStore:
    """Takes from the outbox and keeps what people were told. A PersonalData room."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._outbox = key(district, "notices")
        self._script = SCRIPT.read_text("utf-8")

    def _told(self, person: str) -> str:
        return f"{self._outbox}:{person}"

    async def waiting(self) -> list[Notice]:
        """Return what is to be told, at most ROUND that were taken before and not finished, and ROUND new ones."""
        async with store_errors():
            try:
                return [*await self._read("0"), *await self._read(">")]
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                await self._begin()
                return await self._read(">")

    async def _begin(self) -> None:
        try:
            await self._redis.xgroup_create(self._outbox, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _read(self, after: str) -> list[Notice]:
        answer: Any = await self._redis.xreadgroup(GROUP, CONSUMER, {self._outbox: after}, count=ROUND)
        found = [entry for _, entries in answer or () for entry in entries]
        return [_notice(entry_id, fields) for entry_id, fields in found]

    async def finish(self, notice: Notice, reply: Reply | None, now: float) -> bool:
        """Tell the person, or nothing when there is no reply, and strike the notice off. False: that was done before."""
        told = json.dumps(reply_to_json(reply), ensure_ascii=False) if reply else ""
        keys = (self._outbox, self._told(notice.person))
        args = (GROUP, notice.id, told, round(now * 1000), KEEP_DAYS * 86_400_000)
        async with store_errors():
            return bool(await self._redis.eval(self._script, len(keys), *keys, *args))

    async def told(self, person: str, after: int) -> list[Told]:
        """Return what a person was told after a number, the oldest first, at most PAGE."""
        name = self._told(person)
        async with store_errors():
            found: Any = await self._redis.zrange(
                name, f"({after}", "+inf", byscore=True, offset=0, num=PAGE, withscores=True
            )
        return [Told(int(score), _reply(member)) for member, score in found]

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what a person was told."""
        async with store_errors():
            members: Any = await self._redis.zrange(self._told(person), 0, -1)
        return {"notices": [_reply(member).text for member in members]} if members else {}

    async def erase_of(self, person: str) -> int:
        """Erase what a person was told, and return how many notices."""
        name = self._told(person)
        count, _ = await atomically(self._redis, ("ZCARD", name), ("DEL", name), frees=True)
        return int(count)


def _notice(entry_id: str, fields: dict[str, str] | None) -> Notice:
    """Read an entry; one that was deleted while it was pending has no fields left and is nobody's."""
    known = fields or {}
    person, what, appointment = (known.get(name, "") for name in ("person", "what", "appointment"))
    return Notice(entry_id, person, what, appointment, int(known.get("at", 0)))


def _reply(member: str) -> Reply:
    return reply_from_json(json.loads(member.partition(" ")[2]))
