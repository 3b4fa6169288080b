"""Passwords: how they are kept, and which are refused. Pure but for the salt.

Kept with scrypt at N=2^15, r=8, p=3, one of the equivalent settings of OWASP's Password Storage Cheat Sheet
(https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt). It takes 32 MiB instead of the
first one's 128 MiB: the gateway shares a small machine.
Refused after NIST SP 800-63B section 5.1.1.2 (revision 3): short ones and guessable ones, with no rule of composition.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b64decode, b64encode
from itertools import pairwise

from bot.inbox.model import REFERENCE_ALPHABET

LOG2_N, R, P = 15, 8, 3
# OpenSSL refuses what it thinks takes more than this; the work area is 128 * N * r bytes, and a little.
MAX_MEMORY = 64 * 1024**2
SALT_BYTES, KEY_BYTES = 16, 32
SHORTEST = 8
# Long enough for any sentence; longer only costs us time.
LONGEST = 128
# The ones tried first, in lower case. Runs and repetitions are found by rule.
WORST = frozenset(
    [
        "password",
        "passw0rd",
        "password1",
        "p@ssw0rd",
        "qwertyui",
        "qwerty123",
        "qwertyuiop",
        "1qaz2wsx",
        "1q2w3e4r",
        "asdfghjkl",
        "zxcvbnm1",
        "iloveyou",
        "admin123",
        "admin888",
        "administrator",
        "letmein1",
        "welcome1",
        "woaini520",
        "woaini1314",
        "5201314520",
        "13145201",
        "12341234",
        "11223344",
        "88886666",
        "66668888",
        "abc12345",
        "a1234567",
        "a12345678",
        "chengfatong",
        "chenghai",
        "chenghai123",
        "shantou123",
    ]
)


def normal(password: str) -> str:
    """Return a password in the one form in which it is compared, whatever the keyboard made of it (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def keep(password: str) -> str:
    """Return what the store keeps of a password: `scrypt$15$8$3$<salt>$<key>`. Takes a core for some tenths of a second."""
    salt = secrets.token_bytes(SALT_BYTES)
    return _kept(salt, _key(password, salt, LOG2_N, R, P))


def _kept(salt: bytes, key: bytes) -> str:
    return "$".join(("scrypt", str(LOG2_N), str(R), str(P), b64encode(salt).decode(), b64encode(key).decode()))


# What a name that nobody has is checked against, so that it takes as long as one that somebody has. No password is known
# to make this key.
DECOY = _kept(bytes(SALT_BYTES), bytes(KEY_BYTES))


def matches(password: str, kept: str) -> bool:
    """Whether a password is the kept one; the comparison takes the same time wherever they differ."""
    _, log2_n, r, p, salt, key = kept.split("$")
    return hmac.compare_digest(_key(password, b64decode(salt), int(log2_n), int(r), int(p)), b64decode(key))


def _key(password: str, salt: bytes, log2_n: int, r: int, p: int) -> bytes:
    given = normal(password[: LONGEST + 1]).encode("utf-8", "replace")
    return hashlib.scrypt(given, salt=salt, n=2**log2_n, r=r, p=p, maxmem=MAX_MEMORY, dklen=KEY_BYTES)


def one_time() -> str:
    """Return a first password that can be read out and typed: twelve letters and digits in threes of four, 59 bits."""
    return "-".join("".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(4)) for _ in range(3))


def objection(password: str, name: str) -> str:
    """Return why a password cannot be chosen, as a sentence for the person; "" when it can."""
    plain = normal(password).lower()
    if len(plain) < SHORTEST:
        return f"密码至少要{SHORTEST}个字。用一句只有您知道的话最好记。"
    if len(plain) > LONGEST:
        return f"密码最多{LONGEST}个字。"
    if name in plain or plain in name:
        return "密码里不要有账号名。"
    if plain in WORST or _is_run(plain):
        return "这个密码太常见，别人一猜就中，请换一个。"
    return ""


def _is_run(plain: str) -> bool:
    """Whether each character is as far from the one before: 11111111, 12345678, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return len(steps) == 1 and steps <= {-1, 0, 1}
