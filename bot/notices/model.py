"""One thing that a citizen is to be told, and what it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.conversation.model import Reply, reply_to_json

# Somebody who was away for weeks gets the newest in a few rounds and not all in one answer.
PAGE = 50


@dataclass(frozen=True)
class Notice:
    """One entry of the outbox. `id` is the entry's own; `person` a pseudonym; `at` seconds since 1970."""

    id: str
    person: str
    what: str
    appointment: str
    at: int


@dataclass(frozen=True)
class Told:
    """One notice as a citizen gets it. A later one of the same person has a larger `number`."""

    number: int
    reply: Reply

    def to_json(self) -> dict[str, Any]:
        """`{"id", "text", "buttons", "card"?}`."""
        return {"id": str(self.number), **reply_to_json(self.reply)}
