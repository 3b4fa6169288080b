"""The pages of the book: /book, /me and /invite, and the links from the chat that open them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from bot.booking import web_book, web_invite, web_me, web_safe
from bot.booking.links import WISHES
from bot.booking.page import Pages, page, query_of, see_other, visitor_of
from bot.errors import LinkExpired

# A person's one session serves both parts, each with a cookie of its own path.
COOKIES = {"me": web_me.COOKIE, "book": web_book.COOKIE}


def routes(pages: Pages) -> Sequence[web.AbstractRouteDef]:
    """Return all routes of the pages."""
    return [
        # A messenger that looks at a link with HEAD must not use it up.
        *(
            web.get(f"/{part}/open/{{token}}", page(pages, partial(_open, pages, part)), allow_head=False)
            for part in COOKIES
        ),
        *web_book.routes(pages),
        *web_me.routes(pages),
        *web_safe.routes(pages),
        *web_invite.routes(pages),
    ]


async def _open(pages: Pages, part: str, request: web.Request) -> web.Response:
    """Exchange a link for a session; the browser that did it before may come in again. Raises LinkRefused."""
    now = pages.now
    link = pages.links.links.read(request.match_info["token"], part, 0)
    here = await visitor_of(pages, request.cookies.get(COOKIES[part], ""))
    response = see_other(_target(part, request))
    if here and here.person == link.subject:
        return response
    if link.expires <= now:
        raise LinkExpired("the link's time is over")
    session = await pages.sessions.exchange(link, f"person {link.subject}", now)
    for path, cookie in COOKIES.items():
        pages.set_cookie(response, cookie, f"/{path}", session)
    return response


def _target(part: str, request: web.Request) -> str:
    """Return the clean address behind a link: with a kind, the people for it; with somebody chosen, the times."""
    wish = {name: request.query.get(name, "") for name in WISHES}
    if part == "me" or not wish["kind"]:
        return f"/{part}"
    return f"/book/{'times' if wish['who'] else 'people'}?{query_of(wish)}"
