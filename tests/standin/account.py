"""Whose account the stand-in plays: the values that an operator copies from the platform's console into the settings."""

from __future__ import annotations

import secrets
import string
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

_CHARACTERS = string.ascii_letters + string.digits


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(length))


@dataclass(frozen=True)
class Account:
    """One official account. `mode` is plain, compatible or safe; `name` is its gh_ id."""

    token: str
    app_id: str
    secret: str
    aes_key: str
    mode: str = "safe"
    name: str = "gh_0standin0001"

    @classmethod
    def drawn(cls, mode: str = "safe") -> Account:
        """Return an account whose secrets nobody can guess."""
        # The last of 43 characters carries four bits of the key and two that must be zero: A is always right.
        return cls(_drawn(32), "wx" + secrets.token_hex(8), secrets.token_hex(16), _drawn(42) + "A", mode)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Account:
        """Read the account off the settings that the gateway reads."""
        names = ("WECHAT_TOKEN", "WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_ENCODING_AES_KEY", "WECHAT_MODE")
        return cls(*(environ[name] for name in names))

    def settings(self, api_base: str) -> dict[str, str]:
        """Return the gateway's settings for this account. `api_base` is where the stand-in listens."""
        return {
            "WECHAT_TOKEN": self.token,
            "WECHAT_APP_ID": self.app_id,
            "WECHAT_APP_SECRET": self.secret,
            "WECHAT_ENCODING_AES_KEY": self.aes_key,
            "WECHAT_MODE": self.mode,
            "WECHAT_STRATEGY": "service",
            "WECHAT_API_BASE": api_base,
        }

    @property
    def key(self) -> bytes:
        """The 32 bytes that seal."""
        return b64decode(self.aes_key + "=")
