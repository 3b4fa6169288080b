"""/me/aid: a citizen's own applications for legal aid, beside their bookings: how one stands, what to bring, to take it back."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from functools import partial

from aiohttp import web

from bot.booking.page import Pages, Visitor, form_of, person_page, see_other
from bot.errors import ApplicationRefused
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import PAPERS, Application, Ask, sources
from bot.legal_aid.model import MATTERS

log = logging.getLogger("pages")
REFERENCE = "{reference:FY-[0-9A-Z]{4}-[0-9A-Z]{4}}"


def routes(pages: Pages, cookie: str) -> Sequence[web.AbstractRouteDef]:
    """Return the routes for somebody with a person's session."""
    one = f"/me/aid/{REFERENCE}"
    table = (("GET", one, detail), ("GET", f"{one}/withdraw", withdraw_page), ("POST", f"{one}/withdraw", withdraw))
    return [web.route(m, path, person_page(pages, cookie, partial(handler, pages))) for m, path, handler in table]


async def _mine(pages: Pages, request: web.Request, visitor: Visitor) -> Application:
    return await legal_aid.one(pages.applications, request.match_info["reference"], visitor.person)


def _may_withdraw(application: Application) -> bool:
    return application.state in sources("withdrawn", "citizen")


async def detail(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show how an application stands, and what is still to be brought."""
    application = await _mine(pages, request, visitor)
    return pages.show(
        "aid.html",
        application=application,
        matter=MATTERS[application.matter].title,
        papers=[PAPERS[name] for name in application.papers],
        withdrawable=_may_withdraw(application),
    )


async def withdraw_page(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Ask once."""
    application = await _mine(pages, request, visitor)
    if not _may_withdraw(application):
        return see_other(f"/me/aid/{application.id}")
    key = secrets.token_urlsafe(12)
    return pages.show("aid_withdraw.html", 200, visitor.session, application=application, key=key)


async def withdraw(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Take it back. A second tap finds it taken back, and shows so."""
    given = await form_of(request, visitor.session)
    application = await _mine(pages, request, visitor)
    ask = Ask("citizen", visitor.person, pages.now, f"page:{given.get('key', '')}:{application.id}")
    try:
        await legal_aid.withdraw(pages.applications, application.id, ask)
    except ApplicationRefused:
        log.info("a change came too late")
    return see_other(f"/me/aid/{application.id}")
