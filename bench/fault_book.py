"""What is there at the end of the fault run: the book as the store has it, and what citizens can read of their notices."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiohttp import ClientError, ClientSession
from redis.asyncio import Redis

from bench.fault_parts import DISTRICT, World
from bench.journal import Book, Call, read
from bot.booking.model import Appointment
from bot.citizens.keyring import keyring_of
from bot.citizens.store import CitizenStore
from bot.notices.words import WORDS
from bot.platform.store import key


def journal(world: World, now: int) -> list[Call]:
    """Return all clients' calls."""
    paths = sorted((world.folder / "journal").iterdir())
    return [call for path in paths for call in read(path.read_text("utf-8").splitlines(keepends=True), now)]


def entries(world: World) -> Iterator[dict[str, Any]]:
    """Yield all lines of all clients."""
    for path in (world.folder / "journal").iterdir():
        yield from (json.loads(line) for line in path.read_text("utf-8").splitlines())


async def read_book(world: World, client: Redis) -> Book:
    """Return the whole book."""
    redis: Any = client

    async def names(*pattern: str) -> list[str]:
        return [name async for name in redis.scan_iter(match=key(DISTRICT, "booking", *pattern), count=5000)]

    kept = [Appointment.from_json(json.loads(await redis.get(name) or "")) for name in await names("appointment", "*")]
    calendars = {}
    for name in await names("calendar", "*"):
        _, _, _, role, who = name.split(":", 4)
        calendars[role, who] = tuple(await redis.zrange(name, 0, -1))
    agenda = set(await redis.zrange(key(DISTRICT, "booking", "agenda"), 0, -1))
    owned = {number for name in await names("of", "*") for number in await redis.zrange(name, 0, -1)}
    known = {one.id for one in kept}
    listed = frozenset(number for number in agenda | owned if number in agenda & owned or number not in known)
    senders = {entry["citizen"]: entry["sender"].partition(":")[2] for entry in entries(world) if "do" in entry}
    told = await _read_by_all(world, {one.citizen: senders[one.citizen] for one in kept if one.citizen})
    return Book(world.now(), tuple(kept), calendars, listed, tuple(told), await _nameless(world, client, kept))


async def _read_by_all(world: World, senders: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (appointment's id, what) of each notice that the chat page of each citizen gets."""
    url = f"http://127.0.0.1:{world.settings.port}/api/notices"
    async with ClientSession() as http:
        pages = [await _read_by(http, url, sender) for sender in senders.values()]
    return [(text.rpartition("编号 ")[2], what_of(text)) for page in pages for text in page]


async def _read_by(http: ClientSession, url: str, sender: str) -> list[str]:
    texts, after = [], 0
    while True:
        try:
            async with http.get(url, params={"sender": sender, "after": str(after)}) as answer:
                answer.raise_for_status()
                found = (await answer.json())["notices"]
        except (ClientError, OSError):  # It was killed last of all, and is not up again.
            await asyncio.sleep(0.1)
            continue
        if not found:
            return texts
        texts += [each["text"] for each in found]
        after = found[-1]["id"]


def what_of(text: str) -> str:
    """Return which of WORDS a notice says."""
    patterns = {what: re.sub(r"\\\{\w+\\\}", ".+?", re.escape(wording.text)) for what, wording in WORDS.items()}
    return next(what for what, pattern in patterns.items() if re.match(pattern, text, re.S))


async def _nameless(world: World, client: Redis, kept: Sequence[Appointment]) -> frozenset[str]:
    """Return the bookings by citizens of which nobody knows whose they are. The staff's own have no phone in them."""
    people = CitizenStore(client, DISTRICT, keyring_of(world.settings))
    theirs = [one for one in kept if one.reason != "hold_over" and one.state != "proposed" and one.applicant]
    return frozenset([one.id for one in theirs if not (await people.case(one.citizen, one.id)).get("name")])
