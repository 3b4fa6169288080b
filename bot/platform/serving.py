"""One web application as a process, on uvloop: a gateway under load spends much of its time in the loop itself."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import uvloop
from aiohttp import web

# The supervisor waits a second longer than this for what is being answered.
SHUTDOWN_SECONDS = 3


def serve(app: Coroutine[Any, Any, web.Application], host: str, port: int | None) -> None:
    """Serve until SIGTERM."""
    web.run_app(
        app,
        host=host, port=port, access_log=None, print=None, shutdown_timeout=SHUTDOWN_SECONDS, loop=uvloop.new_event_loop(),
    )  # fmt: skip
