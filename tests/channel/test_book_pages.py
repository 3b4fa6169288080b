"""/book without a script: from the first page to the confirmation, and all that can come in between."""

from __future__ import annotations

import asyncio

import pytest

from bot.booking import desk as booking
from bot.booking import service as desk_service
from bot.booking import web_book
from bot.booking.model import HOLD, Slot, Wish
from bot.citizens import service as citizens
from bot.errors import StoreUnavailable, Unconfirmed
from tests.channel.pages_world import FILLED, MINE, OTHERS, PHONE, Browser, World
from tests.store.booking_world import NOW


async def test_citizen_books_a_mediation_from_the_first_page_to_the_confirmation(world: World) -> None:
    browser = await world.inside()
    await browser.get("/book")
    await browser.get(browser.links(r"/book/people\?kind=mediation")[0])
    assert "最近有空" in browser.text
    await browser.get(browser.links("/book/times")[0])
    await browser.filled(world)
    assert browser.path == "/book/check"
    assert "陈小明" in browser.text
    await browser.post("/book/check", browser.confirming)
    assert browser.path.startswith("/book/done/")
    [seat] = await booking.mine(world.parts.desk, MINE)
    assert seat.id in browser.text
    assert (seat.state, bool(seat.respondent), bool(seat.applicant)) == ("pending", True, True)
    assert world.parts.links.invite_link(seat) in browser.text
    assert browser.links(f"/me/{seat.id}.ics")
    case = await citizens.case(world.parts.citizens, MINE, seat.id)
    assert case == {"name": "陈小明", "phone": PHONE, "other_name": "林大海", "other_phone": "+8613900139007"}
    profile = await citizens.profile(world.parts.citizens, MINE)
    assert (profile["name"], profile["phone"]) == ("陈小明", PHONE)


async def test_five_taps_and_two_tabs_make_one_appointment(world: World) -> None:
    browser = await (await world.inside()).filled(world)
    confirming = browser.confirming
    tabs = [Browser(browser._client) for _ in range(5)]
    await asyncio.gather(*(tab.post("/book/check", confirming) for tab in tabs))
    assert {tab.path for tab in tabs} == {tabs[0].path}
    assert tabs[0].path.startswith("/book/done/")
    assert len(await booking.mine(world.parts.desk, MINE)) == 1
    await browser.post("/book/check", confirming)
    assert browser.path == tabs[0].path


async def test_citizen_whose_tap_died_half_way_has_the_time_at_the_next_tap(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await (await world.inside()).filled(world)
    confirming = browser.confirming
    await _dying_before_confirm(browser, confirming, monkeypatch)
    await browser.post("/book/check", confirming)
    assert browser.path.startswith("/book/done/")
    assert len(await booking.mine(world.parts.desk, MINE)) == 1


async def test_citizen_whose_tap_died_and_who_comes_back_after_the_hold_can_still_have_the_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await (await world.inside()).filled(world)
    confirming = browser.confirming
    await _dying_before_confirm(browser, confirming, monkeypatch)
    world.clock.now += HOLD
    await browser.post("/book/check", confirming)
    assert browser.status == 409
    await browser.post("/book/check", confirming)
    assert browser.path.startswith("/book/done/")


async def _dying_before_confirm(browser: Browser, confirming: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as dying:
        dying.setattr(desk_service, "confirm", dies)
        await browser.post("/book/check", confirming)
    assert browser.status == 503


async def test_two_tabs_filled_apart_for_the_same_time_make_one_appointment(world: World) -> None:
    first, second = await world.inside(), await world.inside()
    await first.filled(world)
    await second.filled(world)
    await first.post("/book/check", first.confirming)
    await second.post("/book/check", second.confirming)
    assert second.path == first.path
    assert len(await booking.mine(world.parts.desk, MINE)) == 1


async def test_citizen_who_loses_the_time_is_offered_the_nearest_and_types_nothing_again(world: World) -> None:
    browser = await (await world.inside()).filled(world)
    start, who, room = browser.confirming["slot"].split("~")
    lost = Slot(int(start), int(start) + 3600, who, room)
    await booking.book(world.parts.desk, Wish("mediation", citizen=OTHERS, mode="video"), lost, NOW, "other")
    await browser.post("/book/check", browser.confirming)
    assert browser.status == 409
    assert "刚刚被别人约走" in browser.text
    assert "林大海" in browser.text
    await browser.post("/book/check", browser.confirming)  # the first of the others
    assert browser.path.startswith("/book/done/")
    [seat] = await booking.mine(world.parts.desk, MINE)
    assert (seat.start, seat.practitioner) != (lost.start, lost.practitioner)
    assert (await citizens.case(world.parts.citizens, MINE, seat.id))["other_name"] == "林大海"


async def test_citizen_is_told_at_the_field_what_is_wrong_and_keeps_what_was_typed(world: World) -> None:
    browser = await world.inside()
    await browser.get("/book/times?kind=mediation&who=p1")
    await browser.get(browser.links("/book/form")[0])
    form = {name: browser.hidden(name) for name in ("token", "slot", "kind", "mode")}
    wrong = {**FILLED, "phone": "1380013", "name": "吃了吗", "other_phone": "12"}
    await browser.post("/book/form", {**form, **wrong, "consent": "yes"})
    assert browser.status == 422
    for field in ("name", "phone", "other_phone"):
        assert f'id="{field}-wrong"' in browser.text
    assert 'id="other_name-wrong"' not in browser.text
    assert 'value="林大海"' in browser.text
    assert 'value="1380013"' in browser.text


async def test_nothing_is_kept_of_a_citizen_who_does_not_agree(world: World) -> None:
    browser = await world.inside()
    await browser.get("/book/times?kind=mediation&who=p1")
    await browser.get(browser.links("/book/form")[0])
    form = {name: browser.hidden(name) for name in ("token", "slot", "kind", "mode")}
    await browser.post("/book/form", {**form, **FILLED})
    assert browser.status == 422
    assert 'id="consent-wrong"' in browser.text
    assert (await browser.get("/book/check")).path == "/book"
    assert await citizens.export({"citizens": world.parts.citizens}, MINE) == {}


async def test_what_was_typed_is_sealed_in_the_store_and_gone_once_booked(world: World) -> None:
    browser = await (await world.inside()).filled(world)
    redis = world.parts.redis
    [name] = [name for name in await redis.keys("*:session:*") if await redis.hexists(name, "form")]
    sealed = await redis.hget(name, "form")
    assert "陈" not in sealed
    assert "138" not in world.parts.keyring.current + sealed[:3]
    await browser.post("/book/check", browser.confirming)
    assert len(await redis.hget(name, "form")) < len(sealed)


async def test_citizen_who_booked_before_finds_name_and_phone_filled_in(world: World) -> None:
    browser = await (await world.inside()).filled(world)
    await browser.post("/book/check", browser.confirming)
    later = await world.inside()
    await later.get("/book/times?kind=notary&who=none")
    assert later.status == 404
    await later.get("/book/times?kind=legal_aid&who=aid")
    await later.get(later.links("/book/form")[0])
    assert 'value="陈小明"' in later.text
    assert 'value="13800138000"' in later.text
    assert "您已经同意过" in later.text


async def test_visit_asks_for_the_id_number_under_a_consent_of_its_own(world: World) -> None:
    browser = await (await world.inside()).filled(world)
    await browser.post("/book/check", browser.confirming)
    await browser.get("/book/times?kind=visit&who=jo")
    await browser.get(browser.links("/book/form")[0])
    assert 'name="consent"' in browser.text
    assert "身份证号" in browser.text
    form = {name: browser.hidden(name) for name in ("token", "slot", "kind", "mode")}
    said = {
        "inmate": "陈大明",
        "relation": "兄弟姐妹",
        "institution": "某看守所",
        "name": "陈小明",
        "phone": "13800138000",
    }
    await browser.post("/book/form", {**form, **said, "id_number": "11010519491231002X", "consent": "yes"})
    assert browser.path == "/book/check"
    assert "11010519491231002X" not in browser.text
    await browser.post("/book/check", browser.confirming)
    assert browser.path.startswith("/book/done/")


async def test_citizen_may_not_have_a_third_of_a_kind_on_one_day(world: World) -> None:
    day = [slot async for slot in _slots(world, 4)]
    for number, slot in enumerate(day[:2]):
        await booking.book(world.parts.desk, Wish("mediation", citizen=MINE), slot, NOW, f"r{number}")
    browser = await world.inside()
    await browser.get("/book/times?kind=mediation&who=p1")
    await browser.get(browser.links("/book/form")[0])
    form = {name: browser.hidden(name) for name in ("token", "slot", "kind", "mode")}
    await browser.post("/book/form", {**form, **FILLED, "consent": "yes"})
    await browser.post("/book/check", browser.confirming)
    assert browser.status == 409
    assert "已经满了" in browser.text


async def _slots(world: World, count: int):  # type: ignore[no-untyped-def]
    offer = await booking.times(world.parts.desk, Wish("mediation", practitioner="p1"), NOW, limit=count)
    for slot in offer.slots:
        yield slot


@pytest.mark.parametrize(
    "path",
    [
        "/book/people?kind=lottery", "/book/people", "/book/people?kind=mediation&area=000000",
        "/book/people?kind=mediation&language=klingon", "/book/people?kind=mediation&offset=-1",
        "/book/people?kind=mediation&offset=１", "/book/times?kind=mediation", "/book/times?kind=mediation&who=nobody",
        "/book/times?kind=mediation&who=p1&from=2026-13-01",         "/book/times?kind=notary&who=p1", "/book/times?kind=mediation&who=p1&mode=telepathy",
        "/book/form?kind=mediation&slot=1", "/book/form?kind=mediation&slot=1~p1~",
        "/book/form?kind=mediation&slot=1795657500~nobody~", "/book/form?kind=mediation&slot=99999999999~<b>~",
        "/book/done/YY-AAAA-AAAA", "/book/done/%ff", "/book/times?kind=mediation&who=%00",
    ],
)  # fmt: skip
async def test_edited_address_is_no_page(world: World, path: str) -> None:
    browser = await (await world.inside()).get(path)
    assert browser.status == 404
    assert "没有这一页" in browser.text


@pytest.mark.parametrize("token", [None, "", "x", "other"])
async def test_other_sites_form_books_nothing(world: World, token: str | None) -> None:
    browser = await (await world.inside()).filled(world)
    other = await (await world.inside(OTHERS)).filled(world)
    forged = {**browser.confirming, "token": other.token if token == "other" else token}
    await browser.post("/book/check", {name: value for name, value in forged.items() if value is not None})
    assert browser.status == 403
    assert await booking.mine(world.parts.desk, MINE) == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"), (b"token=%ff%fe", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"), (b"", "multipart/form-data"), (b"{}", "application/json"),
        (b"a=1", "application/x-www-form-urlencoded; charset=klingon"),
        (b'--x\r\nContent-Disposition: form-data; name="token"; filename="a"\r\n\r\nq\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
async def test_broken_form_is_refused_in_words(world: World, body: bytes, kind: str) -> None:
    browser = await world.inside()
    await browser.post("/book/form", body, headers={"Content-Type": kind})
    assert browser.status == 403
    assert "没有生效" in browser.text


async def test_form_that_is_far_too_large_is_refused(world: World) -> None:
    browser = await world.inside()
    await browser.post("/book/form", {"token": "x", "story": "长" * 70_000})
    assert browser.status == 413


async def test_citizen_hears_that_the_store_is_down_and_no_promise(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await (await world.inside()).filled(world)
    confirming = browser.confirming
    for error, said in ((StoreUnavailable, "存不了东西"), (Unconfirmed, "还不知道成没成")):

        async def fails(*_: object, error: type[Exception] = error) -> None:
            raise error("gone")

        with monkeypatch.context() as failing:
            failing.setattr(web_book.booking, "book", fails)
            await browser.post("/book/check", confirming)
        assert browser.status == 503
        assert said in browser.text
    await browser.post("/book/check", confirming)
    assert browser.path.startswith("/book/done/")
