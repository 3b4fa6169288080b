"""Under which keys a listing is found, and how near a name is to what was said. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from bot.areas.model import AreaTable
from bot.directory.model import Listing, Query

# Said after a name out of politeness; no part of the name.
TITLES = re.compile(r"(大?律师|调解员|公证员|法律顾问|顾问|主任|先生|女士|小姐|老师|阿姨|大姐|大哥)+$")
# Names up to this many syllables also get the keys that forgive one wrong, missing or extra syllable.
FORGIVEN_SYLLABLES = 5
# Below this likeness (0 to 100) two names are different names: 陈伟 is 67 like 陈伟明, 李明 is 0 like 陈伟.
CLOSE_ENOUGH = 62
FLAGS = {"zh-cmn": "m", "zh-teochew": "t", "zh-yue": "y", "zh-hakka": "k", "sign": "s", "female": "F", "male": "M"}


def place_keys(listing: Listing, areas: AreaTable) -> Iterator[str]:
    """Yield the index keys of type × area × matter.

    "serves:…" for the areas that a listing names, "inside:…" for those above them, where it is found only as one of
    those inside.
    """
    served = set(listing.areas)
    above = {code for area in served for code in areas.ancestors(area)[1:]} - served
    for kind, codes in (("serves", served), ("inside", above)):
        for code in codes:
            for matter in ("", *listing.matters):
                yield f"{kind}:{listing.provider_type}:{code}:{matter}"


def lookup_keys(query: Query, areas: AreaTable, at: str) -> list[str]:
    """Return the keys that answer a query at an area: who serves it, who serves what is above, who serves a part."""
    chain = areas.ancestors(at)
    tail = f"{{}}:{query.matter}"
    serving = [f"serves:{query.provider_type}:{tail.format(code)}" for code in chain]
    return [*serving, f"inside:{query.provider_type}:{tail.format(at)}"]


def member(number: int, listing: Listing) -> str:
    """Return what stands in an index for a listing: its number and the flags that filters read ("12:mtF")."""
    flags = [FLAGS[name] for name in (*listing.languages, listing.gender) if name in FLAGS]
    return f"{number}:{''.join(flags)}"


def wanted(query: Query) -> str:
    """Return the flags that a member must carry."""
    return "".join(FLAGS[name] for name in (query.language, query.gender) if name)


def score(listing: Listing) -> float:
    """Return the place in a list among equals: by a hash of the id, so that nobody leads for a name's sake."""
    return int.from_bytes(hashlib.blake2b(listing.id.encode(), digest_size=6).digest(), "big") / 2**48


def bare(name: str) -> str:
    """Return a name without spaces, brackets' content and polite titles; the whole when nothing else is left."""
    plain = re.sub(r"[\s·（(].*?[）)]|[\s·]", "", name)
    return TITLES.sub("", plain) or plain


def name_keys(names: Iterable[str]) -> set[str]:
    """Return the keys under which a listing of these names is found."""
    keys: set[str] = set()
    for name in names:
        keys |= said_keys(name)
    return keys


def said_keys(name: str) -> set[str]:
    """Return the keys of a name as said: sound, initials, and the sound with one syllable left out."""
    plain = bare(name).lower()
    if not plain:
        return set()
    if re.fullmatch(r"[a-z']+", plain):  # Typed in pinyin or initials.
        letters = plain.replace("'", "")
        return {f"sound:{letters}", f"initials:{letters}"}
    sounds = lazy_pinyin(plain)
    keys = {f"sound:{''.join(sounds)}", f"initials:{''.join(s[0] for s in sounds)}"}
    if 1 < len(sounds) <= FORGIVEN_SYLLABLES:
        keys |= {f"near:{' '.join(sounds[:i] + sounds[i + 1 :])}" for i in range(len(sounds))}
        keys.add(f"near:{' '.join(sounds)}")
    else:
        keys |= {f"pair:{a}{b}" for a, b in pairwise(plain)}
    return keys


@dataclass(frozen=True)
class Sounded:
    """A name and how it sounds, worked out once at import and once for what was said."""

    plain: str
    sounds: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Sounded:
        """Sound a name."""
        plain = bare(name).lower()
        return cls(plain, tuple(lazy_pinyin(plain)))

    def text(self) -> str:
        """Return it as the index keeps it: "陈伟明 chen wei ming"."""
        return " ".join((self.plain, *self.sounds))

    @classmethod
    def from_text(cls, text: str) -> Sounded:
        """Read what `text` wrote."""
        plain, *sounds = text.split(" ")
        return cls(plain, tuple(sounds))


def likeness(said: Sounded, name: Sounded) -> float:
    """Return how like two names are, 0 to 100; a homophone counts nearly as much as the character itself."""
    if re.fullmatch(r"[a-z']+", said.plain):
        letters = said.plain.replace("'", "")
        initials = "".join(sound[:1] for sound in name.sounds)
        return 95.0 if letters == initials else fuzz.ratio(letters, "".join(name.sounds))
    by_sound = fuzz.ratio(said.sounds, name.sounds) * 0.97
    inside = 90.0 if len(said.plain) > 1 and said.plain in name.plain else 0.0
    return max(fuzz.ratio(said.plain, name.plain), by_sound, inside)
