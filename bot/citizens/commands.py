"""`chengfatong citizens rotate | export | erase`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bot.bootstrap import personal_data
from bot.citizens import marks, service
from bot.citizens.keyring import Keyring, keyring_of
from bot.citizens.model import PersonalData, Sealed, person_of, phone_of
from bot.citizens.store import CitizenStore
from bot.errors import ChengfatongError, InvalidField
from bot.platform.keyfile import with_keys
from bot.platform.processes import store_url
from bot.platform.settings import Settings
from bot.platform.store import connect

CHANNELS = ("web:", "wechat:")


@dataclass(frozen=True)
class Opened:
    """The store, with the keys that open what is sealed in it."""

    redis: Redis
    keyring: Keyring
    citizens: CitizenStore
    rooms: dict[str, PersonalData]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Open the store that the running system uses."""
    keyring = keyring_of(with_keys(settings))
    redis = connect(store_url(settings))
    try:
        await marks.check(redis, settings.district, keyring)
        rooms = personal_data(redis, settings.district, keyring)
        yield Opened(redis, keyring, CitizenStore(redis, settings.district, keyring), rooms)
    finally:
        await redis.aclose()


async def rotate(settings: Settings) -> int:
    """Reseal what older keys sealed; print counts. 1 when something could not be opened."""
    unreadable = 0
    async with opened(settings) as parts:
        for name, room in parts.rooms.items():
            counts = await room.reseal() if isinstance(room, Sealed) else {}
            unreadable += counts.get("unreadable", 0)
            print(f"{name}: {counts.get('resealed', 0)} resealed, {counts.get('unreadable', 0)} cannot be opened")
        current = parts.keyring.current
        if not unreadable:
            await marks.forget_others(parts.redis, settings.district, parts.keyring)
    if unreadable:
        print(
            f"Keep every key in CHENGFATONG_KEYS: {unreadable} are sealed with one that is not in it, or were changed."
        )
        return 1
    print(f"All is sealed with {current}: the other keys can leave CHENGFATONG_KEYS.")
    return 0


async def export(settings: Settings, who: str) -> None:
    """Print a copy of all that is kept of a citizen, as JSON."""
    async with opened(settings) as parts:
        people, phone = await _found(parts, who)
        copy: dict[str, Any] = {"people": [await service.export(parts.rooms, person) for person in people]}
        copy["as_other_side"] = await service.export_other_side(parts.citizens, phone) if phone else []
    print(json.dumps(copy, ensure_ascii=False, indent=1))


async def erase(settings: Settings, who: str) -> None:
    """Erase all that is kept of a citizen; print counts."""
    async with opened(settings) as parts:
        people, phone = await _found(parts, who)
        counts = dict.fromkeys(parts.rooms, 0)
        for person in people:
            for name, number in (await service.erase(parts.rooms, person)).items():
                counts[name] += number
        named = await service.erase_other_side(parts.citizens, phone) if phone else 0
    print(*(f"{name}: {number} erased" for name, number in counts.items()), sep="\n")
    print(f"as the other side of an appointment: {named} erased")


async def _found(parts: Opened, who: str) -> tuple[list[str], str]:
    """Return whom a channel's user or a phone stands for, and the phone."""
    if who.startswith(CHANNELS):
        return [person_of(parts.keyring.secret, who)], ""
    try:
        phone = phone_of(who)
    except InvalidField:
        raise ChengfatongError(
            "Name a citizen as web:<sender>, wechat:<openid>, or by a phone number with its area code."
        ) from None
    return await service.people_with_phone(parts.citizens, phone), phone
