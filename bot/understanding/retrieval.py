"""Which of the editors' entries answers a question: meaning (the encoder) and words (BM25) together. No Rasa, no files.

An entry is known by its question variants and by what it answers: a question is near to both. How the signals weigh
against each other is learnt from the variants, each asked as if it had never been written; and each is asked once more
with its whole entry gone, so that the probability of an answer is honest about questions that nobody has answered yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
# So many of the nearest entries are told.
NEAREST = 8
# What the matter classifier reaches on voices that it was not shown; the variants are asked with as many wrong guesses.
MATTER_RIGHT = 0.87
MATTER_SHARE = 0.8
NEGATIVES = 40
# A question that shares this much of its pairs of characters with a variant is that variant, a particle apart.
SAME_WORDING, SAME_PROBABILITY = 0.8, 0.97
SEED = 0


@dataclass(frozen=True)
class Written:
    """What the index reads of an entry."""

    id: str
    matter: str
    questions: tuple[str, ...]
    conclusion: str
    steps: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text whose vector is needed."""
        return (*self.questions, self.conclusion, *self.steps)


@dataclass(frozen=True)
class Ranked:
    """An entry's id, and how probable it is that it answers the question."""

    id: str
    probability: float


def words(text: str) -> list[str]:
    """Return jieba's words and the pairs of characters: pairs still meet where jieba cut two writings differently."""
    plain = [word for word in jieba.cut_for_search(text) if word.strip()]
    return plain + [text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum()]


class Bm25:
    """The words' side: one row a document."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._counter = CountVectorizer(tokenizer=words, token_pattern=None, lowercase=False, dtype=np.float64)
        counts: csr_matrix = self._counter.fit_transform(documents)
        seen = np.asarray((counts > 0).sum(0)).ravel()
        self._idf = np.log1p((counts.shape[0] - seen + 0.5) / (seen + 0.5))
        lengths = np.asarray(counts.sum(1)).ravel()
        rows = counts.tocoo()
        bound = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))[rows.row]
        weights = rows.data * (K1 + 1) / (rows.data + bound) * self._idf[rows.col]
        self._weights = csr_matrix((weights, (rows.row, rows.col)), shape=counts.shape)

    def scores(self, question: str) -> Floats:
        """Return each document's score as a part of what one that holds all the words could reach."""
        asked = self._counter.transform([question])
        asked.data[:] = 1
        known = float(self._idf[asked.indices].sum()) * (K1 + 1)
        # Words that no document has count too: a question full of them is about something else.
        strange = len(set(words(question)) - self._counter.vocabulary_.keys())
        most = known + strange * float(self._idf.max(initial=1.0))
        return np.asarray((self._weights @ asked.T).todense()).ravel() / max(most, 1e-9)


class Index:
    """Entries, ready to be asked. `vectors` has the encoder's vector of every text of every entry."""

    def __init__(self, entries: Sequence[Written], vectors: Mapping[str, Vector]) -> None:
        self.ids = [entry.id for entry in entries]
        self._matters = np.array([entry.matter for entry in entries])
        self._bm25 = Bm25([" ".join((entry.conclusion, *entry.steps)) for entry in entries])
        variants = [(number, text) for number, entry in enumerate(entries) for text in entry.questions]
        self._owners = np.array([number for number, _ in variants])
        raw = np.stack([vectors[text] for _, text in variants]).astype(np.float32)
        self._mean = raw.mean(0)
        self._variants = self._centred(raw)
        self._sums = np.zeros((len(entries), raw.shape[1]), np.float32)
        np.add.at(self._sums, self._owners, self._variants)
        self._conclusions = self._centred(np.stack([vectors[entry.conclusion] for entry in entries]))
        steps = [(number, text) for number, entry in enumerate(entries) for text in entry.steps]
        self._step_owners = np.array([number for number, _ in steps])
        self._steps = self._centred(np.stack([vectors[text] for _, text in steps]))
        self._wordings = [_pairs(text) for _, text in variants]
        self._learn([text for _, text in variants])

    def rank(self, question: str, vector: Vector, matters: Mapping[str, float]) -> list[Ranked]:
        """Return the nearest entries, the likeliest first. `matters` are the probabilities of what the trouble is about."""
        signals = self._signals(question, self._centred(vector[None, :])[0], self._prior(matters))
        weighed = self._weigher.decision_function(signals)
        order = np.argsort(-weighed)[:NEAREST]
        sure = self._judge.predict_proba([_judged(signals, weighed, order)])[0, 1]
        share = np.exp(weighed[order] - weighed[order[0]])
        ranked = [Ranked(self.ids[entry], float(sure * part)) for entry, part in zip(order, share, strict=True)]
        worded = self._worded(question)
        return [worded, *(r for r in ranked if r.id != worded.id)] if worded else ranked

    def _worded(self, question: str) -> Ranked | None:
        """Return the entry that has this very question. What was learnt cannot tell: it asked no variant against itself."""
        asked = _pairs(question)
        likeness = [2 * len(asked & known) / (len(asked) + len(known)) for known in self._wordings]
        best = int(np.argmax(likeness))
        if likeness[best] < SAME_WORDING:
            return None
        return Ranked(self.ids[self._owners[best]], SAME_PROBABILITY)

    def _centred(self, vectors: Vector) -> Vector:
        away = vectors - self._mean
        return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), np.float32)

    def _prior(self, matters: Mapping[str, float]) -> Floats:
        return np.array([matters.get(str(matter), 0.0) for matter in self._matters])

    def _signals(self, question: str, meant: Vector, prior: Floats, own: int | None = None) -> Floats:
        """Return one row an entry; `own` is the variant that is asked, taken out of what it is compared with."""
        sums, near = self._sums, self._variants @ meant
        if own is not None:
            sums, near = sums.copy(), near.copy()
            sums[self._owners[own]] -= self._variants[own]
            near[own] = -1
        centre = (sums @ meant) / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        nearest, step = np.full(len(sums), -1.0), np.full(len(sums), -1.0)
        np.maximum.at(nearest, self._owners, near)
        np.maximum.at(step, self._step_owners, self._steps @ meant)
        return np.stack(
            [centre, nearest, self._conclusions @ meant, step, self._bm25.scores(question), prior], axis=1
        ).astype(np.float64)

    def _learn(self, variants: Sequence[str]) -> None:
        """Fit what weighs the signals, and what judges whether the winner is an answer at all."""
        chance = np.random.default_rng(SEED)
        asked = [
            self._signals(text, self._variants[i], self._guessed(i, chance), own=i) for i, text in enumerate(variants)
        ]
        rows, right = [], []
        for i, signals in enumerate(asked):
            hard = np.argsort(-signals[:, :5].sum(1))[:NEGATIVES].tolist()
            near = {*hard, int(self._owners[i])}
            rows += [signals[entry] for entry in near]
            right += [entry == self._owners[i] for entry in near]
        self._weigher = LogisticRegression(C=100.0, max_iter=2000).fit(rows, right)
        seen, good = [], []
        for i, signals in enumerate(asked):
            weighed = self._weigher.decision_function(signals)
            order = np.argsort(-weighed)[:NEAREST]
            seen.append(_judged(signals, weighed, order))
            good.append(order[0] == self._owners[i])
            gone = order[order != self._owners[i]]
            seen.append(_judged(signals, weighed, gone))
            good.append(False)
        self._judge = LogisticRegression(C=10.0, max_iter=2000).fit(seen, good)

    def _guessed(self, variant: int, chance: np.random.Generator) -> Floats:
        """Return the matters as the classifier would guess them for a variant: mostly right."""
        own = self._matters[self._owners[variant]]
        if chance.random() > MATTER_RIGHT:
            own = chance.choice(self._matters)
        return np.where(self._matters == own, MATTER_SHARE, 0.0)


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(char for char in text if char.isalnum())
    return frozenset(plain[i : i + 2] for i in range(max(1, len(plain) - 1)))


def _judged(signals: Floats, weighed: Floats, order: NDArray[np.int64]) -> Floats:
    """Return what tells an answer from the nearest of wrong ones: the winner's signals and its lead."""
    first, second = order[0], order[min(1, len(order) - 1)]
    return np.concatenate([signals[first], [weighed[first], weighed[first] - weighed[second]]])
