"""What the webhook needs of the rest of WeChat: a way out, and a ledger of what may be sent. Given at bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.channels.wechat.inbound import Outcome, Trigger


class Platform(Protocol):
    """Sends customer-service messages. Raises the subclasses of WeChatError that bot/errors.py names."""

    async def send(self, openid: str, message: Mapping[str, Any]) -> None:
        """Send one message; `message` has no `touser`."""


class Ledger(Protocol):
    """Keeps what may be sent to whom. `user` is "wechat:<openid>", `now` seconds since 1970, `at` those when it happened."""

    async def heard(self, user: str, trigger: Trigger, at: float) -> None:
        """Note an act that opens, or ends, what may be sent."""

    async def take(self, user: str, now: float, count: int = 1) -> bool:
        """Spend customer-service messages, all or none. False: there are not so many."""

    async def permitted(self, user: str, template: str, count: int, push: str, at: float) -> None:
        """Note one-time permissions: 1 was given, or, with a negative count, all were taken back.

        `push` names the entry of a push that says so: told again, it counts once.
        """

    async def came_of(self, user: str, outcome: Outcome, now: float) -> None:
        """Note what became of a notice that was sent."""

    async def refused(self, user: str, way: str, code: int, reason: str, now: float) -> None:
        """Note that a citizen could not be reached in a way ("service")."""


class NoLedger:
    """Keeps nothing and allows everything: the platform itself then refuses what is too much."""

    async def heard(self, user: str, trigger: Trigger, at: float) -> None:
        """Do nothing."""

    async def take(self, user: str, now: float, count: int = 1) -> bool:
        """Allow it."""
        return True

    async def permitted(self, user: str, template: str, count: int, push: str, at: float) -> None:
        """Do nothing."""

    async def came_of(self, user: str, outcome: Outcome, now: float) -> None:
        """Do nothing."""

    async def refused(self, user: str, way: str, code: int, reason: str, now: float) -> None:
        """Do nothing."""
