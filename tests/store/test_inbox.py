"""What waits for the staff: sealed, found again, dropped in time, given back and erased."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.citizens.keyring import Keyring
from bot.citizens.model import RETENTION, person_of
from bot.errors import StoreUnavailable
from bot.inbox import service
from bot.inbox.model import TRAYS, Item, Tray
from bot.inbox.store import InboxStore
from tests.keys import SECRET, keyring_with

DISTRICT = "990001"
AT = "2026-11-23T10:00:00+08:00"
SENT = 1_795_399_200  # the same moment
PERSON = person_of(SECRET, "web:abc12345")


@pytest.fixture
def store(redis: Redis, keyring: Keyring) -> InboxStore:
    return InboxStore(redis, DISTRICT, keyring)


async def test_staff_can_read_a_message_with_its_reference(store: InboxStore) -> None:
    first = await service.leave(store, Item("message", "web:abc12345", "请回电", AT))
    second = await service.leave(
        store, Item("message", "web:abc12345", "还有一件事", "2026-11-23T11:00:00+08:00", "labour")
    )
    newest, oldest = await store.contents("message")
    assert (oldest["reference"], oldest["user"], oldest["text"]) == (first, "web:abc12345", "请回电")
    assert (newest["reference"], newest["text"], newest["note"]) == (second, "还有一件事", "labour")
    assert newest["person"] == PERSON
    assert await store.contents("unanswered") == []


@pytest.mark.parametrize("tray", TRAYS)
async def test_citizens_words_cannot_stay_longer_than_promised(store: InboxStore, redis: Redis, tray: Tray) -> None:
    await store.append(Item(tray, "web:abc12345", "旧", AT))
    await store.append(Item(tray, "web:abc12345", "新", "2026-11-23T10:00:01+08:00"))
    now = SENT + RETENTION[tray].seconds
    assert await service.forget(store, now) == 0
    assert await service.forget(store, now + 1) == 1
    assert [item["text"] for item in await store.contents(tray)] == ["新"]
    assert await service.forget(store, now + 2) == 1
    assert await redis.keys("*") == [f"{{{DISTRICT}}}:inbox:last"]


async def test_citizen_can_get_a_copy_and_be_erased_beside_others(store: InboxStore) -> None:
    for user in ("web:abc12345", "web:other123"):
        await store.append(Item("message", user, "请回电", AT))
        await store.append(Item("alert", user, "他又打我", AT))
    copy = await store.export_of(PERSON)
    assert copy["items"][0] == {"reference": "LY-22223", "tray": "message", "at": AT, "text": "请回电"}
    assert await store.erase_of(PERSON) == 2
    assert await store.export_of(PERSON) == {}
    assert await store.erase_of(PERSON) == 0
    assert [item["user"] for tray in TRAYS for item in await store.contents(tray)] == ["web:other123"] * 2


async def test_staff_can_read_on_after_the_keys_changed(store: InboxStore, redis: Redis) -> None:
    await store.append(Item("message", "web:abc12345", "请回电", AT))
    both = InboxStore(redis, DISTRICT, keyring_with("k2", "k1"))
    await both.append(Item("message", "web:abc12345", "又来了", AT))
    assert await both.reseal() == {"resealed": 2}
    only = InboxStore(redis, DISTRICT, keyring_with("k2"))
    assert {item["text"] for item in await only.contents("message")} == {"请回电", "又来了"}


async def test_staff_see_an_empty_text_where_the_key_is_lost(store: InboxStore, redis: Redis) -> None:
    await store.append(Item("message", "web:abc12345", "请回电", AT))
    (item,) = await InboxStore(redis, DISTRICT, keyring_with("k2")).contents("message")
    assert (item["user"], item["text"], item["at"]) == ("", "", AT)


async def test_citizen_is_promised_nothing_by_a_full_store_but_old_words_still_go(
    store: InboxStore, redis: Redis
) -> None:
    await store.append(Item("message", "web:abc12345", "请回电", AT))
    await redis.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(StoreUnavailable):
            await store.append(Item("message", "web:abc12345", "又来了", AT))
        assert await service.forget(store, SENT + RETENTION["message"].seconds + 1) == 1
    finally:
        await redis.config_set("maxmemory", "0")
    assert await store.contents("message") == []
