"""What a turn keeps in Valkey: the buttons offered last, answers given lately, alerts."""

from __future__ import annotations

import hashlib
import json

from redis.asyncio import Redis

from bot.conversation.model import Button, Inbound, Reply, reply_from_json, reply_to_json
from bot.platform.store import key, store_errors

# A list offered yesterday is still on the screen today.
OFFERS_SECONDS = 24 * 3600
# A page or WeChat repeats a message within seconds; a minute covers three tries.
ANSWER_SECONDS = 60
# Enough for the console's list; danger is rare.
ALERTS = 1000


class ConversationStore:
    """Short-lived notes about a citizen's conversation."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district

    def _key(self, kind: str, inbound: Inbound, *more: str) -> str:
        # A user's id is never part of a key: keys show up in tools and dumps.
        user = hashlib.sha256(f"{inbound.channel}:{inbound.user}".encode()).hexdigest()[:24]
        return key(self._district, kind, user, *more)

    async def offer(self, inbound: Inbound, buttons: tuple[Button, ...]) -> None:
        """Remember what can be picked by its number or title."""
        value = json.dumps([[b.title, b.payload] for b in buttons], ensure_ascii=False)
        async with store_errors():
            await self._redis.set(self._key("offers", inbound), value, ex=OFFERS_SECONDS)

    async def offered(self, inbound: Inbound) -> tuple[Button, ...]:
        """Return what was offered last."""
        async with store_errors():
            value = await self._redis.get(self._key("offers", inbound))
        return tuple(Button(title, payload) for title, payload in json.loads(value or "[]"))

    async def keep_answer(self, inbound: Inbound, replies: list[Reply]) -> None:
        """Remember an answer, so that the same message sent again gets it again."""
        value = json.dumps([reply_to_json(reply) for reply in replies], ensure_ascii=False)
        async with store_errors():
            await self._redis.set(self._key("answer", inbound, inbound.message_id), value, ex=ANSWER_SECONDS)

    async def answer(self, inbound: Inbound) -> list[Reply] | None:
        """Return the answer that this very message got already."""
        async with store_errors():
            value = await self._redis.get(self._key("answer", inbound, inbound.message_id))
        return [reply_from_json(data) for data in json.loads(value)] if value else None

    async def alert(self, inbound: Inbound) -> None:
        """Put a danger message before the staff."""
        entry = {"user": f"{inbound.channel}:{inbound.user}", "text": inbound.body, "at": inbound.at.isoformat()}
        async with store_errors():
            await self._redis.xadd(key(self._district, "alerts"), entry, maxlen=ALERTS)  # type: ignore[arg-type]
