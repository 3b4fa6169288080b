"""Rasa component: a message that is nothing but a fact ("明天呢", "莲下镇", "13800000000") is `inform`.

A classifier learns facts by example and then takes 元旦呢 for small talk, because it saw no 元旦. The extractor knows what a
fact is, so when facts and particles are all there is, it decides.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.understanding.verdict import overrule

# A kind of provider or a trouble alone may open a search as well as answer a question, so the classifier keeps those.
FACTS = frozenset(["time", "area", "phone_number", "amount", "mode", "gender", "language", "person_name", "reference"])
PARTICLES = re.compile(r"[\s,，.。!！?？、~～]|那|呢|的|吧|啊|呀|哈|哦|喔|就|我叫|在")


def is_bare(text: str, entities: list[dict[str, Any]]) -> bool:
    """Whether facts and particles are all that a text holds."""
    facts = [e for e in entities if e["entity"] in FACTS and "start" in e]
    covered = {place for e in facts for place in range(e["start"], e["end"])}
    rest = "".join(char for place, char in enumerate(text) if place not in covered)
    return bool(facts) and not PARTICLES.sub("", rest)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class BareFact(GraphComponent):
    """Overrides the intent of a bare fact."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BareFact:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Override where needed."""
        for message in messages:
            if is_bare(message.get(TEXT) or "", message.get(ENTITIES) or []):
                overrule(message, "inform")
        return messages
