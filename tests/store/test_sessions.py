"""Sessions of the pages: how long they live, and what a copy of the store is good for."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.channels.links import Link
from bot.channels.sessions import IDLE, LONGEST, Sessions
from bot.channels.store import SessionStore
from bot.errors import LinkUsed
from tests.store.booking_world import DISTRICT, NOW


@pytest.fixture
def sessions(redis: Redis) -> Sessions:
    return Sessions(SessionStore(redis, DISTRICT))


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
    for name in await redis.keys("*"):
        assert session.id not in name
        assert session.id not in str(await redis.hgetall(name))
        assert 0 < await redis.ttl(name) <= IDLE
        assert await sessions.find(name.rpartition(":")[2], NOW) is None


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
