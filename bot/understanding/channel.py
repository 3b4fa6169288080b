"""Rasa input channel for the gateway: one request is one turn, answered with everything that the assistant says."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.understanding.questions import chosen, split

log = logging.getLogger("engine")
# The gateway sends at most 1,000 characters; a body of megabytes would hold up every other conversation for seconds.
MAX_BODY = 64 * 1024


class Collected(OutputChannel):
    """Keeps each bot message whole, text, buttons and card together."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.parse: dict[str, Any] = {}

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "gateway"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take one message of the dialogue."""
        self.take(message)

    def take(self, message: dict[str, Any]) -> None:
        """Add one message, as the gateway reads it."""
        out: dict[str, Any] = {"text": message.get("text") or "", "buttons": message.get("buttons") or []}
        if card := (message.get("custom") or {}).get("card"):
            out["card"] = card
        self.messages.append(out)


class GatewayInput(InputChannel):
    """POST /webhooks/gateway/webhook with a bearer token."""

    def __init__(self, token: str) -> None:
        if not token:
            raise ValueError(
                "CHENGFATONG_TOKEN must be set: without it anybody on this machine could speak as anybody."
            )
        self._token = token
        # Turns that are running, by sender and message: a message that comes again meanwhile gets the same answer.
        self._running: dict[tuple[str, str], asyncio.Task[dict[str, Any]]] = {}

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is part of its path."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Create the channel from credentials.yml."""
        return cls(str((credentials or {}).get("token") or ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the channel's routes."""
        routes = Blueprint("gateway_webhook")

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get("Authorization") or ""
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return response.json({"error": "a token is needed"}, 401)
            if request.body and len(request.body) > MAX_BODY:
                return response.json({"error": "the body is too large"}, 413)
            collected = Collected()
            try:
                message = read_message(request.body, collected)
            except ValueError as error:
                return response.json({"error": str(error)}, 400)
            return response.json(await self._once(message, collected, request.app.ctx, on_new_message))

        return routes

    async def _once(
        self,
        message: UserMessage,
        collected: Collected,
        engine: Any,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
    ) -> dict[str, Any]:
        """Answer a message; one that is being answered is joined, and goes on when its gateway has died."""
        key = (message.sender_id, message.message_id)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.ensure_future(_turn(message, collected, engine, on_new_message))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)


async def _turn(
    message: UserMessage, collected: Collected, engine: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]
) -> dict[str, Any]:
    """Return the answer to a message: the one that it got before, if it was answered and the answer was lost on its way."""
    if before := await engine.turns.turn(message.sender_id, message.message_id):
        return _again(before)
    parse = await _answer(message, engine, on_new_message)
    return {"messages": collected.messages, "parse": parse}


def _again(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what was said in a turn, out of its events."""
    collected = Collected()
    for event in events:
        if event.get("event") == "bot":
            data = event.get("data") or {}
            collected.take({"text": event.get("text"), "buttons": data.get("buttons"), "custom": data.get("custom")})
    return {"messages": collected.messages, "parse": _summary(events[0].get("parse_data") or {})}


async def _answer(message: UserMessage, engine: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Any:
    """Let Rasa answer a message, or each of its questions in turn; return the summary of the first parse.

    Parsed here, so that what was understood can be counted without the text; Rasa then parses no second time.
    """
    for parse in (parses := await _questions(message, engine.agent)):
        if engine.entries is not None:
            parse["entries"] = engine.entries.answering(message.sender_id, parse)
        message.text, message.parse_data = parse["text"], parse
        await on_new_message(message)
    return _summary(parses[0])


async def _questions(message: UserMessage, agent: Any) -> list[dict[str, Any]]:
    """Return the parse of the message, or of each question in it unless a form waits for it whole."""
    pieces = [message.text] if message.text.startswith("/") else split(message.text)
    if len(pieces) > 1:
        tracker = await agent.tracker_store.retrieve(message.sender_id)
        if not (tracker and tracker.active_loop_name):
            several = chosen([await _parse(piece, message, agent) for piece in pieces])
            if len(several) > 1:
                return several
    return [await _parse(message.text, message, agent)]


async def _parse(text: str, message: UserMessage, agent: Any) -> dict[str, Any]:
    """Parse one text; what the citizen wrote stands in the parse, not its folded form."""
    part = UserMessage(text, sender_id=message.sender_id, metadata=message.metadata)
    return {**await agent.processor.parse_message(part), "text": text}


def read_message(body: bytes, collected: Collected) -> UserMessage:
    """Return the message of a request's body. Raises ValueError that says what is wrong and repeats nothing of it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None
    if not isinstance(said, dict):
        raise ValueError("the body is not an object")
    for name in ("sender", "text"):
        if not isinstance(said.get(name), str) or not said[name]:
            raise ValueError(f"{name} must be a text")
    metadata = said.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise ValueError("metadata must be an object")
    if "at" in metadata:
        _check_instant(metadata["at"])
    message_id = said.get("message_id")
    if message_id is not None and not isinstance(message_id, str):
        raise ValueError("message_id must be a text")
    sender, text = (said[name].encode("utf-8", "replace").decode("utf-8") for name in ("sender", "text"))
    # Without an id of its own a message gets a new one, and is like no other.
    own = message_id or None
    return UserMessage(text, collected, sender, input_channel="gateway", message_id=own, metadata=metadata)


def _check_instant(at: Any) -> None:
    """A time without its zone would move every answer about hours by eight hours."""
    try:
        known = datetime.fromisoformat(at).tzinfo is not None
    except (TypeError, ValueError):
        known = False
    if not known:
        raise ValueError("metadata.at must be an ISO 8601 time with its zone")


def _summary(parse_data: dict[str, Any]) -> dict[str, Any]:
    """Return `{"intent", "confidence", "matter"}` of a parse."""
    intent = parse_data.get("intent") or {}
    matter = next((e["value"] for e in parse_data.get("entities") or [] if e["entity"] == "matter"), None)
    return {"intent": intent.get("name"), "confidence": intent.get("confidence"), "matter": matter}
