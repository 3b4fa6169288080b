"""Rasa component: puts the normalised text beside what was typed."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding.normalise import normalise, same_length

# The message keys that the components share; `RAW` is what the citizen typed.
RAW = "raw_text"
PLAIN = "plain_text"
# A dictated story is at most a thousand characters; what comes after the first 500 has never changed an intent, and
# the time that a message takes must be bounded.
MAX_READ = 500


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Folds width and script in TEXT (offsets hold) and writes PLAIN for the classifiers."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise messages; a tapped payload stays as it is."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text.startswith("/"):
                message.set(RAW, text)
                message.set(TEXT, same_length(text[:MAX_READ]))
                message.set(PLAIN, normalise(text[:MAX_READ]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the training examples."""
        self.process(training_data.nlu_examples)
        return training_data
