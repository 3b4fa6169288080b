"""有用 and 没用 under an answer."""

from __future__ import annotations

from typing import Any

from actions.parts import Parts
from actions.turn import Turn
from bot.errors import StoreUnavailable
from bot.knowledge import service as knowledge


async def keep_judgement(parts: Parts, turn: Turn, dispatcher: Any) -> None:
    """Count the tap; who found an answer useless is offered a person."""
    entry, useful = str(turn.said["entry"]), turn.said.get("useful") == "yes"
    if entry not in parts.library.entries:
        dispatcher.utter_message(response="utter_entry_gone")
        return
    try:
        await knowledge.judged(parts.answers, entry, useful, turn.now)
    except StoreUnavailable:
        dispatcher.utter_message(response="utter_judged_not_kept")
        return
    dispatcher.utter_message(response="utter_judged_useful" if useful else "utter_judged_useless")
