"""GET /wechat/jssdk?url=…: what a page of ours hands to wx.config."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence

from aiohttp import web

from bot.channels.problems import problem
from bot.channels.wechat.client import Platform
from bot.channels.wechat.jssdk import own_url, signature
from bot.errors import WeChatError

log = logging.getLogger("wechat")


def routes(platform: Platform, app_id: str, base: str, clock: Callable[[], float]) -> Sequence[web.AbstractRouteDef]:
    """Return the route. `base` is the address that our pages' addresses begin with."""

    async def config(request: web.Request) -> web.Response:
        url = own_url(request.query.get("url", ""), base)
        try:
            ticket = await platform.ticket()
        except WeChatError as error:
            log.warning("no ticket for pages", extra={"reason": error.code, "error": type(error).__name__})
            return problem(503, "wechat", "微信那边暂时没有回应，请稍后再试。")
        nonce, now = secrets.token_hex(8), int(clock())
        signed = {"appId": app_id, "timestamp": now, "nonceStr": nonce, "signature": signature(ticket, nonce, now, url)}
        return web.json_response(signed, headers={"Cache-Control": "no-store"})

    return [web.get("/wechat/jssdk", config)]
