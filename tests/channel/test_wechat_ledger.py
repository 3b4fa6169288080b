"""What WeChat pushes to the gateway stands in the ledger, so that the worker knows how somebody can be told."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from bot.channels.wechat.deliveries import Deliveries
from bot.errors import StoreUnavailable
from bot.reach import service
from bot.reach.ledger import Ledger
from bot.reach.store import ReachStore
from tests.channel.wechat_engine import LongEngine
from tests.channel.wechat_world import gateway, hurry, until
from tests.keys import keyring_with
from tests.wechat import event, query, subscription, text

USER = "wechat:oUser1"


async def test_ledger_hears_who_writes_and_who_leaves(client: TestClient, redis: Redis) -> None:
    store, now = ReachStore(redis, "440515", keyring_with("k1")), int(time.time())

    async def pushes(body: str) -> None:
        answer = await client.post("/wechat", params=query(), data=body.encode())
        assert answer.status == 200

    await pushes(text("你好").replace("1700000000", str(now)))
    known = await service.standing(store, USER, now + 1)
    assert known.left(now + 1) == 5
    assert await store.address(store.person(USER)) == "oUser1"
    await pushes(event("unsubscribe", at=now + 1))
    known = await service.standing(store, USER, now + 2)
    assert (known.followed, known.left(now + 2)) == (False, 0)
    assert await store.leaving(5) == [store.person(USER)]


async def test_permission_counts_once_when_the_gateway_dies_before_it_is_done_with_it(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    store, real, tried = ReachStore(redis, "440515", keyring_with("k1")), Deliveries.commit, []

    async def commit(*given: Any) -> str:
        tried.append(given)
        if len(tried) == 1:
            raise StoreUnavailable("away")
        return await real(*given)

    monkeypatch.setattr(Deliveries, "commit", commit)
    allowed = [{"TemplateId": name, "SubscribeStatusString": "accept"} for name in ("T1", "T2", "T1")]
    async with gateway(redis, LongEngine(), ledger=Ledger(store)) as gate:
        await gate.post(subscription("popup", *allowed))
        await until(lambda: len(tried) > 1)
        await gate.idle()
    assert (await service.standing(store, USER, time.time())).permissions == {"T1": 2, "T2": 1}


async def test_windows_count_from_the_push_and_not_from_when_a_rush_let_it_be_answered(redis: Redis) -> None:
    store, now = ReachStore(redis, "440515", keyring_with("k1")), int(time.time())
    async with gateway(redis, LongEngine(), ledger=Ledger(store)) as gate:
        await gate.post(event("CLICK", "/book_mediation", at=now - 45))
        await gate.post(event("CLICK", "/book_mediation", at=now - 20, user="oUser2"))
        await gate.idle()
    late, early = [await service.standing(store, f"wechat:oUser{number}", now) for number in (1, 2)]
    assert (late.left(now), early.left(now), early.until(now)) == (3, 3, now - 20 + 50)
    assert late.until(now) == now - 45 + 50


async def test_permission_from_before_the_citizen_left_that_is_noted_late_counts_nothing(redis: Redis) -> None:
    store, now = ReachStore(redis, "440515", keyring_with("k1")), int(time.time())
    entry = {"TemplateId": "T1", "SubscribeStatusString": "accept"}
    async with gateway(redis, LongEngine(), ledger=Ledger(store)) as gate:
        await gate.post(event("unsubscribe", at=now - 5))
        await gate.post(subscription("popup", entry, at=now - 9))
        await gate.post(subscription("popup", {**entry, "TemplateId": "T2"}, at=now - 2))
        await gate.idle()
    assert (await service.standing(store, USER, now)).permissions == {"T2": 1}
