"""`chengfatong doctor`: what is configured, reachable and stale, one line each."""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime
from urllib.parse import urlsplit

import chinese_calendar
from aiohttp import ClientError, ClientSession, ClientTimeout
from redis.exceptions import RedisError

from bot.channels.wechat.health import health
from bot.citizens import marks
from bot.citizens.keyring import keyring_of
from bot.errors import SettingError, StoreUnavailable
from bot.platform import keyfile
from bot.platform.backup import last_backup
from bot.platform.embedded import running
from bot.platform.processes import ENGINE_PYTHON
from bot.platform.settings import Settings, read_keys
from bot.platform.store import connect

# The directory promises a confirmation every quarter; after that a phone number may have changed.
STALE_DAYS = 90
# A backup every night leaves a week to see that it has stopped.
BACKUP_DAYS = 8
Line = tuple[bool, str]


async def main(settings: Settings, today: date | None = None) -> int:
    """Print the lines; 0 when all are good."""
    day = today or date.today()
    lines = [
        (sys.version_info >= (3, 12), f"app Python {sys.version.split()[0]}"),
        (
            ENGINE_PYTHON.exists(),
            "engine Python 3.10 " + ("is there" if ENGINE_PYTHON.exists() else "is missing: make setup"),
        ),
        await _store(settings),
        _keys(settings),
        await _marks(settings),
        await _answers("gateway", f"http://{settings.host}:{settings.port}/readyz"),
        (True, f"WeChat {'is configured, ' + settings.wechat_mode if settings.wechat else 'is not configured'}"),
        *await health(settings),
        _public(settings),
        _holidays(day),
        _confirmed(settings, day),
        await backed_up(settings, datetime.now().astimezone()),
    ]
    for good, text in lines:
        print("ok  " if good else "BAD ", text)
    return 0 if all(good for good, _ in lines) else 1


async def _store(settings: Settings) -> Line:
    if not settings.redis_url:
        return True, "store: embedded, append-only, fsync always"
    client = connect(settings.redis_url)
    try:
        await client.ping()
        shown = await client.config_get("appendfsync", "appendonly")
        good = shown.get("appendonly") == "yes" and shown.get("appendfsync") == "always"
        return good, f"store answers, appendonly {shown.get('appendonly')}, appendfsync {shown.get('appendfsync')}"
    except (RedisError, OSError) as error:
        return False, f"store does not answer or hides its settings: {error}"
    finally:
        await client.aclose()


def _keys(settings: Settings) -> Line:
    try:
        keys = read_keys(keyfile.with_keys(settings).keys or "")
    except SettingError as error:
        if settings.keys or keyfile.path(settings).exists():
            return False, f"keys: {error}"
        return not settings.redis_url, "keys: none yet; `make run` makes them, other starts need CHENGFATONG_KEYS"
    shown = f"keys: {next(iter(keys))} is current, {len(keys)} known"
    if settings.keys:
        return True, f"{shown}, from CHENGFATONG_KEYS"
    if settings.redis_url:
        return (
            False,
            f"{shown}, from {keyfile.path(settings)}: set CHENGFATONG_KEYS, since the store is on another machine",
        )
    return True, f"{shown}, from {keyfile.path(settings)}: back it up, and not beside the store"


async def _marks(settings: Settings) -> Line:
    """Say whether the keys are those that filled the store."""
    url = await running(settings)
    try:
        keyring = keyring_of(keyfile.with_keys(settings))
    except SettingError:
        return True, "keys and store: not compared, for want of keys"
    if not url:
        return True, "keys and store: not compared, since no store answers"
    client = connect(url)
    try:
        await marks.check(client, settings.district, keyring)
    except (SettingError, StoreUnavailable) as error:
        return False, f"keys and store: {error}"
    finally:
        await client.aclose()
    return True, "keys and store: they belong together"


async def _answers(name: str, url: str) -> Line:
    try:
        async with ClientSession(timeout=ClientTimeout(total=3)) as session, session.get(url) as response:
            return response.status == 200, f"{name}: {url} answers {response.status} (it asks the engine and the store)"
    except (ClientError, OSError, TimeoutError):
        return False, f"{name}: {url} does not answer"


def _public(settings: Settings) -> Line:
    """Say what links to our pages begin with; a phone cannot open an address of this machine alone."""
    url = settings.public_url
    local = urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
    if local:
        return not settings.wechat, f"pages: links begin with {url}, which opens on this machine only"
    good = url.startswith("https:")
    return good, f"pages: links begin with {url}" + ("" if good else ", where anybody on the way can read them")


def _holidays(day: date) -> Line:
    last = max(chinese_calendar.holidays).year
    return last >= day.year, f"public holidays are known up to {last}"


def _confirmed(settings: Settings, day: date) -> Line:
    found: list[str] = []
    for path in settings.data.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found += [row["last_confirmed"] for row in csv.DictReader(file) if row.get("last_confirmed")]
    if not found:
        return False, f"no last_confirmed date in {settings.data}"
    age = (day - date.fromisoformat(min(found))).days
    return age <= STALE_DAYS, f"the oldest directory entry was confirmed {age} days ago ({min(found)})"


async def backed_up(settings: Settings, now: datetime) -> Line:
    """Say when the last backup was made; no backup, or an old one, is bad."""
    url = await running(settings)
    if not url:
        return False, "backup: no store answers, so the last one is not known"
    client = connect(url)
    try:
        last = await last_backup(client, settings.district)
    except StoreUnavailable as error:
        return False, f"backup: the store does not say when the last one was made: {error}"
    finally:
        await client.aclose()
    if last is None:
        return False, "backup: there is none; `chengfatong backup FILE` makes one"
    days = (now - last).days
    return days <= BACKUP_DAYS, f"backup: the last one was made {days} days ago ({last:%Y-%m-%d %H:%M})"
