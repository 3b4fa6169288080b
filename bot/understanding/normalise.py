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
# How people begin before they say what they want. A message that is nothing else is a greeting and keeps it.
_OPENING = re.compile(
    r"^(?:(?:你们?好|您们?好|大家好|哈喽|哈罗|hello|hi|嗨|喂|在吗|在么|在不在|有人吗|早上好|上午好|中午好|下午好|晚上好|早|打扰(?:了|一下|下)?|不好意思|麻烦|请问|劳驾)"
    r"(?:啊|呀|哈|哦|了|各位|律师|客服|老师|同志|领导|一下|下)?[\s,，.。!！~、?？:：]*)*"
    r"(?:我?(?:就)?(?:是)?(?:想|要|来)?(?:请问|咨询|问|请教|了解)(?:一?下|个事|件事|个问题)(?:子|儿)?[\s,，.。:：]*(?:就是(?:说)?)?)?"
)
# Fewer characters than this behind an opening are no request yet: 你好我想问下.
_SHORTEST_REQUEST = 4
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
    """Return what the classifiers read: folded, lower case, Teochew words in Mandarin, without 你好我想问下 before a request."""
    plain = _TEOCHEW.sub(lambda m: TEOCHEW[m.group()], same_length(text).lower())
    plain = re.sub(r"\s+", " ", plain).strip()
    request = _OPENING.sub("", plain, count=1)
    return request if len(re.sub(r"\W", "", request)) >= _SHORTEST_REQUEST else plain
