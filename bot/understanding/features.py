"""What the cheap classifiers count: n-grams of characters, of jieba's words, of sounds. No Rasa here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import jieba
import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

TINY = 1e-12


def bounded(text: str) -> str:
    """Mark both ends: 取消 at the end of a message is a wish, in the middle a story."""
    return f"^{text}$"


def words(text: str) -> list[str]:
    """Return jieba's words; the district's dictionary is the tokenizer's doing."""
    return [word for word in jieba.cut(text) if word.strip()]


def syllables(text: str) -> list[str]:
    """Return the sounds without tones: dictation writes 工姿 for 工资, and both are gong zi."""
    return [sound for sound in lazy_pinyin(text) if sound.strip()]


class Tally:
    """A fitted TfidfVectorizer, asked for one text at a time."""

    def __init__(self, part: TfidfVectorizer) -> None:
        self._analyse, self._columns = part.build_analyzer(), part.vocabulary_
        self.idf = part.idf_.astype(np.float32)

    def weigh(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the columns of the n-grams in a text, in order, and their weights as one unit vector."""
        known = [column for gram in self._analyse(text) if (column := self._columns.get(gram)) is not None]
        columns, counts = np.unique(np.array(known, np.int32), return_counts=True)
        weights = (np.log(counts.astype(np.float32)) + 1) * self.idf[columns]
        return columns, weights / max(float(np.linalg.norm(weights)), TINY)


class Features:
    """The three kinds of n-grams, side by side in one sparse matrix."""

    def __init__(self) -> None:
        common: dict[str, Any] = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32, "lowercase": False}
        self._parts = (
            TfidfVectorizer(analyzer="char", preprocessor=bounded, ngram_range=(1, 4), **common),
            TfidfVectorizer(tokenizer=words, token_pattern=None, **common),
            TfidfVectorizer(tokenizer=syllables, token_pattern=None, ngram_range=(1, 3), **common),
        )

    def fit(self, texts: Sequence[str]) -> Features:
        """Learn the vocabulary."""
        for part in self._parts:
            part.fit(texts)
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {"_parts": self._parts}

    @cached_property
    def _tallies(self) -> list[Tally]:
        return [Tally(part) for part in self._parts]

    def row(self, text: str) -> csr_matrix:
        """Return one text's row, as `transform` does, without its checks, which for one text cost more than the counting."""
        columns, values, start = [], [], 0
        for tally in self._tallies:
            found, weights = tally.weigh(text)
            columns.append(found + start)
            values.append(weights)
            start += len(tally.idf)
        indices = np.concatenate(columns)
        return csr_matrix((np.concatenate(values), indices, [0, len(indices)]), (1, start), dtype=np.float32)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return one row a text."""
        return hstack([part.transform(texts) for part in self._parts], format="csr", dtype=np.float32)
