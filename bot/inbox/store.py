"""The staff's trays in Valkey. What a citizen wrote, and who it was, is sealed.

`{district}:inbox:last`           the running number of items
`{district}:inbox:item:<number>`  hash: an item's fields and its `person`; `user` and `text` sealed
`{district}:inbox:photo:<number>` the photo of an item, sealed: `<type>;<base64>`, with a deadline of its own
`{district}:inbox:tray:<tray>`    sorted set of numbers, by when they came
`{district}:inbox:of:<person>`    set of one person's numbers

No stream: an entry that is deleted from a stream stays in its block, and in every dump, until all its neighbours go.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.citizens.model import RETENTION, person_of
from bot.citizens.rotation import reseal
from bot.inbox.model import PHOTO, TRAYS, Item, reference
from bot.inbox.pictures import Picture
from bot.platform.store import atomically, key, store_errors

SEALED = ("user", "text")
# Items dropped in one step; more would hold up the store for everybody.
ROUND = 500


class InboxStore:
    """Keeps items for the staff, and gives a person's own back or up."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring

    def _key(self, *parts: str) -> str:
        return key(self._district, "inbox", *parts)

    async def append(self, item: Item, picture: Picture | None = None) -> int:
        """Keep an item, with its photo if it has one, and return its running number.

        Raises StoreUnavailable when it could not be written or did not reach the disk in time.
        """
        async with store_errors():
            number = str(await self._redis.incr(self._key("last")))
        name, person = self._key("item", number), person_of(self._keyring.secret, item.user)
        fields = {**item.__dict__, "person": person}
        fields |= {field: self._keyring.seal(fields[field], place(name, field)) for field in SEALED}
        await atomically(
            self._redis,
            ("HSET", name, *(part for pair in fields.items() for part in pair)),
            ("ZADD", self._key("tray", item.tray), int(datetime.fromisoformat(item.at).timestamp()), number),
            ("SADD", self._key("of", person), number),
            *([self._photo_kept(number, picture)] if picture else []),
        )
        return int(number)

    def _photo_kept(self, number: str, picture: Picture) -> tuple[str | int, ...]:
        name = self._key("photo", number)
        text = f"{picture.type};{b64encode(picture.content).decode()}"
        return ("SET", name, self._keyring.seal(text, place(name)), "EX", RETENTION["photo"].seconds)

    async def photo(self, number: str) -> Picture | None:
        """Return the photo of an item, None when there is none, its time is over, or it cannot be opened."""
        name = self._key("photo", number)
        async with store_errors():
            token: Any = await self._redis.get(name)
        text = self._keyring.opened(token, place(name)) if token else None
        if text is None:
            return None
        kind, _, content = text.partition(";")
        return Picture(b64decode(content), kind)

    async def contents(self, tray: str, count: int = 100) -> list[dict[str, str]]:
        """Return a tray's newest items first, each as its fields with `number`, `reference` and `person`.

        What cannot be opened is "".
        """
        async with store_errors():
            numbers: Any = await self._redis.zrange(self._key("tray", tray), 0, count - 1, desc=True)
        return await self._read(numbers)

    async def _read(self, numbers: Iterable[str]) -> list[dict[str, str]]:
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for number in (numbers := list(numbers)):
                pipe.hgetall(self._key("item", number))
            found = zip(numbers, await pipe.execute(), strict=True)
        return [self._opened(number, fields) for number, fields in found if fields]

    def _opened(self, number: str, fields: dict[str, str]) -> dict[str, str]:
        name = self._key("item", number)
        opened = {field: self._keyring.opened(fields[field], place(name, field)) or "" for field in SEALED}
        return {**fields, **opened, "number": number, "reference": reference(int(number))}

    async def drop_before(self, tray: str, moment: float) -> int:
        """Drop a tray's items from before a moment (seconds since 1970), at most ROUND, and return how many."""
        tray = self._key("tray", tray)
        async with store_errors():
            numbers: Any = await self._redis.zrange(tray, "-inf", f"({moment:.0f}", byscore=True, offset=0, num=ROUND)
        return await self._drop(numbers)

    async def _drop(self, numbers: Iterable[str]) -> int:
        if not (numbers := list(numbers)):
            return 0
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for number in numbers:
                pipe.hget(self._key("item", number), "person")
            people = {person for person in await pipe.execute() if person}
        await atomically(
            self._redis,
            *(("DEL", self._key(kind, number)) for number in numbers for kind in ("item", "photo")),
            *(("ZREM", self._key("tray", tray), *numbers) for tray in TRAYS),
            *(("SREM", self._key("of", person), *numbers) for person in people),
            frees=True,
        )
        return len(numbers)

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what a person wrote to the staff, the oldest first."""
        shown = ("reference", "tray", "at", "text")
        items = []
        for item in await self._read(await self._numbers(person)):
            photo = await self._shown_photo(item) if item["note"] == PHOTO else {}
            items.append({**{field: item[field] for field in shown}, **photo})
        return {"items": items} if items else {}

    async def _shown_photo(self, item: dict[str, str]) -> dict[str, str]:
        """Return an item's photo as a copy holds it: an address that any browser shows."""
        picture = await self.photo(item["number"])
        return {"photo": f"data:{picture.type};base64,{b64encode(picture.content).decode()}"} if picture else {}

    async def erase_of(self, person: str) -> int:
        """Erase what a person wrote to the staff."""
        numbers = await self._numbers(person)
        return sum([await self._drop(numbers[at : at + ROUND]) for at in range(0, len(numbers), ROUND)])

    async def drop_photos_of(self, person: str) -> int:
        """Erase a person's photos, and return how many are gone; that there were some stays in the tray."""
        names = [self._key("photo", number) for number in await self._numbers(person)]
        gone = await atomically(self._redis, *(("DEL", name) for name in names), frees=True) if names else []
        return sum(map(int, gone))

    async def _numbers(self, person: str) -> list[str]:
        async with store_errors():
            numbers: Any = await self._redis.smembers(self._key("of", person))
        return sorted(numbers, key=int)

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one."""
        return await reseal(self._redis, self._keyring, self._key("item", "*"), self._key("photo", "*"))
