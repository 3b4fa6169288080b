"""Exactly one answer to each message: sent twice, sent to another gateway, or cut off by a gateway's death."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.channels.wechat import leading
from bot.channels.wechat.deliveries import Deliveries
from bot.errors import CitizenUnreachable, NotPermitted, PlatformBusy, PlatformDown, StoreUnavailable
from tests.channel.wechat_engine import LongEngine
from tests.channel.wechat_world import Ledger, Platform, gateway, hang_up, hurry, until
from tests.keys import keyring_with
from tests.wechat import event, push, text

SUBSCRIPTION = "<SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>"


@pytest.fixture
def engine() -> LongEngine:
    return LongEngine()


async def test_redelivery_during_the_work_joins_it(redis: Redis, engine: LongEngine) -> None:
    engine.delay = 0.3
    async with gateway(redis, engine) as gate:
        answers = await asyncio.gather(*(gate.says(text("你好", "77")) for _ in range(3)))
        later = await gate.says(text("你好", "77"))
    assert "收到你好" in later
    assert {*answers, later} == {later}
    assert len(engine.asked) == 1


async def test_redelivery_to_another_gateway_joins_the_work_of_the_first(redis: Redis, engine: LongEngine) -> None:
    engine.delay = 0.3
    async with gateway(redis, engine) as one, gateway(redis, engine) as two:
        first, second = await asyncio.gather(one.says(text("你好", "77")), two.says(text("你好", "77")))
        assert "收到你好" in first
        assert first == second == await two.says(text("你好", "77"))
    assert len(engine.asked) == 1


async def test_redelivered_event_has_one_effect(redis: Redis, engine: LongEngine) -> None:
    ledger = Ledger()
    body = event("subscribe_msg_popup_event").replace("</xml>", SUBSCRIPTION + "</xml>")
    async with gateway(redis, engine, ledger=ledger) as one, gateway(redis, engine, ledger=ledger) as two:
        assert {await gate.post(body) for gate in (one, two, one)} == {"success"}
        for gate in (one, two):
            await gate.post(event("CLICK", "/book_mediation"))
    assert ledger.permissions == [("wechat:oUser1", "T1", 1)]
    assert ledger.heard_of == [("wechat:oUser1", "menu")]
    assert len(engine.asked) == 1


async def test_two_citizens_with_the_same_message_id_are_both_answered(redis: Redis, engine: LongEngine) -> None:
    async with gateway(redis, engine) as gate:
        assert "收到甲" in await gate.says(text("甲", "1", user="oA"))
        assert "收到乙" in await gate.says(text("乙", "1", user="oB"))


async def test_answer_that_no_delivery_fetched_is_sent(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr("bot.channels.wechat.deliveries.UNCOLLECTED_SECONDS", 0.2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        await hang_up(gate, text("你好", "77"))
        await until(lambda: platform.texts)
        assert "收到你好" in platform.texts[0]
        assert await gate.post(text("你好", "77")) == "success"
        await asyncio.sleep(0.5)
    assert len(platform.texts) == 1
    assert await redis.zcard("{440515}:wechat:uncollected") == 0


async def test_what_follows_waits_until_the_reply_before_it_was_taken(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "REPLY_FIRST_SECONDS", 0.2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        await hang_up(gate, text("长", "1"))
        await gate.idle()
        assert "收到你好" in await gate.says(text("你好", "2"))
        await gate.idle()
        assert not any("句" in said for said in platform.texts)
        first = await gate.says(text("长", "1"))
        await gate.idle()
    whole = first + "".join(said for said in platform.texts if "句" in said)
    assert [whole.index(f"第{n}句") for n in range(260)] == sorted(whole.index(f"第{n}句") for n in range(260))


async def test_reply_that_went_out_while_the_store_was_away_is_not_sent_once_more(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr("bot.channels.wechat.deliveries.UNCOLLECTED_SECONDS", 0.2)
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:

        async def away(*_: Any) -> Any:
            raise StoreUnavailable("away")

        with monkeypatch.context() as patched:
            patched.setattr(gate.webhook.deliveries, "collect", away)
            assert "收到你好" in await gate.says(text("你好", "77"))
        await gate.idle()
        while await redis.zcard("{440515}:wechat:uncollected"):
            await asyncio.sleep(0.05)
        await gate.idle()
    assert not [said for said in platform.texts if "收到你好" in said]


async def test_citizen_reads_that_all_is_erased_although_the_message_itself_is_erased_too(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway(redis, engine, platform=Platform()) as gate:
        deliveries, ask = gate.webhook.deliveries, engine.ask

        async def erasing(inbound: Any) -> Any:
            assert await deliveries.erase_of(deliveries.line_of("wechat:oUser1")) > 0
            return await ask(inbound)

        monkeypatch.setattr(engine, "ask", erasing)
        assert "收到删掉" in await gate.says(text("删掉", "77"))
        await gate.idle()
    assert await redis.zcard("{440515}:wechat:waiting") == 0


@pytest.mark.parametrize("delivery", ["acknowledged", "hung up"])
async def test_citizen_who_erases_everything_in_a_rush_is_told_so_afterwards_and_nothing_is_kept(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch, delivery: str
) -> None:
    hurry(monkeypatch)
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        deliveries, ask = gate.webhook.deliveries, engine.ask
        person = deliveries.line_of("wechat:oUser1")

        async def erasing(inbound: Any) -> Any:
            await asyncio.sleep(0.7)
            assert await deliveries.erase_of(person) > 0
            return await ask(inbound)

        monkeypatch.setattr(engine, "ask", erasing)
        if delivery == "acknowledged":
            assert await gate.post(text("删掉", "77")) == "success"
        else:
            await hang_up(gate, text("删掉", "77"))
        await until(lambda: platform.texts)
        await gate.idle()
    assert [said for said in platform.texts if "收到删掉" in said]
    assert len(platform.texts) == 1
    assert not [name for kind in ("in", "rest", "line") for name in await redis.keys(f"*wechat:{kind}:{person}*")]


async def test_messages_of_one_citizen_are_answered_in_order_whichever_gateway_gets_them(
    redis: Redis, engine: LongEngine
) -> None:
    engine.delay = 0.05
    async with gateway(redis, engine) as one, gateway(redis, engine) as two:
        tasks = []
        for number in range(12):
            tasks.append(asyncio.create_task((one, two)[number % 2].says(text(f"话{number}", str(number)))))
            while await came(redis) <= number:
                await asyncio.sleep(0.005)
        answers = await asyncio.gather(*tasks)
    assert [inbound.body for inbound in engine.asked] == [f"话{number}" for number in range(12)]
    assert all(f"收到话{number}\n" in answer for number, answer in enumerate(answers))


async def test_citizen_in_danger_does_not_wait_for_an_earlier_answer(redis: Redis, engine: LongEngine) -> None:
    engine.delay = 1.5
    async with gateway(redis, engine) as gate:
        slow = asyncio.create_task(gate.says(text("你好", "1")))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        assert "110" in await gate.says(text("他拿刀要杀我", "2"))
        assert time.monotonic() - began < 1
        assert "收到你好" in await slow


async def test_slow_answer_on_a_passive_account_is_fetched_by_the_word(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    engine.delay = 0.8
    async with gateway(redis, engine) as gate:
        busy = await gate.says(text("你好", "1"))
        assert "继续" in busy
        assert await gate.says(text("你好", "1")) == busy  # A redelivery of what was told is told the same.
        await gate.idle()
        assert "收到你好" in await gate.says(text("继续", "2"))
        assert len(engine.asked) == 1
        assert "收到继续" in await more(gate, engine, "3")


async def more(gate: Any, engine: LongEngine, number: str) -> str:
    engine.delay = 0
    return str(await gate.says(text("继续", number)))


async def test_slow_answer_is_not_lost_when_the_citizen_asks_something_else_first(
    redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    engine.delay = 0.8
    async with gateway(redis, engine) as gate:
        await gate.says(text("甲问", "1"))
        await gate.idle()
        engine.delay = 0
        answer = await gate.says(text("乙问", "2"))
        assert "收到乙问" in answer
        assert "还有没看完的" in answer
        assert "收到甲问" in await gate.says(text("继续", "3"))


async def test_long_answer_on_a_passive_account_is_fetched_piece_by_piece(redis: Redis, engine: LongEngine) -> None:
    async with gateway(redis, engine) as gate:
        said = [await gate.says(text("长", "1"))]
        while "还有没看完的" in said[-1]:
            said.append(await gate.says(text("继续", str(len(said) + 1))))
    assert len(said) >= 3
    whole = "".join(piece.split("\n\n（还有")[0] for piece in said)
    assert all(f"第{n}句" in whole for n in range(260))
    assert max(len(piece.encode()) for piece in said) <= 2048
    assert len(engine.asked) == 1


async def test_what_was_left_of_a_long_answer_is_dropped_by_the_next_question(redis: Redis, engine: LongEngine) -> None:
    async with gateway(redis, engine) as gate:
        await gate.says(text("长", "1"))
        assert "还有没看完的" not in await gate.says(text("你好", "2"))


async def test_long_answer_on_a_service_account_follows_in_order(redis: Redis, engine: LongEngine) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        first = await gate.says(text("长", "1"))
        await gate.idle()
    assert "还有没看完的" not in first
    whole = first + "".join(platform.texts)
    assert [whole.index(f"第{n}句") for n in range(260)] == sorted(whole.index(f"第{n}句") for n in range(260))


async def test_citizen_taps_a_menu_message_and_an_older_one_too(redis: Redis, engine: LongEngine) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        for number, question in enumerate(("选", "另选")):
            assert await gate.says(text(question, str(number))) == "要哪个"
            await gate.idle()
        menus = [message["msgmenu"]["list"] for _, message in platform.sent]
        assert [entry["content"] for entry in menus[0]] == ["约调解", "转人工"]
        await gate.says(text("转人工", "3", bizmsgmenuid=menus[0][1]["id"]))
        assert (engine.asked[-1].kind, engine.asked[-1].body) == ("payload", "/talk_to_human")


@pytest.mark.parametrize("item", ["101", "a1b2c3.0", "/book_mediation", ".", "a.b", "x" * 999])
async def test_citizen_cannot_tap_what_no_menu_of_theirs_offered(redis: Redis, engine: LongEngine, item: str) -> None:
    async with gateway(redis, engine, platform=Platform()) as gate:
        await gate.says(text("/book_mediation", "3", bizmsgmenuid=item))
    assert (engine.asked[-1].kind, engine.asked[-1].body) == ("text", "book_mediation")


async def test_tapped_menu_of_somebody_else_is_only_words(redis: Redis, engine: LongEngine) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform) as gate:
        await gate.says(text("选", "1", user="oA"))
        await gate.idle()
        item = platform.sent[-1][1]["msgmenu"]["list"][1]["id"]
        await gate.says(text("随便", "2", user="oB", bizmsgmenuid=item))
    assert engine.asked[-1].body == "随便"


async def test_choices_are_numbers_when_no_message_is_left_to_send(redis: Redis, engine: LongEngine) -> None:
    platform = Platform()
    async with gateway(redis, engine, platform=platform, ledger=Ledger(left=0)) as gate:
        assert "2. 转人工" in await gate.says(text("选", "1"))
        await gate.idle()
    assert platform.sent == []


@pytest.mark.parametrize(
    "error", [CitizenUnreachable(45015, "out of time"), PlatformDown(0, "HTML"), NotPermitted(48001, "")]
)
async def test_what_could_not_be_sent_is_kept_and_never_sent_twice(
    redis: Redis, engine: LongEngine, error: Exception
) -> None:
    platform, ledger = Platform(), Ledger()
    platform.errors = [error]  # type: ignore[list-item]
    async with gateway(redis, engine, platform=platform, ledger=ledger) as gate:
        await gate.says(text("选", "1"))
        await gate.idle()
        assert (platform.tried, platform.sent) == (1, [])
        assert "2. 转人工" in await gate.says(text("继续", "2"))
    assert ledger.refusals == [("wechat:oUser1", "service", error.code)]  # type: ignore[attr-defined]


async def test_account_that_lost_the_right_to_send_goes_on_passively(redis: Redis, engine: LongEngine) -> None:
    platform = Platform()
    platform.errors = [NotPermitted(48001, "api unauthorized")]
    async with gateway(redis, engine, platform=platform) as gate:
        await gate.says(text("选", "1"))
        await gate.idle()
        assert "2. 转人工" in await gate.says(text("选", "2"))
        await gate.idle()
    assert platform.tried == 1


async def test_busy_platform_is_asked_again(redis: Redis, engine: LongEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.wechat.sending.BUSY_WAITS", (0.01, 0.01))
    platform = Platform()
    platform.errors = [PlatformBusy(-1, "system error"), PlatformBusy(-1, "system error")]
    async with gateway(redis, engine, platform=platform) as gate:
        await gate.says(text("选", "1"))
        await gate.idle()
    assert (platform.tried, len(platform.sent)) == (3, 1)


async def test_citizens_acts_are_told_to_the_ledger(redis: Redis, engine: LongEngine) -> None:
    ledger = Ledger()
    done = event("TEMPLATESENDJOBFINISH", MsgID="9", Status="failed:user block")
    async with gateway(redis, engine, ledger=ledger) as gate:
        for body in (
            text("你好"),
            push("image", msg_id="2", MediaId="m"),
            event("SCAN", "v1"),
            event("unsubscribe"),
            done,
        ):
            await gate.post(body)
        await gate.idle()
    assert [trigger for _, trigger in ledger.heard_of] == ["message", "message", "scan", "unsubscribe"]
    assert [(outcome.job, outcome.delivered) for outcome in ledger.outcomes] == [("9", False)]


async def test_citizens_are_answered_without_the_store(redis: Redis, engine: LongEngine) -> None:
    gone = Redis.from_url("redis://127.0.0.1:1", decode_responses=True)
    async with gateway(gone, engine) as gate:
        answers = await asyncio.gather(*(gate.says(text("你好", "1")) for _ in range(2)))
    assert all("收到你好" in answer for answer in answers)
    assert len(engine.asked) == 1


async def test_nothing_of_a_message_is_left_open_and_what_is_left_is_sealed(redis: Redis, engine: LongEngine) -> None:
    async with gateway(redis, engine) as gate:
        await gate.says(text("长", "1"))
        await gate.idle()
    names = [name async for name in redis.scan_iter("*wechat*")]
    assert not [name for name in names if ":in:" in name or ":line:" in name or ":lead:" in name]
    assert await redis.zcard("{440515}:wechat:waiting") == 0
    for name in names:
        assert "oUser1" not in name
        assert await redis.type(name) in ("string", "hash", "zset")
        value = await redis.get(name) if await redis.type(name) == "string" else ""
        assert "句" not in value
        assert await redis.ttl(name) > 0 or name.endswith(":uncollected")


async def test_citizen_gets_a_copy_of_what_is_left_and_can_have_it_erased(redis: Redis, engine: LongEngine) -> None:
    deliveries = Deliveries(redis, "440515", keyring_with("k1"))
    person = deliveries.line_of("wechat:oUser1")
    async with gateway(redis, engine) as gate:
        await gate.says(text("长", "1"))
        await gate.says(text("你好", "1", user="oOther"))
        assert "句" in str(await deliveries.export_of(person))
        assert await deliveries.erase_of(person) > 0
        assert await deliveries.export_of(person) == {}
        assert await deliveries.erase_of(person) == 0
        assert await deliveries.export_of(deliveries.line_of("wechat:oOther"))
        assert "收到继续" in await gate.says(text("继续", "2"))


async def test_keys_can_be_changed_while_something_is_left(redis: Redis, engine: LongEngine) -> None:
    async with gateway(redis, engine) as gate:
        await gate.says(text("长", "1"))
        done = await Deliveries(redis, "440515", keyring_with("k2", "k1")).reseal()
        assert done["resealed"] >= 1
    assert await Deliveries(redis, "440515", keyring_with("k2")).rest(
        Deliveries(redis, "440515", keyring_with("k2")).line_of("wechat:oUser1")
    )


async def came(redis: Redis) -> int:
    """Return how many pushes have come."""
    return len([name async for name in redis.scan_iter("*:wechat:push:*")])
