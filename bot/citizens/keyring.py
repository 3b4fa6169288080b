"""Seal what is personal before it reaches the store. Runs on both Pythons.

A token is `<key id>.<base64url of nonce, ciphertext and tag>`, AES-256-GCM. The context (whose field it is) is
authenticated with it, so that a token that was copied to another person or field does not open.
Source: NIST SP 800-38D, https://csrc.nist.gov/pubs/sp/800/38/d/final
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import CannotOpen, SettingError, UnknownKey
from bot.platform.settings import Settings, read_hash_secret, read_keys

# SP 800-38D wants 96 bits; drawn at random, one key may seal 2^32 times before two nonces are likely to meet.
NONCE_BYTES = 12
TOKEN = re.compile(r"([A-Za-z0-9]{1,16})\.([A-Za-z0-9_-]{38,}={0,2})")
log = logging.getLogger("citizens")


def place(name: str, field: str = "") -> str:
    """Return the context of what lies under a key of the store, in a field of it: where it was sealed, it opens."""
    return f"{name}#{field}"


class Keyring:
    """Seals with the first key, opens with any. `secret` makes the pseudonyms."""

    def __init__(self, keys: Mapping[str, bytes], secret: bytes) -> None:
        self.current = next(iter(keys))
        self.secret = secret
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    def __repr__(self) -> str:
        """Name the keys and never show one."""
        return f"Keyring({', '.join(self._ciphers)})"

    def seal(self, plain: str, context: str) -> str:
        """Return the token of a text."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._ciphers[self.current].encrypt(nonce, plain.encode("utf-8", "replace"), context.encode())
        return f"{self.current}.{urlsafe_b64encode(sealed).decode()}"

    def open(self, token: str, context: str) -> str:
        """Return a token's text. Raises UnknownKey, or CannotOpen when the token or its context was changed."""
        parts = TOKEN.fullmatch(token)
        if parts is None:
            raise CannotOpen("this is no sealed data")
        name, sealed = parts.groups()
        if name not in self._ciphers:
            raise UnknownKey(f"CHENGFATONG_KEYS does not hold the key {name}, with which this was sealed.")
        try:
            raw = urlsafe_b64decode(sealed)
            return self._ciphers[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen(f"sealed data of the key {name} was changed, or belongs elsewhere") from None

    def opened(self, token: str, context: str) -> str | None:
        """Return a token's text, or None with a line in the log: a turn goes on without what cannot be opened."""
        try:
            return self.open(token, context)
        except CannotOpen as error:
            log.warning("sealed data cannot be opened", extra={"reason": str(error)})
            return None

    def is_current(self, token: str) -> bool:
        """Whether the token was sealed with the key that seals now."""
        return token.startswith(f"{self.current}.")

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for another use (signing links, sessions), so that no two uses share a key."""
        return hmac.new(self.secret, f"derive:{purpose}".encode(), hashlib.sha256).digest()


def keyring_of(settings: Settings) -> Keyring:
    """Return the keyring of the settings. Raises SettingError with one line that names the one that is missing."""
    for name, value in (("CHENGFATONG_KEYS", settings.keys), ("CHENGFATONG_HASH_SECRET", settings.hash_secret)):
        if not value:
            raise SettingError(
                f"{name} must be set: citizens' data is sealed with it (`make run` makes it in var/keys)."
            )
    return Keyring(read_keys(settings.keys), read_hash_secret(settings.hash_secret))
