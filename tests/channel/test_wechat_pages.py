"""From WeChat's menu to one's own pages: whole requests against the gateway and a fake platform."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.booking.web_me import COOKIE
from bot.booking.web_wechat import INSIDE
from bot.bootstrap import bootstrap
from bot.channels.server import create_app
from bot.channels.wechat import wire
from bot.channels.wechat.oauth import SECONDS
from bot.citizens.model import person_of
from bot.platform.settings import load
from tests.channel.pages_world import Clock
from tests.keys import ENV, SECRET
from tests.store.booking_world import open_desk
from tests.wechat_platform import APP_ID, FakePlatform, code, gives, platform_server, said, silence
from tests.wechat_platform import SECRET as ACCOUNT_SECRET

START, FINISH, ASKS = "/wechat/oauth/start", "/wechat/oauth/finish", "/sns/oauth2/access_token"
BASE = "http://t.example"


@dataclass
class World:
    """The gateway, the fake platform, the clock and the store."""

    server: TestServer
    fake: FakePlatform
    clock: Clock
    redis: Redis
    phones: list[TestClient] = field(default_factory=list)

    def phone(self) -> Phone:
        self.phones.append(TestClient(self.server, cookie_jar=CookieJar(unsafe=True)))
        return Phone(self, self.phones[-1])

    def comes(self, openid: str, **more: Any) -> None:
        """Say whose the next code is."""
        self.fake.next.setdefault(ASKS, []).append(gives(lambda: said({"openid": openid, **more})))


@dataclass
class Phone:
    """WeChat's browser on one phone."""

    world: World
    client: TestClient

    async def get(self, path: str, **query: str) -> ClientResponse:
        return await self.client.get(path, params=query, allow_redirects=False)

    async def start(self, to: str = "/me") -> str:
        """Tap the menu; return the state with which the platform sends the phone back."""
        response = await self.get(START, to=to)
        assert response.status == 303
        asked = urlsplit(response.headers["Location"])
        assert f"{asked.scheme}://{asked.netloc}" == self.world.fake.base
        query = parse_qs(asked.query)
        assert query["redirect_uri"] == [BASE + FINISH]
        assert query["scope"] == ["snsapi_base"]
        return query["state"][0]

    async def inside(self) -> bool:
        return (await self.get("/me")).status == 200


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with platform_server() as fake:
        clock = Clock()
        env = {"CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", "CHENGFATONG_PUBLIC_URL": BASE}
        account = {"WECHAT_APP_ID": APP_ID, "WECHAT_APP_SECRET": ACCOUNT_SECRET, "WECHAT_API_BASE": fake.base}
        parts = bootstrap(load({**ENV, **env, **account}), redis=redis, clock=clock)
        parts = replace(parts, desk=await open_desk(redis))
        async with TestServer(create_app(parts)) as server:
            world = World(server, fake, clock, redis)
            yield world
            for each in world.phones:
                await each.close()


@pytest.fixture
async def phone(world: World) -> Phone:
    return world.phone()


async def test_citizen_can_open_their_bookings_from_the_menu_without_a_link(world: World, phone: Phone) -> None:
    state = await phone.start()
    world.comes("o-mine")
    back = await phone.get(FINISH, state=state, code="c0de")
    assert (back.status, back.headers["Location"]) == (303, "/me")
    assert await phone.inside()
    assert world.fake.asked[-1][1] == {
        "appid": APP_ID, "secret": ACCOUNT_SECRET, "code": "c0de", "grant_type": "authorization_code",
    }  # fmt: skip
    person = person_of(SECRET, "wechat:o-mine")
    assert await world.redis.scard(f"{{440515}}:sessions:person {person}") == 1, "the chat's person, not another"
    assert (await phone.get("/book")).status == 200


@pytest.mark.parametrize("to", ["/me", "/me/data", "/book"])
async def test_citizen_arrives_where_the_menu_says(world: World, phone: Phone, to: str) -> None:
    state = await phone.start(to)
    world.comes("o-mine")
    assert (await phone.get(FINISH, state=state, code="c0de")).headers["Location"] == to


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "/me/../x", "/console", "", "/me?x=//evil"]
)
async def test_nobody_is_sent_elsewhere(phone: Phone, to: str) -> None:
    response = await phone.get(START, to=to)
    assert response.status == 403
    assert "Location" not in response.headers


async def test_way_back_of_ours_leads_nowhere_else_when_it_is_told_to(world: World, phone: Phone) -> None:
    state = await phone.start()
    world.comes("o-mine")
    back = await phone.get(FINISH, state=state, code="c0de", to="https://evil.example")
    assert back.headers["Location"] == "/me"


async def test_code_lets_in_once_when_it_is_used_twice(world: World, phone: Phone) -> None:
    state = await phone.start()
    world.comes("o-mine")
    await phone.get(FINISH, state=state, code="c0de")
    again = await phone.get(FINISH, state=state, code="c0de")
    assert (again.status, again.headers["Location"]) == (303, "/me"), "the phone itself loads it twice"
    assert world.fake.count(ASKS) == 1
    phone.client.session.cookie_jar.clear(lambda cookie: cookie.key in (COOKIE, INSIDE))
    assert (await phone.get(FINISH, state=state, code="c0de")).status == 403
    assert (await phone.get(FINISH, state=await phone.start(), code="")).status == 403
    world.fake.next[ASKS] = [code(40163, "code been used")]
    assert (await phone.get(FINISH, state=await phone.start(), code="c0de")).status == 403
    assert not await phone.inside()


async def test_only_one_gets_in_when_state_and_code_come_at_once(world: World, phone: Phone) -> None:
    state = await phone.start()
    for _ in range(8):
        world.comes("o-mine")
    await asyncio.gather(*(phone.get(FINISH, state=state, code="c0de") for _ in range(8)))
    assert world.fake.count(ASKS) == 1
    assert await world.redis.scard(f"{{440515}}:sessions:person {person_of(SECRET, 'wechat:o-mine')}") == 1


async def test_stranger_cannot_finish_what_another_browser_began(world: World, phone: Phone) -> None:
    state, other = await phone.start(), world.phone()
    await other.start()
    world.comes("o-mine")
    for stranger in (other, world.phone()):
        assert (await stranger.get(FINISH, state=state, code="c0de")).status == 403
        assert not await stranger.inside()
    assert world.fake.count(ASKS) == 0, "the code is not spent on a stranger"


async def test_nobody_gets_in_with_a_forged_or_old_state(world: World, phone: Phone) -> None:
    state = await phone.start()
    world.comes("o-mine")
    forged = ("", state[:-1] + ("0" if state[-1] != "0" else "1"), "d" + state[1:], "x" * 5000)
    for wrong in forged:
        assert (await phone.get(FINISH, state=wrong, code="c0de")).status == 403
    assert (await phone.client.get(f"{FINISH}?state={state}&state={state}&code=c")).status == 403
    world.clock.now += SECONDS
    assert (await phone.get(FINISH, state=state, code="c0de")).status == 403
    assert world.fake.count(ASKS) == 0


async def test_preview_cannot_book_and_is_told_how_to_go_on(world: World, phone: Phone) -> None:
    state = await phone.start()
    world.comes("o-preview", is_snapshotuser=1)
    back = await phone.get(FINISH, state=state, code="c0de")
    text = await back.text()
    assert back.status == 403
    assert "使用完整服务" in text
    assert not await phone.inside()
    assert not await world.redis.keys("*:session*")


@pytest.mark.parametrize("act", [code(-1), code(40125), silence, gives(lambda: said("<html>", status=502))])
async def test_citizen_is_told_what_to_do_when_wechat_does_not_answer(
    world: World, phone: Phone, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", wire.ClientTimeout(total=0.3))
    state = await phone.start()
    world.fake.next[ASKS] = [act] * 3
    back = await phone.get(FINISH, state=state, code="c0de")
    assert back.status == 503
    assert "我的预约" in await back.text()
    assert not await phone.inside()


async def test_messenger_that_only_looks_uses_nothing_up(phone: Phone) -> None:
    assert (await phone.client.head(FINISH)).status == 405
    assert (await phone.client.head(START)).status == 405


async def test_page_of_ours_may_use_wechats_scripts(world: World, phone: Phone) -> None:
    response = await phone.get("/wechat/jssdk", url=f"{BASE}/me?x=1#here")
    given = await response.json()
    signed = (
        f"jsapi_ticket=ticket-{'y' * 80}&noncestr={given['nonceStr']}&timestamp={given['timestamp']}&url={BASE}/me?x=1"
    )
    assert given["signature"] == hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324 - WeChat's protocol
    assert given["appId"] == APP_ID
    assert re.fullmatch(r"[0-9a-f]{16}", given["nonceStr"])
    assert response.headers["Cache-Control"] == "no-store"
    assert (await phone.get("/wechat/jssdk", url="https://evil.example/")).status == 422
    assert world.fake.count("/cgi-bin/ticket/getticket") == 1


async def test_page_is_told_when_there_is_no_ticket(world: World, phone: Phone) -> None:
    world.fake.next["/cgi-bin/ticket/getticket"] = [code(48001)]
    response = await phone.get("/wechat/jssdk", url=f"{BASE}/me")
    assert response.status == 503
    assert "48001" not in await response.text()
