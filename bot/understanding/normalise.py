"""Make every way of writing the same: width, Traditional characters, invisible marks, Teochew words. Pure.

The raw text is kept beside it: entities are cut from what the citizen wrote.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

from bot.understanding.lexicon import TEOCHEW

# Zero-width and bidirectional marks, controls, lone surrogates: none of them is ever meant.
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TEOCHEW = re.compile("|".join(sorted(map(re.escape, TEOCHEW), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def same_length(text: str) -> str:
    """Return Simplified, half-width text with each character in its place, so that offsets hold in both.

    Invisible marks become spaces; a character whose fold is longer than itself stays.
    """
    visible = INVISIBLE.sub(" ", text)
    folded = "".join(c if len(f := unicodedata.normalize("NFKC", c)) != 1 else f for c in visible)
    simplified = str(_converter().convert(folded))
    return simplified if len(simplified) == len(text) else folded


def normalise(text: str) -> str:
    """Return what the classifiers read: folded, lower case, Teochew words in Mandarin, runs of spaces as one."""
    plain = _TEOCHEW.sub(lambda m: TEOCHEW[m.group()], same_length(text).lower())
    return re.sub(r"\s+", " ", plain).strip()
