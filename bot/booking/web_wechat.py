"""/wechat/oauth: from WeChat's menu to one's own pages, with the session that a link from the chat gives."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from bot.booking.page import Pages, page, see_other, visitor_of
from bot.booking.web import COOKIES
from bot.channels.wechat.client import OAuthUser, Platform
from bot.channels.wechat.codes import CODE_REFUSED
from bot.channels.wechat.oauth import SECONDS, TARGETS, State, States, asking_url
from bot.citizens.model import person_of
from bot.errors import LinkInvalid, LinkUsed, WeChatError

PATH = "/wechat/oauth"
# Whose browser began, and, once it was let in, its session: the pages' own cookies are not sent to this path.
COOKIE, INSIDE = "chengfatong_wechat", "chengfatong_wechat_in"
BROWSER = re.compile(r"[0-9a-f]{32}")
# WeChat's codes have 32 characters; a far longer one is not worth a call.
LONGEST_CODE = 512
log = logging.getLogger("pages")


@dataclass(frozen=True)
class Door:
    """What asks WeChat who comes. `asks` is the server with the page that sends phones back with a code."""

    platform: Platform
    states: States
    app_id: str
    asks: str


def routes(pages: Pages, door: Door) -> Sequence[web.AbstractRouteDef]:
    """Return the way in and the way back. A messenger that looks at an address with HEAD must not use a code up."""
    return [
        web.get(f"{PATH}/start", page(pages, partial(_start, pages, door)), allow_head=False),
        web.get(f"{PATH}/finish", page(pages, partial(_finish, pages, door)), allow_head=False),
    ]


async def _start(pages: Pages, door: Door, request: web.Request) -> web.Response:
    """Send the phone to WeChat, which sends it back with a code."""
    target = request.query.get("to", "/me")
    if target not in TARGETS:
        raise LinkInvalid("no page of a citizen's")
    browser = _browser(request) or secrets.token_hex(16)
    state = door.states.make(State(target, secrets.token_hex(12), pages.now + SECONDS), browser)
    response = see_other(asking_url(door.asks, door.app_id, f"{pages.links.base}{PATH}/finish", state))
    response.set_cookie(COOKIE, browser, path=PATH, max_age=SECONDS, httponly=True, samesite="Lax", secure=pages.secure)
    return response


def _browser(request: web.Request) -> str:
    """Return the secret of a browser that was here just before, "" for none."""
    kept = request.cookies.get(COOKIE, "")
    return kept if BROWSER.fullmatch(kept) else ""


async def _finish(pages: Pages, door: Door, request: web.Request) -> web.Response:
    """Exchange state and code, each once, for a session. Raises LinkRefused."""
    state = door.states.read(_one(request, "state"), _browser(request), pages.now)
    code = _one(request, "code")
    try:
        if not await pages.sessions.once(state.nonce, state.expires - pages.now):
            raise LinkUsed("the state was used before")
        user = await _user(door, code)
    except LinkUsed:
        # Phones load the way back twice; the browser that was let in just now is let in again, and nobody else.
        if await visitor_of(pages, request.cookies.get(INSIDE, "")):
            return see_other(state.target)
        raise
    except WeChatError as error:
        log.warning("WeChat did not say who opened a page", extra={"reason": error.code, "error": type(error).__name__})
        return pages.refuse("wechat", 503)
    return pages.refuse("snapshot", 403) if user.snapshot else await _let_in(pages, user, state)


async def _user(door: Door, code: str) -> OAuthUser:
    try:
        return await door.platform.user_of(code)
    except WeChatError as error:
        if error.code in CODE_REFUSED:
            raise LinkUsed("the code was used, is too old, or is none") from None
        raise


async def _let_in(pages: Pages, user: OAuthUser, state: State) -> web.Response:
    person = person_of(pages.keyring.secret, f"wechat:{user.openid}")
    session = await pages.sessions.open(f"person {person}", pages.now)
    response = see_other(state.target)
    for path, cookie in COOKIES.items():
        pages.set_cookie(response, cookie, f"/{path}", session)
    pages.set_cookie(response, INSIDE, PATH, session)
    return response


def _one(request: web.Request, name: str) -> str:
    """Return what stands in an address once. Raises LinkInvalid."""
    values = request.query.getall(name, [])
    if len(values) != 1 or not 0 < len(values[0]) <= LONGEST_CODE:
        raise LinkInvalid(f"{name} is missing, or there twice")
    return values[0]
