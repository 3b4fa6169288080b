"""The program's own processes in the fault run, on the run's clock: gateway, actions, workers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

from actions import server as actions_server
from bench.fault_parts import DISTRICT, PAUSE_SECONDS, World
from bot.booking import clock
from bot.booking.desk import Desk
from bot.booking.timers import TOLD
from bot.bootstrap import bootstrap
from bot.channels.server import create_app
from bot.legal_aid.store import ApplicationStore
from bot.notices.store import NoticeStore
from bot.platform import worker
from bot.platform.store import key, store_errors


def gateway(world: World) -> None:
    """Serve the pages, as `chengfatong gateway` does."""

    async def app() -> web.Application:
        return create_app(bootstrap(world.settings, clock=world.now))

    web.run_app(app(), host="127.0.0.1", port=world.settings.port, access_log=None, print=None)


def actions(world: World) -> None:
    """Serve the actions; their time is the message's."""
    actions_server.main(world.settings)


async def work(world: World) -> None:
    """Ring what is due and tell what is to be told, and say up to which clock all of that is done."""
    redis, desk = world.open()
    outbox = NoticeStore(redis, DISTRICT)
    rounds = worker.notice_tasks(outbox, desk, ApplicationStore(redis, DISTRICT))
    ring = partial(_ring_in_two_steps, redis, desk) if world.twin == "timers" else worker.book_tasks(desk)[0]
    while True:
        now = world.now()
        try:
            while await desk.book.due(now, 1) or await outbox.waiting():
                await worker.run_once(redis, DISTRICT, (ring, *rounds), now)
            world.set("rung", now)
        except Exception as error:
            world.note(error)
            await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.sleep(0.005)


async def _ring_in_two_steps(redis: Redis, desk: Desk, now: float) -> int:
    """Ring as one would without a function: say it, then note that it was said."""
    for number, timer, due in await desk.book.due(int(now), clock.ROUND):
        if timer in TOLD:
            kept = await desk.book.appointment(number)
            told: Any = {
                "what": TOLD[timer],
                "appointment": number,
                "at": int(now),
                "person": kept.citizen if kept else "",
            }
            async with store_errors():
                await redis.xadd(key(DISTRICT, "notices"), told)
            await desk.book.drop_timer(number, timer)
        else:
            await clock._ring(desk.book, number, timer, due, int(now))
    return 0
