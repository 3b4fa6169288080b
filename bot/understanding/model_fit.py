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
from sklearn.model_selection import StratifiedKFold

Floats = NDArray[np.float64]
# Chosen by `python -m bot.understanding.cross_validate`: n-grams want little regularisation, unit vectors less still.
NGRAM_C = 12.0
VECTOR_C = 100.0
# The encoder reads meaning across wordings, so it gets the larger say when both are asked.
VECTOR_WEIGHT = 0.8
# With many labels a regularised regression is far less sure than it is right. Held-out folds of the training lines say
# by how much; powers beyond these were never wanted.
SHARPNESS = np.linspace(1.0, 5.0, 17)
CALIBRATION_FOLDS = 3


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
    """Fitted classifiers of one label; `labels` in the order of the probabilities.

    `sharpness` are the powers that make confidence mean what it says: of the n-grams alone, and of both.
    """

    labels: NDArray[Any]
    by_ngrams: LogisticRegression
    by_vector: LogisticRegression | None
    sharpness: tuple[float, float] = (1.0, 1.0)

    def probabilities(self, row: csr_matrix, encode: Callable[[], Any] | None, sure: float) -> Floats:
        """Return the labels' probabilities; `encode` gives the message's vector when it is asked for."""
        plain = self.by_ngrams.predict_proba(row)
        cheap: Floats = sharpen(plain, self.sharpness[0])[0]
        if encode is None or self.by_vector is None or cheap.max() >= sure:
            return cheap
        return sharpen(mix(plain, self.by_vector.predict_proba(encode()[None, :])), self.sharpness[1])[0]


def mix(cheap: Floats, deep: Floats) -> Floats:
    """Return what both classifiers say together, one row a text."""
    return (1 - VECTOR_WEIGHT) * cheap + VECTOR_WEIGHT * deep


def sharpen(probabilities: Floats, power: float) -> Floats:
    """Return the probabilities made more certain (power above 1); the order of the labels stays."""
    raised = np.maximum(probabilities, 1e-12) ** power
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit(matrix: csr_matrix, labels: list[str], vectors: NDArray[np.float32] | None) -> Cascade:
    """Fit a cascade; `vectors` are the encoder's, one row a text, or None."""
    by_ngrams, by_vector = _regressions(matrix, labels, vectors)
    return Cascade(by_ngrams.classes_, by_ngrams, by_vector, _calibrate(matrix, np.array(labels), vectors))


def _regressions(
    matrix: csr_matrix, labels: Any, vectors: NDArray[np.float32] | None
) -> tuple[LogisticRegression, LogisticRegression | None]:
    by_ngrams = LogisticRegression(C=NGRAM_C, max_iter=400, class_weight="balanced").fit(matrix, labels)
    if vectors is None:
        return by_ngrams, None
    return by_ngrams, LogisticRegression(C=VECTOR_C, max_iter=400, class_weight="balanced").fit(vectors, labels)


def _calibrate(matrix: csr_matrix, labels: NDArray[Any], vectors: NDArray[np.float32] | None) -> tuple[float, float]:
    names, column = np.unique(labels, return_inverse=True)
    if np.bincount(column).min() < CALIBRATION_FOLDS:
        return 1.0, 1.0
    cheap, both = (np.zeros((len(labels), len(names))) for _ in range(2))
    for learn, held in StratifiedKFold(CALIBRATION_FOLDS, shuffle=True, random_state=0).split(matrix, labels):
        by_ngrams, by_vector = _regressions(matrix[learn], labels[learn], None if vectors is None else vectors[learn])
        cheap[held] = both[held] = by_ngrams.predict_proba(matrix[held])
        if by_vector is not None and vectors is not None:
            both[held] = mix(cheap[held], by_vector.predict_proba(vectors[held]))
    return _sharpness(cheap, column), _sharpness(both, column)


def _sharpness(probabilities: Floats, column: NDArray[Any]) -> float:
    """Return the power under which the held-out lines' right labels were most likely."""
    rows = np.arange(len(column))
    likelihood = [np.log(sharpen(probabilities, power)[rows, column]).sum() for power in SHARPNESS]
    return float(SHARPNESS[int(np.argmax(likelihood))])
