"""Replies that a room put together, said through Rasa's dispatcher."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.conversation.model import Reply, card_to_json


def say(dispatcher: Any, replies: Iterable[Reply]) -> None:
    """Send each reply as a bubble of its own."""
    for reply in replies:
        card = {"card": card_to_json(reply.card)} if reply.card else None
        buttons = [{"title": button.title, "payload": button.payload} for button in reply.buttons]
        dispatcher.utter_message(text=reply.text or None, json_message=card, buttons=buttons)


def plain(replies: Iterable[Reply]) -> list[Reply]:
    """Return an answer on the side, in the middle of a form: nothing to tap, and nothing asked but what the form asks."""
    return [replace(reply, buttons=()) for reply in replies if reply.card or not reply.buttons]
