"""Signatures and encryption of WeChat's message push. Pure.

Source: developers.weixin.qq.com, "message push" and "encryption" pages; AES-256-CBC with the key's first 16 bytes as IV,
PKCS7 to 32 bytes, plain text = 16 random bytes, length (4 bytes, big endian), message, app id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.errors import BadRequest

BLOCK = 32
# The webhook takes bodies of 128 KiB; no ciphertext in one is longer.
MAX_CIPHERTEXT = 128 * 1024
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def refused() -> BadRequest:
    """Return the one refusal of a call that is not WeChat's, so that an attacker learns nothing from the difference."""
    return BadRequest(403, "wechat", "refused")


def signature(*parts: str) -> str:
    """Return the SHA-1 of the sorted parts, lower-case hex."""
    joined = b"".join(sorted(part.encode("utf-8", "surrogatepass") for part in parts))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - WeChat's protocol


def check(given: str, *parts: str) -> None:
    """Raise the refusal when a signature is not the parts'; in constant time."""
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), signature(*parts).encode()):
        raise refused()


def _key(encoding_aes_key: str) -> bytes:
    """Decode leniently: some keys have non-zero trailing bits."""
    return base64.b64decode(encoding_aes_key + "=", validate=False)


def encrypt(message: str, encoding_aes_key: str, app_id: str, random16: bytes | None = None) -> str:
    """Return the ciphertext of a message, base64."""
    text, key = message.encode(), _key(encoding_aes_key)
    plain = (random16 or os.urandom(16)) + struct.pack(">I", len(text)) + text + app_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(ciphertext: str, encoding_aes_key: str, app_id: str) -> str:
    """Return the message of a ciphertext. Raises the refusal on anything wrong, whatever it is."""
    try:
        return _decrypt(ciphertext, encoding_aes_key, app_id)
    except (ValueError, struct.error, IndexError) as error:
        raise refused() from error


def _decrypt(ciphertext: str, encoding_aes_key: str, app_id: str) -> str:
    ciphertext = ciphertext.strip()
    if len(ciphertext) > MAX_CIPHERTEXT or not BASE64.fullmatch(ciphertext):
        raise ValueError("too long, or no base64")
    key = _key(encoding_aes_key)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(base64.b64decode(ciphertext)) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise ValueError("padding")
    plain = padded[16:-pad]
    length = struct.unpack(">I", plain[:4])[0]
    if length > len(plain) - 4 or not hmac.compare_digest(plain[4 + length :], app_id.encode()):
        raise ValueError("length or app id")
    # Half a character is read as in a plain body: all that was to be checked is checked.
    return plain[4 : 4 + length].decode("utf-8", "replace")
