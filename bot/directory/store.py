"""The directory in Valkey: one generation of keys at a time, swapped by one write.

`{district}:directory:live`               {"generation", "hash", "count"}: the only key that readers start from
`{district}:directory:<g>:at:<key>`       sorted set of "<number>:<flags>" (bot.directory.search)
`{district}:directory:<g>:name:<key>`     set of numbers
`{district}:directory:<g>:spots`          geographic index of the numbers of service points whose coordinates are known
`{district}:directory:<g>:listing`        hash number → listing as JSON;  `…:names` number → names;  `…:number` id → number
`{district}:directory:<g>:records:<c>`    list of HSDS records;  `…:record:<c>` hash id → record;  `…:tables` the tables
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from redis.asyncio import Redis

from bot.areas.model import AreaTable
from bot.directory import search
from bot.directory.model import SERVICE_POINTS, Listing, Tables, listing_from_json
from bot.platform.store import key, store_errors

# Listings a round trip at import: large enough to be quick, small enough for a small server's memory.
CHUNK = 2000
# A reader asks which generation is live at most this often. The generation before stays until the next import.
POINTER_SECONDS = 1.0
# A filter by language or gender looks at this many members at most; beyond, the total is a lower bound.
SCANNED = 2000
# Candidates that a misspelt name may have before they are ranked.
CANDIDATES = 60


class DirectoryStore:
    """Reads one generation, writes the next."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district
        self._pointer: tuple[float, dict[str, Any]] = (0.0, {})

    def _key(self, *parts: object) -> str:
        return key(self._district, "directory", *(str(part) for part in parts))

    async def live(self, fresh: bool = False) -> dict[str, Any]:
        """Return `{"generation", "hash", "count"}` of what readers see; empty when nothing was imported yet."""
        read_at, pointer = self._pointer
        if not fresh and pointer and time.monotonic() - read_at < POINTER_SECONDS:
            return pointer
        async with store_errors():
            raw = await self._redis.get(self._key("live"))
        pointer = json.loads(raw) if raw else {}
        self._pointer = (time.monotonic(), pointer)
        return pointer

    async def _generation(self) -> str:
        return str((await self.live()).get("generation", 0))

    async def replace(
        self,
        listings: Iterable[Listing],
        areas: AreaTable,
        collections: dict[str, list[dict[str, Any]]],
        tables: Tables | None,
        content_hash: str,
    ) -> int:
        """Write a new generation beside the live one, then swap. Return the number of listings."""
        async with store_errors():
            generation = str(await self._redis.incr(self._key("generations")))
            count = await self._write_listings(generation, listings, areas)
            await self._write_records(generation, collections, tables)
            before = (await self.live(fresh=True)).get("generation")
            pointer = {"generation": int(generation), "hash": content_hash, "count": count}
            await self._redis.set(self._key("live"), json.dumps(pointer))
            self._pointer = (0.0, {})
            await self._drop_others({generation, str(before)})
        return count

    async def _write_listings(self, generation: str, listings: Iterable[Listing], areas: AreaTable) -> int:
        number = 0
        chunk: list[tuple[int, Listing]] = []
        for number, listing in enumerate(listings, 1):
            chunk.append((number, listing))
            if len(chunk) == CHUNK:
                await self._write_chunk(generation, chunk, areas)
                chunk = []
        await self._write_chunk(generation, chunk, areas)
        return number

    async def _write_chunk(self, generation: str, chunk: list[tuple[int, Listing]], areas: AreaTable) -> None:
        if not chunk:
            return
        places: dict[str, dict[str, float]] = defaultdict(dict)
        names: dict[str, list[int]] = defaultdict(list)
        for number, listing in chunk:
            entry, place = search.member(number, listing), search.score(listing)
            for index in search.place_keys(listing, areas):
                places[index][entry] = place
            for index in search.name_keys((listing.name, *listing.aliases)):
                names[index].append(number)
        async with self._redis.pipeline(transaction=False) as pipe:
            for index, members in places.items():
                pipe.zadd(self._key(generation, "at", index), members)
            for index, numbers in names.items():
                pipe.sadd(self._key(generation, "name", index), *numbers)
            for number, listing in chunk:
                if listing.provider_type in SERVICE_POINTS and listing.latitude is not None:
                    spot = (listing.longitude or 0.0, listing.latitude, number)
                    pipe.geoadd(self._key(generation, "spots"), spot)
            documents: dict[Any, Any] = {str(n): json.dumps(asdict(li), ensure_ascii=False) for n, li in chunk}
            pipe.hset(self._key(generation, "listing"), mapping=documents)
            pipe.hset(
                self._key(generation, "names"),
                mapping={
                    str(n): "|".join(search.Sounded.of(name).text() for name in (li.name, *li.aliases))
                    for n, li in chunk
                },
            )
            pipe.hset(self._key(generation, "number"), mapping={li.id: n for n, li in chunk})
            await pipe.execute()

    async def _write_records(
        self, generation: str, collections: dict[str, list[dict[str, Any]]], tables: Tables | None
    ) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            for name, records in collections.items():
                texts = {record["id"]: json.dumps(record, ensure_ascii=False) for record in records}
                if texts:
                    pipe.rpush(self._key(generation, "records", name), *texts.values())
                    pipe.hset(self._key(generation, "record", name), mapping=texts)
            pipe.set(self._key(generation, "tables"), json.dumps(tables.rows if tables else {}, ensure_ascii=False))
            await pipe.execute()

    async def _drop_others(self, keep: set[str]) -> None:
        """Unlink the generations that nobody can be reading, what a crash left behind included."""
        prefix = self._key("")
        doomed: list[str] = []
        async for name in self._redis.scan_iter(match=self._key("*").replace("{", r"\{"), count=1000):
            generation = name.removeprefix(prefix).split(":", 1)[0]
            if generation.isdigit() and generation not in keep:
                doomed.append(name)
            if len(doomed) >= CHUNK:
                await self._redis.unlink(*doomed)
                doomed = []
        if doomed:
            await self._redis.unlink(*doomed)

    async def page(self, keys: list[str], flags: str, offset: int, limit: int) -> tuple[list[Listing], int]:
        """Return the listings found under keys, in the keys' order, and how many there are."""
        generation = await self._generation()
        names = [self._key(generation, "at", index) for index in keys]
        numbers, total = await (self._filtered(names, flags) if flags else self._plain(names, offset + limit))
        return await self._listings(generation, numbers[offset : offset + limit]), total

    async def _plain(self, names: list[str], needed: int) -> tuple[list[str], int]:
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.zcard(name)
                pipe.zrange(name, 0, needed - 1)
            answers = await pipe.execute()
        members = [m.split(":", 1)[0] for found in answers[1::2] for m in found]
        return list(dict.fromkeys(members)), sum(answers[0::2])

    async def _filtered(self, names: list[str], flags: str) -> tuple[list[str], int]:
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.zrange(name, 0, SCANNED - 1)
            answers = await pipe.execute()
        split = (m.split(":", 1) for found in answers for m in found)
        numbers = list(dict.fromkeys(number for number, has in split if all(flag in has for flag in flags)))
        return numbers, len(numbers)

    async def _listings(self, generation: str, numbers: list[str]) -> list[Listing]:
        if not numbers:
            return []
        async with store_errors():
            texts = await self._redis.hmget(self._key(generation, "listing"), numbers)
        return [listing_from_json(json.loads(text)) for text in texts if text]

    async def named(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """Return number → names of the listings that share a name key, the surest keys first, at most CANDIDATES."""
        generation = await self._generation()
        ranked = sorted(keys, key=lambda k: ("sound", "near", "pair", "initials").index(k.split(":", 1)[0]))
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for index in ranked:
                pipe.srandmember(self._key(generation, "name", index), CANDIDATES)
            answers = await pipe.execute()
        numbers = list(dict.fromkeys(str(n) for found in answers for n in found))[: 4 * CANDIDATES]
        if not numbers:
            return {}
        async with store_errors():
            names: list[Any] = await self._redis.hmget(self._key(generation, "names"), numbers)
        return {number: text.split("|") for number, text in zip(numbers, names, strict=True) if text}

    async def near(self, latitude: float, longitude: float, within: float, count: int) -> list[Listing]:
        """Return the service points within so many metres of a spot, the nearest first, as far as any is known."""
        generation = await self._generation()
        async with store_errors():
            numbers: Any = await self._redis.geosearch(
                self._key(generation, "spots"),
                latitude=latitude,
                longitude=longitude,
                radius=within,
                unit="m",
                sort="ASC",
                count=count,
            )
        return await self._listings(generation, numbers)

    async def listings(self, numbers: list[str]) -> list[Listing]:
        """Return listings by their numbers in the live generation."""
        return await self._listings(await self._generation(), numbers)

    async def listing(self, listing_id: str) -> Listing | None:
        """Return one listing by its id."""
        generation = await self._generation()
        async with store_errors():
            number: Any = await self._redis.hget(self._key(generation, "number"), listing_id)
        found = await self._listings(generation, [number]) if number else []
        return found[0] if found else None

    async def records(self, collection: str, start: int, size: int) -> tuple[list[dict[str, Any]], int]:
        """Return HSDS records from `start` on, and how many there are."""
        name = self._key(await self._generation(), "records", collection)
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.llen(name)
            pipe.lrange(name, start, start + size - 1)
            total, texts = await pipe.execute()
        return [json.loads(text) for text in texts], int(total)

    async def record(self, collection: str, record_id: str) -> dict[str, Any] | None:
        """Return one HSDS record."""
        name = self._key(await self._generation(), "record", collection)
        async with store_errors():
            text = await self._redis.hget(name, record_id)
        return json.loads(text) if text else None

    async def tables(self) -> Tables:
        """Return the tables that were imported."""
        async with store_errors():
            text = await self._redis.get(self._key(await self._generation(), "tables"))
        return Tables(json.loads(text) if text else {})
