"""The classifiers of one label: n-grams when they are sure, a sentence encoder beside them when they are not. No Rasa here.

A linear machine over n-grams learns wordings, and is right 98 times in 100 when it is sure. What it is not sure of is
where another wording was used, and there the encoder's meaning helps; so a small network learns from the encoder's vectors
of just those training lines that the n-grams could not tell when these were held out. That is also what keeps training
short: encoding a line costs a hundred times what counting its n-grams costs.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

Floats = NDArray[np.float32]
Encode = Callable[[list[int]], Floats]
# All chosen on authors held out (docs/evaluation.md). Half a point better than a penalty of 0.3, and as good as 3.
PENALTY = 1.0
# How much the network's opinion weighs when both are asked.
NETWORK_WEIGHT = 0.3
HIDDEN = 256
EPOCHS = 12
# Unit vectors have entries of 0.05; a network starts well on entries of about 0.3.
VECTOR_SCALE = 6.0
# The hardest lines to encode at most: 12,000 were a tenth of a point better and took three minutes more.
MOST_ENCODED = 4_000
FOLDS = 3
# Margins become probabilities by softmax; the power that makes them honest is found on held-out folds.
SHARPNESS = np.linspace(0.5, 10.0, 77)
TINY = 1e-6


@dataclass
class Network:
    """One hidden layer over the encoder's vector."""

    mean: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    def probabilities(self, vectors: Floats) -> Floats:
        """Return one row of the labels' probabilities a vector."""
        layer = np.maximum(centred(vectors, self.mean) @ self.hidden + self.hidden_bias, 0)
        return softmax(layer @ self.out + self.out_bias)


@dataclass
class Cascade:
    """What was learnt of one label. `weights` has one row a feature: a message costs its two hundred rows, not all."""

    labels: NDArray[Any]
    weights: Floats
    bias: Floats
    sharpness: float
    network: Network | None = None
    mixed_sharpness: float = 1.0

    def probabilities(self, row: csr_matrix, vector: Callable[[], Floats] | None, sure: float) -> Floats:
        """Return the labels' probabilities; `vector` is called only when it is needed."""
        cheap = softmax(self.sharpness * (row.data @ self.weights[row.indices] + self.bias))
        if vector is None or self.network is None or cheap.max() >= sure:
            return cheap
        return softmax(self.mixed_sharpness * mix(cheap, self.network.probabilities(vector()[None, :])[0]))


def softmax(margins: Floats) -> Floats:
    """Return probabilities along the last axis."""
    raised = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def mix(cheap: Floats, deep: Floats) -> Floats:
    """Return the two opinions as one, in logarithms."""
    return (1 - NETWORK_WEIGHT) * np.log(cheap + TINY) + NETWORK_WEIGHT * np.log(deep + TINY)


def centred(vectors: Floats, mean: Floats) -> Floats:
    """Return vectors without what all sentences share, at the network's scale."""
    away = vectors - mean
    return np.asarray(VECTOR_SCALE * away / np.linalg.norm(away, axis=1, keepdims=True))


def fit(matrix: csr_matrix, labels: Sequence[str], voices: Sequence[str], encode: Encode | None) -> Cascade:
    """Fit a cascade. `encode` returns the vectors of the lines with these numbers; None does without.

    Confidence is measured on voices held out: tomorrow's citizen is nobody whose lines were learnt.
    """
    names, column = np.unique(np.asarray(labels), return_inverse=True)
    groups = np.unique(np.asarray(voices), return_inverse=True)[1]
    held = held_out(matrix, column, groups)
    sharpness = honest(held, column)
    model = LinearSVC(C=PENALTY).fit(matrix, column)
    weights, bias = np.ascontiguousarray(model.coef_.T, np.float32), model.intercept_.astype(np.float32)
    cascade = Cascade(names, weights, bias, sharpness)
    if encode is not None:
        cheap = softmax(sharpness * held)
        hard = np.sort(np.argsort(cheap.max(1), kind="stable")[:MOST_ENCODED])
        vectors = encode(hard.tolist())
        cascade.network = learn(vectors, column[hard], len(names))
        mixed = np.zeros((len(hard), len(names)), np.float32)
        for train, test in _folds(groups[hard]):
            network = learn(vectors[train], column[hard][train], len(names))
            mixed[test] = mix(cheap[hard][test], network.probabilities(vectors[test]))
        cascade.mixed_sharpness = honest(mixed, column[hard])
    return cascade


def held_out(matrix: csr_matrix, column: NDArray[np.int64], groups: NDArray[np.int64]) -> Floats:
    """Return each line's margins by a machine that did not see it."""
    margins = np.zeros((len(column), column.max() + 1), np.float32)

    def fold(split: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
        train, test = split
        model = LinearSVC(C=PENALTY).fit(matrix[train], column[train])
        margins[np.ix_(test, model.classes_)] = model.decision_function(matrix[test])

    # One fit keeps one core busy, and lets the interpreter go meanwhile.
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        list(cores.map(fold, _folds(groups)))
    return margins


def honest(margins: Floats, column: NDArray[np.int64]) -> float:
    """Return the power under which held-out lines' right labels are most likely."""
    right = np.arange(len(column))
    likelihood = [np.log(softmax(power * margins)[right, column] + TINY).sum() for power in SHARPNESS]
    return float(SHARPNESS[int(np.argmax(likelihood))])


def learn(vectors: Floats, column: NDArray[np.int64], labels: int) -> Network:
    """Fit the network; a label that none of these lines has stays unlikely."""
    mean = vectors.mean(0)
    model = MLPClassifier(
        (HIDDEN,), alpha=1e-4, learning_rate_init=2e-3, batch_size=128, max_iter=EPOCHS, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # It stops early on purpose.
        model.fit(centred(vectors, mean), column)
    out = np.zeros((HIDDEN, labels), np.float32)
    out_bias = np.full(labels, -10.0, np.float32)
    out[:, model.classes_], out_bias[model.classes_] = model.coefs_[1], model.intercepts_[1]
    return Network(mean, model.coefs_[0].astype(np.float32), model.intercepts_[0].astype(np.float32), out, out_bias)


def _folds(groups: NDArray[np.int64]) -> Any:
    return GroupKFold(FOLDS).split(groups, groups=groups)
