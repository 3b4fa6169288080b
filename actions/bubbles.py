"""Replies that a room put together, said through Rasa's dispatcher."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.conversation.model import Reply, card_to_json


def say(dispatcher: Any, replies: Iterable[Reply]) -> None:
    """Send each reply as a bubble of its own."""
    for reply in replies:
        card = {"card": card_to_json(reply.card)} if reply.card else None
        buttons = [{"title": button.title, "payload": button.payload} for button in reply.buttons]
        dispatcher.utter_message(text=reply.text or None, json_message=card, buttons=buttons)
