"""/me/contact: how a citizen wants to be contacted. Somebody else may look at the phone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from bot.booking.page import PageAbsent, Pages, Visitor, form_of, person_page, see_other
from bot.booking.web_me import COOKIE
from bot.citizens.model import PURPOSES
from bot.reach import service as reach
from bot.reach.asking import HOURS, promise
from bot.reach.talk import PURPOSE, keep

# What can be chosen, in the page's order.
CHOICES = ("neutral", "quiet", *HOURS, "off")


def routes(pages: Pages) -> Sequence[web.AbstractRouteDef]:
    """Return the routes for somebody with a person's session."""
    table = [("GET", contact_page), ("POST", contact)]
    return [web.route(m, "/me/contact", person_page(pages, COOKIE, partial(handler, pages))) for m, handler in table]


async def contact_page(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show what was asked for, and what can be."""
    safe = await reach.safe_of(pages.reach, visitor.person)
    now = promise(safe) if safe.asked else ""
    sentence = PURPOSES[PURPOSE].sentence
    return pages.show("contact.html", 200, visitor.session, now_so=now, sentence=sentence, hours=HOURS)


async def contact(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Keep one wish more, or end them all. The form says the sentence that is agreed to. Raises PageAbsent."""
    given = await form_of(request, visitor.session)
    wish = given.get("wish", "")
    if wish not in CHOICES:
        raise PageAbsent
    await keep(pages.reach, pages.citizens, visitor.person, wish, pages.now)  # type: ignore[arg-type]
    return see_other("/me/contact")
