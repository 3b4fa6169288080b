"""Leave, danger messages, messages and photos on the console, and odd addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.inbox.pictures import cleaned
from tests.channel.console_world import NAME, World, opened, sound
from tests.photos import DRAWING


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with opened(redis) as ready:
        yield ready


@pytest.fixture
async def token(world: World) -> str:
    return await world.sign_in(await world.account("clerk"))


async def test_clerk_who_puts_leave_in_reads_what_became_of_the_appointments(world: World, token: str) -> None:
    made = await world.in_state("pending")
    leave = {"start": at(made.start - 3600), "end": at(made.start + 7200), "why": "training"}
    status, page = await world.post("/console/leave/p1", token, **leave)
    assert status == 200
    assert made.id in page
    assert "改到" in page
    assert NAME not in page
    status, page = await world.get("/console/leave/p1")
    assert "培训" in page
    end = page.split('action="/console/leave/p1/')[1].split('/end"')[0]
    assert (await world.post(f"/console/leave/p1/{end}/end", token))[0] == 303
    assert "培训）" not in (await world.get("/console/leave/p1"))[1]
    assert [e.act for e in await world.entries() if e.outcome == "done"] == ["leave_put", "leave_ended"]
    assert await sound(world)


async def test_leave_sent_twice_is_one_leave_with_the_same_answer(world: World, token: str) -> None:
    leave = {"start": "2026-12-01T08:00", "end": "2026-12-01T18:00", "why": "holiday", "request": "d" * 32}
    first, again = [await world.post("/console/leave/p1", token, **leave) for _ in range(2)]
    assert first[0] == again[0] == 200
    assert again[1].count("/end") == first[1].count("/end") == 1
    assert [entry.outcome for entry in await world.entries()] == ["done"]


@pytest.mark.parametrize(
    ("start", "end", "why", "status"),
    [
        ("2026-12-02T08:00", "2026-12-01T18:00", "holiday", 409),
        ("2026-11-01T08:00", "2026-11-02T18:00", "holiday", 409),
        ("2026-12-02T08:00", "2028-12-01T18:00", "holiday", 409),
        ("", "2026-12-01T18:00", "holiday", 422),
        ("明天", "2026-12-01T18:00", "holiday", 422),
        ("2026-12-01T08:00", "2026-12-01T18:00", "老婆生病", 422),
    ],
)
async def test_clerk_cannot_put_in_leave_that_makes_no_sense(
    world: World, token: str, start: str, end: str, why: str, status: int
) -> None:
    assert (await world.post("/console/leave/p1", token, start=start, end=end, why=why))[0] == status
    assert "/end" not in (await world.get("/console/leave/p1"))[1]


def at(moment: int) -> str:
    from datetime import datetime

    from bot.directory.hours import SHANGHAI

    return datetime.fromtimestamp(moment, SHANGHAI).strftime("%Y-%m-%dT%H:%M")


async def test_clerk_finds_whom_to_put_on_leave_by_name_and_every_room(world: World, token: str) -> None:
    assert "/console/leave/p1" in (await world.get("/console/leave?name=p1"))[1]
    assert "/console/leave/jo-m" in (await world.get("/console/leave"))[1]
    assert "没有找到" in (await world.get("/console/leave?name=无此人"))[1]


async def test_clerk_sees_on_every_page_how_many_danger_messages_wait_until_somebody_looks(
    world: World, token: str
) -> None:
    made = await world.in_state("pending")
    reference = await world.alert()
    await world.alert("我不想活了")
    for path in (
        "/console",
        f"/console/appointments/{made.id}",
        "/console/leave",
        "/console/inbox",
        "/console/password",
    ):
        assert "有2条危险求助还没人看（最近一条：11月23日 周一 09:00）" in (await world.get(path))[1], path
    _, page = await world.get("/console/alerts")
    assert "他拿着刀在门口" in page
    assert page.index("我不想活了") < page.index("他拿着刀在门口")
    assert (await world.post(f"/console/alerts/{reference}/seen", token))[0] == 303
    assert "有1条危险求助还没人看" in (await world.get("/console"))[1]
    assert [(e.act, e.subject, e.outcome) for e in await world.entries()] == [("alert_seen", reference, "done")]


async def test_page_that_updates_by_itself_shows_alerts_and_does_not_keep_a_left_desk_open(
    world: World, token: str
) -> None:
    _, page = await world.get("/console?watch=1")
    assert 'http-equiv="refresh" content="60"' in page
    assert "http-equiv" not in (await world.get("/console"))[1]
    start = world.now
    for minute in range(1, 30):
        world.now = start + 60 * minute
        assert (await world.get("/console?watch=1"))[0] == 200
    world.now = start + 1800
    assert (await world.get("/console?watch=1"))[0] == 303


async def test_clerk_reads_messages_newest_first(world: World, token: str) -> None:
    for n, text in enumerate(("第一条", "第二条<script>alert(1)</script>")):
        item = Item("message", "wechat:o1", text, f"2026-11-23T09:0{n}:00+08:00")
        await inbox.leave(world.console.inbox, item)
    _, page = await world.get("/console/inbox")
    assert page.index("第二条") < page.index("第一条")
    assert "<script" not in page


async def test_clerk_looks_at_a_photo_and_the_log_says_who_did(world: World, token: str) -> None:
    reference = await world.photo()
    _, page = await world.get("/console/inbox")
    assert f'action="/console/inbox/{reference}/photo"' in page
    assert "打不开" not in page
    answer = await world.client.post(f"/console/inbox/{reference}/photo", data={"token": token})
    assert (answer.status, answer.content_type) == (200, "image/png")
    assert await answer.read() == cleaned(DRAWING).content
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert [(e.act, e.subject, e.outcome) for e in await world.entries()] == [("photo_shown", reference, "done")]
    await world.post(f"/console/inbox/{reference}/photo", token)
    assert len(await world.entries()) == 2


async def test_clerk_is_told_when_a_message_has_no_photo_or_none_any_more(world: World, token: str) -> None:
    without = await inbox.leave(world.console.inbox, Item("message", "web:a", "请回电", "2026-11-23T09:00:00+08:00"))
    for reference in (without, "LY-99999", "LY-2222", "LY-00000"):
        assert (await world.post(f"/console/inbox/{reference}/photo", token))[0] == 404
    assert await world.entries() == []


@pytest.mark.parametrize("day", ["2026-13-01", "昨天", "0", "2026-11-25'--"])
async def test_clerk_with_a_wrong_day_in_the_address_is_told_how_to_write_it(
    world: World, token: str, day: str
) -> None:
    status, page = await world.get(f"/console?day={day}")
    assert status == 400
    assert "2026-11-25" in page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_first_and_last_day_there_are_do_not_break_the_page(world: World, token: str, day: str) -> None:
    assert (await world.get(f"/console?day={day}"))[0] in (200, 400)
