"""Whom the staff must call: what for, by when, what to heed; and what the page of an appointment says of reaching somebody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.reach import service as reach
from bot.reach.model import Safe
from bot.reach.records import Job
from tests.channel.console_world import NAME, PHONE, STORY, World, opened

OPENID = "oKanarie-77"


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with opened(redis) as ready:
        yield ready


async def test_clerk_sees_whom_to_call_and_notes_that_it_is_done_once(world: World) -> None:
    made = await world.in_state("pending")
    number = await world.to_call(made.id)
    token = await world.sign_in(await world.account("clerk"))
    _, page = await world.get("/console/calls")
    for shown in ("改了时间", made.id, "不知道收到没有", "最晚", f"/console/appointments/{made.id}"):
        assert shown in page
    for secret in (NAME, PHONE, STORY):
        assert secret not in page
    assert not re.search(rf"\b{made.citizen}\b", page)  # as a word: it is as short as a piece of any token
    for _ in range(2):
        status, _ = await world.post(f"/console/calls/{number}/called", token, request="a" * 32)
        assert status == 303
    assert "现在没有要打的电话" in (await world.get("/console/calls"))[1]
    noted = [(entry.act, entry.subject, entry.detail) for entry in await world.entries() if entry.act == "called"]
    assert noted == [("called", made.id, "moved")]
    assert "打过电话了" in (await world.get(f"/console/appointments/{made.id}"))[1]


async def test_clerk_cannot_note_a_call_that_is_on_no_list(world: World) -> None:
    token = await world.sign_in(await world.account("clerk"))
    status, _ = await world.post("/console/calls/999-0/called", token)
    assert status == 404
    assert await world.entries() == []


async def test_most_urgent_call_comes_first_and_one_that_is_too_late_says_so(world: World) -> None:
    await world.to_call("26-LATE-RRRR")
    late = Job("9-0", "c2", "reminder_day", "26-SOON-RRRR", world.now, "call", reason="45015", by=world.now - 60)
    await world.console.reach.put(late)
    await world.sign_in(await world.account("clerk"))
    _, page = await world.get("/console/calls")
    assert page.index("26-SOON") < page.index("26-LATE")
    assert "已经过了时间" in page
    assert "45015" in page


async def test_clerk_is_told_what_to_heed_before_calling_somebody_under_threat(world: World) -> None:
    made = await world.in_state("pending")
    await world.to_call(made.id, made.citizen)
    await reach.ask_safe(world.console.reach, made.citizen, Safe(neutral=True, hours=(8, 18)))
    await world.sign_in(await world.account("clerk"))
    for path in ("/console/calls", f"/console/appointments/{made.id}"):
        _, page = await world.get(path)
        assert "安全联系" in page
        assert "只在8点到18点打" in page
        assert "不要说是哪里、什么事" in page
    await world.sign_in(await world.account("administrator"))
    assert "安全联系" not in (await world.get(f"/console/appointments/{made.id}"))[1]


async def test_page_of_an_appointment_says_until_when_its_citizen_can_be_told(world: World) -> None:
    store = world.console.reach
    person = store.person(f"wechat:{OPENID}")
    made = await world.book(citizen=person)
    await world.sign_in(await world.account("clerk"))
    path = f"/console/appointments/{made.id}"
    assert "只在网页上，或者打电话" in (await world.get(path))[1]
    await reach.heard(store, f"wechat:{OPENID}", "message", world.now)
    _, page = await world.get(path)
    assert "微信消息（还能发5条），到11月25日" in page
    await reach.heard(store, f"wechat:{OPENID}", "unsubscribe", world.now + 1)
    _, page = await world.get(path)
    assert "要打电话：没有关注公众号" in page
    assert OPENID not in page
