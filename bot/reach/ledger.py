"""The ledger as WeChat's webhook sees it (bot.channels.wechat.ports.Ledger)."""

from __future__ import annotations

from typing import Protocol

from bot.reach import service
from bot.reach.model import Trigger
from bot.reach.store import ReachStore


class Outcome(Protocol):
    """What the platform tells of a notice: `job` is the id that sending it returned."""

    @property
    def job(self) -> str:
        """The platform's id."""

    @property
    def delivered(self) -> bool:
        """Whether it arrived."""

    @property
    def reason(self) -> str:
        """The platform's own word."""

    @property
    def template(self) -> str:
        """The id of a subscription notice's template, "" for a template message."""


class Ledger:
    """Tells the store what the webhook hears. Everything raises StoreUnavailable."""

    def __init__(self, store: ReachStore) -> None:
        self._store = store

    async def heard(self, user: str, trigger: Trigger, at: float) -> None:
        """Note an act that opens, or ends, what may be sent."""
        await service.heard(self._store, user, trigger, at)

    async def take(self, user: str, now: float, count: int = 1) -> bool:
        """Spend customer-service messages, all or none."""
        return await service.take(self._store, user, now, count)

    async def permitted(self, user: str, template: str, count: int, push: str, at: float) -> None:
        """Note one-time permissions; a negative count takes all of a template's back. Told again, a push counts once."""
        await service.permitted(self._store, user, template, count, push, at)

    async def came_of(self, user: str, outcome: Outcome, now: float) -> None:
        """Note what became of a notice that was sent."""
        way = f"subscription:{outcome.template}" if outcome.template else "template"
        await service.delivered(self._store, user, way, outcome.job, outcome.delivered, outcome.reason, now)

    async def refused(self, user: str, way: str, code: int, reason: str, now: float) -> None:
        """Note that a citizen could not be reached in a way."""
        await service.refused(self._store, user, way, code, reason, now)
