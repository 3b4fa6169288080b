"""Look-ups over the reference directory in a real Valkey."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.directory import service
from bot.directory.importer import read
from bot.directory.model import Query, Tables
from bot.directory.store import DirectoryStore

FOLDER = Path(__file__).resolve().parents[2] / "data" / "directory" / "440515"
AREAS = read_areas(FOLDER / "areas.csv")
TABLES, _ = read([FOLDER], AREAS)
LIANXIA = "440515102"


@pytest.fixture
async def store(redis: Redis) -> DirectoryStore:
    store = DirectoryStore(redis, "440515")
    await service.replace(store, TABLES, AREAS)
    return store


async def test_citizen_finds_a_mediator_who_speaks_teochew_in_the_town(store: DirectoryStore) -> None:
    found = await service.find(store, AREAS, Query("mediator", LIANXIA, language="zh-teochew"))
    assert found.total >= 1
    assert found.dropped == ()
    assert all("zh-teochew" in li.languages and LIANXIA in li.areas for li in found.listings)


async def test_citizen_in_a_village_gets_the_towns_mediators(store: DirectoryStore) -> None:
    village = AREAS.children(LIANXIA)[0]
    found = await service.find(store, AREAS, Query("mediator", village))
    assert {li.areas for li in found.listings} == {(LIANXIA,)}


async def test_citizen_is_told_when_a_wish_cannot_be_met(store: DirectoryStore) -> None:
    found = await service.find(store, AREAS, Query("notary", language="sign", gender="male", matter="family"))
    assert found.listings
    assert "language" in found.dropped or "gender" in found.dropped


async def test_every_village_has_exactly_one_adviser_a_committee_and_a_room(store: DirectoryStore) -> None:
    for area in AREAS:
        if area.level == "village":
            adviser = await service.find(store, AREAS, Query("village_adviser", area.code))
            assert (adviser.total, adviser.area) == (1, area.code), area
            for kind in ("mediation_committee", "service_center"):
                nearest = await service.nearest(store, AREAS, kind, area.code)
                assert nearest is not None
                assert nearest.areas == (area.code,), area


async def test_search_widens_to_the_county_and_says_so(redis: Redis) -> None:
    store = DirectoryStore(redis, "440515")
    only = [row for row in TABLES.rows["people"] if row["id"] == "med-001-1"]
    await service.replace(store, Tables({**TABLES.rows, "people": only}), AREAS)
    found = await service.find(store, AREAS, Query("mediator", LIANXIA))
    assert (found.total, found.asked_area, found.area) == (1, LIANXIA, "440515")


@pytest.mark.parametrize(
    "said",
    ["杨纯惠", "杨纯惠调解员", "杨纯会", "杨淳惠", "羊纯惠", "yangchunhui", "ych", "杨惠", "楊純惠"[:1] + "纯惠"],
)
async def test_citizen_finds_a_person_by_a_name_as_said(store: DirectoryStore, said: str) -> None:
    assert "杨纯惠" in [li.name for li in await service.by_name(store, said)]


@pytest.mark.parametrize(
    ("said", "name"), [("莲下司法所", "莲下镇司法所"), ("公证处", "澄海区公证处"), ("法援中心", "澄海区法律援助中心")]
)
async def test_citizen_finds_a_place_by_what_people_call_it(store: DirectoryStore, said: str, name: str) -> None:
    assert (await service.by_name(store, said, 1))[0].name == name


async def test_citizen_gets_nobody_when_no_name_is_close(store: DirectoryStore) -> None:
    assert await service.by_name(store, "欧阳震华") == ()


async def test_reader_never_sees_half_a_directory_while_it_is_replaced(store: DirectoryStore) -> None:
    small = Tables({**TABLES.rows, "people": TABLES.rows["people"][:10]})
    counts = set()
    done = False

    async def read_all_the_time() -> None:
        while not done:
            counts.add((await service.find(store, AREAS, Query("mediator"), limit=1)).total)
            await asyncio.sleep(0)

    reader = asyncio.create_task(read_all_the_time())
    whole = (await service.find(store, AREAS, Query("mediator"))).total
    for tables in (small, TABLES, small, TABLES):
        await service.replace(DirectoryStore(store._redis, "440515"), tables, AREAS)
        await asyncio.sleep(1.05)
    done = True
    await reader
    assert counts <= {whole, 10}
    assert len(counts) == 2


async def test_import_that_died_leaves_the_old_directory_and_is_cleaned_by_the_next(
    store: DirectoryStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(DirectoryStore, "_write_records", dies)
        with pytest.raises(RuntimeError):
            await service.replace(store, TABLES, AREAS)
    assert (await service.find(store, AREAS, Query("notary_office"))).total == 1
    await service.replace(store, TABLES, AREAS)
    await service.replace(store, TABLES, AREAS)
    generations = {name.split(":")[2] async for name in redis.scan_iter("*directory:*:listing")}
    assert len(generations) == 2


def _put(tables: Tables, spots: dict[str, tuple[str, str]]) -> Tables:
    """Return the tables with coordinates for some places and none for the others."""
    bare = [{k: v for k, v in row.items() if k not in ("latitude", "longitude")} for row in tables.rows["places"]]
    places = [
        {**row, "latitude": spots[row["id"]][0], "longitude": spots[row["id"]][1]} if row["id"] in spots else row
        for row in bare
    ]
    return Tables({**tables.rows, "places": places})


async def test_citizen_at_a_spot_finds_the_nearest_windows_in_order(redis: Redis) -> None:
    store = DirectoryStore(redis, "440515")
    spots = {
        "sc-county": ("23.47", "116.76"),
        "aid-county": ("23.48", "116.76"),
        "notary-county": ("23.5", "116.76"),
        # Nobody with a trouble walks into a committee unasked, and 60 km are a journey.
        **{row["id"]: ("23.47", "116.77") for row in TABLES.rows["places"] if row["provider_type"] == "law_firm"},
    }
    await service.replace(store, _put(TABLES, spots), AREAS)
    near = await service.points_near(store, AREAS, (23.469, 116.76), "", 3)
    assert [n.listing.id for n in near] == ["sc-county", "aid-county", "notary-county"]
    assert [round(n.metres or 0, -2) for n in near] == [100, 1200, 3400]
    assert await service.points_near(store, AREAS, (22.9, 116.76), "", 3) == []
    assert await service.points_near(store, AREAS, (-89.0, 179.0), "", 3) == []


async def test_citizen_in_a_village_is_shown_its_own_room_before_what_happens_to_be_on_the_map(redis: Redis) -> None:
    store = DirectoryStore(redis, "440515")
    await service.replace(store, _put(TABLES, {"sc-county": ("23.47", "116.76")}), AREAS)
    village = AREAS.children(LIANXIA)[0]
    near = await service.points_near(store, AREAS, (23.47, 116.76), village, 3)
    assert [n.metres is None for n in near] == [True, True, False]
    assert near[0].listing.areas == (village,)
    assert near[1].listing.areas == (LIANXIA,)


async def test_citizen_in_a_county_without_coordinates_gets_the_towns_windows_alone(redis: Redis) -> None:
    store = DirectoryStore(redis, "440515")
    await service.replace(store, _put(TABLES, {}), AREAS)
    near = await service.points_near(store, AREAS, (23.47, 116.76), LIANXIA, 3)
    assert {n.listing.areas for n in near} == {(LIANXIA,)}
    assert await service.points_near(store, AREAS, (23.47, 116.76), "", 3) == []
