"""Sessions of the pages: how long they live, and what a copy of the store is good for."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.channels.links import Link
from bot.channels.sessions import IDLE, LONGEST, Sessions
from bot.channels.store import SessionStore
from bot.errors import LinkUsed
from tests.keys import keyring_with
from tests.store.booking_world import DISTRICT, NOW


@pytest.fixture
def store(redis: Redis) -> SessionStore:
    return SessionStore(redis, DISTRICT, keyring_with("k1"))


@pytest.fixture
def sessions(store: SessionStore) -> Sessions:
    return Sessions(store)


async def test_citizen_who_does_nothing_for_two_hours_must_come_again(sessions: Sessions) -> None:
    session = await sessions.open("person p1", NOW)
    assert await sessions.find(session.id, NOW + IDLE - 1)
    assert await sessions.find(session.id, NOW + 2 * IDLE - 2)  # the last look counts
    assert await sessions.find(session.id, NOW + 3 * IDLE - 2) is None
    assert await sessions.find(session.id, NOW) is None


async def test_citizen_who_never_rests_must_come_again_after_half_a_day(sessions: Sessions) -> None:
    session = await sessions.open("person p1", NOW)
    for at in range(NOW, NOW + LONGEST, IDLE // 2):
        assert await sessions.find(session.id, at)
        await sessions.keep(session, "sealed", at)
    assert await sessions.find(session.id, NOW + LONGEST) is None


async def test_copy_of_the_store_opens_nobodys_page(sessions: Sessions, redis: Redis) -> None:
    session = await sessions.open("person p1", NOW)
    await sessions.keep(session, "陈小明", NOW)
    for name in await redis.keys("*"):
        kept = str(await redis.hgetall(name) if await redis.type(name) == "hash" else await redis.smembers(name))
        assert session.id not in name + kept
        assert "陈小明" not in kept
        assert 0 < await redis.ttl(name) <= LONGEST
        assert await sessions.find(name.rpartition(":")[2], NOW) is None


async def test_erased_person_is_out_on_every_phone_and_leaves_nothing_that_was_typed(
    sessions: Sessions, store: SessionStore, redis: Redis
) -> None:
    phones = [await sessions.open("person p1", NOW) for _ in range(2)]
    other = await sessions.open("person p2", NOW)
    await sessions.keep(phones[0], '{"name": "陈小明"}', NOW)
    assert await store.export_of("p1") == {"forms": [{"name": "陈小明"}]}
    assert await store.erase_of("p1") == 2
    assert [await sessions.find(phone.id, NOW) for phone in phones] == [None, None]
    assert await sessions.find(other.id, NOW)
    assert (await store.erase_of("p1"), await store.export_of("p1")) == (0, {})
    assert len(await redis.keys("*session*")) == 2


async def test_stranger_has_no_session(sessions: Sessions) -> None:
    for made_up in ("", "x", "../..", "\x00"):
        assert await sessions.find(made_up, NOW) is None


async def test_link_is_exchanged_once(sessions: Sessions) -> None:
    link = Link("me", "p1", NOW + 60, "n1")
    first = await sessions.exchange(link, "person p1", NOW)
    with pytest.raises(LinkUsed):
        await sessions.exchange(link, "person p1", NOW)
    assert await sessions.find(first.id, NOW)


async def test_form_of_another_session_is_not_ours(sessions: Sessions) -> None:
    one, other = await sessions.open("person p1", NOW), await sessions.open("person p1", NOW)
    assert one.owns(one.token)
    for token in (other.token, "", one.id, "\ud800", one.token[:-1]):
        assert not one.owns(token)


async def test_guesser_has_five_tries_an_hour(sessions: Sessions, redis: Redis) -> None:
    allowed = [await sessions.may_try("invite:x", 5, 3600) for _ in range(7)]
    assert allowed == [True] * 5 + [False] * 2
    assert await sessions.may_try("invite:y", 5, 3600)
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:tries:invite:x") <= 3600
