"""Which of the editors' entries answers a question: meaning (the encoder) and words together. No Rasa, no files.

An entry is known by its question variants and by what it answers: a question is near to both. How the signals weigh
against each other is learnt from the variants, each asked as if it had never been written; and each is asked once more
with its whole entry gone, so that the probability of an answer is honest about questions that nobody has answered yet.
Questions of which the editors know that no entry answers them (data/knowledge/nobody.txt) are asked for the same end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.understanding.encoder import Vector

Floats = NDArray[np.float64]
# BM25's two constants, as its authors recommend them (Robertson and Zaragoza, 2009).
K1, B = 1.2, 0.75
# So many of the nearest entries are told.
NEAREST = 8
# How sure the matter classifier is of the variants, which it was not shown, in tenths of them, and how often it is right
# when it is so sure: measured with the model of 2026-11-25, the steps above 0.9 drawn between what was measured there. They
# are asked with guesses that err as often.
MATTER_GUESSES = (
    (0.1, 0.47), (0.15, 0.47), (0.3, 0.55), (0.5, 0.59), (0.75, 0.69), (0.93, 0.86), (0.95, 0.88), (0.97, 0.89), (0.98, 0.9),
    (0.99, 0.92),
)  # fmt: skip
# What the guessed matter weighs. Learnt once from the classifier's true guesses for the variants: it errs where the words
# mislead as well, and guesses that are made up for learning, which err by chance, had it weigh four times as much.
MATTER_WEIGHT = 0.1
MATTER = 6
NEGATIVES = 40
# A question that nobody answers counts as much as so many variants whose entry is gone: there are few of them.
NOBODY_COUNTS = 4
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


class Said:
    """The words' side: BM25 over all that an entry says, its variants and its answer, and what it never says."""

    def __init__(self, entries: Sequence[Written]) -> None:
        counter = CountVectorizer(tokenizer=words, token_pattern=None, lowercase=False, dtype=np.float64)
        texts: csr_matrix = counter.fit_transform(text for entry in entries for text in entry.texts)
        owners = np.repeat(np.arange(len(entries)), [len(entry.texts) for entry in entries])
        belongs = csr_matrix((np.ones(len(owners)), (owners, np.arange(len(owners)))))
        self._columns = counter.vocabulary_
        self._said = csc_matrix(belongs @ texts)
        self._lengths = np.asarray(self._said.sum(1)).ravel()
        holders = np.diff(self._said.indptr)
        self._weights = np.log1p((len(entries) - holders + 0.5) / (holders + 0.5))
        # A word that no entry says weighs most: a question full of them is about something else.
        self._strange = float(np.log1p((len(entries) + 0.5) / 0.5))

    def of(self, question: str, own: int | None = None) -> tuple[Floats, Floats]:
        """Return each entry's score as a part of what the question could reach, and the heaviest word it never says.

        `own` is the entry that one text, the question itself, is taken out of.
        """
        asked = Counter(words(question))
        known = [word for word in asked if word in self._columns]
        columns = [self._columns[word] for word in known]
        said, lengths, weights = self._said[:, columns].toarray(), self._lengths.copy(), self._weights[columns]
        if own is not None:
            said[own] -= [asked[word] for word in known]
            lengths[own] -= asked.total()
        strange = (len(asked) - len(known)) * self._strange
        bound = K1 * (1 - B + B * lengths / self._lengths.mean())[:, None]
        scores = said / (said + bound) @ weights / max(weights.sum() + strange, 1e-9)
        missing = np.where(said > 0, 0, weights).max(1, initial=self._strange if strange else 0)
        return scores, missing


class Index:
    """Entries, ready to be asked. `vectors` has the encoder's vector of every text of every entry and of `nobody`."""

    def __init__(self, entries: Sequence[Written], vectors: Mapping[str, Vector], nobody: Sequence[str] = ()) -> None:
        self.ids = [entry.id for entry in entries]
        self._matters = np.array([entry.matter for entry in entries])
        self._said = Said(entries)
        variants = [(number, text) for number, entry in enumerate(entries) for text in entry.questions]
        self._owners = np.array([number for number, _ in variants])
        self._starts = np.flatnonzero(np.diff(self._owners, prepend=-1))
        raw = np.stack([vectors[text] for _, text in variants]).astype(np.float32)
        self._mean = raw.mean(0)
        self._variants = self._centred(raw)
        self._sums = np.add.reduceat(self._variants, self._starts)
        self._conclusions = self._centred(np.stack([vectors[entry.conclusion] for entry in entries]))
        self._steps = self._centred(np.stack([vectors[text] for entry in entries for text in entry.steps]))
        self._step_starts = np.cumsum([0, *(len(entry.steps) for entry in entries)])[:-1]
        self._nobody = self._centred(np.stack([vectors[text] for text in nobody])) if nobody else self._variants[:0]
        self._wordings = Wordings([text for _, text in variants])
        self._learn([text for _, text in variants], nobody)

    def rank(self, question: str, vectors: Vector, matters: Mapping[str, float]) -> list[Ranked]:
        """Return the nearest entries, the likeliest first.

        `vectors` has a row for each window of the question, `matters` are the probabilities of what the trouble is about.
        """
        meant = self._centred(vectors)
        signals = self._signals(question, meant, self._prior(matters))
        weighed = self._weigher.decision_function(signals)
        order = np.argsort(-weighed)[:NEAREST]
        sure = self._judge.predict_proba([_judged(signals, weighed, order, self._unanswered(meant))])[0, 1]
        share = np.exp(weighed[order] - weighed[order[0]])
        ranked = [Ranked(self.ids[entry], float(sure * part)) for entry, part in zip(order, share, strict=True)]
        variant = self._wordings.same(question)
        if variant is None:
            return ranked
        worded = Ranked(self.ids[self._owners[variant]], SAME_PROBABILITY)
        return [worded, *(r for r in ranked if r.id != worded.id)]

    def _centred(self, vectors: Vector) -> Vector:
        away = vectors - self._mean
        return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), np.float32)

    def _prior(self, matters: Mapping[str, float]) -> Floats:
        """Return the logarithm of what each entry's matter had to be by chance alone, times how it is believed to be."""
        names, which = np.unique(self._matters, return_inverse=True)
        left = max(0.01, 1 - sum(matters.values())) / max(1, len(names) - len(matters))
        shares = np.log([max(0.01, matters.get(str(name), left)) * len(names) for name in names])
        return np.asarray(shares[which])

    def _unanswered(self, meant: Vector, own: int | None = None) -> float:
        """Return how near the nearest question is that nobody answers; `own` is the one that is asked."""
        near = self._nobody @ meant.T
        if own is not None:
            near[own] = -1
        return float(near.max(0, initial=-1.0).mean())

    def _signals(self, question: str, meant: Vector, prior: Floats, own: int | None = None) -> Floats:
        """Return one row an entry; `own` is the variant that is asked, taken out of what it is compared with.

        A story's windows count alike: what it is about comes back in most of them, what else it mentions in one. Its words
        are a part of all that it could reach, which shrinks as it goes on; so they count once a window.
        """
        sums, near = self._sums, self._variants @ meant.T
        if own is not None:
            sums = sums.copy()
            sums[self._owners[own]] -= self._variants[own]
            near[own] = -1
        centre = (sums @ meant.T).mean(1) / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        nearest = np.maximum.reduceat(near, self._starts).mean(1)
        step = np.maximum.reduceat(self._steps @ meant.T, self._step_starts).mean(1)
        said, missing = self._said.of(question, None if own is None else int(self._owners[own]))
        conclusion = (self._conclusions @ meant.T).mean(1)
        signals = (centre, nearest, conclusion, step, said * len(meant), missing, prior)
        return np.stack(signals, axis=1).astype(np.float64)

    def _learn(self, variants: Sequence[str], nobody: Sequence[str]) -> None:
        """Fit what weighs the signals, and what judges whether the winner is an answer at all."""
        chance = np.random.default_rng(SEED)
        asked = [
            self._signals(text, self._variants[[i]], self._guessed(i, chance), own=i) for i, text in enumerate(variants)
        ]
        rows, right = [], []
        for i, signals in enumerate(asked):
            hard = np.argsort(-signals[:, :MATTER].sum(1))[:NEGATIVES].tolist()
            near = {*hard, int(self._owners[i])}
            rows += [signals[entry] for entry in near]
            right += [entry == self._owners[i] for entry in near]
        told = np.array(rows)
        told[:, MATTER] = 0
        self._weigher = LogisticRegression(C=100.0, max_iter=2000).fit(told, right)
        self._weigher.coef_[0, MATTER] = MATTER_WEIGHT
        seen, good, counts = [], [], []
        for i, signals in enumerate(asked):
            weighed = self._weigher.decision_function(signals)
            order = np.argsort(-weighed)[:NEAREST]
            away = self._unanswered(self._variants[[i]])
            seen += [_judged(signals, weighed, o, away) for o in (order, order[order != self._owners[i]])]
            good += [order[0] == self._owners[i], False]
            counts += [1, 1]
        for i, text in enumerate(nobody):
            prior = self._prior(
                {str(chance.choice(self._matters)): MATTER_GUESSES[chance.integers(len(MATTER_GUESSES))][0]}
            )
            signals = self._signals(text, self._nobody[[i]], prior)
            weighed = self._weigher.decision_function(signals)
            order = np.argsort(-weighed)[:NEAREST]
            seen.append(_judged(signals, weighed, order, self._unanswered(self._nobody[[i]], own=i)))
            good.append(False)
            counts.append(NOBODY_COUNTS)
        self._judge = LogisticRegression(C=10.0, max_iter=2000).fit(seen, good, sample_weight=counts)

    def _guessed(self, variant: int, chance: np.random.Generator) -> Floats:
        """Return the matters as the classifier would guess them for a variant: it errs towards what reads alike."""
        owner = self._owners[variant]
        sure, right = MATTER_GUESSES[chance.integers(len(MATTER_GUESSES))]
        guess = self._matters[owner]
        if chance.random() > right:
            near = self._sums @ self._variants[variant]
            near[self._matters == guess] = -1
            guess = self._matters[int(np.argmax(near))]
        return self._prior({str(guess): sure})


class Wordings:
    """The variants' pairs of characters: finds the one that a question repeats, a particle apart."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._holders: dict[str, list[int]] = defaultdict(list)
        self._sizes = [len(_pairs(text)) for text in texts]
        for number, text in enumerate(texts):
            for pair in _pairs(text):
                self._holders[pair].append(number)

    def same(self, question: str) -> int | None:
        """Return the number of the variant. What was learnt cannot tell: it asked no variant against itself."""
        asked = _pairs(question)
        met = Counter(number for pair in asked for number in self._holders.get(pair, ()))
        likeness = {number: 2 * shared / (len(asked) + self._sizes[number]) for number, shared in met.items()}
        best = max(likeness, key=likeness.__getitem__, default=None)
        return best if best is not None and likeness[best] >= SAME_WORDING else None


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(char for char in text if char.isalnum())
    return frozenset(plain[i : i + 2] for i in range(max(1, len(plain) - 1)))


def _judged(signals: Floats, weighed: Floats, order: NDArray[np.int64], unanswered: float) -> Floats:
    """Return what tells an answer from the nearest of wrong ones: the winner's signals, its part of all, what nobody answers."""
    first = order[0]
    part = 1 / np.exp(weighed[order] - weighed[first]).sum()
    return np.concatenate([signals[first], [weighed[first], part, unanswered]])
