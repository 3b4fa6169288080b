"""What the cheap classifiers count: n-grams of characters, of jieba's words, of sounds. No Rasa here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jieba
import numpy as np
from pypinyin import lazy_pinyin
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer


def bounded(text: str) -> str:
    """Mark both ends: 取消 at the end of a message is a wish, in the middle a story."""
    return f"^{text}$"


def words(text: str) -> list[str]:
    """Return jieba's words; the district's dictionary is the tokenizer's doing."""
    return [word for word in jieba.cut(text) if word.strip()]


def syllables(text: str) -> list[str]:
    """Return the sounds without tones: dictation writes 工姿 for 工资, and both are gong zi."""
    return [sound for sound in lazy_pinyin(text) if sound.strip()]


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

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return one row a text."""
        return hstack([part.transform(texts) for part in self._parts], format="csr", dtype=np.float32)
