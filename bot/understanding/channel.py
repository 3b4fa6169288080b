"""Rasa input channel for the gateway: one request is one turn, answered with everything that the assistant says."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

log = logging.getLogger("engine")


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
        """Take one message."""
        out: dict[str, Any] = {"text": message.get("text") or "", "buttons": message.get("buttons") or []}
        if card := (message.get("custom") or {}).get("card"):
            out["card"] = card
        self.messages.append(out)


class GatewayInput(InputChannel):
    """POST /webhooks/gateway/webhook with a bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is part of its path."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Create the channel from credentials.yml."""
        return cls(str((credentials or {})["token"]))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the channel's routes."""
        routes = Blueprint("gateway_webhook")

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get("Authorization") or ""
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return response.json({"error": "a token is needed"}, 401)
            body = request.json
            if not isinstance(body, dict) or not isinstance(body.get("sender"), str) or not body.get("text"):
                return response.json({"error": "sender and text are needed"}, 400)
            collected = Collected()
            message = UserMessage(
                body["text"],
                collected,
                body["sender"],
                input_channel="gateway",
                message_id=body.get("message_id"),
                metadata=body.get("metadata") or {},
            )
            # Parsed here, so that what was understood can be counted without the text; Rasa then parses no second time.
            message.parse_data = await request.app.ctx.agent.processor.parse_message(message)
            parse = _summary(message.parse_data)
            await on_new_message(message)
            return response.json({"messages": collected.messages, "parse": parse})

        return routes


def _summary(parse_data: dict[str, Any]) -> dict[str, Any]:
    """Return `{"intent", "confidence", "matter"}` of a parse."""
    intent = parse_data.get("intent") or {}
    matter = next((e["value"] for e in parse_data.get("entities") or [] if e["entity"] == "matter"), None)
    return {"intent": intent.get("name"), "confidence": intent.get("confidence"), "matter": matter}
