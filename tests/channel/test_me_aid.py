"""/me/aid: one's own applications for legal aid, and nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from bot.citizens import service as citizens
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import DAY, Application, Ask, State
from tests.channel.pages_world import MINE, OTHERS, World
from tests.store.booking_world import NOW

ABSENT = "FY-2222-2222"
FIELDS = {"name": "陈小明", "phone": "+8613800138000", "story": "欠三个月工钱"}


async def handed_in(world: World, person: str = MINE) -> Application:
    await citizens.agree(world.parts.citizens, person, "legal_aid", NOW)
    store = world.parts.console.applications
    ask = Ask("citizen", person, NOW, f"apply {person}")
    return await legal_aid.hand_in(store, world.parts.citizens, "wages", "likely_yes", FIELDS, ask)


async def brought(world: World, number: str, state: State, papers: tuple[str, ...] = (), now: int = NOW) -> None:
    ask = Ask("staff", "示例员", now, f"{number} {state} {now}")
    await legal_aid.advance(world.parts.console.applications, number, state, ask, papers)


async def state(world: World, number: str) -> str:
    return (await legal_aid.for_staff(world.parts.console.applications, number)).state


@pytest.mark.parametrize("path", ["/me/aid/{}", "/me/aid/{}/withdraw"])
async def test_page_of_anothers_application_looks_the_same_as_one_of_none(world: World, path: str) -> None:
    made = await handed_in(world)
    stranger, other, own = await world.browser(), await world.inside(OTHERS), await world.inside()
    answers = {}
    for who, browser in (("stranger", stranger), ("other", other), ("own", own)):
        for what, reference in (("made", made.id), ("absent", ABSENT)):
            await browser.get(path.format(reference))
            answers[who, what] = (browser.status, browser.text)
    assert answers["own", "made"][0] == 200
    assert answers["own", "absent"][0] == 404
    assert answers["other", "made"] == answers["other", "absent"] == answers["own", "absent"]
    assert answers["stranger", "made"] == answers["stranger", "absent"]
    assert answers["stranger", "made"][0] == 403


async def test_nobody_can_take_back_anothers_application_nor_tell_it_from_none(world: World) -> None:
    made, other, stranger = await handed_in(world), await world.inside(OTHERS), await world.browser()
    await other.get("/me/data/erase")
    form, answers = {"token": other.token, "key": "k"}, []
    for reference in (made.id, ABSENT):
        await other.post(f"/me/aid/{reference}/withdraw", form)
        answers.append((other.status, other.text))
        await stranger.post(f"/me/aid/{reference}/withdraw", form)
        assert stranger.status == 403
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert await state(world, made.id) == "submitted"


async def test_citizen_sees_how_it_stands_and_what_is_still_to_be_brought(world: World) -> None:
    browser = await world.inside()
    assert "法律援助申请" not in (await browser.get("/me")).text
    made = await handed_in(world)
    await browser.get("/me")
    assert made.id in browser.text
    assert "前给答复" in browser.text
    await brought(world, made.id, "papers_missing", ("identity", "hardship"))
    await browser.get(f"/me/aid/{made.id}")
    assert "身份证" in browser.text
    assert "诚信承诺" in browser.text
    assert "<dt>答复</dt>" not in browser.text  # Nobody can promise a day while papers are missing.
    await brought(world, made.id, "under_review")
    await brought(world, made.id, "refused")
    await browser.get(f"/me/aid/{made.id}")
    assert "司法局" in browser.text
    assert "撤回申请" not in browser.text


async def test_citizen_who_objected_is_not_promised_a_day_that_has_passed(world: World) -> None:
    made = await handed_in(world)
    await brought(world, made.id, "under_review")
    await brought(world, made.id, "refused", now=NOW + 6 * DAY)
    await brought(world, made.id, "under_review", now=NOW + 20 * DAY)
    browser = await world.inside()
    assert "<dt>答复</dt>" not in (await browser.get(f"/me/aid/{made.id}")).text
    assert "前给答复" not in (await browser.get("/me")).text


async def test_citizen_takes_an_application_back_and_a_second_tap_changes_nothing(world: World) -> None:
    made, browser = await handed_in(world), await world.inside()
    await browser.get(f"/me/aid/{made.id}/withdraw")
    form = {"token": browser.token, "key": browser.hidden("key")}
    for _ in range(2):
        await browser.post(f"/me/aid/{made.id}/withdraw", form)
        assert (browser.status, browser.path) == (200, f"/me/aid/{made.id}")
        assert "已经撤回" in browser.text
    assert await state(world, made.id) == "withdrawn"
    await browser.get(f"/me/aid/{made.id}/withdraw")
    assert browser.path == f"/me/aid/{made.id}"


async def test_citizen_and_clerk_at_once_leave_one_state_and_both_pages_show_it(world: World) -> None:
    made, browser = await handed_in(world), await world.inside()
    await brought(world, made.id, "under_review")
    await browser.get(f"/me/aid/{made.id}/withdraw")
    form = {"token": browser.token, "key": browser.hidden("key")}
    decided = brought(world, made.id, "granted")
    await asyncio.gather(browser.post(f"/me/aid/{made.id}/withdraw", form), decided, return_exceptions=True)
    kept = await state(world, made.id)
    assert kept in ("granted", "withdrawn")
    await browser.get(f"/me/aid/{made.id}")
    assert ("同意给您办" in browser.text) == (kept == "granted")


async def test_form_of_another_session_takes_nothing_back(world: World) -> None:
    made, browser = await handed_in(world), await world.inside()
    await browser.post(f"/me/aid/{made.id}/withdraw", {"token": "another", "key": "k"})
    assert browser.status == 403
    assert await state(world, made.id) == "submitted"


async def test_citizen_who_would_erase_is_told_that_open_applications_are_taken_back(world: World) -> None:
    made, browser = await handed_in(world), await world.inside()
    await browser.get("/me/data/erase")
    assert "1份法律援助申请会撤回" in browser.text
    await browser.post("/me/data/erase", {"token": browser.token})
    assert await state(world, made.id) == "withdrawn"
