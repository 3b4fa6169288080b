"""What the ledger needs of the outside: WeChat's platform, an SMS service, and the rooms that know what is to be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.conversation.model import Reply


class Platform(Protocol):
    """The part of bot.channels.wechat.client.Platform that notices use.

    Every call raises a WeChatError: CitizenUnreachable (this person, this way), NotPermitted, ContentRefused, PlatformBusy
    (surely not sent), PlatformDown (may have been sent).
    """

    async def send(self, openid: str, message: Mapping[str, Any]) -> None:
        """Send a customer-service message."""

    async def subscription_notice(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        """Send a one-time subscription notice, and return the platform's id of it ("" for none)."""

    async def template(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        """Send a template message, and return the platform's id of it."""


class Sms(Protocol):
    """An SMS service. None is built in: an operator's own is put in here; raises as Platform does."""

    async def send(self, phone: str, text: str) -> str:
        """Send a text to a phone (E.164), and return the service's id of it."""


@dataclass(frozen=True)
class Said:
    """What a notice says as of now.

    `start` is the appointment's, 0 for what has none; `ahead`: the person still has a day's reminder to come. `phone`
    (E.164) is for an SMS, "" for none.
    """

    reply: Reply
    start: int = 0
    ahead: bool = False
    phone: str = field(default="", repr=False)


class Words(Protocol):
    """The rooms that word notices."""

    async def said(self, person: str, what: str, about: str, now: float) -> Said | None:
        """Return what to say about an appointment or an application; None when it is no longer true."""

    async def read(self, person: str, notice: str) -> bool:
        """Whether the person's open page has shown a notice."""
