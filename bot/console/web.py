"""The console's routes: a form turned into one use case, its result into a page."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from aiohttp import web

from bot.booking.model import Interval
from bot.console import service, web_aid, words
from bot.console.acts import ACTS, offered
from bot.console.gate import COOKIE, Gate, Handler, Visit, owns, read_form
from bot.console.model import LEAVE_REASONS, ROLES
from bot.console.pages import Pages
from bot.console.service import Console
from bot.console.sign_in import Door, token_of
from bot.directory.hours import SHANGHAI
from bot.errors import AccountRefused, BadRequest, SignInRefused

# Addresses and names are short; what is longer is not looked up.
LONGEST_NAME = 40
# Nothing is kept or booked further away than this.
YEARS = 5
# Entries of the log on one page.
ENTRIES = 200


def routes(console: Console, district: str, secure: bool, clock: Callable[[], float]) -> Sequence[web.AbstractRouteDef]:
    """Return the routes under /console. `secure`: people come by https, whoever ends it."""
    pages, door = Pages(district), Door(console.store)
    gate = Gate(door, pages, lambda: service.unseen(console), clock, secure)
    desk, entry = _Desk(console, pages, gate), _Entry(door, pages, gate)
    behind, number = gate.behind, "{number:[0-9A-Z-]{1,40}}"

    async def style(_: web.Request) -> web.Response:
        return pages.stylesheet()

    async def absent(visit: Visit) -> web.Response:
        return pages.absent(visit.account)

    return [
        web.get("/console/static/{version}/console.css", style),
        web.get("/console/login", gate.safe(entry.login_page)),
        web.post("/console/login", gate.safe(entry.login)),
        web.post("/console/logout", behind(entry.logout, unchanged=True)),
        web.get("/console/password", behind(entry.password_page, unchanged=True)),
        web.post("/console/password", behind(entry.password, unchanged=True)),
        web.get("/console", behind(desk.day, "see")),
        web.get("/console/", gate.safe(entry.home)),
        web.get(f"/console/appointments/{number}", behind(desk.appointment, "see")),
        web.post(f"/console/appointments/{number}/contact", behind(desk.contact, "contact")),
        *(
            web.post(f"/console/appointments/{number}/{name}", behind(desk.act(name), act.right))
            for name, act in ACTS.items()
        ),
        web.get("/console/leave", behind(desk.leave_page, "leave")),
        web.get("/console/leave/{actor}", behind(desk.actor_page, "leave")),
        web.post("/console/leave/{actor}", behind(desk.put_leave, "leave")),
        web.post("/console/leave/{actor}/{leave}/end", behind(desk.end_leave, "leave")),
        web.get("/console/alerts", behind(desk.alerts, "alerts")),
        web.post(f"/console/alerts/{number}/seen", behind(desk.seen, "alerts")),
        web.get("/console/inbox", behind(desk.inbox, "inbox")),
        *web_aid.routes(console, pages, gate),
        web.get("/console/audit", behind(desk.audit, "audit")),
        web.route("*", "/console/{tail:.*}", behind(absent, unchanged=True)),
    ]


class _Entry:
    """Signing in and out, and the password."""

    def __init__(self, door: Door, pages: Pages, gate: Gate) -> None:
        self._door, self._pages, self._gate = door, pages, gate

    async def home(self, _: web.Request) -> web.Response:
        return self._gate.to("/console")

    async def login_page(self, request: web.Request) -> web.Response:
        return self._login_page(request, request.cookies.get(COOKIE) or secrets.token_urlsafe(32))

    def _login_page(self, request: web.Request, before: str, status: int = 200, wrong: bool = False) -> web.Response:
        answer = self._pages.page("login", status, token=token_of(before), wrong=wrong)
        self._gate.give_cookie(request, answer, before)
        return answer

    async def login(self, request: web.Request) -> web.Response:
        form, before = await read_form(request), request.cookies.get(COOKIE, "")
        if not before or not owns(form, before):
            return self._login_page(request, secrets.token_urlsafe(32), 403)
        name, password = form.get("name", "")[:LONGEST_NAME], form.get("password", "")
        try:
            session_id = await self._door.sign_in(name, password, request.remote or "", self._gate.now(), before)
        except SignInRefused:
            return self._login_page(request, before, 403, wrong=True)
        answer = self._gate.to("/console")
        self._gate.give_cookie(request, answer, session_id)
        return answer

    async def logout(self, visit: Visit) -> web.Response:
        await self._door.sign_out(visit.account, visit.session_id, visit.now)
        answer = self._gate.to("/console/login")
        answer.del_cookie(COOKIE, path="/console")
        return answer

    async def password_page(self, visit: Visit) -> web.Response:
        return self._pages.page("password", visit=visit, account=visit.account)

    async def password(self, visit: Visit) -> web.Response:
        present, chosen = visit.form.get("present", ""), visit.form.get("chosen", "")
        try:
            if chosen != visit.form.get("again", ""):
                raise AccountRefused("两次输入的新密码不一样，请再输一遍。")
            fresh = await self._door.choose_password(visit.account, visit.session_id, present, chosen, visit.now)
        except AccountRefused as why:
            return self._pages.page("password", 422, visit=visit, account=visit.account, why=str(why))
        answer = self._gate.to("/console?done=password")
        self._gate.give_cookie(visit.request, answer, fresh)
        return answer


class _Desk:
    """The day's work."""

    def __init__(self, console: Console, pages: Pages, gate: Gate) -> None:
        self._console, self._pages, self._gate = console, pages, gate

    def _page(self, page: str, visit: Visit, **shown: Any) -> web.Response:
        done = words.DONE.get(visit.request.query.get("done", ""), "")
        return self._pages.page(page, visit=visit, account=visit.account, done=done, **shown)

    async def day(self, visit: Visit) -> web.Response:
        today = datetime.fromtimestamp(visit.now, SHANGHAI).date()
        day = _day(visit.request.query.get("day", ""), today)
        rows = await service.day(self._console, visit.account, day)
        waiting = await service.requests(self._console, visit.account, visit.now) if day == today else []
        watch = "watch" in visit.request.query
        return self._page("day", visit, rows=rows, day=day, today=today, waiting=waiting, watch=watch)

    async def appointment(self, visit: Visit) -> web.Response:
        return await self._appointment(visit)

    async def _appointment(self, visit: Visit, details: dict[str, str] | None = None) -> web.Response:
        row = await service.one(self._console, visit.account, visit.request.match_info["number"])
        acts = offered(visit.account, row.appointment, visit.now)
        return self._page("appointment", visit, row=row, acts=acts, details=details)

    async def contact(self, visit: Visit) -> web.Response:
        number = visit.request.match_info["number"]
        details = await service.contact(self._console, visit.account, number, visit.now)
        return await self._appointment(visit, details)

    def act(self, name: str) -> Handler:
        async def handle(visit: Visit) -> web.Response:
            number, reason = visit.request.match_info["number"], visit.form.get("reason", "")
            wanted = ACTS[name].reasons
            if (reason not in wanted) if wanted else reason:
                raise BadRequest(422, "reason", "请选一个原因。")
            await service.act(self._console, visit.account, name, number, reason, visit.key, visit.now)
            return self._gate.to(f"/console/appointments/{number}?done={name}")

        return handle

    async def leave_page(self, visit: Visit) -> web.Response:
        if ROLES[visit.account.role].own:
            return self._gate.to(f"/console/leave/{visit.account.listing}")
        name = visit.request.query.get("name", "").strip()[:LONGEST_NAME]
        found = await service.actors_named(self._console, name)
        return self._page("leave", visit, name=name, found=found)

    async def actor_page(self, visit: Visit) -> web.Response:
        return await self._actor_page(visit)

    async def _actor_page(self, visit: Visit, **shown: Any) -> web.Response:
        actor = await service.actor(self._console, visit.account, visit.request.match_info["actor"])
        leaves = await service.leaves(self._console, visit.account, actor.id, visit.now)
        return self._page("actor", visit, actor=actor, leaves=leaves, **shown)

    async def put_leave(self, visit: Visit) -> web.Response:
        actor = await service.actor(self._console, visit.account, visit.request.match_info["actor"])
        interval = Interval(_moment(visit.form.get("start", "")), _moment(visit.form.get("end", "")))
        why = visit.form.get("why", "")
        if why not in LEAVE_REASONS:
            raise BadRequest(422, "why", "请选一个原因。")
        changed = await service.put_leave(self._console, visit.account, actor.id, interval, why, visit.key, visit.now)
        rows = [(await service.one(self._console, visit.account, a.id), what) for a, what in changed]
        return await self._actor_page(visit, interval=interval, changed=rows)

    async def end_leave(self, visit: Visit) -> web.Response:
        actor, leave = visit.request.match_info["actor"], visit.request.match_info["leave"]
        await service.end_leave(self._console, visit.account, actor, leave, visit.key, visit.now)
        return self._gate.to(f"/console/leave/{actor}?done=leave")

    async def alerts(self, visit: Visit) -> web.Response:
        return self._page("alerts", visit, messages=await service.alerts(self._console))

    async def seen(self, visit: Visit) -> web.Response:
        number = visit.request.match_info["number"]
        await service.mark_seen(self._console, visit.account, number, visit.key, visit.now)
        return self._gate.to("/console/alerts?done=seen")

    async def inbox(self, visit: Visit) -> web.Response:
        return self._page("inbox", visit, messages=await service.messages(self._console))

    async def audit(self, visit: Visit) -> web.Response:
        return self._page("audit", visit, entries=await service.log(self._console, ENTRIES))


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(400, "day", "日期要写成2026-11-25这样。") from error
    if abs(day.year - today.year) > YEARS:
        raise BadRequest(400, "day", "这一天太远了，没有预约。")
    return day


def _moment(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())
    except ValueError as error:
        raise BadRequest(422, "time", "请把开始和结束的日期、时间都填上。") from error
