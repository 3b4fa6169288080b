"""The chat page in a real browser, 390 px wide, against the whole program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHENGFATONG_CHROMIUM", "")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium was found: the page was not tried in a browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH = 390


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, live: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTH, "height": 800})
    opened = context.new_page()
    opened.goto(live)
    expect(opened.locator(".choices button")).to_have_count(6)
    yield opened
    context.close()


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")
    expect(page.locator(".typing")).to_have_count(0)


def test_grandmother_reaches_an_answer_by_tapping_alone(page: Page) -> None:
    page.get_by_role("button", name="上班时间", exact=True).click()
    page.get_by_role("button", name="司法所", exact=True).click()
    expect(page.locator(".bubble.bot").last).to_contain_text("核对")


def test_worker_gets_cards_with_a_mark_on_made_up_people(page: Page) -> None:
    say(page, "莲下镇有会讲潮汕话的调解员吗")
    expect(page.locator(".card").first).to_contain_text("示例")
    assert page.locator(".card a[href^='tel:']").count() == 0
    if folder := os.environ.get("CHENGFATONG_SHOTS"):
        page.screenshot(path=str(Path(folder) / "chat.png"))


def test_citizen_in_danger_can_tap_the_number(page: Page) -> None:
    say(page, "他正在打我")
    expect(page.locator(".urgent a[href='tel:110']")).to_be_visible()


def test_conversation_is_still_there_after_a_reload_and_gone_after_clearing(page: Page) -> None:
    say(page, "公证处在哪")
    page.reload()
    expect(page.locator(".bubble.me")).to_have_text("公证处在哪")
    page.click("#clear")
    expect(page.locator(".asked")).to_contain_text("我的预约")
    page.get_by_role("button", name="不清空").click()
    expect(page.locator(".bubble.me")).to_have_count(1)
    page.click("#clear")
    page.get_by_role("button", name="清空", exact=True).last.click()
    expect(page.locator(".bubble.me")).to_have_count(0)


def sender(page: Page) -> str:
    return str(page.evaluate("JSON.parse(localStorage.getItem('chengfatong')).sender"))


def test_citizen_who_clears_the_screen_keeps_the_way_to_the_bookings(page: Page) -> None:
    before = sender(page)
    page.click("#clear")
    page.get_by_role("button", name="清空", exact=True).last.click()
    expect(page.locator(".choices button")).to_have_count(6)
    assert sender(page) == before


def test_citizen_who_hands_the_phone_on_is_told_what_it_costs(page: Page) -> None:
    before = sender(page)
    page.click("#clear")
    page.get_by_role("button", name="换一个人用").click()
    expect(page.locator(".asked")).to_contain_text("看不到原来的预约")
    assert sender(page) == before
    page.get_by_role("button", name="换人", exact=True).click()
    expect(page.locator(".choices button")).to_have_count(6)
    assert sender(page) != before


def test_citizen_with_a_dead_link_gets_to_the_bookings_in_the_chat_with_one_tap(page: Page, live: str) -> None:
    page.goto(f"{live}/me/open/dead.link")
    page.get_by_role("link", name="我的预约").click()
    expect(page.locator(".bubble.me").last).to_have_text("我的预约")
    expect(page.locator(".bubble.bot").last).to_contain_text("没有约着的")
    assert "#" not in page.url
    page.reload()
    expect(page.locator(".bubble.me")).to_have_count(1)


def test_message_that_was_not_sent_can_be_sent_again(page: Page) -> None:
    page.route("**/api/chat", lambda route: route.abort())
    say(page, "公证处在哪")
    page.unroute("**/api/chat")
    page.click(".failed")
    expect(page.locator(".card").last).to_contain_text("公证处")
    expect(page.locator(".failed")).to_have_count(0)


@pytest.mark.parametrize("scale", [1, 2])
def test_nothing_is_cut_off_at_390_px_also_with_text_twice_as_large(page: Page, scale: int) -> None:
    say(page, "莲下镇有会讲潮汕话的调解员吗")
    page.evaluate(f"document.documentElement.style.fontSize = '{17 * scale}px'")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert page.evaluate("document.getElementById('log').scrollWidth <= document.getElementById('log').clientWidth")
    if folder := os.environ.get("CHENGFATONG_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"chat-{scale}.png"))


def test_targets_are_large_enough_for_a_thumb(page: Page) -> None:
    for target in page.locator("button:visible, nav a").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44


def test_page_says_that_it_is_a_machine_and_stays_small(page: Page, live: str) -> None:
    expect(page.locator("header")).to_contain_text("机器助手")
    sizes = page.evaluate("performance.getEntriesByType('resource').map(e => e.decodedBodySize)")
    assert sum(sizes) < 200_000


def test_screen_reader_hears_new_messages(page: Page) -> None:
    expect(page.locator("#log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_label("您想问什么")).to_be_visible()
