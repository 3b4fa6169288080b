"""The open directory: HSDS 3 records over HTTP, read-only, paged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.directory import service
from bot.directory.store import DirectoryStore
from bot.errors import BadRequest

# HSDS API's names of the collections → ours.
COLLECTIONS = {
    "organizations": "organizations",
    "services": "services",
    "locations": "locations",
    "services_at_location": "service_at_locations",
}
PER_PAGE, MOST_PER_PAGE = 25, 100


def routes(store: DirectoryStore) -> Sequence[web.AbstractRouteDef]:
    """Return the routes `/api/hsds/<collection>` and `/api/hsds/<collection>/<id>`."""

    async def page(request: web.Request) -> web.Response:
        collection = _collection(request)
        number = _positive(request, "page", 1, 10**6)
        size = _positive(request, "per_page", PER_PAGE, MOST_PER_PAGE)
        contents, total = await service.records(store, collection, number, size)
        pages = max(1, -(-total // size))
        if number > pages:
            raise BadRequest(400, "page", f"There are {pages} pages.")
        return _json(
            {
                "total_items": total,
                "total_pages": pages,
                "page_number": number,
                "size": len(contents),
                "first_page": number == 1,
                "last_page": number == pages,
                "empty": not contents,
                "contents": contents,
            }
        )

    async def one(request: web.Request) -> web.Response:
        found = await service.record(store, _collection(request), request.match_info["id"])
        if found is None:
            raise BadRequest(404, "not-found", "No record has this id.")
        return _json(found)

    return [web.get("/api/hsds/{collection}", page), web.get("/api/hsds/{collection}/{id}", one)]


def _collection(request: web.Request) -> str:
    name = COLLECTIONS.get(request.match_info["collection"])
    if name is None:
        raise BadRequest(404, "not-found", f"The collections are {', '.join(COLLECTIONS)}.")
    return name


def _positive(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise BadRequest(400, "page", f"{name} must be a number from 1 to {most}.")
    return int(text)


def _json(data: dict[str, Any]) -> web.Response:
    return web.json_response(data, dumps=lambda value: json.dumps(value, ensure_ascii=False))
