"""A citizen asks in the chat how to be contacted: asked back, agreed to, kept, heeded, ended; offered once after danger."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring
from bot.citizens.store import CitizenStore
from bot.errors import StoreUnavailable
from bot.reach import service
from bot.reach.model import Safe
from bot.reach.store import ReachStore
from tests.channel.conftest import ScriptedEngine
from tests.keys import keyring_with

DISTRICT, SENDER = "440515", "abcd1234"
DANGER = "他拿着刀在门口要打我"


@pytest.fixture
def keyring() -> Keyring:
    return keyring_with("k1")


@pytest.fixture
def store(redis: Redis, keyring: Keyring) -> ReachStore:
    return ReachStore(redis, DISTRICT, keyring)


async def say(client: TestClient, **body: str) -> list[dict]:
    answer = await client.post("/api/chat", json={"sender": SENDER, **body})
    assert answer.status == 200
    return (await answer.json())["messages"]


def person(store: ReachStore) -> str:
    return store.person(f"web:{SENDER}")


async def test_citizen_asks_agrees_and_is_heeded(
    client: TestClient, engine: ScriptedEngine, store: ReachStore, redis: Redis, keyring: Keyring
) -> None:
    [asked] = await say(client, text="别提是什么事")
    assert "这样可以吗" in asked["text"]
    assert await service.safe_of(store, person(store)) == Safe(), "nothing is kept before the yes"
    [done] = await say(client, payload=asked["buttons"][0]["payload"])
    assert "记好了" in done["text"]
    assert await service.safe_of(store, person(store)) == Safe(neutral=True)
    people = CitizenStore(redis, DISTRICT, keyring)
    assert await citizens.agreed(people, person(store), "safe_contact")
    assert engine.asked == []


async def test_citizen_agrees_by_typing_the_number(client: TestClient, store: ReachStore) -> None:
    await say(client, text="晚上不要联系我")
    await say(client, text="1")
    assert (await service.safe_of(store, person(store))).hours == (9, 17)


async def test_citizen_who_says_no_is_contacted_as_before(client: TestClient, store: ReachStore) -> None:
    [asked] = await say(client, text="不要发提醒到我手机")
    await say(client, payload=asked["buttons"][1]["payload"])
    assert await service.safe_of(store, person(store)) == Safe()


async def test_citizen_ends_it_and_keeps_a_form_left_half_way(
    client: TestClient, store: ReachStore, redis: Redis, keyring: Keyring
) -> None:
    people = CitizenStore(redis, DISTRICT, keyring)
    await citizens.save_draft(people, person(store), {"kind": "notary"}, 1)
    [asked] = await say(client, text="不要发提醒到我手机")
    await say(client, payload=asked["buttons"][0]["payload"])
    [ended] = await say(client, text="恢复提醒")
    assert "照常" in ended["text"]
    assert await service.safe_of(store, person(store)) == Safe()
    assert not await citizens.agreed(people, person(store), "safe_contact")
    assert await citizens.draft(people, person(store)) == {"kind": "notary"}


async def test_citizen_who_never_asked_is_answered_by_the_engine(client: TestClient, engine: ScriptedEngine) -> None:
    await say(client, text="恢复提醒")
    assert len(engine.asked) == 1


async def test_citizen_in_danger_gets_the_number_first_and_the_offer_once(
    client: TestClient, store: ReachStore
) -> None:
    first = await say(client, text=DANGER)
    assert "110" in first[0]["text"]
    assert "不写是什么事" in first[-1]["text"]
    assert len(await say(client, text=DANGER)) == len(first) - 1
    [asked] = await say(client, payload=first[-1]["buttons"][0]["payload"])
    await say(client, payload=asked["buttons"][0]["payload"])
    assert (await service.safe_of(store, person(store))).neutral


async def test_citizen_is_told_when_it_could_not_be_kept(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    [asked] = await say(client, text="不要发提醒到我手机")

    async def fails(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(ReachStore, "keep_safe", fails)
    [told] = await say(client, payload=asked["buttons"][0]["payload"])
    assert "没能记下来" in told["text"]


async def test_broken_store_takes_no_number_from_somebody_in_danger(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> bool:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(ReachStore, "offer_once", fails)
    told = await say(client, text=DANGER)
    assert "110" in told[0]["text"]
