"""The open directory over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.directory import service
from bot.directory.importer import read
from bot.directory.store import DirectoryStore

FOLDER = Path(__file__).resolve().parents[2] / "data" / "directory" / "440515"


@pytest.fixture
async def filled(client: TestClient, redis: Redis) -> TestClient:
    areas = read_areas(FOLDER / "areas.csv")
    await service.replace(DirectoryStore(redis, "440515"), read([FOLDER], areas)[0], areas)
    return client


@pytest.mark.parametrize("collection", ["organizations", "services", "locations", "services_at_location"])
async def test_reader_pages_through_a_collection_and_meets_each_record_once(
    filled: TestClient, collection: str
) -> None:
    seen: list[str] = []
    page = 1
    while True:
        data = await (await filled.get(f"/api/hsds/{collection}?page={page}&per_page=100")).json()
        seen += [record["id"] for record in data["contents"]]
        if data["last_page"]:
            break
        page += 1
    assert len(seen) == len(set(seen)) == data["total_items"] > 100


async def test_reader_gets_one_record_with_what_it_joins(filled: TestClient) -> None:
    data = await (await filled.get("/api/hsds/services_at_location/jo-102")).json()
    assert data["location"]["name"] == "莲下镇司法所"
    assert data["service"]["x_demo"] is True


@pytest.mark.parametrize(
    ("path", "status"),
    [("nothing", 404), ("services/none", 404), ("services?page=0", 400), ("services?page=9999", 400), ("services?per_page=101", 400), ("services?page=二", 400)],
)  # fmt: skip
async def test_reader_with_a_wrong_address_gets_a_problem_document(filled: TestClient, path: str, status: int) -> None:
    response = await filled.get(f"/api/hsds/{path}")
    assert response.status == status
    assert response.content_type == "application/problem+json"
