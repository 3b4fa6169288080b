"""The page of phones: who may use it, and what a wrong request does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.standin import Account, Standin
from tests.standin.page import Page, local_only, openid_of

FIRST = openid_of(1)


@pytest.fixture
async def standin() -> Standin:
    return Standin(Account.drawn())


@pytest.fixture
async def client(standin: Standin) -> AsyncIterator[TestClient]:
    page = Page(standin)
    app = standin.application(local_only)
    app.add_routes(page.routes())
    app.on_shutdown.append(page.close)
    standin.courier.gateway = "http://127.0.0.1:1/wechat"
    standin.weather.pace = 0.01
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_page_of_another_site_can_neither_read_nor_send(client: TestClient, standin: Standin) -> None:
    assert (await client.get("/", headers={"Host": "evil.example"})).status == 403
    form = {"Content-Type": "text/plain"}
    assert (await client.post("/phones/1/follow", data="{}", headers=form)).status == 415
    assert not standin.people[FIRST].following


@pytest.mark.parametrize(
    ("doing", "body"),
    [("says", {}), ("says", {"text": ""}), ("says", {"text": "x" * 3000}), ("location", {"latitude": "north"}), ("fly", {}), ("says", [])],
)  # fmt: skip
async def test_wrong_request_does_nothing(client: TestClient, standin: Standin, doing: str, body: object) -> None:
    assert (await client.post(f"/phones/1/{doing}", json=body)).status == 422
    assert standin.people[FIRST].screen == []


async def test_page_shows_its_own_files_and_no_others(client: TestClient) -> None:
    assert (await client.get("/static/phone.js")).status == 200
    for name in ("page.py", "..%2Fpage.py", "%2Fetc%2Fpasswd"):
        assert (await client.get(f"/static/{name}")).status == 404


async def test_screen_is_sent_at_once_and_at_each_change(client: TestClient) -> None:
    response = await client.get("/phones/2/events")
    first = json.loads((await response.content.readuntil(b"\n\n")).removeprefix(b"data: "))
    assert (first["following"], first["bubbles"]) == (False, [])
    await client.post("/phones/2/follow", json={})
    followed = json.loads((await response.content.readuntil(b"\n\n")).removeprefix(b"data: "))
    assert followed["following"] or followed["bubbles"]
    response.close()


async def test_page_is_small(client: TestClient) -> None:
    sizes = [len(await (await client.get(path)).read()) for path in ("/", "/static/phone.css", "/static/phone.js")]
    assert sum(sizes) < 40_000


async def test_page_of_the_account_is_opened_by_the_phone_that_is_shown(client: TestClient, standin: Standin) -> None:
    (await client.get("/phones/2/events")).close()
    asked = {"appid": standin.account.app_id, "redirect_uri": "http://127.0.0.1:1/back?to=me", "state": "s1"}
    response = await client.get("/connect/oauth2/authorize", params=asked, allow_redirects=False)
    back = response.headers["Location"]
    assert back.startswith("http://127.0.0.1:1/back?to=me&")
    assert "state=s1" in back
    assert [openid for openid, _ in standin.codes.values()] == [openid_of(2)]
