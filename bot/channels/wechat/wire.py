"""One HTTP call to the platform: JSON out, JSON or a file in, everything that can go wrong as one of our errors.

WeChat answers errors with status 200 and an `errcode`. Access token and secret stand in the addresses, as WeChat wants
it: so no address, and no exception that knows one, leaves this file.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
)

from bot.channels.wechat.codes import error_of
from bot.errors import PlatformBusy, PlatformDown, WeChatError

# WeChat answers within half a second; a notice waits four seconds in all, a citizen's turn four and a half.
TIMEOUT = ClientTimeout(total=3.0, connect=2.0)
# A picture of 10 MB, the largest that WeChat takes, over a slow line.
MEDIA_TIMEOUT = ClientTimeout(total=20.0, connect=2.0)
# The longest answer is the account's menu, of a few kilobytes.
MAX_ANSWER = 256 * 1024
MAX_MEDIA = 10 * 1024 * 1024
# WeChat says voice/amr or audio/amr. A video would come as an address in JSON, and nobody here looks at one.
FILES = ("image/", "audio/", "voice/")
# A reason of WeChat's own is a sentence with the number of its log.
MAX_REASON = 200
# Tokens, secrets and openids are at least this long; nothing else in a reason is.
_SECRET = re.compile(r"[A-Za-z0-9_-]{28,}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Download:
    """A file from the platform."""

    content: bytes
    content_type: str


@dataclass(frozen=True)
class _Answer:
    status: int
    content_type: str
    content: bytes


class Wire:
    """Connections to the platform, kept open. `proxy` is "" for none; `pictures` is where codes' pictures are."""

    def __init__(self, base: str, proxy: str = "", pictures: str = "") -> None:
        self._base = base
        self._proxy = proxy
        self._pictures = pictures or base
        self._session: ClientSession | None = None

    def __repr__(self) -> str:
        """Never show the proxy, which may have a password."""
        return f"Wire({self._base})"

    async def post(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a body and return the answer. Raises WeChatError."""
        # WeChat shows a citizen the escapes of ASCII as they stand. Half of a surrogate pair is no text at all.
        text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return _read(await self._ask("POST", self._base + path, query, text, TIMEOUT, MAX_ANSWER))

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the answer to a question. Raises WeChatError."""
        return _read(await self._ask("GET", self._base + path, query, None, TIMEOUT, MAX_ANSWER))

    async def download(self, path: str, query: Mapping[str, str]) -> Download:
        """Return a file; an error comes as JSON in its place. Raises WeChatError."""
        answer = await self._ask("GET", self._base + path, query, None, MEDIA_TIMEOUT, MAX_MEDIA)
        if answer.content.lstrip().startswith(b"{"):  # No file begins so, and the content type is often wrong.
            _read(answer)
        return _file(answer)

    async def picture(self, ticket: str) -> Download:
        """Return the picture of a QR code. Raises WeChatError."""
        address = f"{self._pictures}/cgi-bin/showqrcode"
        return _file(await self._ask("GET", address, {"ticket": ticket}, None, MEDIA_TIMEOUT, MAX_MEDIA))

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None

    async def _ask(
        self, way: str, url: str, query: Mapping[str, str], body: bytes | None, timeout: ClientTimeout, most: int
    ) -> _Answer:
        if self._session is None:
            self._session = ClientSession(cookie_jar=DummyCookieJar())
        asked = self._session.request(
            way,
            url,
            params=query,
            data=body,
            headers={"Content-Type": "application/json; charset=utf-8"} if body is not None else None,
            proxy=self._proxy or None,
            timeout=timeout,
            allow_redirects=False,
        )
        failed: WeChatError
        try:
            async with asked as response:
                return await _bounded(response, most)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            failed = PlatformBusy(0, f"not reached: {type(error).__name__}")
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            failed = PlatformDown(0, f"no answer: {type(error).__name__}")
        # Raised out here, so that the client's own error, which knows the address, does not go along.
        raise failed


async def _bounded(response: ClientResponse, most: int) -> _Answer:
    """Return a whole answer, and never more than `most` bytes of it. Raises PlatformDown."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > most:
            raise PlatformDown(0, f"an answer of more than {most} bytes")
    return _Answer(response.status, response.content_type, bytes(content))


def _read(answer: _Answer) -> dict[str, Any]:
    """Return an answer that says that all went well; WeChat's own content type is often wrong, so it counts for nothing."""
    if answer.status != 200:
        raise PlatformDown(0, f"status {answer.status}")
    found = _object(answer.content)
    code = _code(found.get("errcode"))
    if code:
        raise error_of(code, said(found.get("errmsg")))
    return found


def _object(content: bytes) -> dict[str, Any]:
    """Return a JSON object. The reader's own error goes nowhere: it holds the whole answer, which may be a token."""
    with contextlib.suppress(ValueError, RecursionError):
        # WeChat puts line feeds into strings as they are.
        found = json.loads(content, strict=False)
        if isinstance(found, dict):
            return found
    raise PlatformDown(0, "an answer that is no JSON object")


def _code(given: object) -> int:
    """Return an errcode; there is none on some answers that say that all went well."""
    text = str(0 if given is None else given)
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise PlatformDown(0, "an errcode that is no number")
    return int(text)


def _file(answer: _Answer) -> Download:
    if answer.status != 200 or not answer.content or not answer.content_type.startswith(FILES):
        raise PlatformDown(0, f"status {answer.status} and {answer.content_type} in place of a file")
    return Download(answer.content, answer.content_type)


def said(reason: object) -> str:
    """Return WeChat's own words for a log or a page: one short line, without anything that could be a secret."""
    return _SECRET.sub("…", _UNSEEN.sub(" ", reason))[:MAX_REASON] if isinstance(reason, str) else ""
