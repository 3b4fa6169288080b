"""Which calls are WeChat's, and what is in them: signatures, modes, keys. No input or output.

plain       nothing is encrypted; an encrypted call is refused, since nothing here would have asked for one
compatible  WeChat sends each body plain and encrypted: only the encrypted copy counts. A body without one is read, for the
            minutes in which an account is switched over
safe        a plain body is refused: whoever strips the encryption must gain nothing
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.channels.wechat import crypto
from bot.channels.wechat.messages import Push, envelope, parse
from bot.errors import BadRequest

# How far WeChat's clock and ours may be apart; a captured request is worthless after that.
WINDOW_SECONDS = 600


@dataclass(frozen=True)
class Call:
    """The parameters of one call that count; `encrypted` and `msg_signature` are for a POST."""

    timestamp: str
    nonce: str
    signature: str
    encrypted: bool = False
    msg_signature: str = ""


@dataclass(frozen=True)
class Seal:
    """Opens and closes what goes between WeChat and an account. `keys` are AES keys, the current one first."""

    mode: str
    token: str
    app_id: str
    keys: tuple[str, ...] = ()
    clock: Callable[[], float] = time.time

    def signed(self, call: Call) -> None:
        """Raise the refusal of a call that WeChat did not make, or made more than ten minutes ago."""
        crypto.check(call.signature, self.token, call.timestamp, call.nonce)
        stamp = call.timestamp[:12]
        if not (stamp.isascii() and stamp.isdecimal()) or abs(self.clock() - int(stamp)) > WINDOW_SECONDS:
            raise crypto.refused()

    def allowed(self, call: Call) -> None:
        """Raise the refusal of a call that is not of this mode."""
        if call.encrypted is not (self.mode == "safe") and self.mode != "compatible":
            raise crypto.refused()

    def opened(self, call: Call, body: bytes) -> tuple[Push, bool]:
        """Return the push in a body, and whether it was encrypted. Raises BadRequest, 403 or 400."""
        outer = parse(body)
        ciphertext = outer.get("Encrypt")
        if not call.encrypted and not ciphertext:
            return outer, False
        # An encrypted copy is never passed over because a parameter says that there is none.
        crypto.check(call.msg_signature, self.token, call.timestamp, call.nonce, ciphertext)
        return parse(self._decrypted(ciphertext)), True

    def _decrypted(self, ciphertext: str) -> str:
        """Return the plain text; the key before the present one still opens."""
        for key in self.keys:
            try:
                return crypto.decrypt(ciphertext, key, self.app_id)
            except BadRequest:
                continue
        raise crypto.refused()

    def closed(self, answer: str, nonce: str, as_json: bool) -> str:
        """Return a reply, encrypted with the current key and signed."""
        stamp = str(int(self.clock()))
        sealed = crypto.encrypt(answer, self.keys[0], self.app_id)
        signed = crypto.signature(self.token, stamp, nonce, sealed)
        return envelope(sealed, signed, stamp, nonce, as_json)


def call_of(query: Mapping[str, list[str]]) -> Call:
    """Return the parameters of a call. Raises the refusal when one is missing or there twice."""

    def one(name: str, default: str | None = None) -> str:
        values = query.get(name) or ([] if default is None else [default])
        if len(values) != 1:
            raise crypto.refused()
        return values[0]

    return Call(
        one("timestamp"), one("nonce"), one("signature"), one("encrypt_type", "raw") == "aes", one("msg_signature", "")
    )
