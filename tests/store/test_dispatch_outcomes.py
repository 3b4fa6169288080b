"""What the platform tells of a notice belongs to that notice, whether its id is known, comes late, or is another's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.reach import service
from bot.reach.dispatch import dispatch_once
from tests.store.dispatch_world import DAY, HOUR, NOW, USER, World
from tests.store.reach_world import CHANGE, PLAIN, REMINDER

BY_CONSENT = f"subscription:{REMINDER}"


@pytest.fixture
def world(dispatching: World) -> World:
    return dispatching


async def test_notice_that_did_not_arrive_takes_the_next_way(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    await world.round(after=3 * DAY)
    await service.delivered(world.store, USER, BY_CONSENT, "msg-1", False, "user block", world.now + 1)
    await world.round(after=5)
    assert world.sent == [f"subscription:{REMINDER}", f"template:{PLAIN}"]
    await service.delivered(world.store, USER, "template", "msg-2", False, "user block", world.now + 1)
    await world.round(after=5)
    assert await world.state(job) == ("call", "user block")
    [call] = await service.to_call(world.store, 10)
    assert call.by == NOW + 4 * DAY


@pytest.mark.parametrize("arrived", [True, False])
async def test_delivery_that_is_told_before_the_answer_is_not_lost(world: World, arrived: bool) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    await service.delivered(world.store, USER, BY_CONSENT, "msg-1", arrived, "user block", NOW)
    await world.round(after=3 * DAY)
    if arrived:
        assert await world.state(job) == ("delivered", "")
    else:
        await world.round(after=5)
        assert world.sent == [f"subscription:{REMINDER}", f"template:{PLAIN}"]


@pytest.fixture
def nameless(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that gives its notices no id, as its page on them says."""
    real = world.platform._take

    async def take(*given: Any) -> str:
        await real(*given)
        return ""

    monkeypatch.setattr(world.platform, "_take", take)


@pytest.mark.usefixtures("nameless")
async def test_notice_that_the_platform_gave_no_id_is_found_delivered_by_its_event(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    await world.round(after=3 * DAY)
    assert await world.state(job) == ("accepted", "")
    await service.delivered(world.store, USER, BY_CONSENT, "msg-9", True, "", world.now + 2)
    assert await world.state(job) == ("delivered", "")


@pytest.mark.usefixtures("nameless")
async def test_outcome_belongs_to_the_notice_of_its_template_when_two_were_sent(world: World) -> None:
    await world.follower(reminders=1, changes=1)
    reminder, moved = [await world.notice(what, start=NOW + 4 * DAY) for what in ("reminder_day", "moved")]
    await world.round(after=3 * DAY)
    await service.delivered(world.store, USER, f"subscription:{CHANGE}", "901", False, "user refuse", world.now + 1)
    await service.delivered(world.store, USER, BY_CONSENT, "902", True, "success", world.now + 1)
    await world.round(after=2)
    assert await world.state(reminder) == ("delivered", "")
    assert await world.state(moved) == ("call", "user refuse")


@pytest.mark.usefixtures("nameless")
async def test_outcomes_of_one_template_belong_to_its_notices_in_their_order(world: World) -> None:
    await world.follower(reminders=3)
    lost = await world.notice(start=NOW + 8 * DAY)
    await world.round(after=3 * DAY)
    world.now += HOUR
    first, second = await world.notice(start=NOW + 8 * DAY), await world.notice(start=NOW + 8 * DAY)
    await world.round(after=5)
    for _ in range(2):  # The gateway died after the first, and tells it again.
        await service.delivered(world.store, USER, BY_CONSENT, "901", False, "user refuse", world.now + 1)
    assert await world.state(first) == ("waiting", "user refuse")
    assert await world.state(second) == ("accepted", "")
    await service.delivered(world.store, USER, BY_CONSENT, "902", True, "success", world.now + 1)
    assert await world.state(second) == ("delivered", "")
    assert await world.state(lost) == ("accepted", ""), "nobody tells of it after so long"


async def test_outcome_told_again_says_nothing_of_the_way_taken_since(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    await world.round(after=3 * DAY)
    for _ in range(2):
        await service.delivered(world.store, USER, BY_CONSENT, "msg-1", False, "user block", world.now + 1)
        await world.round(after=5)
    assert world.sent == [BY_CONSENT, f"template:{PLAIN}"]
    assert await world.state(job) == ("accepted", "")


async def test_notice_without_an_answer_is_found_delivered_by_the_platforms_event(world: World) -> None:
    await world.follower(reminders=1)
    job = await world.notice(start=NOW + 4 * DAY)
    world.weather = ["late"]
    await world.round(after=3 * DAY)
    assert await world.state(job) == ("unknown", "no_answer")
    await service.delivered(world.store, USER, BY_CONSENT, "msg-7", True, "", world.now + 2)
    await world.round(after=HOUR)
    assert await world.state(job) == ("delivered", "")
    assert len(world.sent) == 1


async def test_id_that_two_services_give_or_one_gives_twice_is_no_refusal(world: World) -> None:
    class Sms:
        async def send(self, phone: str, text: str) -> str:
            return "msg-1"

    await world.follower(reminders=1)
    world.words.phone = "+8610000000001"
    reminder = await world.notice(start=NOW + 8 * DAY)
    await world.round(after=3 * DAY)
    texted = [await world.notice("approved", start=NOW + 8 * DAY) for _ in range(2)]
    await dispatch_once(replace(world.post, sms=Sms()), world.now)
    assert [await world.state(job) for job in texted] == [("accepted", "")] * 2
    await service.delivered(world.store, USER, BY_CONSENT, "msg-1", True, "success", world.now + 1)
    assert await world.state(reminder) == ("delivered", "")
