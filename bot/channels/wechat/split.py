"""Long texts in pieces that WeChat takes: cut at the ends of sentences, never inside a sign, a link or a number. Pure.

A sign is what a reader sees as one (a grapheme): an emoji with its skin colour and gender, a letter with its accents, a flag.
Source: Unicode Standard Annex 29, reduced to what is joined in practice; https://www.unicode.org/reports/tr29/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Measured by others, not documented: beyond 2,048 bytes of UTF-8 the citizen reads "service unavailable".
MAX_BYTES = 2048
LINK = re.compile(r"<a\b[^<>]*>[^<]*</a>", re.S)
# What stays whole: a link, an address of which a phone makes one, and a number with what is inside it.
WHOLE = re.compile(
    LINK.pattern + r"""|https?://[!#-;=?-~]+|[0-9]+(?:[-,.:/][0-9]+)*(?![\u0300-\u036f\u200d\ufe0f\u20e3])""", re.S
)
# Where a piece had better end, best first; what closes a quotation or a bracket goes with the sentence before.
ENDS = ("\n", "。！？!?；;…", "，、,：: ")
CLOSING = frozenset("”’」』）)】》")
JOINER = "\u200d"


def pieces(text: str, limit: int = MAX_BYTES) -> list[str]:
    """Return the text in pieces of at most `limit` bytes (100 at least), without white space where it was cut."""
    out: list[str] = []
    taken: list[str] = []
    size = 0
    for atom in _atoms(text, limit):
        length = _bytes(atom)
        if size + length > limit:
            cut = _cut(taken, atom)
            out.append("".join(taken[:cut]))
            taken = taken[cut:]
            size = sum(map(_bytes, taken))
        if size + length > limit:  # What was left behind the cut does not fit either.
            out.append("".join(taken))
            taken, size = [], 0
        taken.append(atom)
        size += length
    out.append("".join(taken))
    return [piece for part in out if (piece := part.strip())]


def _cut(atoms: list[str], following: str) -> int:
    """Return after how many atoms to cut: at a sentence's end in the latter half, else at a comma, else at the end."""
    half = len(atoms) // 2
    known = [*atoms, following]
    for ends in ENDS:
        for number in range(len(atoms), half, -1):
            if _ends(known, number, ends):
                return number
    return len(atoms)


def _ends(atoms: list[str], number: int, ends: str) -> bool:
    """Whether something ends before an atom, which belongs to it no more."""
    if atoms[number] in ENDS[1] or _closes(atoms, number):
        return False
    last = number - 1
    while last > 0 and _closes(atoms, last):
        last -= 1
    if atoms[last] == " " and last > 1 and atoms[last - 1] == ".":
        return ends is not ENDS[0] and atoms[last - 2].isalpha()  # After a word; after a number it begins a row.
    return atoms[last][-1] in ends


def _closes(atoms: list[str], number: int) -> bool:
    """Whether an atom is a closing mark; of straight ones, each second is."""
    return atoms[number] in CLOSING or (atoms[number] == '"' and atoms[:number].count('"') % 2 == 1)


def _atoms(text: str, limit: int) -> Iterator[str]:
    """Yield what must stay whole: links, numbers and signs. A link, or a heap of accents, over the limit is no whole any more."""
    at = 0
    for whole in WHOLE.finditer(text):
        yield from _signs(text[at : whole.start()], limit)
        yield from (whole[0],) if _bytes(whole[0]) <= limit else _signs(re.sub(r"<[^>]*>", "", whole[0]), limit)
        at = whole.end()
    yield from _signs(text[at:], limit)


def _signs(text: str, limit: int) -> Iterator[str]:
    sign = ""
    for char in text:
        if sign and not (_joins(sign, char) and _bytes(sign + char) <= limit):
            yield sign
            sign = ""
        sign += char
    if sign:
        yield sign


def _joins(sign: str, char: str) -> bool:
    last = sign[-1]
    if (last, char) == ("\r", "\n"):
        return True
    if last in "\r\n" or char in "\r\n":
        return False
    if _is_flag(char):
        return _is_flag(last) and len(sign) % 2 == 1
    joined = last == JOINER and _is_picture(char)
    return joined or char == JOINER or _extends(char) or _is_jamo(last, char)


def _extends(char: str) -> bool:
    """Whether a character belongs to the one before: accents, vowel signs, skin colours, tags, variants."""
    return unicodedata.category(char) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= char <= "\U0001f3ff" or _is_tag(char)


def _is_tag(char: str) -> bool:
    return "\U000e0020" <= char <= "\U000e007f" or char == "\u200c"


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk", "Sm", "Cn", "Po")


def _is_jamo(last: str, char: str) -> bool:
    """Whether two Korean letters make one syllable."""
    hangul = "\u1100" <= last <= "\u11ff" or "\uac00" <= last <= "\ud7a3"
    return hangul and "\u1160" <= char <= "\u11ff"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
