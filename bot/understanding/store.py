"""Where conversations lie: `{district}:tracker:<person>`, a list of sealed blocks, each the events of one or more turns.

The engine's tracker store writes them; a citizen's copy and erasure need no Rasa, and run on both Pythons.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.citizens.model import person_of
from bot.citizens.rotation import reseal
from bot.platform.store import atomically, key, store_errors

# What of a conversation is a citizen's to see: what both sides said, and what the assistant remembers of it. The rest
# says how the machine got there.
SAID = ("user", "bot", "slot")
SHOWN = ("timestamp", "text", "name", "value")


class TrackerLines:
    """The blocks of one conversation, and whose they are."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring

    def key(self, sender: str) -> str:
        """Return the key of a sender's conversation; the sender is not in it."""
        return self._of(person_of(self._keyring.secret, sender))

    def _of(self, person: str) -> str:
        return key(self._district, "tracker", person)

    def seal(self, name: str, events: Sequence[dict[str, Any]]) -> str:
        """Return one block with events, for a key."""
        return self._keyring.seal(json.dumps(events, ensure_ascii=False), place(name))

    def open(self, name: str, blocks: Sequence[str]) -> list[dict[str, Any]]:
        """Return the events of all blocks under a key. Raises CannotOpen when one of them does not open."""
        return [event for block in blocks for event in json.loads(self._keyring.open(block, place(name)))]

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what was said on both sides, and what the assistant remembers of it."""
        name = self._of(person)
        async with store_errors():
            blocks: Any = await self._redis.lrange(name, 0, -1)
        texts = [self._keyring.opened(block, place(name)) for block in blocks]
        events = [event for text in texts for event in json.loads(text or "[]") if event["event"] in SAID]
        turns = [{"event": event["event"], **{n: event[n] for n in SHOWN if event.get(n)}} for event in events]
        return {"turns": turns} if turns else {}

    async def erase_of(self, person: str) -> int:
        """Erase the conversation. An engine that has it in memory sees that it is gone before the next turn."""
        (gone,) = await atomically(self._redis, ("DEL", self._of(person)), frees=True)
        return int(gone)

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one."""
        return await reseal(self._redis, self._keyring, self._of("*"))
