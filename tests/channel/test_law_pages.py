"""The pages of the law, as the real gateway serves them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, datetime
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.bootstrap import bootstrap
from bot.channels.server import create_app
from bot.directory.hours import SHANGHAI
from bot.knowledge.library import library
from bot.platform.settings import load
from tests.channel.conftest import ScriptedEngine
from tests.keys import ENV

DAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI).timestamp()


@pytest.fixture
async def client(redis: Redis, engine: ScriptedEngine) -> AsyncIterator[TestClient]:
    """The gateway on a day of which it is known which laws are in force."""
    settings = load({"CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", **ENV})
    app = create_app(bootstrap(settings, redis=redis, engine=engine, clock=lambda: NOW))
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def page(client: TestClient, path: str, status: int = 200) -> str:
    response = await client.get(path)
    assert response.status == status, path
    assert response.content_type == "text/html"
    return await response.text()


async def test_citizen_can_read_an_article_how_it_stands_and_what_rests_on_it(client: TestClient) -> None:
    text = await page(client, f"/law/{quote('劳动合同法')}/38")
    assert "<h1>《劳动合同法》第三十八条</h1>" in text
    assert "未及时足额支付劳动报酬的" in text
    assert "现在有效" in text
    assert "2012年12月28日通过的文本" in text
    assert 'href="37"' in text
    assert 'href="39"' in text
    assert 'href="/"' in text
    assert "这些问题的回答用到这一条" in text
    assert "律师尚未复核" in text


async def test_citizen_can_read_an_article_with_a_suffix(client: TestClient) -> None:
    text = await page(client, "/law/刑法/133-1")
    assert "醉酒驾驶机动车" in text
    assert "以最新文本为准" in text
    assert 'href="133"' in text


@pytest.mark.parametrize("law", ["民法典", "消法", "中国人民银行法", "刑法"])
async def test_citizen_can_find_every_article_on_a_laws_page(client: TestClient, law: str) -> None:
    text = await page(client, f"/law/{law}")
    assert len(text.encode()) < 200_000
    links = re.findall(r'<a href="([^"/]+/[0-9-]+)"', text)
    assert len(links) == len(set(links)) > 40
    for link in (links[0], links[len(links) // 2], links[-1]):
        await page(client, f"/law/{link}")


async def test_no_laws_page_is_too_heavy_for_a_phone(client: TestClient) -> None:
    corpus = library().corpus(DAY)
    longest = sorted(corpus.names(), key=lambda name: -len(corpus.articles(corpus.law(name))))[:3]
    for name in longest:
        assert len((await page(client, f"/law/{name}")).encode()) < 200_000


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/law/火星居民法", "没有叫“火星居民法”的法律"),
        ("/law/民法典/1500", "没有第一千五百条"),
        ("/law/民法典/0", "没有这一条"),
        ("/law/民法典/133-99", "没有这一条"),
        ("/law/火星居民法/1", "没有这一条"),
        ("/law/%3Cscript%3E", "没有叫“&lt;script&gt;”的法律"),
    ],
)
async def test_citizen_is_told_in_words_that_there_is_no_such_page(client: TestClient, path: str, said: str) -> None:
    text = await page(client, path, 404)
    assert said in text
    assert 'href="/"' in text


async def test_repealed_and_future_law_say_so_before_their_text(client: TestClient) -> None:
    for law, said in (("农村土地承包法", "已经废止"), ("医疗保障法", "还没生效")):
        text = await page(client, f"/law/{law}/1")
        assert f'class="card standing not">{said}' in text


async def test_page_needs_no_script_and_may_be_kept_for_an_hour(client: TestClient) -> None:
    response = await client.get("/law/公证法/30")
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    text = await response.text()
    assert "<script" not in text
    for style in re.findall(r'stylesheet" href="([^"]+)"', text):
        css = await client.get(style)
        assert css.status == 200
        assert "immutable" in css.headers["Cache-Control"]
