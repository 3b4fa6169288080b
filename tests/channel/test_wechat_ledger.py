"""What WeChat pushes to the gateway stands in the ledger, so that the worker knows how somebody can be told."""

from __future__ import annotations

import time

from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from bot.reach import service
from bot.reach.store import ReachStore
from tests.keys import keyring_with
from tests.wechat import event, query, text

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
