"""Conversations in Valkey: each turn appends what is new, and only the last turns are kept. All of it is sealed.

Rasa's own Redis store rewrites the whole history at every message, so a long conversation grows slow. Here a conversation
is a list of sealed blocks of events (`store.py`). When it grows past MOST_EVENTS it is cut back to a snapshot of the
slots and the active form, followed by the last turns.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import RedisCluster

from bot.citizens.keyring import Keyring, keyring_of
from bot.citizens.model import RETENTION
from bot.errors import CannotOpen
from bot.platform.settings import load
from bot.platform.store import connect
from bot.understanding.store import TrackerLines

# Enough for "the time before last"; the action server gets as many.
KEPT_EVENTS = 14
MOST_EVENTS = 40
# A conversation that nobody came back to for a month is forgotten.
EXPIRES_SECONDS = RETENTION["conversation"].seconds
# Trackers of people who are chatting right now stay in memory; the list in Valkey is what survives.
IN_MEMORY = 2000
# A block is a turn. A citizen who types on while a gateway is down is a few turns ahead of what comes again.
RECENT_BLOCKS = 8
log = logging.getLogger("engine")


class ValkeyTrackerStore(TrackerStore):
    """Append-only trackers with a bounded history. One engine process serves one district."""

    def __init__(
        self,
        domain: Domain,
        host: str = "",
        event_broker: Any = None,
        district: str = "440515",
        keyring: Keyring | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._redis = connect(host or kwargs["url"])
        self._lines = TrackerLines(self._redis, district, keyring or keyring_of(load()))
        self._live: OrderedDict[str, tuple[DialogueStateTracker, int]] = OrderedDict()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation, or None for a new one; one that cannot be opened counts as new."""
        key = self._lines.key(sender_id)
        # Taken out while a turn runs on it: a turn that fails leaves the stored one as it was.
        tracker, blocks = self._live.pop(sender_id, (None, 0))
        if tracker and blocks == await self._redis.llen(key):
            return tracker
        kept = await self._redis.lrange(key, 0, -1)
        if not kept:
            return None
        try:
            events = [event for said in self._lines.open(key, kept) if (event := Event.from_parameters(said))]
        except CannotOpen as error:
            log.error("a conversation cannot be opened and begins anew: %s", error)
            return None
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        tracker.stored_events, tracker.stored_blocks = len(events), len(kept)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new; cut back what is old."""
        events, key = list(tracker.events), self._lines.key(tracker.sender_id)
        stored, blocks = getattr(tracker, "stored_events", 0), getattr(tracker, "stored_blocks", 0)
        fresh = events[stored:]
        # Erased since the turn began: what was before must not come back with the snapshot.
        whole = len(events) > MOST_EVENTS and blocks == await self._redis.llen(key)
        if whole:
            tracker = self._cut_back(tracker, events)
            fresh = events = list(tracker.events)
        # The engine's redis client has no transactions in a cluster; there, a crash between the two costs a chat its past.
        one_step = not isinstance(self._redis, RedisCluster)
        async with self._redis.pipeline(transaction=one_step) as pipe:
            if whole or not blocks:
                pipe.delete(key)
                blocks = 0
            if fresh:
                pipe.rpush(key, self._lines.seal(key, [event.as_dict() for event in fresh]))
                blocks += 1
            pipe.expire(key, EXPIRES_SECONDS)
            await pipe.execute()
        tracker.stored_events, tracker.stored_blocks = len(events), blocks
        self._live[tracker.sender_id] = (tracker, blocks)
        if len(self._live) > IN_MEMORY:
            self._live.popitem(last=False)

    async def turn(self, sender_id: str, message_id: str) -> list[dict[str, Any]]:
        """Return the events of a message that was answered before, from itself to the next one; [] for a new message.

        Only the last turns are looked through: what is sent again is sent again within a minute.
        """
        live, _ = self._live.get(sender_id, (None, 0))
        if live:
            known = any(isinstance(e, UserUttered) and e.message_id == message_id for e in live.events)
            events = [event.as_dict() for event in live.events] if known else []
        else:
            key = self._lines.key(sender_id)
            try:
                events = self._lines.open(key, await self._redis.lrange(key, -RECENT_BLOCKS, -1))
            except CannotOpen:
                events = []
        return _of_message(events, message_id)

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
        """Return the pseudonyms of the senders known."""
        prefix = self._lines.key("").rpartition(":")[0] + ":"
        return [name.removeprefix(prefix) async for name in self._redis.scan_iter(match=f"{prefix}*")]


def _of_message(events: list[dict[str, Any]], message_id: str) -> list[dict[str, Any]]:
    """Return the events that a message caused; one with several questions stands in the conversation once for each."""
    own, found = False, []
    for event in events:
        if event.get("event") == "user":
            own = event.get("message_id") == message_id
        if own:
            found.append(event)
    return found
