"""The way to the engine: one POST a turn over a connection that stays open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.conversation.model import Inbound, Reply, reply_from_json
from bot.errors import EngineUnavailable

# Nobody looks at a page for longer without being told something.
TIMEOUT = ClientTimeout(total=4)
# In WeChat an answer can follow by itself; after this long it would puzzle more than help.
PATIENCE = {"wechat": ClientTimeout(total=12)}


@dataclass(frozen=True)
class Understood:
    """The engine's answer: replies, and what the message was taken for."""

    replies: tuple[Reply, ...]
    intent: str = ""
    confidence: float = 0.0


class Engine:
    """Rasa behind its channel."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: ClientSession | None = None

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(headers=self._headers, timeout=TIMEOUT)
        return self._session

    async def ask(self, inbound: Inbound) -> Understood:
        """Send a message and return the answer. Raises EngineUnavailable."""
        body = {
            "sender": f"{inbound.channel}:{inbound.user}",
            "text": inbound.body,
            "message_id": inbound.message_id,
            "metadata": {"channel": inbound.channel, "at": inbound.at.isoformat()},
        }
        answer = await self._post(body, PATIENCE.get(inbound.channel, TIMEOUT))
        parse = answer.get("parse") or {}
        return Understood(
            tuple(reply_from_json(message) for message in answer.get("messages") or []),
            str(parse.get("intent") or ""),
            float(parse.get("confidence") or 0),
        )

    async def _post(self, body: dict[str, Any], timeout: ClientTimeout) -> dict[str, Any]:
        url = f"{self._url}/webhooks/gateway/webhook"
        try:
            async with self._open().post(url, json=body, timeout=timeout) as response:
                if response.status != 200:
                    raise EngineUnavailable(f"the engine answered {response.status}")
                answer: dict[str, Any] = await response.json()
                return answer
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            raise EngineUnavailable(type(error).__name__) from error

    async def ready(self) -> bool:
        """Whether the engine answers."""
        return await self.answers(f"{self._url}/readyz")

    async def answers(self, url: str) -> bool:
        """Whether an address of ours answers 200."""
        try:
            async with self._open().get(url) as response:
                return response.status == 200
        except (ClientError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Close the connection."""
        if self._session:
            await self._session.close()
