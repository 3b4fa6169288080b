"""The worker: shows that it lives, and drops the kept words whose time is over."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress

from redis.asyncio import Redis

from bot.errors import SettingError, StoreUnavailable
from bot.platform.settings import Settings
from bot.platform.store import connect, key, store_errors

# Staff answer within days; half a year lets them look back once and keeps no one's words for ever.
KEEP_DAYS = 180
STREAMS = ("inbox", "unanswered")
BEAT_SECONDS, BEAT_EXPIRES_SECONDS = 5, 20


async def run_once(redis: Redis, district: str, now: float) -> int:
    """Beat once, and return how many kept messages were too old and are gone."""
    async with store_errors():
        await redis.set(key(district, "worker", "heartbeat"), str(int(now)), ex=BEAT_EXPIRES_SECONDS)
        oldest = f"{int((now - KEEP_DAYS * 86400) * 1000)}-0"
        return sum([await redis.xtrim(key(district, name), minid=oldest, approximate=False) for name in STREAMS])


async def _loop(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if not settings.redis_url:
        raise SettingError("CHENGFATONG_REDIS_URL must be set for the worker.")
    redis = connect(settings.redis_url)
    while not stopping.is_set():
        try:
            await run_once(redis, settings.district, time.time())
        except StoreUnavailable as error:
            print(f"worker: the store does not answer ({error}); trying again", flush=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), BEAT_SECONDS)
    await redis.aclose()


def main(settings: Settings) -> None:
    """Work until SIGTERM."""
    asyncio.run(_loop(settings))
