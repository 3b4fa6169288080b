"""GET /api/notices: one's own, each once, and nobody else's."""

from __future__ import annotations

import pytest

from bot.booking import desk as booking
from bot.notices.service import deliver_once
from tests.channel.pages_world import World
from tests.store.booking_world import NOW


async def ask(world: World, **query: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    browser = await world.browser()
    response = await browser._client.get("/api/notices", params=query)
    return response.status, await response.json(content_type=None)


async def test_citizen_gets_what_is_new_and_nobody_else_does(world: World) -> None:
    seat = await world.mediation()
    await booking.accept(world.parts.desk, seat.id, seat.respondent, NOW, "r2")
    await deliver_once(world.parts.notices, world.parts.desk, NOW)
    status, answer = await ask(world, sender="sender-0001", after="0")
    [notice] = answer["notices"]
    assert (status, set(notice)) == (200, {"id", "text", "buttons"})
    assert seat.id in notice["text"]
    assert notice["buttons"][0] == {"title": "我的预约", "payload": "/check_status"}
    assert await ask(world, sender="sender-0001", after=notice["id"]) == (200, {"notices": []})
    assert await ask(world, sender="sender-0002") == (200, {"notices": []})


@pytest.mark.parametrize(
    "query",
    [
        {}, {"sender": "x"}, {"sender": "../../etc"}, {"sender": "sender-0001", "after": "x"},
        {"sender": "sender-0001", "after": "-1"}, {"sender": "sender-0001", "after": "１"},
        {"sender": "sender-0001", "after": "9" * 40},
    ],
)  # fmt: skip
async def test_careless_caller_gets_a_problem_document(world: World, query: dict[str, str]) -> None:
    status, answer = await ask(world, **query)
    assert status == 422
    assert answer["type"].startswith("urn:chengfatong:problem:")
