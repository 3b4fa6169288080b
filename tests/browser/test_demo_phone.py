"""The page of phones in a real browser, 390 px wide, with the stand-in and a gateway that answers from a script."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.platform.processes import free_port
from tests.browser.test_page import CHROMIUM, FLAGS, WIDTH
from tests.channel.standin_world import Script, echo
from tests.standin import Account, Standin
from tests.standin.bubbles import menu_bubble
from tests.standin.page import Page as Phones
from tests.standin.page import local_only, openid_of

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium was found: the page was not tried in a browser")
MENU = [
    {"name": "问一问", "type": "click", "key": "ASK"},
    {"name": "约一约", "sub_button": [{"name": "约调解", "type": "click", "key": "BOOK"}]},
]


@asynccontextmanager
async def serving(standin: Standin, script: Script, port: int) -> AsyncIterator[None]:
    page = Phones(standin)
    app = standin.application(local_only)
    app.add_routes([*page.routes(), web.post("/wechat", script.receive)])
    app.on_shutdown.append(page.close)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    standin.courier.gateway = f"http://127.0.0.1:{port}/wechat"
    yield
    await runner.cleanup()


@pytest.fixture
def phones() -> Iterator[tuple[str, Standin, asyncio.AbstractEventLoop]]:
    """The page's address, what is behind it, and its loop."""
    account, port, loop = Account.drawn(), free_port(), asyncio.new_event_loop()
    standin = Standin(account)
    standin.menu = {"button": MENU}
    standin.templates = {"T1": "预约提醒"}
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    running = serving(standin, Script(account, echo), port)
    asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(10)
    yield f"http://127.0.0.1:{port}/", standin, loop
    asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, phones: tuple[str, Standin, asyncio.AbstractEventLoop]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTH, "height": 800})
    opened = context.new_page()
    opened.goto(phones[0])
    opened.click("#follow")
    expect(opened.locator(".bubble")).to_have_text("收到subscribe")
    yield opened
    context.close()


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("CHENGFATONG_SHOTS"):
        page.screenshot(path=str(Path(folder) / name))


def test_visitor_follows_and_types_and_reads_the_answer(page: Page) -> None:
    page.fill("#text", "邻居漏水怎么办")
    page.press("#text", "Enter")
    expect(page.locator(".bubble.me").last).to_have_text("邻居漏水怎么办")
    expect(page.locator(".bubble").last).to_have_text("收到邻居漏水怎么办")


def test_visitor_taps_a_menu_message_a_link_in_a_text_and_the_accounts_menu(
    page: Page, phones: tuple[str, Standin, asyncio.AbstractEventLoop]
) -> None:
    _, standin, loop = phones
    person = standin.people[openid_of(1)]
    menu = menu_bubble({"head_content": "请选", "list": [{"id": "1", "content": "约调解"}]})
    loop.call_soon_threadsafe(person.shows, menu)
    page.get_by_role("button", name="约调解", exact=True).click()
    expect(page.locator(".bubble").last).to_have_text("收到约调解")
    page.get_by_text("约一约").click()
    page.locator("#menu").get_by_role("button", name="约调解").click()
    expect(page.locator(".bubble").last).to_have_text("收到CLICK")


def test_visitor_sends_a_place_scans_a_code_grants_a_reminder_and_leaves(
    page: Page, phones: tuple[str, Standin, asyncio.AbstractEventLoop]
) -> None:
    page.click("#more")
    page.get_by_role("button", name="发送位置").click()
    expect(page.locator(".bubble.me").last).to_contain_text("莲下镇")
    page.click("#more")
    page.fill("[name=scene]", "village-1")
    page.get_by_role("button", name="扫一扫").click()
    expect(page.locator(".bubble").last).to_have_text("收到SCAN")
    page.click("#more")
    page.get_by_role("button", name="允许发一次").click()
    expect(page.locator("#held")).to_contain_text("还能发 1 次")
    page.click("#unfollow")
    expect(page.locator("#stranger")).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(0)


def test_each_phone_has_a_screen_of_its_own(page: Page) -> None:
    page.select_option("#phone", "2")
    expect(page.locator("#stranger")).to_be_visible()
    page.select_option("#phone", "1")
    expect(page.locator(".bubble")).to_have_text("收到subscribe")


def test_text_of_an_account_is_never_run(page: Page, phones: tuple[str, Standin, asyncio.AbstractEventLoop]) -> None:
    _, standin, loop = phones
    from tests.standin.bubbles import text_bubble

    hostile = '<img src=x onerror="document.title=1"><a href="javascript:document.title=1">点我</a>'
    loop.call_soon_threadsafe(standin.people[openid_of(1)].shows, text_bubble(hostile, "service"))
    expect(page.locator(".bubble").last).to_contain_text("点我")
    assert page.locator(".bubble a, .bubble img").count() == 0


@pytest.mark.parametrize("scale", [1, 2])
def test_everything_can_be_tapped_and_nothing_runs_over_the_edge(page: Page, scale: int) -> None:
    page.evaluate(f"document.documentElement.style.fontSize = '{17 * scale}px'")
    page.click("#more")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    small = page.evaluate(
        """[...document.querySelectorAll('button:not(.inline), select, input, textarea, summary')]
           .filter(e => e.offsetParent && (e.offsetHeight < 44 || e.offsetWidth < 44)).map(e => e.id || e.textContent)"""
    )
    assert small == []
    shot(page, f"demo-tools-{scale}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    page.fill("#text", "您好")
    page.press("#text", "Enter")
    expect(page.locator(".bubble")).to_have_count(3)
    page.click("#more")
    poor = page.evaluate(CONTRAST)
    assert poor == []


# Every visible text against the nearest background that is not see-through: WCAG 2.1, 1.4.3.
CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.matches('input, select, textarea');
    if (!own || !e.offsetParent || e.classList.contains('hidden')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(`${e.tagName} ${e.textContent.slice(0, 20)} ${((a + .05) / (b + .05)).toFixed(2)}`);
  }
  return poor;
}"""
