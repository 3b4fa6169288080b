"""GET /api/notices: what the chat page shows without having been asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from aiohttp import web

from bot.channels.web.routes import SENDER
from bot.errors import BadRequest
from bot.notices import service
from bot.notices.store import NoticeStore


def routes(store: NoticeStore, person_of: Callable[[str], str]) -> Sequence[web.AbstractRouteDef]:
    """Return the route; `person_of` gives the pseudonym of a user ("web:<sender>")."""

    async def notices(request: web.Request) -> web.Response:
        sender, after = request.query.get("sender", ""), request.query.get("after", "0")
        if not SENDER.fullmatch(sender):
            raise BadRequest(422, "sender", "sender要是8到64个字母、数字、-或_。")
        if not (after.isascii() and after.isdigit() and len(after) < 16):
            raise BadRequest(422, "after", "after要是上一条的id。")
        found = await service.told(store, person_of(f"web:{sender}"), int(after))
        return web.json_response(
            {"notices": [each.to_json() for each in found]},
            dumps=lambda data: json.dumps(data, ensure_ascii=False),
            headers={"Cache-Control": "no-store"},
        )

    return [web.get("/api/notices", notices)]
