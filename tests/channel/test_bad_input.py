"""What no citizen can book with: each gets a clear sentence on the page, and nothing is half-booked."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.booking import desk as booking
from bot.booking.model import DAY, HOUR, MINUTE
from bot.directory.hours import SHANGHAI
from tests.channel.pages_world import FILLED, MINE, Browser, World

TIMES = "/book/times?kind=mediation&who=p1"
NAMES = ["哈" * 200, "小明😀", "😀😀", "???", "12345", "<b>林</b>"]
PHONES = ["+852 9123 4567", "+1 202 555 0100", "12345", "138001380001", "打给我女儿", "１３８"]
ID_NUMBERS = ["440515199001011234", "11010519491331002X", "110105194912310021", "120105491231002", "X" * 18]


async def nothing_is_kept(world: World) -> bool:
    """Whether the book has nothing, and nobody's name, phone or number is anywhere."""
    names = await world.parts.redis.keys("*")
    return not any(":booking:appointment:" in name or ":citizens:case:" in name for name in names)


async def form_of(world: World, address: str) -> tuple[Browser, dict[str, str]]:
    browser = await world.inside()
    await browser.get(address)
    await browser.get(browser.links("/book/form")[0])
    return browser, {name: browser.hidden(name) for name in ("token", "slot", "kind", "mode")}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *(("name", text) for text in NAMES),
        *(("phone", text) for text in PHONES),
        *(("other_phone", text) for text in PHONES),
        ("other_phone", FILLED["phone"]),
        ("story", "长" * 1000),
    ],
)
async def test_citizen_is_told_at_the_field_what_cannot_be_and_nothing_is_kept(
    world: World, field: str, text: str
) -> None:
    browser, form = await form_of(world, TIMES)
    await browser.post("/book/form", {**form, **FILLED, field: text, "consent": "yes"})
    assert browser.status == 422
    said = browser.text.split(f'id="{field}-wrong"')[1].split("<")[0]
    assert said.endswith("。")
    assert await nothing_is_kept(world)
    await browser.post("/book/form", {**form, **FILLED, "consent": "yes"})
    assert browser.path == "/book/check"


@pytest.mark.parametrize("number", ID_NUMBERS)
async def test_citizen_with_a_wrong_id_number_cannot_ask_for_a_visit(world: World, number: str) -> None:
    browser, form = await form_of(world, "/book/times?kind=visit&who=jo")
    said = {
        "inmate": "陈大明",
        "relation": "兄弟姐妹",
        "institution": "某看守所",
        "name": "陈小明",
        "phone": "13800138000",
    }
    await browser.post("/book/form", {**form, **said, "id_number": number, "consent": "yes"})
    assert browser.status == 422
    assert 'id="id_number-wrong"' in browser.text
    assert await nothing_is_kept(world)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


# The clock stands at Monday, 2026-11-23, 9:00. 25:00 of Thursday is 1:00 of Friday, to whoever counts on.
@pytest.mark.parametrize(
    "start",
    [
        at("2026-11-20T09:45"),
        at("2026-11-23T09:00"),
        at("2026-11-23T14:30"),
        at("2026-11-26T12:30"),
        at("2026-11-26T00:00") + 25 * HOUR,
        at("2026-11-29T09:45"),
        at("2026-10-01T09:45"),
        at("2027-01-01T09:45"),
        at("2027-03-01T09:45"),
        at("2026-11-26T09:46"),
    ],
    ids=["past", "now", "too soon", "lunch", "25:00", "Sunday", "holiday that was", "holiday", "too far", "odd minute"],
)
async def test_citizen_whose_address_was_edited_to_a_time_that_nobody_has_is_offered_others(
    world: World, start: int
) -> None:
    browser = await (await world.inside()).filled(world)
    await browser.post("/book/check", {**browser.confirming, "slot": f"{start}~p1~"})
    assert browser.status == 409
    assert "约不上" in browser.text
    assert await nothing_is_kept(world)
    await browser.post("/book/check", browser.confirming)  # the first of the others
    assert browser.path.startswith("/book/done/")
    assert len(await booking.mine(world.parts.desk, MINE)) == 1


@pytest.mark.parametrize("jump", [-3 * DAY, -HOUR, 90 * MINUTE], ids=["three days back", "an hour back", "ahead"])
async def test_citizen_whose_tap_falls_into_a_change_of_the_servers_clock_has_one_booking_or_a_clear_word(
    world: World, jump: int
) -> None:
    browser = await (await world.inside()).filled(world)
    confirming = browser.confirming
    world.clock.now += jump
    for _ in range(2):
        await browser.post("/book/check", confirming)
    world.clock.now -= jump
    await browser.post("/book/check", confirming)
    assert browser.path.startswith("/book/done/")
    (seat,) = await booking.mine(world.parts.desk, MINE)
    assert f"{seat.start}~" in confirming["slot"]


async def test_citizen_whose_hour_has_come_too_near_meanwhile_reads_why_and_is_offered_others(world: World) -> None:
    browser = await world.inside()
    await browser.get(TIMES)
    await browser.get(browser.links("/book/form")[0])
    form = {name: browser.hidden(name) for name in ("token", "slot", "kind", "mode")}
    await browser.post("/book/form", {**form, **FILLED, "consent": "yes"})
    world.clock.now += 90 * MINUTE
    await browser.post("/book/check", browser.confirming)
    assert browser.status == 409
    assert "约不上" in browser.text
    assert await nothing_is_kept(world)
