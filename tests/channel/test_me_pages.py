"""/me: one's own bookings and data, and nobody else's."""

from __future__ import annotations

import json

import pytest
from icalendar import Calendar

from bot.booking import desk as booking
from bot.booking.model import Appointment
from bot.citizens.model import PURPOSES
from bot.notices.service import deliver_once
from bot.reach import service as reach
from bot.reach.model import Safe
from tests.channel.pages_world import MINE, OTHERS, World
from tests.store.booking_world import NOW, SLOT, START

ABSENT = "YY-AAAA-AAAA"
GETS = ("/me/{}", "/me/{}.ics", "/me/{}/move", "/me/{}/cancel", "/book/done/{}")
POSTS = ("/me/{}/move", "/me/{}/cancel", "/me/{}/proposal")
WHOLE = (
    "/me",
    "/me/contact",
    "/me/data",
    "/me/data/export",
    "/me/data/erase",
    "/book",
    "/book/people?kind=mediation",
    "/book/check",
)


@pytest.mark.parametrize("path", GETS)
async def test_page_of_anothers_booking_looks_the_same_as_one_of_none(world: World, path: str) -> None:
    seat = await world.mediation()
    stranger, other, own = await world.browser(), await world.inside(OTHERS), await world.inside()
    answers = {}
    for who, browser in (("stranger", stranger), ("other", other), ("own", own)):
        for what, reference in (("seat", seat.id), ("absent", ABSENT)):
            await browser.get(path.format(reference))
            answers[who, what] = (browser.status, browser.text)
    assert answers["own", "seat"][0] == 200
    assert answers["own", "absent"][0] == 404
    assert answers["other", "seat"] == answers["other", "absent"] == answers["own", "absent"]
    assert answers["stranger", "seat"] == answers["stranger", "absent"]
    assert answers["stranger", "seat"][0] == 403
    assert "个小时不动" in answers["stranger", "seat"][1]
    assert "{{" not in answers["stranger", "seat"][1]


@pytest.mark.parametrize("path", POSTS)
async def test_nobody_can_change_anothers_booking_nor_tell_it_from_none(world: World, path: str) -> None:
    seat = await world.mediation()
    other, stranger = await world.inside(OTHERS), await world.browser()
    await other.get("/me/data/erase")
    form = {"token": other.token, "key": "k", "slot": f"{START + 4500}~p1~"}
    answers = []
    for reference in (seat.id, ABSENT):
        await other.post(path.format(reference), form)
        answers.append((other.status, other.text))
        await stranger.post(path.format(reference), form)
        assert stranger.status == 403
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert await world.seat(seat) == seat


@pytest.mark.parametrize("path", WHOLE)
async def test_stranger_is_told_how_to_come_in(world: World, path: str) -> None:
    browser = await (await world.browser()).get(path)
    assert browser.status == 403
    assert "从聊天里打开" in browser.text


async def test_citizen_sees_what_is_to_come_first_and_the_past_below(world: World) -> None:
    browser = await world.inside()
    assert "现在没有约好的时间" in (await browser.get("/me")).text
    seat = await world.mediation()
    await browser.get("/me")
    assert "等回复" in browser.text
    assert "以前的" not in browser.text
    await booking.cancel(world.parts.desk, seat.id, "citizen", MINE, NOW, "r2")
    await browser.get("/me")
    assert browser.text.index("以前的") < browser.text.index(seat.id)
    await (await world.inside(OTHERS)).get("/me")
    assert seat.id not in (await (await world.inside(OTHERS)).get("/me")).text


async def test_citizen_moves_a_booking_and_a_second_tap_changes_nothing(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    await browser.get(f"/me/{seat.id}/move")
    slots = [value for value in _buttons(browser.text) if not value.startswith(str(START))]
    form = {"token": browser.token, "key": browser.hidden("key"), "slot": slots[0]}
    for _ in range(2):
        await browser.post(f"/me/{seat.id}/move", form)
        assert (browser.status, browser.path) == (200, f"/me/{seat.id}")
    moved = await world.seat(seat)
    assert f"{moved.start}~{moved.practitioner}~" == slots[0]
    assert moved.revision == seat.revision + 1


def _buttons(text: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split('name="slot" value="')[1:]]


async def test_citizen_keeps_the_old_time_when_the_new_one_is_lost(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    await browser.get(f"/me/{seat.id}/move")
    target = next(value for value in _buttons(browser.text) if not value.startswith(str(START)))
    form = {"token": browser.token, "key": browser.hidden("key"), "slot": target}
    start = int(target.partition("~")[0])
    wish = booking.Wish("mediation", citizen=OTHERS)
    await booking.book(world.parts.desk, wish, booking.Slot(start, start + 3600, "p1"), NOW, "x")
    await browser.post(f"/me/{seat.id}/move", form)
    assert browser.status == 409
    assert "原来的时间还给您留着" in browser.text
    assert (await world.seat(seat)).start == seat.start


async def test_citizen_is_asked_once_before_a_booking_is_cancelled(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    await browser.get(f"/me/{seat.id}/cancel")
    assert (await world.seat(seat)).state == "pending"
    form = {"token": browser.token, "key": browser.hidden("key")}
    for _ in range(2):
        await browser.post(f"/me/{seat.id}/cancel", form)
        assert browser.path == f"/me/{seat.id}"
        assert "您自己取消的" in browser.text
    assert (await world.seat(seat)).state == "cancelled"
    assert (await browser.get(f"/me/{seat.id}/cancel")).path == f"/me/{seat.id}"
    assert (await browser.get(f"/me/{seat.id}/move")).path == f"/me/{seat.id}"


async def test_citizen_cannot_move_or_cancel_what_has_begun(world: World) -> None:
    seat = await world.mediation()
    world.clock.now = START
    browser = await world.inside()
    for what in ("move", "cancel"):
        assert (await browser.get(f"/me/{seat.id}/{what}")).path == f"/me/{seat.id}"
    assert "改时间" not in browser.text


async def test_calendar_file_follows_the_booking(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    first = Calendar.from_ical((await browser.get(f"/me/{seat.id}.ics")).text).walk("VEVENT")[0]
    assert browser.headers["Content-Type"].startswith("text/calendar")
    await booking.cancel(world.parts.desk, seat.id, "citizen", MINE, NOW, "r2")
    later = Calendar.from_ical((await browser.get(f"/me/{seat.id}.ics")).text).walk("VEVENT")[0]
    assert first["UID"] == later["UID"]
    assert (str(later["STATUS"]), later["SEQUENCE"] > first["SEQUENCE"]) == ("CANCELLED", True)


async def _proposed(world: World) -> Appointment:
    seat = await world.mediation()
    times = (await booking.move_times(world.parts.desk, seat, NOW, limit=2)).slots
    return await booking.propose(world.parts.desk, seat.id, seat.respondent, times, NOW, "r2")


async def test_citizen_takes_a_time_that_the_other_side_proposes(world: World) -> None:
    seat, browser = await _proposed(world), await world.inside()
    assert "对方提了别的时间" in (await browser.get("/me")).text
    await browser.get(f"/me/{seat.id}")
    choices = _buttons(browser.text)
    assert (len(choices), choices[-1]) == (3, "none")
    form = {"token": browser.token, "key": browser.hidden("key"), "slot": choices[1]}
    for _ in range(2):
        await browser.post(f"/me/{seat.id}/proposal", form)
        assert "答应来" in browser.text
    taken = await world.seat(seat)
    assert (taken.state, taken.start) == ("booked", seat.proposals[1].start)


async def test_citizen_keeps_the_first_time_when_none_of_the_proposed_fits(world: World) -> None:
    seat, browser = await _proposed(world), await world.inside()
    await browser.get(f"/me/{seat.id}")
    await browser.post(
        f"/me/{seat.id}/proposal", {"token": browser.token, "key": browser.hidden("key"), "slot": "none"}
    )
    assert "还没有回复" in browser.text
    kept = await world.seat(seat)
    assert (kept.state, kept.start, kept.proposals) == ("pending", SLOT.start, ())


async def test_citizen_who_takes_a_proposed_time_too_late_sees_what_is_left(world: World) -> None:
    seat, browser = await _proposed(world), await world.inside()
    await browser.get(f"/me/{seat.id}")
    form = {"token": browser.token, "key": browser.hidden("key"), "slot": _buttons(browser.text)[0]}
    await booking.book(world.parts.desk, booking.Wish("mediation", citizen=OTHERS), seat.proposals[0], NOW, "x")
    await browser.post(f"/me/{seat.id}/proposal", form)
    assert browser.status == 409
    assert "换一个" in browser.text
    assert len(_buttons(browser.text)) == 2


async def test_citizen_gets_a_copy_of_all_that_is_kept(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    await browser.get("/me/data/export")
    assert "attachment" in browser.headers["Content-Disposition"]
    kept = json.loads(browser.text)
    assert "陈小明" in json.dumps(kept["citizens"], ensure_ascii=False)
    assert seat.id in json.dumps(kept["booking"])


async def test_citizen_is_asked_once_before_all_is_erased_and_is_out_afterwards(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    await booking.accept(world.parts.desk, seat.id, seat.respondent, NOW, "r2")
    await deliver_once(world.parts.notices, world.parts.desk, NOW)
    await browser.get("/me/data/erase")
    assert "还没到的1个预约会取消" in browser.text
    assert (await world.seat(seat)).citizen == MINE
    await browser.post("/me/data/erase", {"token": browser.token})
    assert (browser.status, "删好了" in browser.text) == (200, True)
    assert (await browser.get("/me")).status == 403
    again = await world.inside()
    assert json.loads((await again.get("/me/data/export")).text) == {}
    assert await booking.times(world.parts.desk, booking.Wish("mediation", practitioner="p1"), NOW, START, limit=1)


async def test_other_sites_form_changes_nothing(world: World) -> None:
    seat, browser = await world.mediation(), await world.inside()
    for path in (*(path.format(seat.id) for path in POSTS), "/me/data/erase"):
        await browser.post(path, {"key": "k", "slot": f"{START + 4500}~p1~"})
        assert browser.status == 403
    assert await world.seat(seat) == seat


async def test_citizen_asks_on_the_page_how_to_be_contacted_and_ends_it(world: World) -> None:
    browser = await world.inside()
    await browser.get("/me/contact")
    assert "现在照常提醒" in browser.text
    assert PURPOSES["safe_contact"].sentence in browser.text
    for wish in ("neutral", "morning"):
        await browser.post("/me/contact", {"token": browser.token, "wish": wish})
    await browser.get("/me/contact")
    assert "只在9点到12点之间，只说有一条消息" in browser.text
    assert await reach.safe_of(world.parts.reach, MINE) == Safe(neutral=True, hours=(9, 12))
    assert await reach.safe_of(world.parts.reach, OTHERS) == Safe()
    await browser.post("/me/contact", {"token": browser.token, "wish": "off"})
    assert await reach.safe_of(world.parts.reach, MINE) == Safe()


async def test_page_keeps_no_wish_that_there_is_not_and_none_from_another_site(world: World) -> None:
    browser = await world.inside()
    await browser.get("/me/contact")
    await browser.post("/me/contact", {"token": browser.token, "wish": "party"})
    assert browser.status == 404
    await browser.post("/me/contact", {"token": "x", "wish": "quiet"})
    assert browser.status == 403
    assert await reach.safe_of(world.parts.reach, MINE) == Safe()
