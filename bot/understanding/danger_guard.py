"""Rasa component: the danger rules beside the model, so that nothing ranks above them."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.conversation.danger import is_danger
from bot.understanding.normaliser import PLAIN, RAW

CERTAIN = {"name": "report_danger", "confidence": 1.0}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DangerGuard(GraphComponent):
    """Overrides the intent when a danger rule fires."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerGuard:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Override where needed."""
        for message in messages:
            if message.get(PLAIN) and (is_danger(message.get(RAW)) or is_danger(message.get(PLAIN))):
                ranking = [r for r in message.get("intent_ranking") or [] if r["name"] != CERTAIN["name"]]
                message.set(INTENT, dict(CERTAIN), add_to_output=True)
                message.set("intent_ranking", [dict(CERTAIN), *ranking], add_to_output=True)
        return messages
