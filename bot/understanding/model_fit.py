"""The statistics of the classifiers: features, fitting, the cascade. No Rasa here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
# Chosen by grouped cross-validation on data/nlu: n-grams want little regularisation, unit vectors less still.
NGRAM_C = 12.0
VECTOR_C = 40.0
# The encoder reads meaning across wordings, so it gets the larger say when both are asked.
VECTOR_WEIGHT = 0.6


def words(text: str) -> list[str]:
    """Return jieba's words; the district's dictionary is the tokenizer's doing."""
    return [word for word in jieba.cut(text) if word.strip()]


class Features:
    """N-grams of characters and jieba's words, side by side in one sparse matrix."""

    def __init__(self) -> None:
        self._characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
        self._words = TfidfVectorizer(analyzer=words, sublinear_tf=True, min_df=2)

    def fit_transform(self, texts: list[str]) -> csr_matrix:
        """Learn the vocabulary and return the texts' rows."""
        return hstack([self._characters.fit_transform(texts), self._words.fit_transform(texts)], format="csr")

    def transform(self, text: str) -> csr_matrix:
        """Return one text's row."""
        return hstack([self._characters.transform([text]), self._words.transform([text])], format="csr")


@dataclass
class Cascade:
    """Fitted classifiers of one label; `labels` in the order of the probabilities."""

    labels: NDArray[Any]
    by_ngrams: LogisticRegression
    by_vector: LogisticRegression | None

    def probabilities(self, row: csr_matrix, encode: Callable[[], Any] | None, sure: float) -> Floats:
        """Return the labels' probabilities; `encode` gives the message's vector when it is asked for."""
        cheap: Floats = self.by_ngrams.predict_proba(row)[0]
        if encode is None or self.by_vector is None or cheap.max() >= sure:
            return cheap
        deep: Floats = self.by_vector.predict_proba(encode()[None, :])[0]
        return (1 - VECTOR_WEIGHT) * cheap + VECTOR_WEIGHT * deep


def fit(matrix: csr_matrix, labels: list[str], vectors: NDArray[np.float32] | None) -> Cascade:
    """Fit a cascade; `vectors` are the encoder's, one row a text, or None."""
    by_ngrams = LogisticRegression(C=NGRAM_C, max_iter=400, class_weight="balanced").fit(matrix, labels)
    by_vector = None
    if vectors is not None:
        by_vector = LogisticRegression(C=VECTOR_C, max_iter=400, class_weight="balanced").fit(vectors, labels)
    return Cascade(by_ngrams.classes_, by_ngrams, by_vector)
