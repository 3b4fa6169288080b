"""What the ledger's tests share: a platform with WeChat's rules written by another hand, and somebody who words notices.

The platform counts as its pages say and knows nothing of ours: a message of the person's lets 5 through in 48 hours, a
click, a follow or a scan 3 in a minute; each consent to a template lets one notice through; templates go to followers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.conversation.model import Button, Reply
from bot.errors import CitizenUnreachable, ContentRefused, NotPermitted, PlatformBusy, PlatformDown
from bot.reach.model import Means, Template
from bot.reach.ports import Said

DISTRICT = "440515"
FIELDS = {"thing1": "what", "time2": "when", "character_string3": "reference", "thing4": "note"}
REMINDER, CHANGE, PLAIN = "sub-reminder", "sub-change", "plain-template"
MEANS = Means(
    {"reminder": Template(REMINDER, FIELDS), "change": Template(CHANGE, FIELDS)}, {"reminder": Template(PLAIN, FIELDS)}
)
ERRORS = {
    -1: PlatformBusy,
    45009: PlatformBusy,
    45011: PlatformBusy,
    40003: CitizenUnreachable,
    43004: CitizenUnreachable,
    43019: CitizenUnreachable,
    43101: CitizenUnreachable,
    45015: CitizenUnreachable,
    45047: CitizenUnreachable,
    48002: CitizenUnreachable,
    50005: CitizenUnreachable,
    48001: NotPermitted,
    45002: ContentRefused,
}


@dataclass
class Follower:
    """One person as the platform knows them."""

    follows: bool = True
    spoke: float = float("-inf")
    since_spoken: int = 0
    touched: float = float("-inf")
    since_touched: int = 0
    consents: dict[str, int] = field(default_factory=dict)

    def speak(self, now: float) -> None:
        self.spoke, self.since_spoken = now, 0

    def touch(self, now: float) -> None:
        self.touched, self.since_touched = now, 0


@dataclass(frozen=True)
class Sent:
    """One message that the platform took. Whether its answer came through is another matter."""

    openid: str
    way: str
    text: str
    at: float


@dataclass
class FakePlatform:
    """Speaks bot.reach.ports.Platform. `weather(openid, way)` names a mishap of a call: an error code of the platform's,
    "lost" (nothing arrives there), "late" (it was taken, and the answer is lost), "html" (as late); "" for none."""

    clock: Callable[[], float]
    weather: Callable[[str, str], int | str] = lambda openid, way: ""
    people: dict[str, Follower] = field(default_factory=dict)
    journal: list[Sent] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def person(self, openid: str) -> Follower:
        return self.people.setdefault(openid, Follower())

    async def send(self, openid: str, message: Mapping[str, Any]) -> None:
        await self._take(openid, "service", message["text"]["content"])

    async def subscription_notice(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        return await self._take(openid, f"subscription:{template_id}", " ".join(data.values()))

    async def template(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        return await self._take(openid, f"template:{template_id}", " ".join(data.values()))

    async def _take(self, openid: str, way: str, text: str) -> str:
        mishap = self.weather(openid, way)
        if isinstance(mishap, int):
            raise ERRORS[mishap](mishap, "told by the weather")
        if mishap == "lost":
            raise PlatformDown(0, "no answer")
        if code := self._refusal(self.person(openid), way):
            raise ERRORS[code](code, "by the rules")
        self.journal.append(Sent(openid, way, text, self.clock()))
        if mishap == "late":
            raise TimeoutError
        if mishap == "html":
            raise PlatformDown(0, "<html>")
        number = f"msg-{len(self.journal)}"
        self.ids[number] = openid
        return number

    def _refusal(self, person: Follower, way: str) -> int:
        now = self.clock()
        kind, _, template = way.partition(":")
        if kind == "service":
            return self._no_window(person, now)
        if kind == "template":
            return 0 if person.follows else 43004
        if not person.consents.get(template):
            return 43101
        person.consents[template] -= 1
        return 0

    def _no_window(self, person: Follower, now: float) -> int:
        spoken, touched = now < person.spoke + 48 * 3600, now < person.touched + 60
        if not person.follows or not (spoken or touched):
            return 45015
        if not ((spoken and person.since_spoken < 5) or (touched and person.since_touched < 3)):
            return 45047
        person.since_spoken += 1
        person.since_touched += 1
        return 0

    def taken(self, openid: str) -> list[str]:
        """Return by which ways a person got something."""
        return [sent.way for sent in self.journal if sent.openid == openid]


@dataclass
class FakeWords:
    """Words every notice; `starts` tells when an appointment begins, `over` which are no longer true."""

    starts: dict[str, int] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    ahead: bool = False
    phone: str = ""

    async def said(self, person: str, what: str, about: str, now: float) -> Said | None:
        if about in self.over:
            return None
        reply = Reply(f"明天9:45见陈律师。\n编号 {about}", (Button("我的预约", "/check_status"),))
        return Said(reply, self.starts.get(about, 0), self.ahead, self.phone)

    async def read(self, person: str, notice: str) -> bool:
        return notice in self.seen
