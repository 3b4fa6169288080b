"""Errors on the wire: RFC 9457 problem documents with a stable `type`, never a stack trace."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.errors import BadRequest, StoreUnavailable
from bot.platform.metrics import REFUSED

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("gateway")
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_KNOWN = {
    404: ("not-found", "没有这个页面。"),
    405: ("method", "这个地址不能这样用。"),
    413: ("too-large", "内容太大了。"),
}


def problem(status: int, kind: str, detail: str) -> web.Response:
    """Return a problem document; `type` is `urn:chengfatong:problem:<kind>`."""
    body = {"type": f"urn:chengfatong:problem:{kind}", "title": kind, "status": status, "detail": detail}
    return web.Response(
        text=json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json"
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a problem document and put the security headers on every answer."""
    try:
        response = await handler(request)
    except BadRequest as bad:
        response = problem(bad.status, bad.kind, bad.detail)
    except StoreUnavailable:
        response = problem(503, "store", "系统正在恢复，请稍后再试。急的话打12348。")
    except web.HTTPException as raised:
        kind, detail = _KNOWN.get(raised.status, ("request", "这个请求看不懂。"))
        response = problem(raised.status, kind, detail)
    except Exception as error:
        log.error("request failed", extra={"path": _asked(request)}, exc_info=error)
        response = problem(503, "unexpected", "出了点问题，请稍后再试。急的话打12348。")
    if response.status >= 400:
        REFUSED.labels(str(response.status)).inc()
        log.info("refused", extra={"status": response.status, "path": _asked(request), "method": request.method[:10]})
    response.headers.update(SECURITY)
    return response


def _asked(request: web.Request) -> str:
    """Return the route that a request met, never its own path: a link's token or a reference may stand in that."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""
