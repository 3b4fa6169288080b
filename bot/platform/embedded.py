"""Which store a command works on: the one that is set, the embedded one that runs, or the embedded one started for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import SettingError
from bot.platform.processes import embedded_store, only_one, pings, store_url
from bot.platform.settings import Settings
from bot.platform.supervisor import Child


async def running(settings: Settings) -> str | None:
    """Return the address of the store that the program uses now, if one answers."""
    try:
        url = store_url(settings)
    except SettingError:
        return None
    return url if await pings(url)() else None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[str]:
    """Yield the address of the program's store; the embedded one is started for as long as needed.

    Raises SettingError while the program is starting or stopping, PartFailed when the store's files are damaged.
    """
    url = settings.redis_url or await running(settings)
    if url:
        yield url
        return
    with only_one(settings):
        program, url = embedded_store(settings)
        child = Child(program, settings.var / "logs")
        try:
            await child.start()
            await child.until_ready()
            child.speak(print)
            yield url
        finally:
            await child.stop()
