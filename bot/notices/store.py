"""The outbox and what came of it, in Valkey.

`{district}:notices`                stream of what is to be told: person, what, appointment, at (other rooms write it)
`{district}:notices:<person>`       sorted set of the entries of which one person was told, by number (notices.lua)
`{district}:notices:<person>:<id>`  what was told, as JSON; it ends by itself
`{district}:notices:<person>:shown` the number up to which a page of theirs has shown them
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.citizens.model import RETENTION
from bot.conversation.model import Reply, reply_from_json, reply_to_json
from bot.notices.model import PAGE, Notice, Told
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

    def _told(self, *parts: str) -> str:
        return ":".join((self._outbox, *parts))

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

    async def finish(
        self, notice: Notice, reply: Reply | None, now: float, effects: Sequence[Sequence[str]] = ()
    ) -> bool:
        """Tell the person, or nothing when there is no reply, and strike the notice off. False: that was done before.

        `effects` are commands on one key each, ("HSET", key, …), that are made in the same step when there is a reply.
        """
        told = json.dumps(reply_to_json(reply), ensure_ascii=False) if reply else ""
        own = (self._outbox, self._told(notice.person), self._told(notice.person, notice.id))
        keys = (*own, *(effect[1] for effect in effects))
        numbered = json.dumps([[name, at, *rest] for at, (name, _, *rest) in enumerate(effects, len(own) + 1)])
        args = (GROUP, notice.id, told, round(now * 1000), RETENTION["notice"].seconds * 1000, numbered)
        async with store_errors():
            return bool(await self._redis.eval(self._script, len(keys), *keys, *args))

    async def shown(self, person: str, number: int) -> None:
        """Note that a person's open page has shown the notices up to a number of theirs."""
        last = await self._last(person)
        if number > 0 and last:
            async with store_errors():
                await self._redis.set(self._told(person, "shown"), min(number, last), ex=RETENTION["notice"].seconds)

    async def was_shown(self, person: str, entry: str) -> bool:
        """Whether a page has shown one notice."""
        async with store_errors():
            number: Any = await self._redis.zscore(self._told(person), entry)
            shown: Any = await self._redis.get(self._told(person, "shown"))
        return number is not None and float(number) <= float(shown or 0)

    async def _last(self, person: str) -> int:
        async with store_errors():
            found: Any = await self._redis.zrange(self._told(person), -1, -1, withscores=True)
        return int(found[0][1]) if found else 0

    async def told(self, person: str, after: int) -> list[Told]:
        """Return what a person was told after a number, the oldest first, at most PAGE."""
        async with store_errors():
            found: Any = await self._redis.zrange(
                self._told(person), f"({after}", "+inf", byscore=True, offset=0, num=PAGE, withscores=True
            )
        texts = await self._texts(person, [entry for entry, _ in found])
        return [Told(int(number), _reply(text)) for (_, number), text in zip(found, texts, strict=True) if text]

    async def _texts(self, person: str, entries: list[str]) -> list[str | None]:
        if not entries:
            return []
        async with store_errors():
            found: Any = await self._redis.mget([self._told(person, entry) for entry in entries])
        return list(found)

    async def _entries(self, person: str) -> list[str]:
        async with store_errors():
            return [str(entry) for entry in await self._redis.zrange(self._told(person), 0, -1)]

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what a person was told."""
        texts = await self._texts(person, await self._entries(person))
        told = [_reply(text).text for text in texts if text]
        return {"notices": told} if told else {}

    async def erase_of(self, person: str) -> int:
        """Erase what a person was told, and return how many notices."""
        names = [self._told(person, entry) for entry in await self._entries(person)]
        beside = (self._told(person), self._told(person, "shown"))
        answers = await atomically(self._redis, *(("DEL", name) for name in (*beside, *names)), frees=True)
        return sum(int(gone) for gone in answers[len(beside) :])


def _notice(entry_id: str, fields: dict[str, str] | None) -> Notice:
    """Read an entry; one that was deleted while it was pending has no fields left and is nobody's."""
    known = fields or {}
    person, what, appointment = (known.get(name, "") for name in ("person", "what", "appointment"))
    return Notice(entry_id, person, what, appointment, int(known.get("at", 0)))


def _reply(text: str) -> Reply:
    return reply_from_json(json.loads(text))
