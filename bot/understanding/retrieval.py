"""Which of the editors' entries answers a question: words (BM25) and meaning (the encoder) together. No Rasa, no input or output.

Each entry is as near as its nearest question variant. How near is near enough is learnt: each variant is asked against the
index without itself (its entry should win) and without its whole entry (nobody should), so that the probability of an
answer is honest about questions that nobody has written an entry for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.understanding.encoder import Vector

Floats = NDArray[np.float64]
# BM25's two constants, as its authors recommend them (Robertson and Zaragoza, 2009).
K1, B = 1.2, 0.75
# So many of the nearest entries are weighed against each other.
NEAREST = 8
SIGNALS = 3


def words(text: str) -> list[str]:
    """Return jieba's words and the pairs of characters: pairs still meet where jieba cut two writings differently."""
    plain = [word for word in jieba.cut_for_search(text) if word.strip()]
    return plain + [text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum()]


@dataclass(frozen=True)
class Ranked:
    """An entry's place: the number of the entry, and how probable it is that it answers the question."""

    entry: int
    probability: float


class Bm25:
    """The words' side: one row a document."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._counter = CountVectorizer(tokenizer=words, token_pattern=None, lowercase=False, dtype=np.float64)
        counts: csr_matrix = self._counter.fit_transform(documents)
        seen = np.asarray((counts > 0).sum(0)).ravel()
        self.idf = np.log1p((counts.shape[0] - seen + 0.5) / (seen + 0.5))
        lengths = np.asarray(counts.sum(1)).ravel()
        rows = counts.tocoo()
        bound = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))[rows.row]
        weights = rows.data * (K1 + 1) / (rows.data + bound) * self.idf[rows.col]
        self._weights = csr_matrix((weights, (rows.row, rows.col)), shape=counts.shape)

    def scores(self, question: str) -> Floats:
        """Return each document's score, as a part of what a document of the very same words could reach."""
        asked = self._counter.transform([question])
        asked.data[:] = 1
        known = float(self.idf[asked.indices].sum()) * (K1 + 1)
        # Words that no document has count too: a question full of them is about something else.
        strange = sum(1 for word in set(words(question)) if word not in self._counter.vocabulary_)
        most = known + strange * float(self.idf.max(initial=1.0))
        return np.asarray((self._weights @ asked.T).todense()).ravel() / max(most, 1e-9)


class Index:
    """Entries by their question variants. `owners[i]` is the number of the entry that variant i belongs to."""

    def __init__(self, variants: Sequence[str], owners: Sequence[int], matters: Sequence[str], vectors: Vector) -> None:
        self.owners = np.asarray(owners)
        self.matters = list(matters)
        self._bm25 = Bm25(variants)
        self._vectors = np.asarray(vectors, np.float32)
        self._entries = int(self.owners.max()) + 1
        self._weigher, self._judge = self._learn(variants)

    def rank(self, question: str, vector: Vector, matters: dict[str, float]) -> list[Ranked]:
        """Return the nearest entries, the likeliest first. `matters` are the probabilities of what the trouble is about."""
        signals = self._signals(question, vector, matters, None, None)
        return self._ranked(signals)

    def _ranked(self, signals: Floats) -> list[Ranked]:
        weighed = self._weigher.decision_function(signals)
        order = np.argsort(-weighed)[:NEAREST]
        sure = self._judge.predict_proba([judged(signals, weighed, order)])[0, 1]
        share = np.exp(weighed[order] - weighed[order[0]])
        return [Ranked(int(entry), float(sure * part)) for entry, part in zip(order, share, strict=True)]

    def _signals(
        self,
        question: str,
        vector: Vector,
        matters: dict[str, float],
        without_variant: int | None,
        without_entry: int | None,
    ) -> Floats:
        """Return one row an entry: nearest words, nearest meaning, the matter's probability."""
        said, meant = self._bm25.scores(question), (self._vectors @ vector).astype(np.float64)
        if without_variant is not None:
            said[without_variant] = meant[without_variant] = 0
        best = np.zeros((self._entries, SIGNALS))
        np.maximum.at(best[:, 0], self.owners, said)
        np.maximum.at(best[:, 1], self.owners, meant)
        best[:, 2] = [matters.get(matter, 0.0) for matter in self.matters]
        if without_entry is not None:
            best[without_entry] = 0
        return best

    def _learn(self, variants: Sequence[str]) -> tuple[LogisticRegression, LogisticRegression]:
        """Fit what weighs the signals against each other, and what judges if the winner is an answer at all."""
        asked = [self._signals(text, self._vectors[i], self._own_matter(i), i, None) for i, text in enumerate(variants)]
        rows, right = [], []
        for i, signals in enumerate(asked):
            near = set(np.argsort(-signals[:, :2].sum(1))[:NEAREST].tolist()) | {int(self.owners[i])}
            rows += [signals[entry] for entry in near]
            right += [entry == self.owners[i] for entry in near]
        weigher = LogisticRegression(C=10.0, max_iter=1000).fit(rows, right)
        seen, good = [], []
        for i, signals in enumerate(asked):
            for absent in (False, True):
                shown = signals.copy()
                if absent:
                    shown[self.owners[i]] = 0
                weighed = weigher.decision_function(shown)
                order = np.argsort(-weighed)[:NEAREST]
                seen.append(judged(shown, weighed, order))
                good.append(not absent and order[0] == self.owners[i])
        return weigher, LogisticRegression(C=10.0, max_iter=1000).fit(seen, good)

    def _own_matter(self, variant: int) -> dict[str, float]:
        return {self.matters[self.owners[variant]]: 1.0}


def judged(signals: Floats, weighed: Floats, order: NDArray[np.int64]) -> Floats:
    """Return what tells an answer from the nearest of wrong ones: the winner's signals and its lead."""
    first, second = order[0], order[min(1, len(order) - 1)]
    return np.concatenate([signals[first], [weighed[first], weighed[first] - weighed[second]]])


Encode = Callable[[Sequence[str]], Vector]
