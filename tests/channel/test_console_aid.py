"""Applications for legal aid on the console: who reaches them, what a deed does, and what the audit log tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.console.aid_acts import AID_ACTS
from bot.console.audit import faults
from bot.legal_aid import service as legal_aid
from bot.legal_aid.personal import PersonalApplications
from bot.notices import service as notices
from bot.notices.service import deliver_once
from bot.notices.store import NoticeStore
from tests.channel.console_world import AID, NAME, PHONE, STORY, World, hidden, opened
from tests.store.booking_world import DISTRICT, NOW

ROLES = ("clerk", "practitioner", "supervisor", "administrator", "nobody")
ABSENT = "FY-2222-2222"
BEFORE = {"grant": "under_review", "refuse": "under_review", "reopen": "refused"}
FIELDS = {"ask": {"paper_identity": "yes", "paper_case": "yes"}}


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with opened(redis) as ready:
        yield ready


async def state(world: World, number: str) -> str:
    return (await legal_aid.for_staff(world.console.applications, number)).state


async def told(world: World, redis: Redis, citizen: str = "c1") -> list[str]:
    outbox = NoticeStore(redis, DISTRICT)
    await deliver_once(outbox, world.console.desk, NOW, world.console.applications)
    return [notice.reply.text for notice in await notices.told(outbox, citizen, 0)]


async def call(world: World, route: str, token: str, number: str) -> tuple[int, str]:
    method, path = route.split(" ")
    path = path.format(number=number)
    return await (
        world.get(path) if method == "GET" else world.post(path, token, **FIELDS.get(path.rsplit("/", 1)[1], {}))
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", AID)
async def test_role_reaches_applications_it_may_and_cannot_tell_a_refusal_from_none(
    world: World, route: str, role: str
) -> None:
    made = await world.application(BEFORE.get(route.rsplit("/", 1)[1], "submitted"))
    draft = await legal_aid.begin(
        world.console.applications, "wages", "likely_yes", legal_aid.Ask("citizen", "c2", NOW, "a draft")
    )
    token = await world.sign_in(await world.account(role)) if role != "nobody" else ""
    answers = {number: await call(world, route, token, number) for number in (made.id, draft.id, ABSENT)}
    if role == "nobody":
        assert {status for status, _ in answers.values()} == {303}
        assert await world.entries() == []
        return
    reached = {number for number, (status, _) in answers.items() if status in (200, 303)}
    assert reached == ({made.id} if role in AID[route] else set())
    refused = {answer for number, answer in answers.items() if number not in reached}
    assert len(refused) == 1
    assert {status for status, _ in refused} == {404}
    if role not in AID[route]:
        assert await world.entries() == []


@pytest.mark.parametrize("act", AID_ACTS.values(), ids=lambda act: act.name)
async def test_supervisor_can_do_what_the_page_offers_and_the_citizen_is_told(
    world: World, redis: Redis, act: object
) -> None:
    name = act.name  # type: ignore[attr-defined]
    made = await world.application(BEFORE.get(name, "submitted"))
    before = await told(world, redis)
    token = await world.sign_in(await world.account("supervisor"))
    _, page = await world.get(f"/console/aid/{made.id}")
    assert f'action="/console/aid/{made.id}/{name}"' in page
    status, _ = await world.post(f"/console/aid/{made.id}/{name}", token, **FIELDS.get(name, {}))
    assert status == 303
    assert await state(world, made.id) == AID_ACTS[name].after
    detail = "identity,case" if name == "ask" else ""
    entries = [(e.who, e.role, e.act, e.subject, e.detail, e.outcome) for e in await world.entries()]
    assert entries == [("supervisor", "supervisor", f"aid_{name}", made.id, detail, "done")]
    now_told = await told(world, redis)
    assert len(now_told) == len(before) + 1
    assert made.id in now_told[-1]
    if name == "ask":
        assert "身份证" in now_told[-1]
        assert "事情经过" in now_told[-1]


async def test_clerk_who_presses_twice_does_one_thing(world: World, redis: Redis) -> None:
    made = await world.application()
    token = await world.sign_in(await world.account("clerk"))
    form = hidden((await world.get(f"/console/aid/{made.id}"))[1])
    for _ in range(2):
        status, _ = await world.post(f"/console/aid/{made.id}/review", token, request=form["request"])
        assert status == 303
    assert [e.outcome for e in await world.entries()] == ["done"]
    assert len(await told(world, redis)) == 1


async def test_two_clerks_who_press_at_once_have_one_winner_and_the_other_is_told(world: World, redis: Redis) -> None:
    made = await world.application("under_review")
    await told(world, redis)
    token = await world.sign_in(await world.account("supervisor"))
    answers = await asyncio.gather(
        world.post(f"/console/aid/{made.id}/grant", token), world.post(f"/console/aid/{made.id}/refuse", token)
    )
    assert sorted(status for status, _ in answers) == [303, 409]
    assert "可能别人刚刚改过" in next(page for status, page in answers if status == 409)
    assert len(await told(world, redis)) == 2  # that it is looked at, and one decision
    outcomes = sorted(e.outcome.partition(":")[0] for e in await world.entries())
    assert outcomes == ["done", "refused"]
    entries = [entry async for entry in world.console.store.entries()]
    assert faults(entries, await world.console.store.newest_number()) == []


async def test_clerk_cannot_reopen_a_refusal_by_the_button_of_a_new_application(world: World) -> None:
    made = await world.application("refused")
    token = await world.sign_in(await world.account("clerk"))
    status, _ = await world.post(f"/console/aid/{made.id}/review", token)
    assert status == 409
    assert await state(world, made.id) == "refused"


@pytest.mark.parametrize(("name", "fields"), [("ask", {}), ("review", {"paper_identity": "yes"})])
async def test_clerk_cannot_ask_for_nothing_nor_name_papers_with_another_button(
    world: World, name: str, fields: dict[str, str]
) -> None:
    made = await world.application()
    token = await world.sign_in(await world.account("clerk"))
    status, page = await world.post(f"/console/aid/{made.id}/{name}", token, **fields)
    assert (status, "勾选" in page) == (422, True)
    assert await state(world, made.id) == "submitted"
    assert await world.entries() == []


async def test_clerk_reads_what_was_given_only_once_the_log_has_it(world: World) -> None:
    made = await world.application()
    token = await world.sign_in(await world.account("clerk"))
    masked = "".join([(await world.get(path))[1] for path in ("/console/aid", f"/console/aid/{made.id}")])
    for secret in (NAME, PHONE.removeprefix("+86"), STORY):
        assert secret not in masked
    assert "示**" in masked
    assert await world.entries() == []
    _, page = await world.post(f"/console/aid/{made.id}/contact", token)
    assert NAME in page
    assert STORY in page
    assert [(e.act, e.subject, e.outcome) for e in await world.entries()] == [("aid_shown", made.id, "done")]


async def test_clerk_sees_the_longest_waiting_first_and_which_is_late(world: World) -> None:
    first = await world.application()
    world.now += 8 * 86_400
    await world.sign_in(await world.account("clerk"))
    second = await world.application(citizen="c2")
    _, page = await world.get("/console/aid")
    assert page.index(first.id) < page.index(second.id)
    assert "过了1天" in page
    await legal_aid.withdraw(world.console.applications, first.id, legal_aid.Ask("citizen", "c1", world.now, "w"))
    assert first.id not in (await world.get("/console/aid"))[1]


@pytest.mark.parametrize(("said", "found"), [("{}", True), (" {} ", True), ("编号", False)])
async def test_clerk_finds_an_ended_application_by_its_number(world: World, said: str, found: bool) -> None:
    made = await world.application("granted")
    await world.sign_in(await world.account("clerk"))
    answer = await world.client.get(
        "/console/aid", params={"number": said.format(made.id.lower())}, allow_redirects=False
    )
    assert answer.status == (303 if found else 200)
    if found:
        assert answer.headers["Location"] == f"/console/aid/{made.id}"
    else:
        assert "编号看不懂" in await answer.text()


async def test_clerk_sees_of_an_erased_person_that_it_is_erased_and_nothing_else(world: World) -> None:
    made = await world.application("granted")
    await PersonalApplications(world.console.applications, lambda: world.now).erase_of("c1")
    token = await world.sign_in(await world.account("clerk"))
    _, page = await world.get(f"/console/aid/{made.id}")
    assert "（资料已删除）" in page
    _, page = await world.post(f"/console/aid/{made.id}/contact", token)
    assert "已经删除了" in page
    assert NAME not in page
