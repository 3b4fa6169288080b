"""The platform's API: one table of paths. HTTP status is always 200; an error is a code in the body."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.standin import api_account, api_messages, api_tokens
from tests.standin.codes import answer
from tests.standin.tokens import Refused
from tests.standin.weather import Fault

if TYPE_CHECKING:
    from tests.standin.platform import Standin

Call = Callable[["Standin", web.Request], Awaitable[Any]]
# What needs an access token; the rest proves itself by the secret, by a code, or is open.
WITH_TOKEN: dict[tuple[str, str], Call] = {
    ("POST", "/cgi-bin/message/custom/send"): api_messages.custom_send,
    ("POST", "/cgi-bin/message/custom/typing"): api_messages.typing,
    ("POST", "/cgi-bin/message/template/send"): api_messages.template_send,
    ("POST", "/cgi-bin/message/subscribe/bizsend"): api_messages.subscribe_send,
    ("POST", "/cgi-bin/menu/create"): api_account.create_menu,
    ("GET", "/cgi-bin/menu/get"): api_account.get_menu,
    ("GET", "/cgi-bin/menu/delete"): api_account.delete_menu,
    ("GET", "/cgi-bin/media/get"): api_account.get_media,
    ("POST", "/cgi-bin/media/upload"): api_account.upload_media,
    ("GET", "/cgi-bin/ticket/getticket"): api_account.get_ticket,
    ("POST", "/cgi-bin/qrcode/create"): api_account.create_code,
    ("GET", "/cgi-bin/getcallbackip"): api_account.callback_addresses,
    ("GET", "/cgi-bin/get_api_domain_ip"): api_account.callback_addresses,
}
OPEN: dict[tuple[str, str], Call] = {
    ("POST", "/cgi-bin/stable_token"): api_tokens.stable_token,
    ("GET", "/cgi-bin/token"): api_tokens.token,
    ("GET", "/sns/oauth2/access_token"): api_account.open_code,
    ("GET", "/connect/oauth2/authorize"): api_account.authorise,
    ("GET", "/cgi-bin/showqrcode"): api_account.show_code,
    ("GET", "/pictures/{id}"): api_account.picture,
}


def routes(standin: Standin) -> Sequence[web.AbstractRouteDef]:
    """Return the routes."""
    every = [(way, path, call, True) for (way, path), call in WITH_TOKEN.items()]
    every += [(way, path, call, False) for (way, path), call in OPEN.items()]
    return [web.route(way, path, _handler(standin, call, token)) for way, path, call, token in every]


def _handler(standin: Standin, call: Call, token: bool) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        if (fault := standin.faults.take(request.path)) is not None:
            return await _faulty(fault)
        try:
            if token:
                standin.mint.check(request.query.get("access_token", ""), standin.clock())
            if request.path in standin.lacking:
                raise Refused(48001)
            body = await call(standin, request)
        except Refused as refused:
            body = answer(refused.code)
        if isinstance(body, web.StreamResponse):
            return body
        standin.calls.append((request.path, int(body.get("errcode", 0))))
        del standin.calls[:-1000]
        return json_response(body)

    return handle


def json_response(body: Any) -> web.Response:
    """Return JSON as the platform sends it: not every client believes a content type, and the platform's is often text."""
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="text/plain")


async def _faulty(fault: Fault) -> web.Response:
    if fault.silence:
        await asyncio.sleep(fault.silence)
    if fault.html:
        page = "<html><head><title>502 Bad Gateway</title></head><body></body></html>"
        return web.Response(text=page, content_type="text/html", status=fault.status)
    return json_response(answer(fault.code)) if fault.code else web.Response(status=fault.status)
