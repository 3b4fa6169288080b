"""The pages of the book in a real browser, 390 px wide, as a citizen's thumb finds them; without a script where it matters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from bot.booking import desk as booking
from bot.bootstrap import Parts
from bot.citizens import service as citizens
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Ask
from bot.notices.service import deliver_once
from tests.gateway import NOW, Gateway

CHROMIUM = os.environ.get("CHENGFATONG_CHROMIUM", "")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium was found: the pages were not tried in a browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTH = 390


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


# Fields in which not all of a name or a phone can be seen at once. The 18 signs of an ID number, twice as large, are wider than
# a phone; a link is copied, and nobody reads it.
CUT = """() => [...document.querySelectorAll('input[type=text], input[type=tel]')]
  .filter(e => !e.readOnly && e.value.length <= 11 && e.scrollWidth > e.clientWidth).map(e => e.outerHTML.slice(0, 80))"""


@dataclass
class Phone:
    """One person's phone: opens pages and looks at each whether a thumb and an old eye can use it."""

    context: BrowserContext
    page: Page

    def look(self, name: str) -> None:
        """Nothing is cut off, also with text twice as large; every target is large enough."""
        for scale in (1, 2):
            self.page.evaluate(f"document.documentElement.style.fontSize = '{17 * scale}px'")
            assert self.page.evaluate("document.documentElement.scrollWidth") <= WIDTH, (name, scale)
            assert self.page.evaluate(CUT) == [], (name, scale)
            if folder := os.environ.get("CHENGFATONG_SHOTS"):
                self.page.screenshot(path=str(Path(folder) / f"page-{name}-{scale}.png"), full_page=True)
        self.page.evaluate("document.documentElement.style.fontSize = ''")
        small = self.page.evaluate(
            """() => [...document.querySelectorAll('a, button, select, summary, textarea, input:not([type=hidden])')]
              .map(e => e.type === 'checkbox' ? e.closest('label') : e).filter(e => e.offsetParent)
              .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
        )
        assert small == [], name
        assert self.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 17
        unlabelled = self.page.evaluate(
            """() => [...document.querySelectorAll('select, textarea, input:not([type=hidden])')]
              .filter(e => !e.labels.length).map(e => e.outerHTML.slice(0, 80))"""
        )
        assert unlabelled == [], name

    def tap(self, target: str | Locator) -> None:
        """Tap a link or a button, by its text or as it was found, and wait for the page behind it."""
        found = self.page.get_by_text(target, exact=True).first if isinstance(target, str) else target
        with self.page.expect_navigation():
            found.click()


def phone_of(browser: Browser, script: bool = False) -> Phone:
    context = browser.new_context(viewport={"width": WIDTH, "height": 800}, java_script_enabled=True)
    if not script:  # The page's own scripts are kept away; the test's still run.
        context.route("**/*.js", lambda route: route.abort())
    return Phone(context, context.new_page())


@pytest.fixture
def phone(browser: Browser, gateway: Gateway) -> Iterator[Phone]:
    """A citizen's phone, come in by a link from the chat."""
    opened = phone_of(browser)
    opened.page.goto(gateway.parts.links.book_link(gateway.person, NOW))
    yield opened
    opened.context.close()


def book_a_mediation(phone: Phone, nth: int) -> str:
    """Go from the first page to the confirmation, and return the reference."""
    page = phone.page
    phone.tap(page.get_by_role("link", name="调解 跟邻居"))
    page.get_by_label("镇街").select_option(label="莲下镇")
    page.get_by_label("讲什么话").select_option(label="潮汕话")
    phone.tap("按这些找")
    phone.look("people")
    expect(page.locator(".badge").first).to_have_text("示例")
    phone.tap("看时间")
    phone.look("times")
    phone.tap(page.locator(".times a").nth(nth))
    if page.get_by_label("我同意").count():
        phone.tap("下一步：看一遍")
        phone.look("form-wrong")
        expect(page.locator(".field.wrong")).to_have_count(3)
        page.get_by_label("我同意").check()
    page.get_by_label("您的姓名").fill("陈小明")
    page.get_by_label("您的电话").fill("13800138000")
    page.get_by_label("对方的姓名").fill("林大海")
    page.get_by_label("对方的电话").fill("13900139007")
    phone.look("form")
    phone.tap("下一步：看一遍")
    phone.look("check")
    phone.tap("对，就这样约")
    expect(page.locator("h1")).to_have_text("记下了，等回复")
    phone.look("done")
    return page.url.rpartition("/")[2]


def test_citizen_books_moves_and_cancels_a_mediation_with_a_thumb_and_no_script(phone: Phone, gateway: Gateway) -> None:
    page = phone.page
    phone.look("kinds")
    reference = book_a_mediation(phone, 2)
    with page.expect_download() as download:
        page.get_by_text("加到手机日历").click()
    assert download.value.suggested_filename == f"{reference}.ics"
    phone.tap("查看、改时间、取消")
    phone.look("appointment")
    before = page.locator("dd").first.inner_text()
    phone.tap("改时间")
    phone.look("move")
    phone.tap(page.locator(".times button").nth(5))
    expect(page.locator("h1")).to_have_text("调解：等回复")
    assert page.locator("dd").first.inner_text() != before
    phone.tap("取消")
    phone.look("cancel")
    phone.tap("取消这个预约")
    expect(page.locator("main")).to_contain_text("您自己取消的")
    phone.tap("我的预约")
    phone.look("me")
    expect(page.locator(".past")).to_contain_text("取消了")


def test_other_side_opens_the_forwarded_link_and_comes(phone: Phone, browser: Browser, gateway: Gateway) -> None:
    reference = book_a_mediation(phone, 3)
    link = phone.page.get_by_label("邀请链接").input_value()
    other = phone_of(browser)
    other.page.goto(link)
    other.look("invite-ask")
    other.page.get_by_label("手机号最后四位").fill("9007")
    other.tap("打开")
    other.look("invite")
    expect(other.page.locator("main")).to_contain_text("人民调解不收任何费用")
    other.tap("换个时间")
    other.look("invite-times")
    other.tap(other.page.get_by_role("link", name="回去"))
    other.tap("我来")
    expect(other.page.locator("h1")).to_have_text("您答应来了")
    other.context.close()
    phone.page.goto(f"{gateway.base}/me/{reference}")
    expect(phone.page.locator("h1")).to_have_text("调解：约好了")


def test_other_side_proposes_and_the_citizen_takes_a_time(phone: Phone, browser: Browser, gateway: Gateway) -> None:
    reference = book_a_mediation(phone, 4)
    other = phone_of(browser)
    other.page.goto(phone.page.get_by_label("邀请链接").input_value())
    other.page.get_by_label("手机号最后四位").fill("9007")
    other.tap("打开")
    other.tap("换个时间")
    for nth in (6, 8):
        other.page.locator("input[name=slot]").nth(nth).check()
    other.tap("就这几个时间")
    expect(other.page.locator("h1")).to_have_text("您提的时间发过去了")
    other.look("invite-proposed")
    other.context.close()
    phone.page.goto(f"{gateway.base}/me/{reference}")
    phone.look("appointment-proposed")
    phone.tap(phone.page.locator("form button").first)
    expect(phone.page.locator("h1")).to_have_text("调解：约好了")


def test_citizen_sees_what_an_application_lacks_and_takes_it_back(phone: Phone, gateway: Gateway) -> None:
    person = gateway.person

    async def apply(parts: Parts) -> str:
        store, people = parts.console.applications, parts.citizens
        await citizens.agree(people, person, "legal_aid", NOW)
        fields = {"name": "陈小明", "phone": "+8613800138000", "story": "欠三个月工钱"}
        ask = Ask("citizen", person, NOW, "apply")
        made = await legal_aid.hand_in(store, people, "wages", "likely_yes", fields, ask)
        papers = ("identity", "hardship")
        await legal_aid.advance(store, made.id, "papers_missing", Ask("staff", "示例员", NOW, "papers"), papers)
        return made.id

    number = gateway.do(apply)
    phone.page.goto(f"{gateway.base}/me")
    phone.look("me-aid")
    phone.tap(number)
    expect(phone.page.locator("main")).to_contain_text("诚信承诺")
    phone.look("aid")
    assert phone.page.evaluate(CONTRAST) == []
    phone.tap("撤回申请")
    phone.look("aid-withdraw")
    phone.tap(phone.page.get_by_role("button", name="撤回申请"))
    expect(phone.page.locator("h1")).to_have_text("法律援助申请：已经撤回")
    phone.look("aid-withdrawn")


def test_citizen_gets_and_erases_their_data(phone: Phone, gateway: Gateway) -> None:
    phone.page.goto(f"{gateway.base}/me/data")
    phone.look("data")
    phone.tap("全部删掉")
    phone.look("erase")
    phone.tap("全部删掉")
    expect(phone.page.locator("h1")).to_have_text("删好了")
    phone.page.goto(f"{gateway.base}/me")
    expect(phone.page.locator("h1")).to_have_text("从聊天里打开")
    phone.look("stranger")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("lawyers", "/book/people?kind=consultation"),
        ("notaries", "/book/people?kind=notary"),
        ("centre", "/book/people?kind=legal_aid"),
        ("offices", "/book/people?kind=visit"),
        ("contact", "/me/contact"),
        ("none", "/me/YY-AAAA-AAAA"),
    ],
)
def test_pages_that_are_met_less_often_fit_a_phone_too(phone: Phone, gateway: Gateway, name: str, path: str) -> None:
    phone.page.goto(gateway.base + path)
    phone.look(name)


def test_form_for_a_visit_fits_a_phone(phone: Phone, gateway: Gateway) -> None:
    page = phone.page
    page.goto(f"{gateway.base}/book/people?kind=visit")
    phone.tap("看时间")
    phone.tap(page.locator(".times a").first)
    page.get_by_label("您的身份证号").fill("11010519491231002X")
    page.get_by_label("您的电话").fill("13800138000")
    phone.look("visit-form")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(phone: Phone, gateway: Gateway, scheme: str) -> None:
    phone.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in ("/book", "/book/people?kind=mediation", "/book/times?kind=mediation&who=med-102-3", "/me", "/me/data"):
        phone.page.goto(gateway.base + path)
        assert phone.page.evaluate(CONTRAST) == [], path


# Texts whose contrast with what lies behind them is under 4.5:1 (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')]
    .filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => { const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.outerHTML.slice(0, 80)]; })
    .filter(([ratio]) => ratio < 4.5);
}"""


def test_page_is_small(phone: Phone, gateway: Gateway) -> None:
    phone.page.goto(f"{gateway.base}/book/people?kind=consultation")
    sizes = phone.page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => e.decodedBodySize)"
    )
    assert 0 < sum(sizes) < 200_000


def test_chat_shows_each_notice_once_however_often_it_is_opened(browser: Browser, gateway: Gateway) -> None:
    phone = phone_of(browser, script=True)
    page = phone.page
    page.goto(gateway.base)
    expect(page.locator(".bubble.bot").first).to_be_visible()
    sender = page.evaluate("JSON.parse(localStorage.chengfatong).sender")

    async def tell(parts: Parts) -> None:
        from bot.booking.model import Wish
        from bot.citizens.model import person_of

        wish = Wish(
            "mediation",
            practitioner="med-102-3",
            mode="video",
            citizen=person_of(parts.keyring.secret, f"web:{sender}"),
            respondent="r",
        )
        [slot] = (await booking.times(parts.desk, wish, NOW, limit=1)).slots
        seat = await booking.book(parts.desk, wish, slot, NOW, "told")
        await booking.accept(parts.desk, seat.id, "r", NOW, "told2")
        await deliver_once(parts.notices, parts.desk, NOW)

    gateway.do(tell)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    told = page.locator(".bubble.bot", has_text="对方答应来了")
    expect(told).to_have_count(1)
    expect(page.get_by_role("button", name="我的预约")).to_be_visible()
    for _ in range(2):
        page.reload()
        expect(page.locator(".bubble.bot").first).to_be_visible()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_load_state("networkidle")
        expect(told).to_have_count(1)
    phone.context.close()


def test_link_is_copied_with_one_tap_where_scripts_run(browser: Browser, gateway: Gateway) -> None:
    phone = phone_of(browser, script=True)
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.page.goto(gateway.parts.links.book_link(gateway.person, NOW))
    book_a_mediation(phone, 0)
    phone.page.get_by_text("复制链接").click()
    expect(phone.page.get_by_text("复制好了")).to_be_visible()
    assert phone.page.evaluate("navigator.clipboard.readText()") == phone.page.get_by_label("邀请链接").input_value()
    phone.context.close()
