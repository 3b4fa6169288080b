"""Links from the chat: who may open them, once, for how long; and what every page of ours is served with."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.booking.links import PERSON_SECONDS, PageLinks
from tests.channel.pages_world import MINE, OTHERS, World
from tests.store.booking_world import NOW


def me_path(world: World, person: str = MINE) -> str:
    return world.path(world.parts.links.me_link(person, int(world.clock())))


async def test_citizen_comes_in_by_a_link_and_lands_on_a_clean_address(world: World) -> None:
    browser = await world.browser()
    await browser.get(me_path(world), allow_redirects=False)
    assert (browser.status, browser.headers["Location"]) == (303, "/me")
    cookies = browser.headers.getall("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/me" in cookie or "Path=/book" in cookie
    assert browser.headers["Referrer-Policy"] == "no-referrer"
    assert browser.headers["Cache-Control"] == "no-store"
    assert (await browser.get("/me")).status == 200
    assert (await browser.get("/book")).status == 200


async def test_cookie_is_secure_where_the_pages_are(world: World) -> None:
    from bot.channels.server import _pages

    pages = _pages(replace(world.parts, links=PageLinks(world.parts.links.links, "https://falv.example.cn")))
    response = pages.show("kinds.html", kinds=[])
    pages.set_cookie(response, "c", "/me", await pages.sessions.open("person p", NOW))
    assert response.cookies["c"]["secure"] is True


async def test_same_browser_may_open_the_link_again_and_no_other(world: World) -> None:
    path, browser, other = me_path(world), await world.browser(), await world.browser()
    assert (await browser.get(path)).path == "/me"
    world.clock.now += PERSON_SECONDS + 1
    assert (await browser.get(path)).path == "/me"
    await other.get(path)
    assert other.status == 403
    assert "用过，或者过期" in other.text
    assert "我的预约" in other.text
    assert "Set-Cookie" not in other.headers
    assert (await other.get("/me")).status == 403


async def test_browser_of_somebody_else_cannot_open_a_used_link(world: World) -> None:
    path = me_path(world)
    await (await world.browser()).get(path)
    assert (await (await world.inside(OTHERS)).get(path)).status == 403


async def test_link_is_dead_after_half_an_hour(world: World) -> None:
    path, browser = me_path(world), await world.browser()
    world.clock.now += PERSON_SECONDS
    assert (await browser.get(path)).status == 403


@pytest.mark.parametrize("place", [0, 20, -1, -20])
async def test_edited_link_looks_like_a_used_one(world: World, place: int) -> None:
    head, token = me_path(world).rsplit("/", 1)
    letters = list(token)
    letters[place] = "A" if letters[place] != "A" else "B"
    edited = await (await world.browser()).get(f"{head}/{''.join(letters)}")
    used = await world.browser()
    await (await world.browser()).get(f"{head}/{token}")
    await used.get(f"{head}/{token}")
    assert (edited.status, edited.text) == (used.status, used.text)


async def test_link_for_one_page_cannot_open_another(world: World) -> None:
    token = me_path(world).rsplit("/", 1)[1]
    for part in ("book", "invite"):
        assert (await (await world.browser()).get(f"/{part}/open/{token}")).status == 403
    assert (await (await world.browser()).get(f"/me/open/{token}")).status == 200


async def test_messenger_that_only_looks_at_the_head_does_not_use_it_up(world: World) -> None:
    path, browser = me_path(world), await world.browser()
    head = await browser._client.head(path)
    assert head.status == 405
    assert (await browser.get(path)).status == 200


async def test_link_to_the_book_goes_on_where_the_chat_was(world: World) -> None:
    links = world.parts.links
    for wish, target in (
        ({"kind": "mediation", "language": "zh-teochew"}, "/book/people"),
        ({"kind": "mediation", "who": "p1"}, "/book/times"),
        ({"area": "440515102"}, "/book"),
    ):
        browser = await world.browser()
        await browser.get(world.path(links.book_link(MINE, NOW, wish)))
        assert (browser.status, browser.path) == (200, target)


async def test_no_link_no_reference_and_no_name_reaches_the_log(
    world: World,
    caplog: pytest.LogCaptureFixture,
) -> None:
    seat, path = await world.mediation(), me_path(world)
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            await (await world.browser()).get(path)
        stranger = await world.browser()
        await stranger.get(world.path(world.parts.links.invite_link(seat)) + "x")
        await stranger.get(f"/me/{seat.id}")
        await (await world.inside(OTHERS)).get(f"/me/{seat.id}")
    # The gateway runs without aiohttp's access log; the test's server has one.
    ours = [record for record in caplog.records if record.name != "aiohttp.access"]
    assert "refused" in [record.msg for record in ours]
    for record in ours:
        shown = f"{record.getMessage()} {record.__dict__.get('path', '')}"
        assert not any(secret in shown for secret in (path.rsplit("/", 1)[1][:20], seat.id, "陈小明"))


async def test_every_page_is_served_so_that_nobody_keeps_frames_or_follows_it(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    invite = world.path(world.parts.links.invite_link(seat))
    for path in (
        "/me",
        "/book",
        f"/me/{seat.id}",
        "/me/data",
        "/book/people?kind=mediation",
        invite,
        "/me/YY-AAAA-AAAA",
    ):
        await browser.get(path)
        policy = browser.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert browser.headers["X-Content-Type-Options"] == "nosniff"
        assert browser.headers["Referrer-Policy"] == "no-referrer"
        assert browser.headers["Cache-Control"] == "no-store"
        assert "<script>" not in browser.text
        assert "style=" not in browser.text
        assert len(browser.text) < 100_000


async def test_citizen_on_a_shared_phone_is_out_after_two_idle_hours(world: World) -> None:
    browser = await world.inside()
    world.clock.now += 2 * 3600
    await browser.get("/me")
    assert browser.status == 403
    assert "从聊天里打开" in browser.text


async def test_integrator_finds_every_route_of_the_pages_in_the_docs(world: World) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "booking-pages.md").read_text("utf-8")
    # `GET, POST /me/{reference}/move`, `…/cancel` stands for both.
    whole = re.sub(r"`([A-Z, ]*)(/\S*)/(\w+)`, `…/(\w+)`", r"`\1\2/\3`, `\1\2/\4`", text)
    told = {
        (method, path) for methods, path in re.findall(r"`([A-Z, ]+) (/\S+)`", whole) for method in methods.split(", ")
    }
    served = {
        (route.method, route.resource.canonical)
        for route in world.server.app.router.routes()
        if route.resource and re.match(r"/(book|me|invite)(/|$)|/api/notices", route.resource.canonical)
    }
    assert {(method, path) for method, path in served if method != "HEAD"} == told
