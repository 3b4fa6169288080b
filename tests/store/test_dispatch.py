"""A notice is sent once by an allowed way, or stands on the list for a call: whatever the platform answers, whoever dies."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from bot.reach import service
from bot.reach.dispatch import ROUND, dispatch_once
from bot.reach.model import Means, Safe
from bot.reach.words import NEUTRAL
from tests.store.dispatch_world import DAY, HOUR, NOW, OPENID, START, USER, World
from tests.store.reach_world import CHANGE, MEANS, PLAIN, REMINDER

BY_CONSENT = f"subscription:{REMINDER}"


@pytest.fixture
def world(dispatching: World) -> World:
    return dispatching


async def test_citizen_who_wrote_lately_is_reminded_by_a_service_message(world: World) -> None:
    await world.follower()
    job = await world.notice()
    assert await world.round(after=5) == 1
    assert await world.round(after=5) == 0
    assert world.sent == ["service"]
    assert await world.state(job) == ("accepted", "")


async def test_citizen_who_is_silent_for_days_is_reminded_by_the_permission(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    await world.round(after=3 * DAY)
    assert world.sent == [f"subscription:{REMINDER}"]
    assert await world.state(job) == ("accepted", "")
    await service.delivered(world.store, USER, BY_CONSENT, "msg-1", True, "", world.now + 1)
    assert await world.state(job) == ("delivered", "")


@pytest.mark.parametrize("mishap", ["lost", "late", "html"])
async def test_notice_without_an_answer_is_never_sent_again_and_is_for_a_call(world: World, mishap: str) -> None:
    await world.follower(reminders=3)
    job = await world.notice()
    world.weather = [mishap]
    for _ in range(6):
        await world.round(after=300)
    assert len(world.sent) == (0 if mishap == "lost" else 1)
    assert await world.state(job) == ("call", "unconfirmed")
    assert [call.id for call in await service.to_call(world.store, 10)] == [job.id]


@pytest.mark.parametrize("code", [-1, 45009, 45011])
async def test_busy_platform_is_asked_again_and_pays_once(world: World, code: int) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    world.weather = [code, code]
    await world.round(after=3 * DAY)
    assert await world.state(job) == ("busy", str(code))
    assert (await service.standing(world.store, USER, world.now)).permissions[REMINDER] == 0
    await world.round(after=10)
    assert len(world.weather) == 1, "not before its time"
    await world.round(after=30)
    await world.round(after=150)
    assert world.sent == [f"subscription:{REMINDER}"]
    assert await world.state(job) == ("accepted", "")


async def test_platform_that_stays_busy_gives_the_permission_back_and_a_person_calls_in_time(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice()
    world.now += 2 * HOUR
    await world.store.close_windows(job.person)
    world.weather = [-1] * 200
    while (await world.state(job))[0] != "call":
        await world.round(after=60)
    assert world.sent == []
    assert world.now <= START - HOUR, "the staff have time to call"
    assert (await service.standing(world.store, USER, world.now)).permissions[REMINDER] == 1


@pytest.mark.parametrize(
    ("code", "ways"),
    [
        (45015, [f"subscription:{REMINDER}"]),
        (45047, [f"subscription:{REMINDER}"]),
        (48001, [f"subscription:{REMINDER}"]),
        (45002, [f"subscription:{REMINDER}"]),
        (43004, []),
        (50005, []),
        (43019, []),
        (40003, []),
    ],
)
async def test_refused_notice_takes_the_next_way_or_the_list(world: World, code: int, ways: list[str]) -> None:
    await world.follower(reminders=1)
    job = await world.notice()
    world.weather = [code]
    for _ in range(4):
        await world.round(after=5)
    assert world.sent == ways
    assert (await world.state(job))[0] == ("accepted" if ways else "call")


async def test_citizen_who_refuses_messages_is_not_tried_with_one_again(world: World) -> None:
    await world.follower(changes=1)
    world.weather = [48002]
    jobs = [await world.notice() for _ in range(2)]
    for _ in range(2):
        await world.round(after=5)
    assert world.sent == [f"template:{PLAIN}"] * 2
    assert [await world.state(job) for job in jobs] == [("accepted", "")] * 2


async def test_permission_that_the_citizen_has_spent_elsewhere_is_learnt(world: World) -> None:
    await world.follower("menu", reminders=1)
    world.platform.person(OPENID).consents.clear()
    job = await world.notice(start=NOW + 4 * DAY)
    await world.round(after=3 * DAY)
    await world.round(after=5)
    assert world.sent == [f"template:{PLAIN}"]
    assert await world.state(job) == ("accepted", "")
    assert (await service.standing(world.store, USER, world.now)).permissions[REMINDER] == 0


async def test_citizen_who_never_followed_is_reminded_by_the_permission_given_on_a_page(world: World) -> None:
    world.platform.person(OPENID).follows = False
    world.platform.person(OPENID).consents[REMINDER] = 1
    await service.permitted(world.store, USER, REMINDER, 1, "push-1", NOW)
    job = await world.notice()
    await world.round(after=5)
    assert world.sent == [BY_CONSENT]
    assert await world.state(job) == ("accepted", "")


async def test_person_from_the_web_finds_it_on_the_page_and_is_called_when_nobody_looked(world: World) -> None:
    read, unread = await world.notice(user="web:aaaa"), await world.notice(user="web:bbbb")
    await world.round(after=5)
    assert await world.state(read) == ("page", "")
    world.words.seen.add(read.id)
    await world.round(after=DAY - 2 * HOUR)
    assert await world.state(read) == ("delivered", "")
    assert await world.state(unread) == ("call", "unread")


async def test_unfollowed_person_is_for_a_call(world: World) -> None:
    await world.follower(reminders=2)
    await service.heard(world.store, USER, "unsubscribe", NOW + 1)
    job = await world.notice()
    await world.round(after=5)
    assert world.sent == []
    assert await world.state(job) == ("call", "unfollowed")


async def test_citizen_who_asked_for_neutral_texts_is_told_nothing_by_them(world: World) -> None:
    await world.follower()
    await service.ask_safe(world.store, world.store.person(USER), Safe(neutral=True))
    await world.notice()
    await world.round(after=5)
    [sent] = world.platform.journal
    assert sent.text == NEUTRAL.text
    for word in ("陈", "9:45", "26-AAAA", "预约", "律师", "调解"):
        assert word not in sent.text
    await world.store.close_windows(world.store.person(USER))
    await world.notice()
    await world.round(after=5)
    assert "26-AAAA" not in world.platform.journal[1].text
    assert "预约" not in world.platform.journal[1].text


async def test_notice_is_held_until_the_safe_hours(world: World) -> None:
    at_night = NOW - NOW % DAY + 14 * HOUR  # 22:00 in Shanghai
    world.now = at_night
    await world.follower()
    await service.ask_safe(world.store, world.store.person(USER), Safe(hours=(8, 18)))
    job = await world.notice(start=at_night + 20 * HOUR)
    for _ in range(9):
        await world.round(after=HOUR)
        assert world.sent == []
    assert await world.state(job) == ("waiting", "hours")
    await world.round(after=HOUR)
    assert world.sent == ["service"]


async def test_notice_that_would_be_too_late_by_the_safe_hours_is_for_a_call_with_a_mark(world: World) -> None:
    at_night = NOW - NOW % DAY + 14 * HOUR
    world.now = at_night
    await world.follower()
    await service.ask_safe(world.store, world.store.person(USER), Safe(hours=(8, 18)))
    job = await world.notice(start=at_night + 10 * HOUR + 60)
    await world.round(after=5)
    assert world.sent == []
    assert await world.state(job) == ("call", "hours")


async def test_citizen_who_wants_nothing_on_the_phone_gets_nothing(world: World) -> None:
    await world.follower(reminders=2)
    await service.ask_safe(world.store, world.store.person(USER), Safe(quiet=True))
    job = await world.notice()
    await world.round(after=5)
    assert world.sent == []
    assert await world.state(job) == ("call", "quiet")


async def test_what_is_no_longer_true_is_not_sent(world: World) -> None:
    await world.follower()
    job = await world.notice()
    world.words.over.add(job.about)
    await world.round(after=5)
    assert world.sent == []
    assert (await world.state(job))[0] == "dropped"


async def test_last_permission_is_left_for_the_reminder(world: World) -> None:
    await world.follower("menu", changes=1)
    shared = replace(MEANS.subscription["change"], id=CHANGE)
    post = replace(world.post, means=Means({"reminder": shared, "change": shared}))
    world.words.ahead = True
    moved = await world.notice("moved")
    world.now += 2 * HOUR
    await dispatch_once(post, world.now)
    assert await world.state(moved) == ("call", "no_way")
    reminder = await world.notice()
    await dispatch_once(post, world.now)
    assert await world.state(reminder) == ("accepted", "")


async def test_installation_without_an_account_lists_every_notice_for_wechat(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice()
    await dispatch_once(replace(world.post, platform=None), world.now)
    assert await world.state(job) == ("call", "no_way")


async def test_sms_is_sent_where_there_is_a_service(world: World) -> None:
    sent: list[tuple[str, str]] = []

    class Sms:
        async def send(self, phone: str, text: str) -> str:
            sent.append((phone, text))
            return "sms-1"

    await world.follower("menu")
    world.words.phone = "+8610000000001"
    job = await world.notice("moved", start=NOW + DAY)
    world.now += HOUR
    await dispatch_once(replace(world.post, sms=Sms()), world.now)
    assert [phone for phone, _ in sent] == ["+8610000000001"]
    assert await world.state(job) == ("accepted", "")


async def test_platform_that_is_down_costs_one_notice_and_not_all(world: World) -> None:
    await world.follower()
    jobs = [await world.notice() for _ in range(4)]
    world.weather = ["lost", "lost", "lost"]
    await world.round(after=5)
    assert sorted([(await world.state(job))[0] for job in jobs]) == ["unknown", "waiting", "waiting", "waiting"]
    await world.round(after=10)
    assert len(world.weather) == 2, "left alone for a while"
    await world.round(after=30)
    assert len(world.weather) == 1, "one notice tries it for all"
    world.weather = []
    await world.round(after=120)
    assert len(world.sent) == 2


async def test_notice_that_cannot_be_worded_holds_up_no_other_and_is_for_a_call_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.follower()
    broken, other = await world.notice("moved"), await world.notice()
    real = world.words.said

    async def said(person: str, what: str, *rest: Any) -> Any:
        if what == "moved":
            raise KeyError("a slip")
        return await real(person, what, *rest)

    monkeypatch.setattr(world.words, "said", said)
    with caplog.at_level(logging.INFO):
        await world.round(after=5)
    assert (await world.state(other))[0] == "accepted"
    assert await world.state(broken) == ("waiting", "error")
    await world.round(after=DAY)
    assert (await world.state(broken))[0] == "call"
    assert OPENID not in caplog.text
    assert other.about not in caplog.text


async def test_round_of_a_thousand_notices_ends(world: World) -> None:
    await world.follower()
    for _ in range(ROUND + 20):
        await world.notice("moved")
    assert await world.round(after=5) == ROUND
    assert await world.round() == 20


async def test_erased_citizen_gets_no_notice(world: World) -> None:
    await world.follower()
    await world.notice()
    await world.store.erase_of(world.store.person(USER))
    assert await world.round(after=5) == 0
    assert world.sent == []
