"""Conversations in Valkey: each turn appends what is new, and only the last turns are kept.

Rasa's own Redis store rewrites the whole history at every message, so a long conversation grows slow. Here
`{district}:tracker:<sender>` is a list of events as JSON. When it grows past MOST_EVENTS it is cut back to a snapshot
of the slots and the active form, followed by the last turns.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import Redis

from bot.platform.store import TIMEOUT_SECONDS

# Enough for "the time before last"; the action server gets as many.
KEPT_EVENTS = 14
MOST_EVENTS = 40
# A conversation that nobody came back to for a month is forgotten.
EXPIRES_SECONDS = 30 * 24 * 3600
# Trackers of people who are chatting right now stay in memory; the list in Valkey is what survives.
IN_MEMORY = 2000


class ValkeyTrackerStore(TrackerStore):
    """Append-only trackers with a bounded history. One engine process serves one district."""

    def __init__(
        self, domain: Domain, host: str = "", event_broker: Any = None, district: str = "440515", **kwargs: Any
    ) -> None:
        super().__init__(domain, event_broker)
        self._redis = Redis.from_url(
            host or kwargs["url"],
            decode_responses=True,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        self._district = district
        self._live: OrderedDict[str, tuple[DialogueStateTracker, int]] = OrderedDict()

    def _key(self, sender: str) -> str:
        return "{" + self._district + "}:tracker:" + sender

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation, or None for a new one."""
        # Taken out while a turn runs on it: a turn that fails leaves the stored one as it was.
        live = self._live.pop(sender_id, None)
        if live:
            tracker, stored = live
            if stored == await self._redis.llen(self._key(sender_id)):
                tracker.stored_events = stored
                return tracker
        lines = await self._redis.lrange(self._key(sender_id), 0, -1)
        if not lines:
            return None
        events = [event for line in lines if (event := Event.from_parameters(json.loads(line)))]
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        tracker.stored_events = len(events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new; cut back what is old."""
        events = list(tracker.events)
        stored = getattr(tracker, "stored_events", 0)
        fresh = events[stored:]
        key = self._key(tracker.sender_id)
        async with self._redis.pipeline(transaction=True) as pipe:
            if len(events) > MOST_EVENTS:
                tracker = self._cut_back(tracker, events)
                events = list(tracker.events)
                pipe.delete(key)
                fresh = events
            if fresh:
                pipe.rpush(key, *(json.dumps(e.as_dict(), ensure_ascii=False) for e in fresh))
            pipe.expire(key, EXPIRES_SECONDS)
            await pipe.execute()
        tracker.stored_events = len(events)
        self._live[tracker.sender_id] = (tracker, len(events))
        if len(self._live) > IN_MEMORY:
            self._live.popitem(last=False)

    def _cut_back(self, tracker: DialogueStateTracker, events: list[Event]) -> DialogueStateTracker:
        """Return the conversation as its state before the last turns, and these turns whole."""
        start = len(events) - KEPT_EVENTS
        while start < len(events) and not isinstance(events[start], UserUttered):
            start += 1
        before = DialogueStateTracker.from_events(tracker.sender_id, events[:start], self.domain.slots)
        snapshot: list[Event] = [SlotSet(name, slot.value) for name, slot in before.slots.items() if slot.value]
        if before.active_loop_name:
            snapshot.append(ActiveLoop(before.active_loop_name))
        snapshot.append(ActionExecuted("action_listen"))
        return DialogueStateTracker.from_events(tracker.sender_id, [*snapshot, *events[start:]], self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """Return the senders known."""
        prefix = self._key("")
        return [name.removeprefix(prefix) async for name in self._redis.scan_iter(match="*:tracker:*")]
