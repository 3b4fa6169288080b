"""Keys for tests: the same in every run, different for every id."""

from __future__ import annotations

import hashlib
from base64 import b64encode

from bot.citizens.keyring import Keyring

SECRET = hashlib.sha256(b"test secret").digest()
HASH_SECRET = b64encode(SECRET).decode()


def key_of(name: str) -> bytes:
    return hashlib.sha256(f"test key {name}".encode()).digest()


def keys_setting(*names: str) -> str:
    return ",".join(f"{name}:{b64encode(key_of(name)).decode()}" for name in names)


def keyring_with(*names: str) -> Keyring:
    return Keyring({name: key_of(name) for name in names}, SECRET)


ENV = {"CHENGFATONG_KEYS": keys_setting("k1"), "CHENGFATONG_HASH_SECRET": HASH_SECRET}
