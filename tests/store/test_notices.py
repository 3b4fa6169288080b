"""Everybody is told once, whoever dies when; nothing is kept longer than a month."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.booking import desk as booking
from bot.booking.choices import Desk
from bot.booking.clock import ring_due
from bot.booking.model import DAY, Appointment, Slot
from bot.citizens.model import RETENTION
from bot.conversation.model import Reply
from bot.errors import StoreUnavailable
from bot.notices import saying, service
from bot.notices.model import Notice
from bot.notices.service import GIVE_UP, deliver_once
from bot.notices.store import CONSUMER, GROUP, NoticeStore
from tests.store.booking_world import DISTRICT, NOW, SLOT, START, WISH, open_desk

OUTBOX = f"{{{DISTRICT}}}:notices"


class Died(BaseException):
    """The process is gone: nothing in it catches this."""


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


@pytest.fixture
def store(redis: Redis) -> NoticeStore:
    return NoticeStore(redis, DISTRICT)


async def seated(desk: Desk) -> Appointment:
    """Return a mediation that the other side has accepted; the outbox then says so to c1."""
    asked = await booking.book(desk, WISH, SLOT, NOW, "r1")
    return await booking.accept(desk, asked.id, "B", NOW + 1, "r2")


async def heard(store: NoticeStore, person: str = "c1", after: int = 0) -> list[str]:
    return [told.reply.text for told in await service.told(store, person, after)]


async def test_citizen_is_told_that_the_other_side_accepts(desk: Desk, store: NoticeStore) -> None:
    seat = await seated(desk)
    assert await deliver_once(store, desk, NOW + 2) == 1
    assert await deliver_once(store, desk, NOW + 3) == 0
    [text] = await heard(store)
    assert "答应来了" in text
    assert seat.id in text
    assert await heard(store, "somebody else") == []


async def test_reminders_reach_the_citizen_a_day_and_a_quarter_before(desk: Desk, store: NoticeStore) -> None:
    await seated(desk)
    await deliver_once(store, desk, NOW + 2)
    for at in (START - DAY, START - 15 * 60):
        assert await ring_due(desk, at) == 1
        assert await deliver_once(store, desk, at) == 1
    assert ["快到时间了" in text or "马上到时间了" in text for text in await heard(store)] == [False, True, True]


STEPS = ["before reading", "after reading", "while wording", "before telling", "after telling"]


@pytest.mark.parametrize("step", STEPS)
async def test_citizen_is_told_once_when_the_worker_dies(
    desk: Desk, store: NoticeStore, redis: Redis, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seated(desk)
    where, broken = {
        "before reading": ((store, "waiting"), _dies),
        "after reading": ((store, "waiting"), _after(store.waiting)),
        "while wording": ((saying, "worded"), _dies_at_once),
        "before telling": ((store, "finish"), _dies),
        "after telling": ((store, "finish"), _after(store.finish)),
    }[step]
    with monkeypatch.context() as dying:
        dying.setattr(*where, broken)
        with pytest.raises(Died):
            await deliver_once(store, desk, NOW + 2)
    for later in (NOW + 10, NOW + 15):
        await deliver_once(NoticeStore(redis, DISTRICT), desk, later)
    assert len(await heard(store)) == 1
    assert await redis.xlen(OUTBOX) == 0


async def _dies(*_: Any) -> Any:
    raise Died


def _dies_at_once(*_: Any) -> Any:
    raise Died


def _after(call: Any) -> Any:
    async def dies(*given: Any) -> Any:
        await call(*given)
        raise Died

    return dies


async def test_eight_workers_at_once_tell_it_once(desk: Desk, store: NoticeStore, redis: Redis) -> None:
    await seated(desk)
    workers = [NoticeStore(redis, DISTRICT) for _ in range(8)]
    done = await asyncio.gather(*(deliver_once(worker, desk, NOW + 2) for worker in workers))
    assert sum(done) == 1
    assert len(await heard(store)) == 1


async def test_control_that_tells_and_then_strikes_off_does_tell_twice(
    desk: Desk, store: NoticeStore, redis: Redis
) -> None:
    await seated(desk)
    for dies in (True, False):
        for notice in await store.waiting():
            await redis.rpush("control", notice.what)
            if not dies:
                await redis.xack(OUTBOX, GROUP, notice.id)
    assert await redis.lrange("control", 0, -1) == ["accepted", "accepted"]


async def test_page_that_asks_for_what_is_new_misses_nothing_when_the_clock_goes_back(
    desk: Desk, store: NoticeStore
) -> None:
    seat = await seated(desk)
    await deliver_once(store, desk, NOW + 100)
    [first] = await service.told(store, "c1", 0)
    later = Slot(START + 75 * 60, START + 135 * 60, "p1")
    await booking.move(desk, seat.id, later, "staff", "clerk", NOW + 101, "r3")
    await deliver_once(store, desk, NOW + 50)
    [second] = await service.told(store, "c1", first.number)
    assert second.number > first.number
    assert "时间改了" in second.reply.text


async def test_citizen_is_not_told_of_what_was_changed_since(desk: Desk, store: NoticeStore, redis: Redis) -> None:
    seat = await seated(desk)
    await booking.cancel(desk, seat.id, "citizen", "c1", NOW + 2, "r3")
    assert await deliver_once(store, desk, NOW + 3) == 1
    assert await heard(store) == []
    assert await redis.xlen(OUTBOX) == 0


async def test_each_notice_is_gone_after_a_month_whatever_comes_after_it(
    desk: Desk, store: NoticeStore, redis: Redis
) -> None:
    seat, month = await seated(desk), RETENTION["notice"].seconds
    await deliver_once(store, desk, NOW + 2)
    [text] = await redis.keys(f"{OUTBOX}:c1:*")
    for name in (text, f"{OUTBOX}:c1"):
        assert 0 < await redis.ttl(name) <= month
    await redis.delete(text)  # its time is over
    await booking.cancel(desk, seat.id, "staff", "clerk", NOW + 3, "r3")
    await deliver_once(store, desk, NOW + month)
    [told] = await heard(store)
    assert "取消" in told
    await deliver_once(store, desk, NOW + month)
    assert len(await store.told("c1", 0)) == 1


async def test_one_notice_that_cannot_be_worded_holds_up_no_other_and_is_given_up_in_the_end(
    desk: Desk, store: NoticeStore, redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seat = await seated(desk)
    await redis.xadd(OUTBOX, {"person": "c1", "what": "moved", "appointment": seat.id, "at": NOW})
    real = saying.worded

    def worded(what: str, *rest: Any) -> Reply | None:
        if what == "moved":
            raise KeyError("a slip")
        return real(what, *rest)

    monkeypatch.setattr(saying, "worded", worded)
    with caplog.at_level(logging.INFO):
        assert await deliver_once(store, desk, NOW + 2) == 1
        assert await deliver_once(store, desk, NOW + 7) == 0
        assert await deliver_once(store, desk, NOW + GIVE_UP) == 1
    assert len(await heard(store)) == 1
    assert await redis.xlen(OUTBOX) == 0
    assert {record.levelname for record in caplog.records} == {"ERROR", "INFO"}
    assert seat.id not in caplog.text


async def test_unknown_or_empty_entry_is_passed_over(desk: Desk, store: NoticeStore, redis: Redis) -> None:
    await redis.xadd(OUTBOX, {"person": "c1", "what": "birthday", "appointment": "x", "at": NOW})
    await redis.xadd(OUTBOX, {"nothing": "known"})
    assert await deliver_once(store, desk, NOW) == 2
    assert await heard(store) == []


async def test_nothing_is_lost_when_the_store_fails_in_the_middle(
    desk: Desk, store: NoticeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seated(desk)

    async def fails(*_: Any) -> bool:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as failing:
        failing.setattr(store, "finish", fails)
        with pytest.raises(StoreUnavailable):
            await deliver_once(store, desk, NOW + 2)
    assert await deliver_once(store, desk, NOW + 3) == 1


async def test_erased_citizen_leaves_no_notice(desk: Desk, store: NoticeStore, redis: Redis) -> None:
    await seated(desk)
    await deliver_once(store, desk, NOW + 2)
    assert "答应来了" in json.dumps(await store.export_of("c1"), ensure_ascii=False)
    assert await store.erase_of("c1") == 1
    assert await store.export_of("c1") == {}
    assert await redis.keys(f"{OUTBOX}:c1*") == []
    assert await store.erase_of("c1") == 0


async def test_worker_takes_up_what_an_earlier_one_had_read(desk: Desk, store: NoticeStore, redis: Redis) -> None:
    await seated(desk)
    [notice] = await store.waiting()
    assert isinstance(notice, Notice)
    pending = await redis.xpending(OUTBOX, GROUP)
    assert pending["consumers"][0]["name"] in (CONSUMER, CONSUMER.encode())
    assert [each.id for each in await NoticeStore(redis, DISTRICT).waiting()] == [notice.id]
