"""`chengfatong staff …`: accounts, the day's list, leave and the audit log, for whoever has a shell on the server."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from datetime import time as clock_time

from bot.booking.model import Interval
from bot.bootstrap import console_of, desk_of
from bot.citizens.keyring import keyring_of
from bot.console import accounts, audit, service, words
from bot.console.model import OPERATOR, Role
from bot.console.service import Console
from bot.directory import service as directory
from bot.directory.hours import SHANGHAI
from bot.errors import AccountRefused, AppointmentAbsent, ChengfatongError
from bot.platform.keyfile import with_keys
from bot.platform.processes import store_url
from bot.platform.settings import Settings
from bot.platform.store import connect

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Entries of the log that are printed.
ENTRIES = 50


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Console]:
    """Open the store that the running system uses."""
    keyring = keyring_of(with_keys(settings))
    redis = connect(store_url(settings))
    try:
        yield console_of(redis, settings.district, keyring, desk_of(settings, redis))
    finally:
        await redis.aclose()


def _now() -> int:
    return int(time.time())


async def add(settings: Settings, name: str, role: Role, listing: str) -> None:
    """Make an account and print its first password."""
    async with opened(settings) as console:
        if listing and not await directory.details(console.desk.directory, listing):
            raise AccountRefused(f"The directory has no {listing}; look its id up in the district's people.csv.")
        _hand_over(name, await accounts.add(console.store, name, role, listing, _now()))


async def reset(settings: Settings, name: str) -> None:
    """Give an account a new first password and print it."""
    async with opened(settings) as console:
        _hand_over(name, await accounts.reset(console.store, name, _now()))


def _hand_over(name: str, password: str) -> None:
    print(
        f"{name}: {password}",
        "It is shown once, opens for three days, and must be changed at the first login.",
        sep="\n",
    )


async def disable(settings: Settings, name: str) -> None:
    """Let an account open nothing any more."""
    async with opened(settings) as console:
        await accounts.disable(console.store, name, _now())
    print(f"{name} is disabled and out.")


async def show(settings: Settings) -> None:
    """Print all accounts."""
    async with opened(settings) as console:
        for account in await console.store.accounts():
            state = "disabled" if account.disabled else "first password" if account.must_change else "active"
            print(account.name, account.role, account.listing, state, sep="\t")


async def today(settings: Settings, day: date | None) -> None:
    """Print a day's appointments, names masked."""
    when = day or datetime.now(SHANGHAI).date()
    async with opened(settings) as console:
        rows = await service.day(console, OPERATOR, when)
    print(f"{words.day_words(when)}：{len(rows)}个预约")
    for row in rows:
        a = row.appointment
        times = f"{words.clock(a.start)}-{words.clock(a.end)}"
        print(times, a.id, words.KINDS[a.kind], words.MODES[a.mode], row.name, row.practitioner, words.STATES[a.state])


async def leave(settings: Settings, actor: str, start: str, end: str, why: str) -> None:
    """Put an actor on leave and print what was moved and cancelled."""
    interval = Interval(_moment(start), _moment(end, whole_day=True))
    async with opened(settings) as console:
        try:
            changed = await service.put_leave(console, OPERATOR, actor, interval, why, secrets.token_hex(16), _now())
        except AppointmentAbsent:
            raise ChengfatongError(f"Neither the directory nor rooms.csv has {actor}.") from None
    print(f"{actor}：{words.span_words(interval.start, interval.end)} 请假")
    for appointment, what in changed:
        moved = f"改到{words.moment_words(appointment.start)}" if what == "moved" else "取消了"
        print(appointment.id, words.KINDS[appointment.kind], moved)


def _moment(text: str, whole_day: bool = False) -> int:
    """Return the moment of "2026-12-01T08:30", or the beginning of the day of "2026-12-01", its end for `whole_day`."""
    try:
        if DAY.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(whole_day)
            return int(datetime.combine(day, clock_time(), SHANGHAI).timestamp())
        return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())
    except ValueError:
        raise ChengfatongError(f"{text!r} must be a day or a local time: 2026-12-01 or 2026-12-01T08:30.") from None


async def newest_entries(settings: Settings) -> int:
    """Print the audit log's last entries, the newest first."""
    async with opened(settings) as console:
        for entry in await console.store.newest(ENTRIES):
            at = datetime.fromtimestamp(int(entry.at), SHANGHAI).isoformat(timespec="seconds")
            print(entry.number, at, entry.who, entry.act, entry.subject, entry.detail, entry.outcome, sep="\t")
    return 0


async def check(settings: Settings, known: str) -> int:
    """Print what is wrong with the audit log; 1 when anything is. `known` is the hash that an earlier check printed."""
    async with opened(settings) as console:
        entries = [entry async for entry in console.store.entries()]
        found = audit.faults(entries, await console.store.newest_number())
    if known and known not in {entry.hash for entry in entries}:
        found.append(f"the entry with the hash {known} is gone: the log was made anew since")
    print(*found, f"{len(entries)} entries, {len(found) or 'no'} fault{'s' * (len(found) > 1)}", sep="\n")
    if entries and not found:
        print(f"last hash {entries[-1].hash}")
    return 1 if found else 0
