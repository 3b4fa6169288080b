"""Bodies that accounts send."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from tests.standin.tokens import Refused

# A person would read "\u60a8" instead of 您: the platform refuses it.
_ESCAPE = re.compile(rb"(?<!\\)\\u[0-9a-fA-F]{4}")


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return a body that is a JSON object. Raises Refused (47001, 40033)."""
    raw = await request.read()
    if _ESCAPE.search(raw):
        raise Refused(40033)
    try:
        body = json.loads(raw.decode())
    except ValueError:
        raise Refused(47001) from None
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def part(body: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside a body. Raises Refused (47001)."""
    inner = body.get(name)
    if not isinstance(inner, dict):
        raise Refused(47001)
    return inner
