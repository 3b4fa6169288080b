"""The web chat: the page and POST /api/chat."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from bot.channels.problems import problem
from bot.channels.web.assets import version
from bot.conversation.model import Inbound, reply_to_json
from bot.conversation.service import Conversation
from bot.directory.hours import SHANGHAI
from bot.errors import BadRequest
from bot.platform.limits import PER_ADDRESS, PER_SENDER, Limiter
from bot.platform.logs import pseudonym
from bot.platform.metrics import SECONDS

HERE = Path(__file__).parent
SENDER = re.compile(r"[A-Za-z0-9_-]{8,64}")
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOOPBACK = ("127.0.0.1", "::1")
log = logging.getLogger("gateway")


def routes(conversation: Conversation, district_name: str) -> Sequence[web.AbstractRouteDef]:
    """Return the chat's routes."""
    senders, addresses = Limiter(PER_SENDER), Limiter(PER_ADDRESS)
    templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
    page = templates.get_template("chat.html").render(district=district_name, version=version())

    async def chat_page(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-cache"})

    async def chat(request: web.Request) -> web.StreamResponse:
        began = time.perf_counter()
        inbound = await _read(request)
        wait = senders.wait(inbound.user, began)
        # Behind a reverse proxy everybody has its address: there the proxy limits addresses.
        if request.remote not in LOOPBACK:
            wait = max(wait, addresses.wait(request.remote or "", began))
        if wait:
            response = problem(429, "too-fast", "您发得太快了，歇一下再发。")
            response.headers["Retry-After"] = str(int(wait) + 1)
            return response
        replies = await conversation.reply_to(inbound)
        elapsed = time.perf_counter() - began
        SECONDS.labels("web").observe(elapsed)
        log.info("turn", extra={"channel": "web", "user": pseudonym(inbound.user), "ms": round(elapsed * 1000, 1)})
        return web.json_response(
            {"messages": [reply_to_json(reply) for reply in replies]},
            dumps=lambda data: json.dumps(data, ensure_ascii=False),
        )

    return [web.get("/", chat_page), web.post("/api/chat", chat)]


async def _read(request: web.Request) -> Inbound:
    """Return the message of a request. Raises BadRequest: 400 malformed, 422 an unknown sender form."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "malformed", "请求要是一个JSON对象。") from error
    if not isinstance(body, dict):
        raise BadRequest(400, "malformed", "请求要是一个JSON对象。")
    kinds = [kind for kind in ("text", "payload") if kind in body]
    if len(kinds) != 1 or not isinstance(body[kinds[0]], str):
        raise BadRequest(400, "malformed", "要有一个text或者payload，是文字。")
    sender = body.get("sender")
    if not isinstance(sender, str) or not SENDER.fullmatch(sender):
        raise BadRequest(422, "sender", "sender要是8到64个字母、数字、-或_。")
    return Inbound("web", sender, _message_id(body), kinds[0], body[kinds[0]], datetime.now(SHANGHAI))  # type: ignore[arg-type]


def _message_id(body: dict[str, Any]) -> str:
    given = body.get("message_id", "")
    if given and not (isinstance(given, str) and MESSAGE_ID.fullmatch(given)):
        raise BadRequest(422, "message-id", "message_id要是1到64个字母、数字、-或_。")
    return str(given)
