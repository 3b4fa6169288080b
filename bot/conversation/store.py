"""What a turn keeps in Valkey, sealed: the buttons offered last, answers given lately.

`{district}:offers:<person>`               the buttons as JSON
`{district}:photos:<person>`               list of the channel's ids of photos that wait for a yes; not the photos
`{district}:answer:<person>:<message id>`  the replies as JSON
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.citizens.model import RETENTION, person_of
from bot.citizens.rotation import ROUND, reseal
from bot.conversation.model import Button, Inbound, Reply, reply_from_json, reply_to_json
from bot.platform.store import atomically, key, store_errors

# A list offered yesterday is still on the screen today.
OFFERS_SECONDS = RETENTION["screen"].seconds
# A page or WeChat repeats a message within seconds; a minute covers three tries.
ANSWER_SECONDS = 60
# More than WeChat lets one pick at a time.
MOST_PHOTOS = 9


class ConversationStore:
    """Short-lived notes about a citizen's conversation."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring

    def _key(self, kind: str, inbound: Inbound, *more: str) -> str:
        # A user's id is never part of a key: keys show up in tools and dumps.
        person = person_of(self._keyring.secret, f"{inbound.channel}:{inbound.user}")
        return key(self._district, kind, person, *more)

    async def before(self, inbound: Inbound) -> tuple[list[Reply], tuple[Button, ...]]:
        """Return the answer that this very message got already, [] for none, and the buttons that were offered last."""
        names = [self._key("offers", inbound), self._key("answer", inbound, inbound.message_id)]
        async with store_errors():
            found: Any = await self._redis.mget(names)
        buttons, replies = (self._opened(name, token) or () for name, token in zip(names, found, strict=True))
        return [reply_from_json(data) for data in replies], tuple(Button(*button) for button in buttons)

    async def keep(self, inbound: Inbound, buttons: tuple[Button, ...], replies: list[Reply]) -> None:
        """Remember what can be picked by its number or title, and the answer, in case the same message is sent again."""
        notes: list[tuple[str, object, int]] = [
            (self._key("offers", inbound), [[b.title, b.payload] for b in buttons], OFFERS_SECONDS)
        ]
        if inbound.message_id and replies:
            name = self._key("answer", inbound, inbound.message_id)
            notes.append((name, [reply_to_json(reply) for reply in replies], ANSWER_SECONDS))
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for name, value, seconds in notes:
                pipe.set(name, self._keyring.seal(json.dumps(value, ensure_ascii=False), place(name)), ex=seconds)
            await pipe.execute()

    async def hold_photo(self, inbound: Inbound, photo: str) -> int:
        """Remember which photo was sent, and return how many wait for a yes."""
        name = self._key("photos", inbound)
        answers = await atomically(
            self._redis,
            ("RPUSH", name, self._keyring.seal(photo, place(name))),
            ("LTRIM", name, -MOST_PHOTOS, -1),
            ("EXPIRE", name, OFFERS_SECONDS),
        )
        return min(int(answers[0]), MOST_PHOTOS)

    async def take_photos(self, inbound: Inbound) -> list[str]:
        """Return the photos that wait, and let go of them: a second yes finds none."""
        name = self._key("photos", inbound)
        found, _ = await atomically(self._redis, ("LRANGE", name, 0, -1), ("DEL", name), frees=True)
        opened = (self._keyring.opened(token, place(name)) for token in found)
        return [photo for photo in opened if photo]

    async def _kept(self, name: str) -> Any:
        async with store_errors():
            return self._opened(name, await self._redis.get(name))

    def _opened(self, name: str, token: Any) -> Any:
        text = self._keyring.opened(token, place(name)) if token else None
        return json.loads(text) if text else None

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what stands on a person's screen."""
        names = await self._names(person)
        photos = key(self._district, "photos", person)
        async with store_errors():
            waiting = await self._redis.llen(photos)
        found = {name: await self._kept(name) for name in names if name != photos}
        shown = {"screen": list(found.values())} if found else {}
        return {**shown, "photos_waiting": waiting} if waiting else shown

    async def erase_of(self, person: str) -> int:
        """Erase it."""
        names = await self._names(person)
        if names:
            await atomically(self._redis, *(("DEL", name) for name in names), frees=True)
        return len(names)

    async def _names(self, person: str) -> list[str]:
        # Answers live for a minute: not worth a list of them, and a look through all keys when somebody asks.
        pattern = key(self._district, "answer", person, "*")
        async with store_errors():
            answers = [str(name) async for name in self._redis.scan_iter(match=pattern, count=ROUND)]
            single = [key(self._district, kind, person) for kind in ("offers", "photos")]
            return [*answers, *[name for name in single if await self._redis.exists(name)]]

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one; what lives for a minute is let go."""
        patterns = (key(self._district, kind, "*") for kind in ("offers", "photos"))
        return await reseal(self._redis, self._keyring, *patterns)
