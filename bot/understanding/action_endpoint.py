"""The way to the action server with one connection kept open; Rasa's own opens a new session for each call."""

from __future__ import annotations

from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

# A citizen is answered within 5 s; an action that needs longer has failed.
TIMEOUT = aiohttp.ClientTimeout(total=4)


class KeepAliveEndpoint(EndpointConfig):
    """An EndpointConfig whose session lives as long as the process."""

    _open: aiohttp.ClientSession | None = None

    @classmethod
    def like(cls, config: EndpointConfig) -> KeepAliveEndpoint:
        """Return the same endpoint with a kept session."""
        return cls(url=config.url, params=config.params, headers=config.headers)

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
