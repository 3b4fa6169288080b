"""A long conversation costs no more than a short one, and survives a restart."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.understanding.tracker_store import MOST_EVENTS, ValkeyTrackerStore

DOMAIN = Domain.from_dict(
    {"intents": ["greet"], "slots": {"topic": {"type": "text", "mappings": [{"type": "custom"}]}}, "actions": []}
)


def _turn(tracker: DialogueStateTracker, number: int) -> None:
    for event in (
        UserUttered(f"第{number}句", {"name": "greet"}),
        SlotSet("topic", f"t{number}"),
        BotUttered("好"),
        ActionExecuted("action_listen"),
    ):
        tracker.update(event)


def test_citizen_who_writes_a_thousand_messages_has_a_bounded_history(valkey: str) -> None:
    async def run() -> tuple[int, Any]:
        store = ValkeyTrackerStore(DOMAIN, host=valkey)
        for number in range(300):
            tracker = await store.get_or_create_tracker("web:long")
            _turn(tracker, number)
            await store.save(tracker)
        length = await store._redis.llen(store._key("web:long"))
        restarted = ValkeyTrackerStore(DOMAIN, host=valkey)
        return length, await restarted.retrieve("web:long")

    length, tracker = asyncio.run(run())
    assert length <= MOST_EVENTS + 4
    assert tracker.get_slot("topic") == "t299"
    assert tracker.latest_message.text == "第299句"


def test_two_stores_see_each_others_turns(valkey: str) -> None:
    async def run() -> Any:
        first, second = ValkeyTrackerStore(DOMAIN, host=valkey), ValkeyTrackerStore(DOMAIN, host=valkey)
        for number, store in enumerate((first, second, first, second)):
            tracker = await store.get_or_create_tracker("web:two")
            _turn(tracker, number)
            await store.save(tracker)
        return await first.retrieve("web:two")

    tracker = asyncio.run(run())
    texts = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert texts == ["第0句", "第1句", "第2句", "第3句"]
