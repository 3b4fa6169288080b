"""One worker of the quota run: sends what is due, again and again, until it is killed.

The moment is in the store under CLOCK; the bench moves it on when nothing is due any more.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from redis.asyncio import Redis

from bench.quota_world import MEANS, BenchWords
from bot.errors import PlatformDown, StoreUnavailable
from bot.reach import dispatch
from bot.reach.dispatch import Post, dispatch_once
from bot.reach.model import Route
from bot.reach.records import Job
from bot.reach.store import ReachStore
from tests.keys import keyring_with
from tests.store.reach_world import DISTRICT, ERRORS

# In real time: a platform that hangs is given up, and the worker looks again.
SEND_SECONDS, BEAT_SECONDS = 0.3, 0.02
CLOCK = "bench:clock"


class HttpPlatform:
    """Speaks bot.reach.ports.Platform to the bench's platform."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def send(self, openid: str, message: Mapping[str, Any]) -> None:
        """Send a customer-service message."""
        await self._post(openid, "service", message["text"]["content"])

    async def subscription_notice(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        """Send a one-time subscription notice."""
        return await self._post(openid, f"subscription:{template_id}", " ".join(data.values()))

    async def template(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        """Send a template message."""
        return await self._post(openid, f"template:{template_id}", " ".join(data.values()))

    async def _post(self, openid: str, way: str, text: str) -> str:
        body = {"openid": openid, "way": way, "text": text}
        try:
            async with self._session.post(self._url, json=body, timeout=ClientTimeout(2)) as answer:
                told = await answer.json()
        except (ClientError, TimeoutError, ValueError) as error:
            raise PlatformDown(0, type(error).__name__) from error
        if code := told["errcode"]:
            raise ERRORS[code](code, told["errmsg"])
        return str(told["msgid"])


class Unreserved(ReachStore):
    """The control: sends first and writes then."""

    async def reserve(self, job: Job, route: Route, now: float, check: float, leave: int) -> str:
        """Reserve nothing."""
        return "ok"

    async def settle(self, job: Job, states: Any, now: float, fields: Any, **more: Any) -> bool:
        """Write whatever state it is in."""
        kept = await self.job(job.id)
        return bool(kept) and await super().settle(kept, frozenset({kept.state}), now, fields, **more)


async def main() -> None:
    """Work until killed."""
    given = _parser().parse_args()
    logging.disable(logging.ERROR)
    dispatch.SEND_SECONDS = SEND_SECONDS
    redis = Redis.from_url(given.store, decode_responses=True)
    store = (Unreserved if given.unreserved else ReachStore)(redis, DISTRICT, keyring_with("k1"))
    async with ClientSession() as session:
        post = Post(store, BenchWords(), HttpPlatform(session, given.platform), means=MEANS)
        while True:
            try:
                await dispatch_once(post, float(await redis.get(CLOCK)))
            except StoreUnavailable as error:
                print(f"worker: {error}", flush=True)
            await asyncio.sleep(BEAT_SECONDS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("platform")
    parser.add_argument("--unreserved", action="store_true")
    return parser


if __name__ == "__main__":
    asyncio.run(main())
