"""/invite: the other side of a mediation, who has no account here and whom a preview may have opened the link for."""

from __future__ import annotations

import pytest

from bot.booking import desk as booking
from bot.booking.model import DECLINE_REASONS, Appointment
from bot.booking.web_invite import TRIES, TRIES_IN_ALL, TRIES_SECONDS, WHYS, cookie
from tests.channel.pages_world import MINE, Browser, World
from tests.store.booking_world import NOW, START, wanted

DIGITS = "9007"


def invitation(world: World, seat: Appointment) -> str:
    return world.path(world.parts.links.invite_link(seat))


async def guest(world: World, seat: Appointment) -> Browser:
    browser = await world.browser()
    await browser.get(invitation(world, seat))
    return await browser.post(invitation(world, seat), {"digits": DIGITS})


async def test_preview_of_the_link_shows_and_changes_nothing(world: World) -> None:
    seat = await world.mediation()
    for _ in range(3):
        browser = await (await world.browser()).get(invitation(world, seat))
        assert browser.status == 200
        assert "后四位" in browser.text or "最后四位" in browser.text
        for hidden in ("陈", "林", "p1", "11月26日", "9:45", seat.id, "漏水"):
            assert hidden not in browser.text
        assert "Set-Cookie" not in browser.headers
    assert await world.seat(seat) == seat
    assert (await guest(world, seat)).path == f"/invite/{seat.id}"


async def test_guest_reads_who_when_and_how_and_nothing_of_the_story(world: World) -> None:
    browser = await guest(world, await world.mediation())
    for shown in (
        "陈**",
        "p1",
        "11月26日周四 9:45–10:45",
        "视频",
        "org",
        "不收任何费用",
        "《人民调解法》第四条",
        "由您自己定",
    ):
        assert shown in browser.text or shown == "org"
    for hidden in ("陈小明", "林大海", "13800138000", "13900139007", "漏水"):
        assert hidden not in browser.text


async def test_guest_says_yes_and_the_applicant_is_told(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    form = {"token": browser.token, "key": browser.hidden("key")}
    for _ in range(2):
        await browser.post(f"/invite/{seat.id}/accept", form)
        assert "您答应来了" in browser.text
    assert (await world.seat(seat)).state == "booked"
    assert await wanted(world.parts.redis) == [(MINE, "accepted")]


@pytest.mark.parametrize("why", ["no_time", "", "<script>", "klingon"])
async def test_guest_says_no_with_or_without_a_reason(world: World, why: str) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    await browser.post(f"/invite/{seat.id}/decline", {"token": browser.token, "key": "k", "why": why})
    assert "不用来了" in browser.text
    ended = await world.seat(seat)
    assert (ended.state, ended.reason, ended.why) == (
        "cancelled", "other_side_declined", why if why in DECLINE_REASONS else "",
    )  # fmt: skip


def test_every_reason_to_decline_has_words() -> None:
    assert set(WHYS) == set(DECLINE_REASONS)


async def test_guest_proposes_up_to_three_other_times(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    await browser.get(f"/invite/{seat.id}/times")
    choices = [part.partition('"')[0] for part in browser.text.split('name="slot" value="')[1:]]
    form = [("token", browser.token), ("key", browser.hidden("key"))]
    for number in (0, 4):
        await browser.post(f"/invite/{seat.id}/times", [*form, *(("slot", each) for each in choices[:number])])
        assert browser.status == 409
        assert "一到三个" in browser.text
    await browser.post(f"/invite/{seat.id}/times", [*form, *(("slot", each) for each in choices[1:4])])
    assert "您提的时间发过去了" in browser.text
    kept = await world.seat(seat)
    assert [str(slot.start) for slot in kept.proposals] == [each.partition("~")[0] for each in choices[1:4]]


async def test_guest_cannot_propose_a_time_that_nobody_offers(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    await browser.get(f"/invite/{seat.id}/times")
    form = {"token": browser.token, "key": browser.hidden("key"), "slot": f"{START + 60}~p1~"}
    await browser.post(f"/invite/{seat.id}/times", form)
    assert browser.status == 409
    assert (await world.seat(seat)).proposals == ()


async def test_guesser_is_stopped_after_five_tries_and_the_right_digits_do_not_help(world: World) -> None:
    seat = await world.mediation()
    browser = await world.browser()
    for _ in range(TRIES):
        await browser.post(invitation(world, seat), {"digits": "0000"})
        assert browser.status == 403
    await browser.post(invitation(world, seat), {"digits": DIGITS})
    assert browser.status == 429
    assert (await browser.get(f"/invite/{seat.id}")).status == 403
    redis = world.parts.redis
    [hourly] = await redis.keys(f"*tries:invite:{seat.id}")
    assert 0 < await redis.ttl(hourly) <= TRIES_SECONDS


async def test_guesser_who_comes_every_hour_is_stopped_in_the_end(world: World) -> None:
    seat = await world.mediation()
    browser = await world.browser()
    statuses = []
    for _ in range(TRIES_IN_ALL + 1):
        await browser.post(invitation(world, seat), {"digits": "0000"})
        statuses.append(browser.status)
        await world.parts.redis.delete(*await world.parts.redis.keys(f"*tries:invite:{seat.id}"))
    assert statuses == [403] * TRIES_IN_ALL + [429]


@pytest.mark.parametrize("digits", ["", "007", "39007", "abcd", "138"])
async def test_wrong_digits_open_nothing(world: World, digits: str) -> None:
    seat = await world.mediation()
    browser = await world.browser()
    await browser.post(invitation(world, seat), {"digits": digits})
    assert browser.status == 403
    assert (await browser.get(f"/invite/{seat.id}")).status == 403


async def test_guest_may_type_the_digits_as_a_chinese_keyboard_writes_them(world: World) -> None:
    seat = await world.mediation()
    browser = await world.browser()
    await browser.post(invitation(world, seat), {"digits": " ９００７ "})
    assert browser.path == f"/invite/{seat.id}"


async def test_link_is_dead_once_it_has_begun_or_somebody_else_is_invited_or_it_ended(world: World) -> None:
    seat = await world.mediation()
    path = invitation(world, seat)
    await booking.cancel(world.parts.desk, seat.id, "citizen", MINE, NOW, "r2")
    browser = await world.browser()
    await browser.post(path, {"digits": DIGITS})
    assert browser.status == 403
    world.clock.now = START
    assert (await browser.get(path)).status == 403


async def test_guest_of_one_invitation_cannot_open_or_answer_another(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    token = browser.token
    for reference in ("YY-AAAA-AAAA", seat.id[:-1] + ("2" if seat.id[-1] != "2" else "3")):
        assert (await browser.get(f"/invite/{reference}")).status == 403
        assert (await browser.post(f"/invite/{reference}/accept", {"token": token, "key": "k"})).status == 403
    own = await world.inside()
    assert (await own.get(f"/invite/{seat.id}")).status == 403
    assert (await browser.get("/me")).status == 403


async def test_session_of_one_invitation_is_no_session_of_another(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    [session] = [kept.value for kept in browser._client.session.cookie_jar if kept.key == cookie(seat.id)]
    forged = {cookie("YY-AAAA-AAAA"): session, "chengfatong_me": session, "chengfatong_book": session}
    for path in ("/invite/YY-AAAA-AAAA", "/me", f"/me/{seat.id}", "/book"):
        other = await world.browser()
        assert (await other.get(path, cookies=forged)).status == 403
    own = await world.inside()
    [mine] = [kept.value for kept in own._client.session.cookie_jar if kept.key == "chengfatong_me"]
    assert (await (await world.browser()).get(f"/invite/{seat.id}", cookies={cookie(seat.id): mine})).status == 403


async def test_other_sites_form_answers_nothing(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    for answer in ("accept", "decline", "times"):
        await browser.post(f"/invite/{seat.id}/{answer}", {"key": "k"})
        assert browser.status == 403
    assert await world.seat(seat) == seat


async def test_guest_who_comes_back_to_an_ended_invitation_reads_that_it_is_over(world: World) -> None:
    seat = await world.mediation()
    browser = await guest(world, seat)
    await booking.cancel(world.parts.desk, seat.id, "citizen", MINE, NOW, "r2")
    await browser.get(f"/invite/{seat.id}")
    assert "不用来了" in browser.text
    assert (await browser.get(f"/invite/{seat.id}/times")).status == 404
