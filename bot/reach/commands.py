"""`chengfatong reach USER|PHONE|REFERENCE`: how a citizen can be told something, and what became of the last notices."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import datetime

from redis.asyncio import Redis

from bot.booking.store import BookingStore
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring, keyring_of
from bot.citizens.model import person_of, phone_of
from bot.citizens.store import CitizenStore
from bot.directory.hours import SHANGHAI
from bot.errors import ChengfatongError, InvalidField
from bot.platform.keyfile import with_keys
from bot.platform.processes import store_url
from bot.platform.settings import Settings
from bot.platform.store import connect
from bot.reach import service
from bot.reach.model import Standing
from bot.reach.records import Job
from bot.reach.store import ReachStore

CHANNELS = ("web:", "wechat:")
REFERENCE = re.compile(r"[0-9A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}")
SHOWN = 10


async def show(settings: Settings, who: str) -> int:
    """Print one block a person; no name, number or address. 1 when nobody is known by that."""
    keyring = keyring_of(with_keys(settings))
    redis = connect(store_url(settings))
    try:
        people = await people_of(redis, settings.district, keyring, who)
        store, now = ReachStore(redis, settings.district, keyring), time.time()
        for person in people:
            standing = await service.standing_of(store, person, now)
            print(*lines(standing, await service.outcomes(store, person, SHOWN), now), sep="\n")
    finally:
        await redis.aclose()
    if not people:
        print("nobody is known by that")
    return 0 if people else 1


async def people_of(redis: Redis, district: str, keyring: Keyring, who: str) -> list[str]:
    """Return whom a channel's user, a phone or an appointment's reference stands for. Raises ChengfatongError."""
    if who.startswith(CHANNELS):
        return [person_of(keyring.secret, who)]
    if REFERENCE.fullmatch(who):
        found = await BookingStore(redis, district).appointment(who)
        return [found.citizen] if found and found.citizen else []
    try:
        phone = phone_of(who)
    except InvalidField:
        raise ChengfatongError(
            "Name a citizen as web:<sender>, wechat:<openid>, by a phone number with its area code, or by the reference "
            "of an appointment."
        ) from None
    return await citizens.people_with_phone(CitizenStore(redis, district, keyring), phone)


def lines(standing: Standing, jobs: Sequence[Job], now: float) -> list[str]:
    """Return what is printed of one person."""
    told = [reachable(standing, now)]
    told += [f"  {template}: {left} one-time notice(s) left" for template, left in sorted(standing.permissions.items())]
    if standing.safe.asked:
        hours = standing.safe.hours
        wishes = {"neutral texts": standing.safe.neutral, "nothing to the phone": standing.safe.quiet}
        wishes[f"from {hours[0]} to {hours[1]} o'clock only" if hours else ""] = hours is not None
        told.append("  safe contact: " + ", ".join(wish for wish, asked in wishes.items() if asked))
    return told + [_line(job) for job in jobs]


def reachable(standing: Standing, now: float) -> str:
    """Return "reachable until … by …", in one line."""
    if not standing.wechat:
        return "not known from WeChat: the web page shows it, else call"
    if standing.safe.quiet:
        return "reachable when they ask: they want nothing sent to the phone"
    if left := standing.left(now):
        return f"reachable until {_moment(standing.until(now))} by customer-service messages ({left} left)"
    if any(standing.permissions.values()):
        return "reachable until the permissions below are used, by one-time subscription notices"
    if standing.followed:
        return "follows the account, silent for 48 hours: by template messages if there are any, else call"
    return "does not follow the account: call"


def _line(job: Job) -> str:
    way = f" by {job.way.partition(':')[0]}" if job.way else ""
    why = f" ({job.reason})" if job.reason else ""
    return f"  {_moment(job.acted or job.at)} {job.what} {job.about}: {job.state}{way}{why}"


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M}"
