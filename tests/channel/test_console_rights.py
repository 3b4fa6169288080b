"""Who reaches what on the console: every route, every role, and an appointment of theirs, of another's, and of nobody's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.channel.console_world import ABSENT, AID, NAME, PHONE, STORY, World, opened

ROLES = ("clerk", "practitioner", "supervisor", "administrator", "nobody")
DESK = ("clerk", "practitioner", "supervisor")
# Route → who may use it. The practitioner's own calendar is p1's.
OBJECTS = {
    "GET /console/appointments/{number}": (*DESK, "administrator"),
    "POST /console/appointments/{number}/contact": DESK,
    "POST /console/appointments/{number}/approve": DESK,
    "POST /console/appointments/{number}/refuse": DESK,
    "POST /console/appointments/{number}/arrive": DESK,
    "POST /console/appointments/{number}/fulfil": DESK,
    "POST /console/appointments/{number}/noshow": DESK,
    "POST /console/appointments/{number}/cancel": DESK,
    "GET /console/leave/{actor}": DESK,
    "POST /console/leave/{actor}": DESK,
    "POST /console/leave/{actor}/{leave}/end": DESK,
}
PAGES = {
    "GET /console": (*DESK, "administrator"),
    "GET /console/leave": DESK,
    "GET /console/alerts": ("clerk", "supervisor", "administrator"),
    "POST /console/alerts/{number}/seen": ("clerk", "supervisor", "administrator"),
    "GET /console/inbox": ("clerk", "supervisor"),
    "GET /console/aid": ("clerk", "supervisor"),
    "GET /console/audit": ("supervisor", "administrator"),
    "GET /console/password": (*DESK, "administrator"),
    "POST /console/password": (*DESK, "administrator"),
    "POST /console/logout": (*DESK, "administrator"),
}
# Reached before a sign-in; the last two are the stylesheet and what answers to every other address.
OPEN = {
    "GET /console/login", "POST /console/login", "GET /console/", "GET /console/static/{version}/console.css",
    "* /console/{tail}",
}  # fmt: skip
STATE = {"approve": "pending", "refuse": "pending", "fulfil": "arrived"}
FIELDS = {
    "refuse": {"reason": "staff_papers"},
    "cancel": {"reason": "staff_asked"},
    "leave": {"start": "2026-12-01T08:00", "end": "2026-12-02T18:00", "why": "training"},
}


@pytest.fixture
async def world(redis: Redis) -> AsyncIterator[World]:
    async with opened(redis) as ready:
        yield ready


async def call(world: World, route: str, token: str, **parts: str) -> tuple[int, str]:
    method, path = route.split(" ")
    path = path.format(**parts)
    if method == "GET":
        return await world.get(path)
    name = "leave" if route == "POST /console/leave/{actor}" else path.rsplit("/", 1)[1]
    return await world.post(path, token, **FIELDS.get(name, {}))


def test_every_route_of_the_console_is_in_this_table(world: World) -> None:
    routes = {
        f"{route.method} {route.resource.canonical}"  # type: ignore[union-attr]
        for route in world.client.server.app.router.routes()  # type: ignore[union-attr]
        if route.resource and route.resource.canonical.startswith("/console") and route.method != "HEAD"
    }
    assert routes == set(OBJECTS) | set(PAGES) | set(AID) | OPEN


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", OBJECTS)
async def test_role_reaches_its_own_objects_and_sees_no_difference_between_anothers_and_none(
    world: World, route: str, role: str
) -> None:
    act = route.rsplit("/", 1)[1]
    targets, latest = {}, 0
    for whose, practitioner in (("own", "p1"), ("another's", "p2")):
        made = await world.in_state("pending", practitioner)
        if STATE.get(act) != "pending" and route.startswith("POST /console/app") and act != "contact":
            await approve(world, made.id)
        if act == "fulfil":
            await arrive(world, made.id)
        leave = await put_leave(world, practitioner) if "{leave}" in route else ""
        targets[whose] = {"number": made.id, "actor": practitioner, "leave": leave}
        latest = max(latest, made.start)
    if act in ("arrive", "noshow"):
        world.now = latest
    targets["absent"] = {"number": ABSENT, "actor": "nobody", "leave": "none"}
    token = await world.sign_in(await world.account(role)) if role != "nobody" else ""
    answers = {whose: await call(world, route, token, **target) for whose, target in targets.items()}

    reached = {whose for whose, (status, _) in answers.items() if status in (200, 303)}
    if role == "nobody":
        assert {status for status, _ in answers.values()} == {303}
        assert await world.entries() == []
        return
    wanted = {"own"} if role == "practitioner" else {"own", "another's"}
    assert reached == (wanted if role in OBJECTS[route] else set())
    refused = {answer for whose, answer in answers.items() if whose not in reached}
    assert len(refused) == 1, "refused and absent must look the same"
    assert {status for status, _ in refused} == {404}


async def approve(world: World, number: str) -> None:
    from bot.booking import desk

    await desk.advance(world.console.desk, number, "booked", "staff", "t", world.now, f"approve {number}")


async def arrive(world: World, number: str) -> None:
    from bot.booking import desk

    await desk.advance(world.console.desk, number, "arrived", "staff", "t", world.now, f"arrive {number}")


async def put_leave(world: World, actor: str) -> str:
    from bot.booking import desk
    from bot.booking.model import DAY, Interval

    far = Interval(world.now + 20 * DAY, world.now + 21 * DAY)
    await desk.put_leave(world.console.desk, actor, far, "training", world.now, f"leave {actor}")
    return (await desk.leaves(world.console.desk, actor, world.now))[0].id


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", PAGES)
async def test_role_reaches_its_pages_and_the_others_look_as_if_there_were_none(
    world: World, route: str, role: str
) -> None:
    reference = await world.alert()
    token = await world.sign_in(await world.account(role)) if role != "nobody" else ""
    status, page = await call(world, route, token, number=reference)
    if role == "nobody":
        assert status == 303
        assert "/console/login" in (await world.client.get("/console")).url.path
    elif role in PAGES[route]:
        assert status in (200, 303, 422), page
    else:
        assert (status, page) == await world.get("/console/no-such-page")
        assert status == 404


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_reads_a_citizens_details_but_on_request(world: World, role: str) -> None:
    made = await world.in_state("pending")
    if role != "nobody":
        await world.sign_in(await world.account(role))
    pages = [
        f"/console?day={day(made.start)}",
        f"/console/appointments/{made.id}",
        "/console/leave/p1",
        "/console/audit",
    ]
    shown = "".join([(await world.get(path))[1] for path in pages])
    for secret in (NAME, PHONE, PHONE.removeprefix("+86"), STORY, "漏水"):
        assert secret not in shown
    assert ("示**" in shown) == (role != "nobody")


def day(moment: int) -> str:
    from datetime import datetime

    from bot.directory.hours import SHANGHAI

    return datetime.fromtimestamp(moment, SHANGHAI).date().isoformat()


async def test_practitioner_sees_no_other_calendar_in_the_days_list(world: World) -> None:
    own, others = await world.book(practitioner="p1"), await world.book(practitioner="p2", citizen="c2")
    await world.sign_in(await world.account("practitioner"))
    _, page = await world.get(f"/console?day={day(own.start)}")
    assert own.id in page
    assert others.id not in page
    await world.sign_in(await world.account("clerk"))
    _, page = await world.get(f"/console?day={day(own.start)}")
    assert own.id in page
    assert others.id in page


async def test_new_clerk_reaches_nothing_before_the_first_password_is_changed(world: World) -> None:
    made = await world.in_state("pending")
    token = await world.sign_in(await world.account("clerk", one_time_until=world.now + 1000))
    for route in [*OBJECTS, *PAGES]:
        if "password" in route or "logout" in route:
            continue
        status, page = await call(world, route, token, number=made.id, actor="p1", leave="x")
        assert (status, page) == (303, ""), route
    assert await world.state(made) == "pending"
    assert (await world.get("/console/password"))[0] == 200
