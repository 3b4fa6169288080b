"""Signed links: what lets somebody from a chat into a page without a password. Pure.

A token is `<purpose, subject, expiry and nonce>.<HMAC-SHA256 of that>`, both in base64url. It can be read by whoever holds
it and made or changed by nobody else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from bot.errors import LinkExpired, LinkInvalid

# The longest token of ours is about 250 characters; what is far longer is not worth a hash.
LONGEST = 1000


@dataclass(frozen=True)
class Link:
    """What a link says: what it opens, to whom, and until when (seconds since 1970). `nonce` tells two alike apart."""

    purpose: str
    subject: str
    expires: int
    nonce: str


class Links:
    """Makes and reads tokens with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        """Never show the key."""
        return "Links()"

    def sign(self, purpose: str, subject: str, expires: int, nonce: str) -> str:
        """Return the token of a link."""
        said = _encoded(json.dumps([purpose, subject, expires, nonce], separators=(",", ":")).encode())
        return f"{said}.{self._seal(said)}"

    def _seal(self, said: str) -> str:
        return _encoded(hmac.new(self._key, said.encode("utf-8", "surrogatepass"), hashlib.sha256).digest())

    def read(self, token: str, purpose: str, now: int) -> Link:
        """Return what a token says, if it is ours and for this purpose. Raises LinkInvalid and LinkExpired."""
        said, _, seal = token.partition(".")
        # The texts are compared and not the bytes: base64 has several spellings of the same bytes, and one is ours.
        genuine = len(token) <= LONGEST and hmac.compare_digest(
            seal.encode("utf-8", "surrogatepass"), self._seal(said).encode()
        )
        if not genuine:
            raise LinkInvalid("the link was edited, or is not ours")
        link = Link(*json.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4))))
        if link.purpose != purpose:
            raise LinkInvalid("the link is for something else")
        if link.expires <= now:
            raise LinkExpired("the link's time is over")
        return link


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
