"""Rasa components: the intent and the matter of a message, with calibrated confidence.

Both read the `Sentence` that the featurizer wrote, so the encoder's vector is worked out at most once a message.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import vstack

from bot.understanding import encoder as encoders
from bot.understanding.cascade import Cascade, fit
from bot.understanding.encoder import Vector
from bot.understanding.featurizer import SENTENCE, Sentence
from bot.understanding.normaliser import PLAIN

# As many as a button row or a report can use.
RANKING = 10
MATTER = "matter"
# The matter of a message that names no trouble: 莲下镇有调解员吗.
NONE = "none"


def about(example: Message) -> dict[str, Any]:
    """Return what the example's block says of itself: voice, matter."""
    return (example.get("metadata") or {}).get(INTENT) or {}


class CascadeClassifier(GraphComponent):
    """What both classifiers share: fitting, keeping and asking a cascade."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, cascade: Cascade | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._cascade = cascade

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: how sure the n-grams must be to do without the encoder."""
        return {"sure": 0.9}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CascadeClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CascadeClassifier:
        """Load the fitted component."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / "cascade.joblib"))

    @staticmethod
    @abstractmethod
    def label(example: Message) -> str:
        """Return what an example teaches."""

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples that were written for an intent."""
        examples = [example for example in training_data.intent_examples if example.get(SENTENCE)]
        sentences: list[Sentence] = [example.get(SENTENCE) for example in examples]
        name = sentences[0].encoder

        def encode(rows: list[int]) -> Vector:
            texts = [sentences[row].text for row in rows]
            known = encoders.remembered(name, texts)
            return np.stack([known[text] for text in texts])

        matrix = vstack([sentence.ngrams for sentence in sentences]).tocsr()
        labels, voices = [self.label(e) for e in examples], [str(about(e).get("voice")) for e in examples]
        self._cascade = fit(matrix, labels, voices, encode if name else None)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._cascade, folder / "cascade.joblib")
        return self._resource

    def ranked(self, sentence: Sentence) -> list[dict[str, Any]]:
        """Return the labels from the likeliest down: `[{"name", "confidence"}]`."""
        if self._cascade is None:
            raise LookupError("the classifier was neither trained nor loaded")
        vector = (lambda: sentence.vector) if sentence.encoder else None
        probabilities = self._cascade.probabilities(sentence.ngrams, vector, self._config["sure"])
        order = np.argsort(-probabilities)
        return [{"name": str(self._cascade.labels[i]), "confidence": float(probabilities[i])} for i in order]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(CascadeClassifier):
    """Writes intent and intent_ranking into the message."""

    @staticmethod
    def label(example: Message) -> str:
        """Return the example's intent."""
        return str(example.get(INTENT))

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify; a tapped payload has its intent already."""
        for message in messages:
            ranking: list[dict[str, Any]] = []
            if message.get(SENTENCE) and re.search(r"\w", message.get(PLAIN)):
                ranking = self.ranked(message.get(SENTENCE))[:RANKING]
            # Rasa reads a payload after this component, and the fallback in between wants an intent to look at.
            nothing = {"name": None, "confidence": 0.0 if message.get(SENTENCE) else 1.0}
            message.set(INTENT, ranking[0] if ranking else nothing, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MatterClassifier(CascadeClassifier):
    """Writes `matter` into the message: the likeliest trouble and how likely it is that it is one.

    A message that names none has a low confidence: its probability lies with NONE.
    """

    @staticmethod
    def label(example: Message) -> str:
        """Return the matter of the example's block, NONE when it names no trouble."""
        return str(about(example).get(MATTER) or NONE)

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify what was typed."""
        for message in messages:
            if message.get(SENTENCE) and re.search(r"\w", message.get(PLAIN)):
                best = next(rank for rank in self.ranked(message.get(SENTENCE)) if rank["name"] != NONE)
                message.set(MATTER, {"value": best["name"], "confidence": best["confidence"]}, add_to_output=True)
        return messages
