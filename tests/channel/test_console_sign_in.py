"""Signing in and out in a browser: cookies, form tokens, limits, headers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.console import accounts, passwords
from bot.errors import StoreUnavailable
from tests.channel.console_world import World, opened
from tests.channel.test_console_rights import OBJECTS, PAGES, call

CHOSEN = "我家住在韩江边上三十年"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LOG2_N", 4)
    monkeypatch.setattr(passwords, "DECOY", passwords.keep("x"))


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with opened(redis) as ready:
        yield ready


def cookie(world: World) -> str:
    return world.client.session.cookie_jar.filter_cookies(world.client.make_url("/console"))["console"].value


async def try_to_sign_in(world: World, name: str, password: str) -> tuple[int, str]:
    _, page = await world.get("/console/login")
    token = re.search(r'name="token" value="(\w+)"', page)
    assert token
    return await world.post("/console/login", token[1], name=name, password=password)


async def signed_in(world: World, name: str = "lin") -> str:
    """Sign in for the first time, choose a password, and return the form token."""
    first = await accounts.add(world.console.store, name, "clerk", "", world.now)
    assert (await try_to_sign_in(world, name, first))[0] == 303
    _, page = await world.get("/console/password")
    token = re.findall(r'name="token" value="(\w+)"', page)[-1]
    status, _ = await world.post("/console/password", token, present=first, chosen=CHOSEN, again=CHOSEN)
    assert status == 303
    _, page = await world.get("/console")
    return re.findall(r'name="token" value="(\w+)"', page)[0]


async def test_clerk_comes_from_the_printed_password_to_the_days_list(world: World) -> None:
    await signed_in(world)
    status, page = await world.get("/console?done=password")
    assert status == 200
    assert "密码改好了" in page
    assert "lin（办事员）" in page


async def test_clerk_who_mistypes_the_new_password_is_told_and_may_try_again(world: World) -> None:
    token = await signed_in(world)
    for fields, sentence in (
        ({"present": CHOSEN, "chosen": "一二三四五六七八九", "again": "一二三四五六七八"}, "不一样"),
        ({"present": "wrong", "chosen": "一二三四五六七八九", "again": "一二三四五六七八九"}, "现在的密码不对"),
        ({"present": CHOSEN, "chosen": "12345678", "again": "12345678"}, "太常见"),
    ):
        status, page = await world.post("/console/password", token, **fields)
        assert status == 422
        assert sentence in page
        assert CHOSEN not in page


@pytest.mark.parametrize("wrong", ["name", "password", "disabled", "too old"])
async def test_whoever_cannot_sign_in_is_not_told_why(world: World, wrong: str) -> None:
    first = await accounts.add(world.console.store, "lin", "clerk", "", world.now)
    await accounts.add(world.console.store, "wu", "clerk", "", world.now)
    if wrong == "disabled":
        await accounts.disable(world.console.store, "lin", world.now)
    if wrong == "too old":
        world.now += 4 * 86_400
    name, password = ("nobody" if wrong == "name" else "lin"), ("x" if wrong == "password" else first)
    answer = await try_to_sign_in(world, name, password)
    world.client.session.cookie_jar.clear()
    other = await try_to_sign_in(world, "wu", "x")
    assert answer[0] == other[0] == 403
    assert tokenless(answer[1]) == tokenless(other[1])
    assert password not in answer[1] or password == "x"


def tokenless(page: str) -> str:
    return re.sub(r'name="token" value="\w+"', "", page)


async def test_sign_in_changes_the_cookie_so_that_a_planted_one_opens_nothing(world: World) -> None:
    planted = "planted-by-somebody-else-0000000000000000000"
    world.client.session.cookie_jar.update_cookies({"console": planted}, world.client.make_url("/console"))
    await signed_in(world)
    assert cookie(world) != planted
    world.client.session.cookie_jar.clear()
    world.client.session.cookie_jar.update_cookies({"console": planted}, world.client.make_url("/console"))
    assert (await world.get("/console"))[0] == 303


async def test_sign_in_over_an_older_one_ends_it(world: World) -> None:
    await signed_in(world)
    older = cookie(world)
    assert (await try_to_sign_in(world, "lin", CHOSEN))[0] == 303
    assert (await world.get("/console"))[0] == 200
    world.client.session.cookie_jar.clear()
    world.client.session.cookie_jar.update_cookies({"console": older}, world.client.make_url("/console"))
    assert (await world.get("/console"))[0] == 303


async def test_clerk_who_signs_out_is_out_even_with_the_old_cookie(world: World) -> None:
    token = await signed_in(world)
    old = cookie(world)
    assert (await world.post("/console/logout", token))[0] == 303
    world.client.session.cookie_jar.update_cookies({"console": old}, world.client.make_url("/console"))
    assert (await world.get("/console"))[0] == 303
    assert [entry.act for entry in await world.entries()][-1] == "signed_out"


async def test_sign_in_is_over_after_half_an_hour_alone(world: World) -> None:
    await signed_in(world)
    world.now += 1799
    assert (await world.get("/console"))[0] == 200
    world.now += 1800
    assert (await world.get("/console"))[0] == 303


@pytest.mark.parametrize("secure", [False, True])
async def test_cookie_is_read_by_no_script_and_sent_by_no_other_site(redis: Redis, secure: bool) -> None:
    async with opened(redis, public_url="https://falv.example.cn" if secure else "") as world:
        answer = await world.client.get("/console/login")
        kept = answer.headers["Set-Cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Strict" in kept
    assert "Path=/console" in kept
    assert "Max-Age=28800" in kept
    assert ("Secure" in kept) == secure


# --- another site's form


@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
async def test_form_without_this_sign_ins_token_does_nothing(world: World, token: str) -> None:
    made = await world.in_state("pending")
    await world.sign_in(await world.account("supervisor"))
    for route in [*OBJECTS, *PAGES]:
        if route.startswith("POST"):
            status, page = await call(world, route, token, number=made.id, actor="p1", leave="x")
            assert status == 403, route
            assert "没有办" in page
    assert await world.state(made) == "pending"
    assert await world.entries() == []


async def test_form_of_another_sign_in_of_the_same_clerk_does_nothing(world: World) -> None:
    made = await world.in_state("pending")
    clerk = await world.account("clerk")
    before = await world.sign_in(clerk)
    await world.sign_in(clerk)
    assert (await world.post(f"/console/appointments/{made.id}/approve", before))[0] == 403


async def test_another_site_cannot_sign_somebody_in_as_its_own_account(world: World) -> None:
    first = await accounts.add(world.console.store, "lin", "clerk", "", world.now)
    for token in ("", "0" * 32):
        assert (await world.post("/console/login", token, name="lin", password=first))[0] == 403
        assert (await world.get("/console"))[0] == 303


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 60_000, b"&".join(b"a=1" for _ in range(100))])
async def test_broken_form_is_refused_and_breaks_nothing(world: World, body: bytes) -> None:
    await world.sign_in(await world.account("clerk"))
    answer = await world.client.post("/console/logout", data=body)
    assert answer.status in (400, 403)


# --- limits, outage, headers


async def test_guesser_is_told_to_wait_and_for_how_long(world: World) -> None:
    await signed_in(world)
    world.client.session.cookie_jar.clear()
    answers = [(await try_to_sign_in(world, "lin", f"guess {n}"))[0] for n in range(12)]
    assert answers == [403] * 10 + [429] * 2
    status, page = await try_to_sign_in(world, "lin", CHOSEN)
    assert status == 429
    assert "15分钟" in page
    world.now += 900
    assert (await try_to_sign_in(world, "lin", CHOSEN))[0] == 303


async def test_nobody_signs_in_while_the_store_is_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await accounts.add(world.console.store, "lin", "clerk", "", world.now)

    async def down(*_: object) -> int:
        raise StoreUnavailable("down")

    monkeypatch.setattr(world.console.store, "attempt", down)
    status, page = await try_to_sign_in(world, "lin", first)
    assert status == 503
    assert "稍后再试" in page
    assert (await world.get("/console"))[0] == 303


@pytest.mark.parametrize(
    "path", ["/console", "/console/login", "/console/alerts", "/console/none", "/console/appointments/x"]
)
async def test_every_page_stays_out_of_caches_frames_and_other_sites(world: World, path: str) -> None:
    for signed in (False, True):
        if signed:
            await world.sign_in(await world.account("clerk"))
        answer = await world.client.get(path, allow_redirects=False)
        assert answer.headers["Cache-Control"] == "no-store"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_pages_need_no_script_and_nothing_from_elsewhere(world: World) -> None:
    await world.in_state("pending")
    await world.sign_in(await world.account("supervisor"))
    for path in ("/console", "/console/leave/p1", "/console/alerts", "/console/audit", "/console/password"):
        _, page = await world.get(path)
        assert "<script" not in page
        assert " style=" not in page
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
