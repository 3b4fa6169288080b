"""Who opens a page of ours from WeChat's menu: the address that asks, and the state that comes back. Pure.

The state says where to go on, and is good once, for ten minutes, in the browser that asked. WeChat takes 128 letters and
digits for it, so it is no link's token.
Source: developers.weixin.qq.com, "web page authorisation", snsapi_base.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote

from bot.errors import LinkExpired, LinkInvalid

# WeChat's code is good for five minutes; a slow phone may take another five to get there.
SECONDS = 600
# Where a state may lead. Nothing else does, whatever a request says.
TARGETS = {"/me": "m", "/me/data": "d", "/book": "b"}
_PATHS = {letter: path for path, letter in TARGETS.items()}
_STATE = re.compile(r"(([mdb])([0-9a-f]{24})([0-9a-f]{8}))([0-9a-f]{40})")


@dataclass(frozen=True)
class State:
    """What a state says. `nonce` tells it from all others; `expires` in seconds since 1970."""

    target: str
    nonce: str
    expires: int


class States:
    """Makes and reads states with one key. `browser` is the secret in the cookie of the browser that asked."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        """Never show the key."""
        return "States()"

    def make(self, state: State, browser: str) -> str:
        """Return the text of a state; its nonce is 24 hex digits."""
        said = f"{TARGETS[state.target]}{state.nonce}{state.expires:08x}"
        return said + self._seal(said, browser)

    def read(self, text: str, browser: str, now: int) -> State:
        """Return what a state of ours says. Raises LinkInvalid and LinkExpired."""
        match = _STATE.fullmatch(text)
        if match is None or not browser or not hmac.compare_digest(match[5], self._seal(match[1], browser)):
            raise LinkInvalid("the state is not ours, or this browser's")
        state = State(_PATHS[match[2]], match[3], int(match[4], 16))
        if state.expires <= now:
            raise LinkExpired("the state's time is over")
        return state

    def _seal(self, said: str, browser: str) -> str:
        seal = hmac.new(self._key, f"{said} {browser}".encode("utf-8", "replace"), hashlib.sha256)
        return seal.hexdigest()[:40]


def asking_url(base: str, app_id: str, back: str, state: str) -> str:
    """Return the address that sends the phone back to `back` with a code. WeChat wants its parts in this very order."""
    query = f"appid={quote(app_id)}&redirect_uri={quote(back, safe='')}&response_type=code&scope=snsapi_base"
    return f"{base}/connect/oauth2/authorize?{query}&state={state}#wechat_redirect"
