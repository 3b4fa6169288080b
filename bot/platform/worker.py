"""The worker: shows that it lives, and drops what was kept as long as it may be."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.booking import clock
from bot.booking import desk as booking
from bot.booking.choices import Desk
from bot.booking.store import BookingStore
from bot.bootstrap import desk_of, platform_of, post_of
from bot.channels.store import SessionStore
from bot.channels.wechat.deliveries import Deliveries
from bot.citizens import marks
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring, keyring_of
from bot.citizens.store import CitizenStore
from bot.conversation.store import ConversationStore
from bot.errors import SettingError, StoreUnavailable
from bot.inbox import service as inbox
from bot.inbox.store import InboxStore
from bot.knowledge import service as knowledge
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid import service as legal_aid
from bot.legal_aid.store import ApplicationStore
from bot.notices import service as notices
from bot.notices.store import NoticeStore
from bot.platform.logs import configure
from bot.platform.settings import Settings
from bot.platform.store import connect, key, store_errors
from bot.reach import dispatch, leaving
from bot.reach.dispatch import Post
from bot.reach.store import ReachStore
from bot.understanding.store import TrackerLines

# What people must be told is delivered within seconds; as much as this waits only when nothing has been delivered for weeks.
OUTBOX = 100_000
BEAT_SECONDS, BEAT_EXPIRES_SECONDS = 5, 20
# What was erased or dropped stays in the append-only files until they are written anew. A small store would not reach the
# size at which it does that by itself for years.
REWRITE_SECONDS = 86_400
# One round of one task: it is given the time, and returns how many things it dropped or did.
Task = Callable[[float], Awaitable[int]]


def tasks(redis: Redis, district: str, keyring: Keyring) -> tuple[Task, ...]:
    """Return what is done at each beat. Every row of RETENTION that says "worker" is dropped by one of these."""
    trays, people = InboxStore(redis, district, keyring), CitizenStore(redis, district, keyring)
    book, applications = BookingStore(redis, district), ApplicationStore(redis, district)
    answers = KnowledgeStore(redis, district)

    async def forget_cases(now: float) -> int:
        async def end_of(number: str) -> int | None:
            ended = await clock.end_of(book, number)
            return await legal_aid.end_of(applications, number, now) if ended is None else ended

        return await citizens.forget_cases(people, end_of, now)

    async def rewrite(now: float) -> int:
        async with store_errors():
            if await redis.set(key(district, "worker", "rewritten"), str(int(now)), nx=True, ex=REWRITE_SECONDS):
                # Refused by some hosted stores, and while a rewrite runs: both are no failure of ours.
                with suppress(ResponseError):
                    await redis.bgrewriteaof()
        return 0

    return (
        rewrite,
        lambda now: inbox.forget(trays, now),
        forget_cases,
        lambda now: clock.sweep(book, int(now)),
        lambda now: legal_aid.forget(applications, now),
        lambda now: knowledge.forget(answers, now),
    )


def book_tasks(desk: Desk) -> tuple[Task, ...]:
    """Return what is done at each beat so that nothing in the appointment book waits for ever."""
    return (lambda now: clock.ring_due(desk, int(now)),)


def notice_tasks(
    outbox: NoticeStore, desk: Desk, applications: ApplicationStore, reach: ReachStore | None = None
) -> tuple[Task, ...]:
    """Return what tells people what the others have done to their appointments and applications."""
    return (lambda now: notices.deliver_once(outbox, desk, now, applications, reach),)


def reach_tasks(redis: Redis, district: str, keyring: Keyring, post: Post, desk: Desk) -> tuple[Task, ...]:
    """Return what sends notices to phones, and what lets go of those who unfollowed."""
    people = CitizenStore(redis, district, keyring)
    forgets = (
        people.drop_draft,
        ConversationStore(redis, district, keyring).erase_of,
        TrackerLines(redis, district, keyring).erase_of,
        SessionStore(redis, district, keyring).erase_of,
        Deliveries(redis, district, keyring).let_go,
    )

    async def ahead(person: str, now: float) -> list[tuple[str, int]]:
        mine = await booking.mine(desk, person)
        return [(kept.id, kept.start) for kept in mine if kept.start > now and kept.state in ("pending", "booked")]

    return (
        lambda now: dispatch.dispatch_once(post, now),
        lambda now: leaving.let_go_once(post.store, forgets, ahead, now),
    )


async def run_once(redis: Redis, district: str, work: tuple[Task, ...], now: float) -> int:
    """Beat once, do one round of each task, and return how many things they dropped or did."""
    async with store_errors():
        await redis.set(key(district, "worker", "heartbeat"), str(int(now)), ex=BEAT_EXPIRES_SECONDS)
        await redis.xtrim(key(district, "notices"), maxlen=OUTBOX, approximate=True)
    return sum([await task(now) for task in work])


async def _loop(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if not settings.redis_url:
        raise SettingError("CHENGFATONG_REDIS_URL must be set for the worker.")
    redis = connect(settings.redis_url)
    desk = desk_of(settings, redis)
    keyring = keyring_of(settings)
    work = tasks(redis, settings.district, keyring) + book_tasks(desk)
    applications = ApplicationStore(redis, settings.district)
    platform = platform_of(settings, redis, keyring)
    post = post_of(settings, redis, keyring, desk, platform)
    work += notice_tasks(NoticeStore(redis, settings.district), desk, applications, post.store)
    work += reach_tasks(redis, settings.district, keyring, post, desk)
    known = False
    while not stopping.is_set():
        try:
            if not known:
                await marks.check(redis, settings.district, keyring)
                known = True
            await run_once(redis, settings.district, work, time.time())
        except StoreUnavailable as error:
            print(f"worker: the store does not answer ({error}); trying again", flush=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), BEAT_SECONDS)
    if platform:
        await platform.close()
    await redis.aclose()


def main(settings: Settings) -> None:
    """Work until SIGTERM."""
    configure()
    asyncio.run(_loop(settings))
