"""The engine's one door: who may knock, and what it says to those who knock wrongly."""

from __future__ import annotations

import asyncio
import json
import socket
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.understanding.channel import MAX_BODY, Collected, GatewayInput, read_message

URL = "/webhooks/gateway/webhook"
GOOD = {"sender": "web:a", "text": "你好", "metadata": {"at": "2026-11-23T10:00:00+08:00"}}
AUTH = {"Authorization": "Bearer secret"}


class Parrot:
    """An agent that says a card, text and buttons, and remembers what reached it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.processor = SimpleNamespace(parse_message=self._parse)
        self.tracker_store = SimpleNamespace(turn=self._turn)
        self.before: list[dict[str, Any]] = []
        self.delay = 0.0

    async def _parse(self, message: UserMessage) -> dict[str, Any]:
        entities = [{"entity": "matter", "value": "labour"}]
        return {"text": message.text, "intent": {"name": "greet", "confidence": 0.9}, "entities": entities}

    async def _turn(self, sender: str, message_id: str) -> list[dict[str, Any]]:
        return self.before

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message.text)
        await asyncio.sleep(self.delay)
        said = {"text": "好", "buttons": [{"title": "甲", "payload": "/greet"}], "custom": {"card": {"title": "所"}}}
        await message.output_channel.send_response(message.sender_id, said)

    def is_ready(self) -> bool:
        return True


def ask(monkeypatch: pytest.MonkeyPatch, body: bytes, headers: dict[str, str]) -> tuple[int, str, Any, list[str]]:
    """Post to a real server; return the status, the type, the body, and what reached the agent."""
    monkeypatch.setenv("CHENGFATONG_TOKEN", "secret")
    from bot.understanding.server import create_app

    async def run() -> tuple[int, str, Any, list[str]]:
        parrot = Parrot()
        Sanic.test_mode = True
        app = create_app(parrot)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
            await server.startup()
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with aiohttp.ClientSession() as session, session.post(base + URL, data=body, headers=headers) as r:
                answer = r.status, r.content_type, await r.json(content_type=None), parrot.heard
            server.close()
            return answer

    return asyncio.run(run())


def test_gateway_gets_text_buttons_and_card_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    status, _, answer, heard = ask(monkeypatch, json.dumps(GOOD).encode(), AUTH)
    assert (status, heard) == (200, ["你好"])
    assert answer == {
        "messages": [{"text": "好", "buttons": [{"title": "甲", "payload": "/greet"}], "card": {"title": "所"}}],
        "parse": {"intent": "greet", "confidence": 0.9, "matter": "labour"},
    }


PARSED = {"intent": {"name": "greet", "confidence": 0.9}, "entities": [{"entity": "matter", "value": "labour"}]}
BEFORE = [
    {"event": "user", "text": "你好", "message_id": "m1", "parse_data": PARSED},
    {"event": "slot", "name": "topic", "value": "x"},
    {
        "event": "bot",
        "text": "好",
        "data": {"buttons": [{"title": "甲", "payload": "/greet"}], "custom": {"card": {"title": "所"}}},
    },
]


def channel(parrot: Parrot) -> tuple[GatewayInput, Any]:
    async def on_new_message(message: UserMessage) -> None:
        await parrot.handle_message(message)

    return GatewayInput("secret"), on_new_message


async def once(gateway: GatewayInput, parrot: Parrot, on_new_message: Any) -> dict[str, Any]:
    collected = Collected()
    message = read_message(json.dumps({**GOOD, "message_id": "m1"}).encode(), collected)
    engine = SimpleNamespace(agent=parrot, entries=None, turns=parrot.tracker_store)
    return await gateway._once(message, collected, engine, on_new_message)


def test_message_whose_answer_was_lost_gets_the_same_answer_and_has_one_effect() -> None:
    async def run() -> tuple[Any, Any, list[str]]:
        parrot = Parrot()
        gateway, on_new_message = channel(parrot)
        first = await once(gateway, parrot, on_new_message)
        parrot.before = BEFORE
        return first, await once(gateway, parrot, on_new_message), parrot.heard

    first, second, heard = asyncio.run(run())
    assert first == second
    assert heard == ["你好"]


def test_turn_goes_on_when_its_gateway_dies_and_the_next_one_joins_it() -> None:
    async def run() -> tuple[Any, list[str]]:
        parrot = Parrot()
        parrot.delay = 0.2
        gateway, on_new_message = channel(parrot)
        cut_off = asyncio.ensure_future(once(gateway, parrot, on_new_message))
        await asyncio.sleep(0.05)
        cut_off.cancel()
        return await once(gateway, parrot, on_new_message), parrot.heard

    answer, heard = asyncio.run(run())
    assert answer["messages"][0]["text"] == "好"
    assert heard == ["你好"]


def test_our_tracker_store_is_found_behind_what_rasa_wraps_around_it() -> None:
    from rasa.core.tracker_store import FailSafeTrackerStore

    from bot.understanding.server import own_store

    ours = SimpleNamespace(turn=None, domain=None, event_broker=None)
    wrapped = FailSafeTrackerStore(FailSafeTrackerStore(ours))
    assert own_store(SimpleNamespace(tracker_store=wrapped)) is ours


def test_messages_without_an_id_are_never_taken_for_one() -> None:
    ids = {read_message(json.dumps({**GOOD, "message_id": ""}).encode(), Collected()).message_id for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer secreT"}, {"Authorization": "secret"}]
)
def test_stranger_cannot_speak_without_the_token(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    status, _, _, heard = ask(monkeypatch, json.dumps(GOOD).encode(), headers)
    assert (status, heard) == (401, [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b'{"sender":', 400),
        (b"[" * 5000, 400),
        (b"[1]", 400),
        (json.dumps({**GOOD, "text": 5}).encode(), 400),
        (json.dumps({**GOOD, "text": ""}).encode(), 400),
        (json.dumps({**GOOD, "sender": ["web:a"]}).encode(), 400),
        (json.dumps({**GOOD, "metadata": "x"}).encode(), 400),
        (json.dumps({**GOOD, "message_id": {}}).encode(), 400),
        (json.dumps({**GOOD, "metadata": {"at": "yesterday"}}).encode(), 400),
        (json.dumps({**GOOD, "metadata": {"at": "2026-11-23T10:00:00"}}).encode(), 400),
        (json.dumps({**GOOD, "metadata": {"at": 5}}).encode(), 400),
        (json.dumps({**GOOD, "text": "字" * MAX_BODY}).encode(), 413),
    ],
)
def test_malformed_request_is_refused_in_json_and_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch, body: bytes, status: int
) -> None:
    got, kind, _, heard = ask(monkeypatch, body, AUTH)
    assert (got, kind, heard) == (status, "application/json", [])


def test_refusal_repeats_nothing_of_what_the_citizen_wrote() -> None:
    with pytest.raises(ValueError, match="text") as refused:
        read_message(json.dumps({"sender": "web:a", "text": ["秘密"]}).encode(), Collected())
    assert "秘密" not in str(refused.value)


def test_lone_surrogate_cannot_reach_the_store() -> None:
    message = read_message(b'{"sender": "web:\\ud800", "text": "\\ud800ok"}', Collected())
    assert (message.sender_id, message.text) == ("web:?", "?ok")


def test_engine_cannot_start_with_an_empty_token() -> None:
    with pytest.raises(ValueError, match="CHENGFATONG_TOKEN"):
        GatewayInput.from_credentials({"token": ""})
