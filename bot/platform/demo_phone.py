"""A phone to try the WeChat side on, without an account: which start has one, and how it is told to the other parts.

The stand-in for WeChat's platform lives with the tests; an image that ships without them has no phone. It never starts
beside an account of one's own, nor where others than this machine's user come by.
"""

from __future__ import annotations

import secrets
import string
import sys
from dataclasses import dataclass

from bot.platform.settings import ROOT, Settings

STANDIN = ROOT / "tests" / "standin"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CHARACTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class DemoPhone:
    """Where the page is, the command that serves it, and the settings that make the other parts speak with it."""

    url: str
    command: tuple[str, ...]
    env: dict[str, str]


def wanted(settings: Settings) -> bool:
    """Whether this start has a phone: no account is set, nobody else is served, and the stand-in is at hand."""
    own = (settings.wechat_token, settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_encoding_aes_key)
    private = settings.host in LOOPBACK and not settings.public_url.startswith("https://")
    return private and not any(own) and (STANDIN / "__main__.py").is_file()


def demo_phone(port: int, gateway: str) -> DemoPhone:
    """Return a phone on a loopback port for a gateway's address. Its account is made up anew at each start."""
    url = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "tests.standin", "--port", str(port), "--gateway", f"{gateway}/wechat")
    return DemoPhone(url, command, _account(url))


def _account(url: str) -> dict[str, str]:
    """Return settings as an operator would copy them from the platform, with secrets that nobody can guess."""
    return {
        "WECHAT_TOKEN": _drawn(32),
        "WECHAT_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECHAT_ENCODING_AES_KEY": _drawn(42) + "A",  # of the last character only the upper four bits are key
        "WECHAT_MODE": "safe",
        "WECHAT_STRATEGY": "service",
        "WECHAT_API_BASE": url,
    }


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(length))
