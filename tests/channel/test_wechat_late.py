"""Answers that come too late for their reply: sent as far as the citizen's quota goes, and the rest within their reach."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.channels.wechat.deliveries import Deliveries
from bot.errors import CitizenUnreachable, PlatformBusy, WeChatError
from bot.reach.ledger import Ledger
from bot.reach.store import ReachStore
from tests.channel import wechat_world
from tests.channel.wechat_engine import LongEngine
from tests.channel.wechat_world import Gateway, Platform, gateway, hang_up, hurry, until
from tests.keys import keyring_with
from tests.wechat import text

USER = "wechat:oUser1"
MORE = "还有没看完的"


@pytest.fixture
def engine() -> LongEngine:
    return LongEngine()


@pytest.fixture
def store(redis: Redis) -> ReachStore:
    return ReachStore(redis, "440515", keyring_with("k1"))


async def late(gate: Gateway, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Let a push be acknowledged before its answer is made, and the answer go out."""
    at_once = Deliveries.open

    async def slow(*of: Any) -> Any:
        await asyncio.sleep(0.7)
        return await at_once(*of)

    with monkeypatch.context() as patched:
        hurry(patched)
        patched.setattr(Deliveries, "open", slow)
        assert await gate.post(body) == "success"
        await gate.idle()


async def left(store: ReachStore) -> int:
    now = time.time()
    return (await store.standing(store.person(USER))).at(now).left(now)


def reads_everything_in_order(said: str) -> bool:
    return [said.index(f"第{n}句") for n in range(260)] == sorted(said.index(f"第{n}句") for n in range(260))


async def test_slow_answer_on_a_service_account_follows_by_itself(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    engine.delay = 0.8
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        assert await gate.post(text("你好", "1")) == "success"
        assert await gate.post(text("你好", "1")) == "success"
        await gate.idle()
        assert await gate.post(text("你好", "1")) == "success"
    assert [said.count("收到你好") for said in platform.texts] == [1]


async def test_citizen_reads_all_of_a_late_answer_that_the_quota_covers(
    redis: Redis, engine: LongEngine, store: ReachStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform, ledger=Ledger(store)) as gate:
        await late(gate, monkeypatch, text("长", "1"))
    assert len(platform.texts) == 4
    assert reads_everything_in_order("".join(platform.texts))
    assert not [said for said in platform.texts if MORE in said]
    assert await left(store) == 1


async def test_citizen_who_tapped_reads_a_late_answer_as_far_as_three_messages_go_and_fetches_the_rest(
    redis: Redis, engine: LongEngine, store: ReachStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform, ledger=Ledger(store)) as gate:
        await late(gate, monkeypatch, text("长", "1", bizmsgmenuid="x.0"))
        assert [MORE in said for said in platform.texts] == [False, False, True]
        last = await gate.says(text("继续", "2"))
    assert reads_everything_in_order("".join(platform.texts) + last)
    assert MORE not in last


async def test_late_answer_too_long_to_send_begins_by_itself_and_says_how_to_go_on(
    redis: Redis, engine: LongEngine, store: ReachStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.wechat.turns.MOST_SENT", 2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform, ledger=Ledger(store)) as gate:
        await late(gate, monkeypatch, text("长", "1"))
        assert [MORE in said for said in platform.texts] == [True]
        assert await left(store) == 4
        said = [await gate.says(text("继续", str(number))) for number in (2, 3, 4)]
    assert reads_everything_in_order("".join([*platform.texts, *said]))
    assert [MORE in each for each in said] == [True, True, False]


async def test_citizen_who_asks_for_more_in_a_rush_gets_it_by_itself(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.wechat.turns.MOST_SENT", 2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        assert MORE in await gate.says(text("长", "1"))
        await late(gate, monkeypatch, text("继续", "2"))
        assert [said.count(MORE) for said in platform.texts] == [1]


@pytest.mark.parametrize(("error", "tried"), [(CitizenUnreachable(48002, ""), 2), (PlatformBusy(45009, ""), 1)])
async def test_citizen_who_refuses_messages_closes_the_way_for_nobody_else_and_a_spent_quota_for_all(
    redis: Redis, engine: LongEngine, error: WeChatError, tried: int
) -> None:
    platform = Platform()
    platform.errors = [error]
    async with gateway(redis, engine, platform=platform) as gate:
        for user in ("oA", "oB"):
            await gate.says(text("选", "1", user=user))
            await gate.idle()
    assert platform.tried == tried


async def test_citizen_is_told_of_choices_that_the_quota_does_not_cover(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform, ledger=wechat_world.Ledger(left=1)) as gate:
        await late(gate, monkeypatch, text("选", "1"))
        assert [MORE in said for said in platform.texts] == [True]
        assert "2. 转人工" in await gate.says(text("继续", "2"))


async def test_reply_that_nobody_fetched_goes_out_before_what_was_paid_for_to_follow_it(
    redis: Redis, engine: LongEngine, store: ReachStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr("bot.channels.wechat.deliveries.UNCOLLECTED_SECONDS", 0.2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform, ledger=Ledger(store)) as gate:
        await hang_up(gate, text("长", "1", bizmsgmenuid="x.0"))
        await until(lambda: len(platform.texts) == 3)
        await gate.idle()
        last = await gate.says(text("继续", "2"))
    assert reads_everything_in_order("".join(platform.texts) + last)
    assert [MORE in said for said in [*platform.texts, last]] == [False, False, True, False]
