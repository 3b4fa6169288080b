"""The way to the action server, with one connection kept open, and with what an action reads of a conversation.

Rasa's own opens a new session for each call, and sends all that was said with every button and card, time and again.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

# The newer rasa-sdk refuses a call without any domain.
NO_DOMAIN = {"version": "3.1"}
# A citizen is answered within 5 s; an action that needs longer has failed.
TIMEOUT = aiohttp.ClientTimeout(total=4)


def lean(call: dict[str, Any]) -> dict[str, Any]:
    """Return an action's call that says where the assistant spoke and not what, without the slots set before this message."""
    events = call["tracker"]["events"]
    began = max((number for number, event in enumerate(events) if event["event"] == "user"), default=0)
    read = [
        {"event": "bot"} if event["event"] == "bot" else event
        for number, event in enumerate(events)
        if event["event"] != "slot" or number > began
    ]
    return {"domain": NO_DOMAIN, **call, "tracker": {**call["tracker"], "events": read}}


class KeepAliveEndpoint(EndpointConfig):
    """An EndpointConfig whose session lives as long as the process."""

    _open: aiohttp.ClientSession | None = None

    @classmethod
    def like(cls, config: EndpointConfig) -> KeepAliveEndpoint:
        """Return the same endpoint with a kept session."""
        return cls(url=config.url, params=config.params, headers=config.headers, **config.kwargs)

    async def request(self, *args: Any, json: dict[str, Any], **kwargs: Any) -> Any:
        """Send an action's call and return the answer. Raises aiohttp's errors."""
        return await super().request(*args, json=lean(json), **kwargs)

    def session(self) -> Any:
        """Return the session in a form that `async with` does not close."""
        if self._open is None or self._open.closed:
            self._open = aiohttp.ClientSession(headers=self.headers, timeout=TIMEOUT)
        return _Kept(self._open)


class _Kept:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        return None
