"""How a rule overrules the classifier."""

from __future__ import annotations

from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message


def overrule(message: Message, name: str) -> None:
    """Make `name` the message's intent for certain.

    The other intents keep their order at half their confidence: two that are sure would look like a tie, and the fallback
    would ask which is meant.
    """
    others = [
        {**rank, "confidence": rank["confidence"] / 2}
        for rank in message.get("intent_ranking") or []
        if rank["name"] != name
    ]
    certain = {"name": name, "confidence": 1.0}
    message.set(INTENT, certain, add_to_output=True)
    message.set("intent_ranking", [dict(certain), *others], add_to_output=True)
