"""From the outbox to the phone: told and put on its way in one step, worded anew when it is sent, let go when they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.booking import desk as booking
from bot.booking.choices import Desk
from bot.booking.model import DAY, Appointment, Slot
from bot.channels.wechat.deliveries import Deliveries
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring
from bot.citizens.store import CitizenStore
from bot.conversation.model import Button, Inbound
from bot.conversation.store import ConversationStore
from bot.directory.hours import SHANGHAI
from bot.notices import service as notices
from bot.notices.saying import Sayings
from bot.notices.service import deliver_once
from bot.notices.store import NoticeStore
from bot.platform.worker import reach_tasks, run_once
from bot.reach import service as reach
from bot.reach.dispatch import Post, dispatch_once
from bot.reach.model import Safe
from bot.reach.store import ReachStore
from bot.reach.words import NEUTRAL
from tests.store.booking_world import DISTRICT, NOW, SLOT, START, WISH, open_desk
from tests.store.reach_world import FakePlatform

OPENID = "oTest-0009"
USER = f"wechat:{OPENID}"


class World:
    """A desk, the outbox, the ledger and a platform, with one citizen of WeChat who has a mediation."""

    def __init__(self, redis: Redis, keyring: Keyring, desk: Desk) -> None:
        self.redis, self.keyring, self.desk = redis, keyring, desk
        self.store, self.outbox = ReachStore(redis, DISTRICT, keyring), NoticeStore(redis, DISTRICT)
        self.now = float(NOW)
        self.platform = FakePlatform(lambda: self.now)
        self.post = Post(self.store, Sayings(desk, self.outbox), self.platform)
        self.person = self.store.person(USER)

    async def writes(self) -> None:
        await reach.heard(self.store, USER, "message", self.now)
        self.platform.person(OPENID).speak(self.now)

    async def seated(self) -> Appointment:
        wish = replace(WISH, citizen=self.person)
        asked = await booking.book(self.desk, wish, SLOT, NOW, "r1")
        return await booking.accept(self.desk, asked.id, "B", NOW + 1, "r2")

    async def beat(self, now: float) -> None:
        self.now = now
        await deliver_once(self.outbox, self.desk, now, None, self.store)
        await dispatch_once(self.post, now)


@pytest.fixture
async def world(redis: Redis, keyring: Keyring) -> World:
    return World(redis, keyring, await open_desk(redis))


async def test_citizen_of_wechat_is_told_on_the_phone_that_the_other_side_accepts(world: World) -> None:
    await world.writes()
    seat = await world.seated()
    for at in (2, 7, 12):
        await world.beat(NOW + at)
    [sent] = world.platform.journal
    assert "答应来了" in sent.text
    assert seat.id in sent.text


async def test_notice_is_worded_anew_when_it_is_sent_later(world: World) -> None:
    await world.writes()
    seat = await world.seated()
    await deliver_once(world.outbox, world.desk, NOW + 2, None, world.store)
    await booking.cancel(world.desk, seat.id, "citizen", world.person, NOW + 3, "r3")
    await dispatch_once(world.post, NOW + 5)
    assert world.platform.journal == []
    assert [job.state for job in await reach.outcomes(world.store, world.person)] == ["dropped"]


async def test_page_of_somebody_who_asked_for_it_shows_neutral_texts_too(world: World) -> None:
    await reach.ask_safe(world.store, world.person, Safe(neutral=True))
    await world.seated()
    await world.beat(NOW + 2)
    [told] = await notices.told(world.outbox, world.person, 0)
    assert told.reply == NEUTRAL


async def test_page_that_showed_a_notice_spares_the_call(redis: Redis, keyring: Keyring, world: World) -> None:
    await world.seated()
    await world.beat(NOW + 2)
    [told] = await notices.told(world.outbox, world.person, 0)
    [job] = await reach.outcomes(world.store, world.person)
    assert not await world.post.words.read(world.person, job.id)
    await notices.told(world.outbox, world.person, told.number)
    assert await world.post.words.read(world.person, job.id)
    await world.beat(START - DAY // 12)
    assert [job.state for job in await reach.outcomes(world.store, world.person)] == ["delivered"]


async def test_page_cannot_claim_to_have_shown_what_is_still_to_come(world: World) -> None:
    await world.seated()
    await world.beat(NOW + 2)
    await notices.told(world.outbox, world.person, 10**15 - 1)
    seat = (await booking.mine(world.desk, world.person))[0]
    later = Slot(START + 75 * 60, START + 135 * 60, "p1")
    await booking.move(world.desk, seat.id, later, "staff", "clerk", NOW + 3, "r4")
    await world.beat(NOW + 4)
    newest = (await reach.outcomes(world.store, world.person))[0]
    assert newest.what == "moved"
    assert not await world.post.words.read(world.person, newest.id)


async def test_worker_lets_go_of_who_unfollows_and_keeps_what_is_booked(world: World) -> None:
    await world.writes()
    seat = await world.seated()
    people = CitizenStore(world.redis, DISTRICT, world.keyring)
    await citizens.agree(people, world.person, "booking", NOW)
    await citizens.keep_case(people, world.person, seat.id, {"name": "示例林小梅"})
    await citizens.save_draft(people, world.person, {"kind": "notary"}, NOW)
    screen = ConversationStore(world.redis, DISTRICT, world.keyring)
    inbound = Inbound("wechat", OPENID, "m1", "text", "约", datetime.fromtimestamp(NOW, SHANGHAI))
    await screen.keep(inbound, (Button("约", "/greet"),), [])
    deliveries = Deliveries(world.redis, DISTRICT, world.keyring)
    await deliveries.arrive(deliveries.line_of(USER), "d1", {"fields": {"Content": "约"}}, NOW)
    await reach.heard(world.store, USER, "unsubscribe", NOW + 5)
    work = reach_tasks(world.redis, DISTRICT, world.keyring, world.post, world.desk)
    await run_once(world.redis, DISTRICT, work, NOW + 6)
    assert await citizens.draft(people, world.person) is None
    assert await screen.before(inbound) == ([], ())
    assert await deliveries.export_of(world.person) == {}
    assert await citizens.case(people, world.person, seat.id) == {"name": "示例林小梅"}
    assert [call.about for call in await reach.to_call(world.store, 9)] == [seat.id]


async def test_nothing_is_put_on_its_way_that_was_not_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.seated()

    async def dies(*_: Any) -> bool:
        raise ConnectionError

    with monkeypatch.context() as dying:
        dying.setattr(world.outbox, "finish", dies)
        with pytest.raises(ConnectionError):
            await world.beat(NOW + 2)
    assert await reach.outcomes(world.store, world.person) == []
    await world.beat(NOW + 7)
    assert len(await reach.outcomes(world.store, world.person)) == 1
