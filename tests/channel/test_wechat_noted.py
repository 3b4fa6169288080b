"""What WeChat tells once and nobody says in words: it is noted, or WeChat is not told that it was."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.errors import StoreUnavailable
from tests.channel.wechat_engine import LongEngine
from tests.channel.wechat_world import Ledger, gateway, hurry, until
from tests.wechat import event, query, text

GONE = "redis://127.0.0.1:1"
ACCEPTED = event("subscribe_msg_popup_event").replace(
    "</xml>",
    "<SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString>"
    "</List></SubscribeMsgPopupEvent></xml>",
)
TOLD_ONCE = (event("unsubscribe"), ACCEPTED, event("TEMPLATESENDJOBFINISH", MsgID="9", Status="success"))


@pytest.fixture
def engine() -> LongEngine:
    return LongEngine()


class Absent(Ledger):
    """Cannot write so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def heard(self, *told: Any) -> None:
        self._away()
        await super().heard(*told)

    async def permitted(self, *told: Any) -> None:
        self._away()
        await super().permitted(*told)

    async def came_of(self, *told: Any) -> None:
        self._away()
        await super().came_of(*told)

    def _away(self) -> None:
        self.times -= 1
        if self.times >= 0:
            raise StoreUnavailable("away")

    @property
    def told(self) -> int:
        return len([*self.heard_of, *self.permissions, *self.outcomes])


@pytest.mark.parametrize("body", TOLD_ONCE)
async def test_wechat_is_asked_to_tell_again_when_the_store_is_away(
    engine: LongEngine, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    async with gateway(Redis.from_url(GONE, decode_responses=True), engine) as gate:
        with caplog.at_level(logging.WARNING):
            response = await gate.client.post("/wechat", params=query(), data=body.encode())
        assert (response.status, await response.text()) == (503, "")
    assert not [record for record in caplog.records if record.exc_info]


async def test_citizen_who_taps_another_menu_reads_no_notice_of_wechats_when_the_store_is_away(
    engine: LongEngine,
) -> None:
    async with gateway(Redis.from_url(GONE, decode_responses=True), engine) as gate:
        assert await gate.post(event("CLICK", "V1001")) == "success"


@pytest.mark.parametrize("body", TOLD_ONCE)
async def test_what_the_ledger_could_not_write_is_written_when_it_can(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    hurry(monkeypatch)
    ledger = Absent(5)
    async with gateway(redis, engine, ledger=ledger) as gate:
        assert await gate.post(body) == "success"
        await until(lambda: ledger.told)
        await gate.idle()
    assert ledger.told == 1
    assert await redis.zcard("{440515}:wechat:waiting") == 0


async def test_what_can_never_be_written_holds_up_the_citizens_messages_for_a_while_only(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr("bot.channels.wechat.leading.MOST_NOTED", 2)
    async with gateway(redis, engine, ledger=Absent(10**6)) as gate:
        assert await gate.post(ACCEPTED) == "success"
        await gate.post(text("你好", "1"))
        await until(lambda: engine.asked)


async def test_citizen_is_answered_although_the_ledger_cannot_write(redis: Redis, engine: LongEngine) -> None:
    async with gateway(redis, engine, ledger=Absent(10**6)) as gate:
        assert "收到你好" in await gate.says(text("你好", "1"))
