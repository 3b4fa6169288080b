"""What every page of ours loads: styles, the chat's script, the icon."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from aiohttp import web

# A browser may keep what carries its content's hash in its address.
FOREVER = "public, max-age=31536000, immutable"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOLDER = Path(__file__).parent / "static"


@cache
def files() -> dict[str, bytes]:
    """Return name → content of the files."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}


@cache
def version() -> str:
    """Return the digest that stands in the files' addresses."""
    return hashlib.sha256(b"".join(files().values())).hexdigest()[:12]


def routes() -> Sequence[web.AbstractRouteDef]:
    """Return the route of the files; pages name them with `version`."""
    return [web.get("/static/{version}/{name}", _asset)]


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in files():
        raise web.HTTPNotFound
    kind = TYPES[Path(name).suffix]
    return web.Response(body=files()[name], content_type=kind, charset="utf-8", headers={"Cache-Control": FOREVER})
