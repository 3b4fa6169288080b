"""A long conversation costs no more than a short one, survives a restart, and lies sealed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.citizens.keyring import Keyring
from bot.citizens.model import person_of
from bot.understanding.tracker_store import MOST_EVENTS, ValkeyTrackerStore

DOMAIN = Domain.from_dict(
    {"intents": ["greet"], "slots": {"topic": {"type": "text", "mappings": [{"type": "custom"}]}}, "actions": []}
)
KEYS = {name: bytes([number]) * 32 for number, name in enumerate(("k1", "k2"))}
RING = Keyring({"k1": KEYS["k1"]}, b"s" * 32)


def _store(valkey: str, keyring: Keyring = RING) -> ValkeyTrackerStore:
    return ValkeyTrackerStore(DOMAIN, host=valkey, keyring=keyring)


async def _said(store: ValkeyTrackerStore, sender: str, *numbers: int) -> DialogueStateTracker:
    for number in numbers:
        tracker = await store.get_or_create_tracker(sender)
        _turn(tracker, number)
        await store.save(tracker)
    return tracker


def _texts(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


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
        store = _store(valkey)
        await _said(store, "web:long", *range(300))
        events = store._lines.open(key := store._lines.key("web:long"), await store._redis.lrange(key, 0, -1))
        return len(events), await _store(valkey).retrieve("web:long")

    length, tracker = asyncio.run(run())
    assert length <= MOST_EVENTS + 4
    assert tracker.get_slot("topic") == "t299"
    assert tracker.latest_message.text == "第299句"


def test_two_stores_see_each_others_turns(valkey: str) -> None:
    async def run() -> Any:
        first, second = _store(valkey), _store(valkey)
        for number, store in enumerate((first, second, first, second)):
            await _said(store, "web:two", number)
        return await first.retrieve("web:two")

    tracker = asyncio.run(run())
    assert _texts(tracker) == ["第0句", "第1句", "第2句", "第3句"]


def test_turn_is_found_again_by_its_message_in_memory_and_after_a_restart(valkey: str) -> None:
    async def run() -> list[list[tuple[str, str]]]:
        store = _store(valkey)
        for number in range(12):
            tracker = await store.get_or_create_tracker("web:again")
            tracker.update(UserUttered(f"第{number}句", {"name": "greet"}, message_id=f"m{number}"))
            tracker.update(BotUttered(f"答{number}"))
            await store.save(tracker)
        found = []
        for where in (store, _store(valkey)):
            for message in ("m9", "m11", "m99", "m0" if where is not store else "m99"):
                events = await where.turn("web:again", message)
                found.append([(event["event"], event.get("text")) for event in events])
        return found

    found = asyncio.run(run())
    wanted = [[("user", "第9句"), ("bot", "答9")], [("user", "第11句"), ("bot", "答11")], [], []]
    assert found == wanted * 2


def test_stranger_cannot_read_a_conversation_or_whose_it_is(valkey: str) -> None:
    async def run() -> list[bytes]:
        store = _store(valkey)
        await _said(store, "web:canary-5a", *range(30))
        raw = [str(name).encode() + await _dump(store, name) async for name in store._redis.scan_iter()]
        assert any(person_of(RING.secret, "web:canary-5a").encode() in content for content in raw)
        return raw

    async def _dump(store: ValkeyTrackerStore, name: str) -> bytes:
        return "".join(await store._redis.lrange(name, 0, -1)).encode()

    for content in asyncio.run(run()):
        assert b"canary-5a" not in content
        assert "句".encode() not in content
        assert b"\\u53e5" not in content


def test_citizen_can_go_on_when_the_key_has_changed(valkey: str) -> None:
    async def run() -> list[str]:
        await _said(_store(valkey), "web:newkey", 0, 1)
        both = Keyring({"k2": KEYS["k2"], "k1": KEYS["k1"]}, RING.secret)
        await _said(_store(valkey, both), "web:newkey", 2)
        assert await _store(valkey, both)._lines.reseal()
        only = Keyring({"k2": KEYS["k2"]}, RING.secret)
        return _texts(await _store(valkey, only).retrieve("web:newkey"))

    assert asyncio.run(run()) == ["第0句", "第1句", "第2句"]


def test_citizen_can_begin_anew_when_the_key_is_lost(valkey: str, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> list[str]:
        await _said(_store(valkey), "web:lostkey", 0, 1)
        other = Keyring({"k2": KEYS["k2"]}, RING.secret)
        assert await _store(valkey, other).retrieve("web:lostkey") is None
        await _said(_store(valkey, other), "web:lostkey", 7)
        return _texts(await _store(valkey, other).retrieve("web:lostkey"))

    assert asyncio.run(run()) == ["第7句"]
    assert "begins anew: CHENGFATONG_KEYS does not hold the key k1" in caplog.text


@pytest.mark.parametrize("turns", [1, 3, 9, 30])
def test_conversation_that_was_erased_during_a_turn_cannot_come_back(valkey: str, turns: int) -> None:
    async def run() -> tuple[list[str], DialogueStateTracker]:
        store, sender = _store(valkey), f"web:erase{turns}"
        await _said(store, sender, *range(turns))
        tracker = await store.get_or_create_tracker(sender)
        assert await store._lines.erase_of(person_of(RING.secret, sender)) == 1
        _turn(tracker, 99)
        tracker.update(SlotSet("topic", None))
        await store.save(tracker)
        return _texts(await store.retrieve(sender)), await _store(valkey).retrieve(sender)

    texts, reread = asyncio.run(run())
    assert texts == _texts(reread) == ["第99句"]
    assert reread.get_slot("topic") is None
