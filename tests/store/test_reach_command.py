"""Whoever has a shell asks whether somebody can be reached, and reads nothing that names them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.booking import desk as booking
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring
from bot.citizens.store import CitizenStore
from bot.cli import parser
from bot.errors import ChengfatongError
from bot.reach import service
from bot.reach.commands import lines, people_of
from bot.reach.model import Safe
from bot.reach.records import Job
from bot.reach.store import ReachStore
from tests.store.booking_world import DISTRICT, NOW, SLOT, WISH, open_desk

USER, PHONE = "wechat:oKanarie-0002", "+8615400091827"


async def told(store: ReachStore, now: float = NOW + 1) -> str:
    person = store.person(USER)
    return "\n".join(lines(await service.standing_of(store, person, now), await service.outcomes(store, person), now))


async def test_operator_reads_until_when_and_by_which_way(redis: Redis, keyring: Keyring) -> None:
    store = ReachStore(redis, DISTRICT, keyring)
    assert "not known from WeChat" in await told(store)
    await service.heard(store, USER, "message", NOW)
    await service.take(store, USER, NOW)
    await service.permitted(store, USER, "tpl-1", 2, "push-1", NOW)
    await service.ask_safe(store, store.person(USER), Safe(neutral=True, hours=(8, 18)))
    await store.put(
        Job("1-0", store.person(USER), "reminder_day", "26-ABCD-EFGH", NOW, "accepted", "service", acted=NOW)
    )
    said = await told(store)
    assert "reachable until 2026-11-25 08:59 by customer-service messages (4 left)" in said
    assert "tpl-1: 2 one-time notice(s) left" in said
    assert "neutral texts, from 8 to 18 o'clock only" in said
    assert "2026-11-23 09:00 reminder_day 26-ABCD-EFGH: accepted by service" in said
    assert "oKanarie" not in said
    assert "one-time subscription" in await told(store, NOW + 3 * 86_400)
    await service.heard(store, USER, "unsubscribe", NOW + 5)
    assert "does not follow" in await told(store)


async def test_operator_finds_a_citizen_by_account_phone_or_reference(redis: Redis, keyring: Keyring) -> None:
    person = ReachStore(redis, DISTRICT, keyring).person(USER)
    desk, people = await open_desk(redis), CitizenStore(redis, DISTRICT, keyring)
    await citizens.agree(people, person, "booking", NOW)
    await citizens.remember(people, person, {"phone": PHONE})
    made = await booking.book(desk, replace(WISH, citizen=person), SLOT, NOW, "r1")
    for who in (USER, PHONE, "154 0009 1827", made.id):
        assert await people_of(redis, DISTRICT, keyring, who) == [person]
    assert await people_of(redis, DISTRICT, keyring, "26-ZZZZ-ZZZZ") == []
    with pytest.raises(ChengfatongError):
        await people_of(redis, DISTRICT, keyring, "张三")
    assert parser().parse_args(["reach", USER]).who == USER
