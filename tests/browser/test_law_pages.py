"""The pages of the law on a phone without JavaScript, against the real gateway. They need neither store nor engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.platform.processes import free_port
from bot.platform.settings import ROOT
from tests.browser.test_console import CONTRAST, FIND_FAINT, until_up
from tests.browser.test_page import CHROMIUM, FLAGS
from tests.keys import ENV

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium was found: the pages of the law were not tried")
PAGES = ("/law/民法典", "/law/刑法/133-1", "/law/农村土地承包法/1", "/law/民法典/1500")
FIND_SMALL = """() => [...document.querySelectorAll('a')].filter(e => e.offsetParent && !e.closest('p'))
  .filter(e => e.getBoundingClientRect().height < 44).map(e => e.textContent.trim())"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    env = {**os.environ, **ENV, "CHENGFATONG_PORT": str(port), "CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1"}
    env |= {"CHENGFATONG_VAR": str(tmp_path_factory.mktemp("law"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "gateway"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )
    try:
        until_up(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(params=["light", "dark"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, color_scheme=request.param
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_grandmother_can_read_the_law_at_twice_the_size_and_hit_every_link(
    phone: Page, gateway: str, path: str
) -> None:
    phone.goto(gateway + path)
    assert phone.evaluate(FIND_SMALL) == []
    assert [faint for faint in phone.evaluate(FIND_FAINT) if faint[1] < CONTRAST] == []
    assert min(size for _, _, size in phone.evaluate(FIND_FAINT)) >= 17
    for size in ("100%", "212.5%"):
        phone.evaluate("size => document.documentElement.style.fontSize = size", size)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_citizen_can_walk_from_a_law_to_its_articles_and_on(phone: Page, gateway: str) -> None:
    phone.goto(f"{gateway}/law/公证法")
    phone.get_by_role("link", name="第三十条 ").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("《公证法》第三十条")
    phone.get_by_role("link", name="下一条").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("《公证法》第三十一条")
    phone.get_by_role("link", name="《公证法》目录").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("《公证法》")
    expect(phone.get_by_role("link", name="回到对话里问")).to_have_attribute("href", "/")
