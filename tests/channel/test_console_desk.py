"""The day's work on the console: lists, deeds, leave, alerts, and what the audit log tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.errors import Unconfirmed
from tests.channel.console_world import NAME, PHONE, STORY, World, hidden, opened, sound


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with opened(redis) as ready:
        yield ready


@pytest.fixture
async def token(world: World) -> str:
    return await world.sign_in(await world.account("clerk"))


# --- deeds


@pytest.mark.parametrize(
    ("state", "act", "reason", "after"),
    [
        ("pending", "approve", "", "booked"),
        ("pending", "refuse", "staff_not_ours", "cancelled"),
        ("booked", "arrive", "", "arrived"),
        ("booked", "noshow", "", "noshow"),
        ("booked", "cancel", "staff_asked", "cancelled"),
        ("arrived", "fulfil", "", "fulfilled"),
        ("noshow", "fulfil", "", "fulfilled"),
    ],
)
async def test_clerk_can_do_what_the_page_offers_and_the_log_tells_it_once(
    world: World, state: str, act: str, reason: str, after: str
) -> None:
    made = await world.in_state(state)
    token = await world.sign_in(await world.account("clerk"))
    _, page = await world.get(f"/console/appointments/{made.id}")
    assert f"/console/appointments/{made.id}/{act}" in page
    fields = {"reason": reason} if reason else {}
    status, _ = await world.post(f"/console/appointments/{made.id}/{act}", token, **fields)
    assert status == 303
    assert await world.state(made) == after
    told = [(entry.who, entry.act, entry.subject, entry.detail, entry.outcome) for entry in await world.entries()]
    assert told == [("clerk", act, made.id, reason, "done")]
    assert await sound(world)


@pytest.mark.parametrize("state", ["pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"])
async def test_clerk_is_offered_exactly_what_can_be_done(world: World, state: str) -> None:
    made = await world.in_state(state)
    token = await world.sign_in(await world.account("clerk"))
    _, page = await world.get(f"/console/appointments/{made.id}")
    for act, reason in (
        ("approve", ""),
        ("refuse", "staff"),
        ("arrive", ""),
        ("noshow", ""),
        ("fulfil", ""),
        ("cancel", "staff"),
    ):
        if f"/{made.id}/{act}" not in page and (act, state) != ("cancel", "pending"):
            fields = {"reason": reason} if reason else {}
            status, _ = await world.post(f"/console/appointments/{made.id}/{act}", token, **fields)
            assert status == 409, act
    assert await world.state(made) == state
    assert await sound(world)


@pytest.mark.parametrize(("act", "before"), [("arrive", 24 * 3600), ("noshow", 60)])
async def test_nobody_arrives_the_day_before_or_stays_away_from_what_is_to_come(
    world: World, act: str, before: int
) -> None:
    made = await world.in_state("booked")
    world.now = made.start - before
    token = await world.sign_in(await world.account("clerk"))
    assert f"/{made.id}/{act}" not in (await world.get(f"/console/appointments/{made.id}"))[1]
    assert (await world.post(f"/console/appointments/{made.id}/{act}", token))[0] == 409
    assert await world.state(made) == "booked"


@pytest.mark.parametrize("reason", ["", "他欠钱不还", "staff_asked"])
async def test_clerk_cannot_refuse_without_one_of_the_reasons(world: World, token: str, reason: str) -> None:
    made = await world.in_state("pending")
    status, page = await world.post(f"/console/appointments/{made.id}/refuse", token, reason=reason)
    assert status == 422
    assert "选一个原因" in page
    assert await world.state(made) == "pending"
    assert await world.entries() == []


async def test_citizen_is_told_of_what_the_clerk_decided(world: World, token: str) -> None:
    made = await world.in_state("pending")
    await world.post(f"/console/appointments/{made.id}/approve", token)
    told = await world.redis.xrange("{440515}:notices")
    assert [(f["person"], f["what"]) for _, f in told if f["appointment"] == made.id][-1] == ("c1", "approved")


# --- the same form again


async def test_button_pressed_many_times_does_one_thing(world: World, token: str) -> None:
    made = await world.in_state("pending")
    _, page = await world.get(f"/console/appointments/{made.id}")
    form = hidden(page)
    path = f"/console/appointments/{made.id}/approve"
    answers = await asyncio.gather(*(world.post(path, token, request=form["request"]) for _ in range(8)))
    answers.append(await world.post(path, token, request=form["request"]))
    assert {status for status, _ in answers} == {303}
    assert [entry.outcome for entry in await world.entries()] == ["done"]
    told = [f for _, f in await world.redis.xrange("{440515}:notices") if f["what"] == "approved"]
    assert len(told) == 1


async def test_form_sent_again_after_the_state_went_on_is_answered_as_the_first_time(world: World) -> None:
    made = await world.in_state("booked")
    token = await world.sign_in(await world.account("clerk"))
    key = "a" * 32
    await world.post(f"/console/appointments/{made.id}/arrive", token, request=key)
    await world.post(f"/console/appointments/{made.id}/fulfil", token)
    assert (await world.post(f"/console/appointments/{made.id}/arrive", token, request=key))[0] == 303
    assert await world.state(made) == "fulfilled"
    assert [entry.act for entry in await world.entries()] == ["arrive", "fulfil"]


async def test_key_of_one_form_is_refused_for_another_deed(world: World, token: str) -> None:
    one, other = await world.in_state("pending", "p1"), await world.in_state("pending", "p2")
    key = "b" * 32
    await world.post(f"/console/appointments/{one.id}/approve", token, request=key)
    status, page = await world.post(f"/console/appointments/{other.id}/approve", token, request=key)
    assert status == 409
    assert "刷新" in page
    assert await world.state(other) == "pending"


@pytest.mark.parametrize("key", ["", "x", "A" * 32, "a" * 33, "a" * 31 + "\n"])
async def test_form_without_a_key_of_ours_does_nothing(world: World, token: str, key: str) -> None:
    made = await world.in_state("pending")
    assert (await world.post(f"/console/appointments/{made.id}/approve", token, request=key))[0] == 400
    assert await world.state(made) == "pending"


async def test_deed_that_could_not_be_confirmed_is_found_out_by_the_same_button(
    world: World, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await world.in_state("pending")
    key, path = "c" * 32, f"/console/appointments/{made.id}/approve"
    from bot.booking import desk

    advance = desk.advance

    async def lost(*args: object, **more: object) -> object:
        await advance(*args, **more)  # type: ignore[arg-type]
        raise Unconfirmed("the answer was lost")

    monkeypatch.setattr(desk, "advance", lost)
    status, page = await world.post(path, token, request=key)
    assert status == 503
    assert "再按一次" in page
    assert [entry.outcome for entry in await world.entries()] == ["done"]
    monkeypatch.setattr(desk, "advance", advance)
    assert (await world.post(path, token, request=key))[0] == 303
    assert [entry.outcome for entry in await world.entries()] == ["done"]
    assert await sound(world)


async def test_refused_deed_is_in_the_log_as_refused(world: World) -> None:
    made = await world.in_state("cancelled")
    token = await world.sign_in(await world.account("clerk"))
    assert (await world.post(f"/console/appointments/{made.id}/arrive", token))[0] == 409
    assert [entry.outcome for entry in await world.entries()] == ["refused: TransitionRefused"]
    assert await sound(world)


async def test_two_clerks_who_decide_at_once_leave_one_decision_and_a_true_log(world: World) -> None:
    made = await world.in_state("pending")
    token = await world.sign_in(await world.account("clerk"))
    path = f"/console/appointments/{made.id}"
    answers = await asyncio.gather(
        world.post(f"{path}/approve", token), world.post(f"{path}/refuse", token, reason="staff")
    )
    state = await world.state(made)
    done = [entry.act for entry in await world.entries() if entry.outcome == "done"]
    assert sorted(status for status, _ in answers) == [303, 409]
    assert [state] == [{"approve": "booked", "refuse": "cancelled"}[act] for act in done]
    assert await sound(world)


async def test_clerk_sees_on_todays_page_what_waits_for_an_answer_on_any_day(world: World, token: str) -> None:
    made = await world.in_state("pending")
    assert made.start > world.now + 24 * 3600
    assert made.id in (await world.get("/console"))[1]
    await world.post(f"/console/appointments/{made.id}/approve", token)
    assert made.id not in (await world.get("/console"))[1]


async def test_practitioner_sees_no_others_requests(world: World) -> None:
    own, others = await world.in_state("pending", "p1"), await world.book(practitioner="p2", citizen="c2")
    await world.sign_in(await world.account("practitioner"))
    _, page = await world.get("/console")
    assert own.id in page
    assert others.id not in page


# --- details on request


async def test_clerk_sees_details_on_request_and_the_log_tells_who_without_a_word_of_them(
    world: World, token: str
) -> None:
    made = await world.in_state("pending")
    status, page = await world.post(f"/console/appointments/{made.id}/contact", token)
    assert status == 200
    assert NAME in page
    assert f"tel:{PHONE}" in page
    assert STORY in page
    entries = await world.entries()
    assert [(e.who, e.act, e.subject, e.outcome) for e in entries] == [("clerk", "contact_shown", made.id, "done")]
    log = str(await world.redis.xrange("{440515}:audit"))
    for secret in (NAME, PHONE, STORY):
        assert secret not in log


async def test_every_look_at_the_details_is_in_the_log_whatever_key_the_form_brings(world: World, token: str) -> None:
    made = await world.in_state("pending")
    for _ in range(3):
        assert NAME in (await world.post(f"/console/appointments/{made.id}/contact", token, request="e" * 32))[1]
    assert [entry.act for entry in await world.entries()] == ["contact_shown"] * 3


async def test_details_stay_hidden_when_it_cannot_be_noted_who_asked(
    world: World, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await world.in_state("pending")

    async def lost(*_: object) -> None:
        raise Unconfirmed("not on disk")

    monkeypatch.setattr(world.console.store, "_on_disk", lost)
    status, page = await world.post(f"/console/appointments/{made.id}/contact", token)
    assert status == 503
    assert NAME not in page


async def test_page_of_an_erased_citizen_still_opens(world: World, token: str) -> None:
    made = await world.in_state("pending")
    await world.console.citizens.erase_of("c1")
    assert "资料已删除" in (await world.get(f"/console/appointments/{made.id}"))[1]
    status, page = await world.post(f"/console/appointments/{made.id}/contact", token)
    assert status == 200
    assert "已经删除" in page
