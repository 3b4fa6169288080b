"""What citizens did with answers, in Valkey. No text and no account: entries, days, counts and pseudonyms.

`{district}:knowledge:relied:<entry>`   sorted set of people, by when they were last given the entry
`{district}:knowledge:of:<person>`      set of the entries that a person was given
`{district}:knowledge:due`              sorted set of "<entry> <person>", by the same moment: what is to be forgotten first
`{district}:knowledge:judged:<day>`     hash: "<entry> yes" and "<entry> no" → how often
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from bot.citizens.model import RETENTION
from bot.platform.store import atomically, key, store_errors

# Pairs dropped in one step; more would hold up the store for everybody.
ROUND = 500


class KnowledgeStore:
    """Keeps who relied on which entry, and how entries are judged. A PersonalData room."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district

    def _key(self, *parts: str) -> str:
        return key(self._district, "knowledge", *parts)

    async def rely(self, entry: str, person: str, at: int) -> None:
        """Note that a person was given an entry, at a moment in seconds since 1970. Raises StoreUnavailable."""
        await atomically(
            self._redis,
            ("ZADD", self._key("relied", entry), at, person),
            ("SADD", self._key("of", person), entry),
            ("ZADD", self._key("due"), at, f"{entry} {person}"),
        )

    async def relied(self, entry: str) -> list[str]:
        """Return the pseudonyms of those who were given an entry, the latest last."""
        async with store_errors():
            people: Any = await self._redis.zrange(self._key("relied", entry), 0, -1)
        return list(people)

    async def judge(self, entry: str, useful: bool, day: str) -> None:
        """Count one 有用 or 没用. Raises StoreUnavailable."""
        name = self._key("judged", day)
        await atomically(
            self._redis,
            ("HINCRBY", name, f"{entry} {'yes' if useful else 'no'}", 1),
            ("EXPIRE", name, RETENTION["relied"].seconds),
        )

    async def judged(self, day: str) -> dict[tuple[str, bool], int]:
        """Return (entry, useful) → how often, on a day."""
        async with store_errors():
            counts: Any = await self._redis.hgetall(self._key("judged", day))
        parted = {name.rpartition(" "): int(number) for name, number in counts.items()}
        return {(entry, said == "yes"): number for (entry, _, said), number in parted.items()}

    async def forget_before(self, moment: float) -> int:
        """Forget who relied on what before a moment, at most ROUND pairs, and return how many."""
        async with store_errors():
            due: Any = await self._redis.zrange(
                self._key("due"), "-inf", f"({moment:.0f}", byscore=True, offset=0, num=ROUND
            )
        return await self._forget([tuple(pair.split(" ")) for pair in due])

    async def _forget(self, pairs: list[tuple[str, ...]]) -> int:
        commands = [
            command
            for entry, person in pairs
            for command in (
                ("ZREM", self._key("relied", entry), person),
                ("SREM", self._key("of", person), entry),
                ("ZREM", self._key("due"), f"{entry} {person}"),
            )
        ]
        if commands:
            await atomically(self._redis, *commands, frees=True)
        return len(pairs)

    async def _of(self, person: str) -> list[str]:
        async with store_errors():
            entries: Any = await self._redis.smembers(self._key("of", person))
        return sorted(entries)

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return which entries a person was given."""
        entries = await self._of(person)
        return {"answers": entries} if entries else {}

    async def erase_of(self, person: str) -> int:
        """Forget which entries a person was given."""
        return await self._forget([(entry, person) for entry in await self._of(person)])
