"""Rasa component: the danger rules beside the model, so that nothing ranks above them.

Rules catch what names its danger; the model has read hundreds of messages that only hint at it (药瓶就在手边). A suspicion of
one in ten is enough: it finds a fifth more of them for one false alarm in 450 ordinary messages (docs/evaluation.md).
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.conversation.danger import is_danger
from bot.understanding.normaliser import PLAIN, RAW
from bot.understanding.verdict import overrule

DANGER = "report_danger"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DangerGuard(GraphComponent):
    """Overrides the intent when a danger rule fires or the model suspects danger."""

    def __init__(self, suspicion: float) -> None:
        self._suspicion = suspicion

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: the model's probability of danger that is taken for danger."""
        return {"suspicion": 0.1}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerGuard:
        """Create the component."""
        return cls(config["suspicion"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Override where needed."""
        for message in messages:
            if message.get(PLAIN) and self._is_danger(message):
                overrule(message, DANGER)
        return messages

    def _is_danger(self, message: Message) -> bool:
        suspected = any(
            rank["name"] == DANGER and rank["confidence"] >= self._suspicion
            for rank in message.get("intent_ranking") or []
        )
        return suspected or is_danger(message.get(RAW)) or is_danger(message.get(PLAIN))
