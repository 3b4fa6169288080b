"""The console's routes for applications for legal aid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.console import aid, words
from bot.console.aid_acts import AID_ACTS, aid_offered
from bot.console.gate import Gate, Handler, Visit
from bot.console.pages import Pages
from bot.console.service import Console
from bot.errors import BadRequest
from bot.legal_aid.application import PAPERS
from bot.legal_aid.service import reference_of


def routes(console: Console, pages: Pages, gate: Gate) -> Sequence[web.AbstractRouteDef]:
    """Return the routes under /console/aid."""
    desk, one = _AidDesk(console, pages, gate), "/console/aid/{number:[0-9A-Z-]{1,40}}"
    return [
        web.get("/console/aid", gate.behind(desk.waiting, "aid")),
        web.get(one, gate.behind(desk.one, "aid")),
        web.post(f"{one}/contact", gate.behind(desk.opened, "aid")),
        *(web.post(f"{one}/{name}", gate.behind(desk.act(name), act.right)) for name, act in AID_ACTS.items()),
    ]


class _AidDesk:
    """The list, and one application."""

    def __init__(self, console: Console, pages: Pages, gate: Gate) -> None:
        self._console, self._pages, self._gate = console, pages, gate

    def _page(self, page: str, visit: Visit, **shown: Any) -> web.Response:
        done = words.DONE.get(visit.request.query.get("done", ""), "")
        return self._pages.page(page, visit=visit, account=visit.account, done=done, **shown)

    async def waiting(self, visit: Visit) -> web.Response:
        """Show what waits, or go to the application whose number was typed."""
        said = visit.request.query.get("number", "").strip()
        if number := reference_of(said):
            return self._gate.to(f"/console/aid/{number}")
        return self._page("aid", visit, rows=await aid.waiting(self._console), unread=said)

    async def one(self, visit: Visit) -> web.Response:
        return await self._one(visit)

    async def _one(self, visit: Visit, details: dict[str, str] | None = None) -> web.Response:
        row = await aid.one(self._console, visit.request.match_info["number"])
        acts = aid_offered(visit.account, row.application)
        return self._page("application", visit, row=row, acts=acts, details=details, papers=PAPERS)

    async def opened(self, visit: Visit) -> web.Response:
        number = visit.request.match_info["number"]
        return await self._one(visit, await aid.opened(self._console, visit.account, number, visit.now))

    def act(self, name: str) -> Handler:
        async def handle(visit: Visit) -> web.Response:
            number = visit.request.match_info["number"]
            papers = tuple(paper for paper in PAPERS if visit.form.get(f"paper_{paper}"))
            if AID_ACTS[name].asks != bool(papers):
                raise BadRequest(422, "papers", "请勾选还差哪些材料。")
            await aid.act(self._console, visit.account, name, number, papers, visit.key, visit.now)
            return self._gate.to(f"/console/aid/{number}?done=aid_{name}")

        return handle
