"""The platform's side of signatures and sealing, written from its documentation and apart from the gateway's code.

Source: developers.weixin.qq.com, "message push" and "encryption": SHA-1 over the sorted parts; AES-256-CBC, IV = key[:16];
16 random bytes, the length in 4 bytes (big endian), the message, the app id; padded with n bytes of value n to whole
blocks of 32.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

PADDED_TO = 32


class Broken(Exception):
    """What was sealed does not open. The message says which step failed."""


def sign(*parts: str) -> str:
    """Return the signature of some parts, in lower-case hex."""
    return sha1(b"".join(sorted(part.encode() for part in parts))).hexdigest()  # noqa: S324 - the platform's protocol


def seal(message: str, key: bytes, app_id: str) -> str:
    """Return a message sealed for an app, in base64."""
    content = message.encode()
    whole = secrets.token_bytes(16) + len(content).to_bytes(4, "big") + content + app_id.encode()
    missing = PADDED_TO - len(whole) % PADDED_TO
    cipher = Cipher(AES(key), CBC(key[:16])).encryptor()
    return b64encode(cipher.update(whole + bytes([missing] * missing)) + cipher.finalize()).decode()


def unseal(sealed: str, key: bytes, app_id: str) -> str:
    """Return the message. Raises Broken."""
    try:
        data = b64decode(sealed, validate=True)
        cipher = Cipher(AES(key), CBC(key[:16])).decryptor()
        padded = cipher.update(data) + cipher.finalize()
    except ValueError as error:
        raise Broken("not whole blocks of base64") from error
    missing = padded[-1] if padded else 0
    if len(padded) % PADDED_TO or not 1 <= missing <= PADDED_TO or set(padded[-missing:]) != {missing}:
        raise Broken("not padded to 32 bytes")
    return _inside(padded[16:-missing], app_id)


def _inside(plain: bytes, app_id: str) -> str:
    end = 4 + int.from_bytes(plain[:4], "big")
    if plain[end:] != app_id.encode():
        raise Broken("another app id, or a wrong length")
    try:
        return plain[4:end].decode()
    except UnicodeDecodeError as error:
        raise Broken("not UTF-8") from error
