"""By which ways a citizen can still be reached, and which of them a notice takes. Pure, runs on both Pythons.

A moment is in seconds since 1970 UTC. WeChat's rules, as its pages give them:
- customer-service messages: five within 48 hours of a message of the citizen's; three within a minute of a menu click, a
  follow or a scan. What is left is refreshed by the next such act and never adds up.
  https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage (rule since June 2023)
- one-time subscription: each consent to a template lets one notice through, whenever that is; 43101 when there is none.
- template messages: to followers only; 43004 to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

MINUTE, HOUR, DAY = 60, 3600, 86_400
# China has one time zone and no summer time.
SHANGHAI_OFFSET = 8 * HOUR

Trigger = Literal["message", "menu", "subscribe", "scan", "unsubscribe"]
# service: customer-service message. page: the list that the open chat page polls. call: somebody of the staff calls.
Way = Literal["service", "subscription", "template", "sms", "page", "call"]
Topic = Literal["reminder", "confirmation", "change", "case"]


class Quota(NamedTuple):
    """How many customer-service messages an act of the citizen's opens, and for how many seconds."""

    messages: int
    seconds: int


QUOTAS: dict[str, Quota] = {
    "message": Quota(5, 48 * 3600),
    "menu": Quota(3, 60),
    "subscribe": Quota(3, 60),
    "scan": Quota(3, 60),
}
# The platform's clock may be ahead of ours, and what is left of a minute must still cover our own call.
MARGINS = {"message": 60, "menu": 10, "subscribe": 10, "scan": 10}
# The templates that a notice of each kind takes.
TOPICS: dict[str, Topic] = {
    "reminder_day": "reminder",
    "reminder_quarter": "reminder",
    "accepted": "confirmation",
    "approved": "confirmation",
    "chase_1": "change",
    "chase_2": "change",
    "proposed": "change",
    "moved": "change",
    "leave_moved": "change",
    "cancelled": "change",
    "leave_cancelled": "change",
    "declined": "change",
    "refused": "change",
    "silent": "change",
    "aid_papers_missing": "case",
    "aid_under_review": "case",
    "aid_granted": "case",
    "aid_refused": "case",
    "aid_withdrawn": "case",
}
# The one notice for which the last permission is kept: whoever is not reminded in time has booked in vain.
KEPT_FOR = "reminder_day"


@dataclass(frozen=True)
class Window:
    """Customer-service messages left until a moment."""

    left: int
    until: int

    def open(self, now: float) -> bool:
        """Whether one more may be sent."""
        return self.left > 0 and now < self.until


def opened(trigger: str, at: float) -> Window:
    """Return the window that an act at a moment opens. Raises KeyError for an act that opens none."""
    quota = QUOTAS[trigger]
    return Window(quota.messages, int(at) + quota.seconds - MARGINS[trigger])


@dataclass(frozen=True)
class Template:
    """A template that the operator has chosen in WeChat's console: its id, and our word for each of its fields.

    `fields` maps a field of the template ("thing1") to one of `what`, `when`, `reference`, `note`.
    """

    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Means:
    """What the operator has set up: templates by topic, for one-time subscriptions and for template messages; SMS.

    `service`: the account may send customer-service messages. `sms`: there is an SMS service, and a phone to send to.
    """

    subscription: Mapping[str, Template] = field(default_factory=dict)
    template: Mapping[str, Template] = field(default_factory=dict)
    sms: bool = False
    service: bool = True


NO_TEMPLATES = Means()


@dataclass(frozen=True)
class Safe:
    """What a citizen under threat asked for. Somebody else may hold the phone.

    `neutral`: no notice says what it is about, when, or with whom. `quiet`: nothing is sent to the phone at all.
    `hours`: the local hours of the day, from and until, in which somebody may write or call; None for any.
    """

    neutral: bool = False
    quiet: bool = False
    hours: tuple[int, int] | None = None

    @property
    def asked(self) -> bool:
        """Whether anything was asked for."""
        return self.neutral or self.quiet or self.hours is not None

    def next_moment(self, now: float) -> int:
        """Return the first moment, not before now, at which somebody may write or call."""
        if self.hours is None:
            return int(now)
        first, last = self.hours
        since_midnight = (int(now) + SHANGHAI_OFFSET) % DAY
        if first * HOUR <= since_midnight < last * HOUR:
            return int(now)
        ahead = first * HOUR - since_midnight
        return int(now) + (ahead if ahead > 0 else ahead + DAY)

    def to_json(self) -> dict[str, Any]:
        """`{"neutral", "quiet", "hours": [from, until] | null}`."""
        return {"neutral": self.neutral, "quiet": self.quiet, "hours": list(self.hours) if self.hours else None}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Safe:
        """Read what `to_json` wrote."""
        hours = data.get("hours")
        return Safe(bool(data.get("neutral")), bool(data.get("quiet")), (hours[0], hours[1]) if hours else None)


NOBODY_ASKED = Safe()


@dataclass(frozen=True)
class Standing:
    """How a citizen can be reached as of now.

    `wechat`: known from WeChat. `followed`: follows the account. `windows` by trigger; `permissions` by template id.
    """

    wechat: bool = False
    followed: bool = False
    windows: Mapping[str, Window] = field(default_factory=dict)
    permissions: Mapping[str, int] = field(default_factory=dict)
    safe: Safe = NOBODY_ASKED

    def left(self, now: float) -> int:
        """Customer-service messages that may be sent now. Each one sent counts against every open window."""
        return max((window.left for window in self.windows.values() if window.open(now)), default=0)

    def at(self, now: float) -> Standing:
        """Return it without the windows that are over."""
        return replace(self, windows={name: kept for name, kept in self.windows.items() if kept.open(now)})

    def until(self, now: float) -> int:
        """Until when they may be sent; 0 for not at all."""
        return max((window.until for window in self.windows.values() if window.open(now)), default=0)


@dataclass(frozen=True)
class Route:
    """The way that a notice takes. `template` is the template's id, "" for ways without one."""

    way: Way
    template: str = ""

    @property
    def name(self) -> str:
        """Tells this way from the others of one notice."""
        return f"{self.way}:{self.template}" if self.template else self.way


CALL = Route("call")


def route(
    standing: Standing,
    what: str,
    now: float,
    means: Means = NO_TEMPLATES,
    tried: frozenset[str] = frozenset(),
    reminder_ahead: bool = True,
) -> Route:
    """Return the surest way left for a notice; `tried` are names of ways that were refused for it.

    First what costs nothing that the citizen gave (an open window refreshes itself), then a permission, then a template
    message, SMS, and at last a call. One permission of the reminder's template is kept while a reminder is `ahead`.
    """
    if not standing.wechat:
        return Route("page")
    if standing.safe.quiet:
        return CALL
    ways = [route for route in _ways(standing, what, now, means, reminder_ahead) if route.name not in tried]
    return next(iter(ways), CALL)


def _ways(standing: Standing, what: str, now: float, means: Means, reminder_ahead: bool) -> list[Route]:
    topic = TOPICS.get(what, "change")
    found = []
    if means.service and standing.left(now):
        found.append(Route("service"))
    if (offered := means.subscription.get(topic)) and standing.permissions.get(offered.id, 0) > kept(
        offered.id, what, means, reminder_ahead
    ):
        found.append(Route("subscription", offered.id))
    if (offered := means.template.get(topic)) and standing.followed:
        found.append(Route("template", offered.id))
    if means.sms:
        found.append(Route("sms"))
    return found


def kept(template: str, what: str, means: Means, reminder_ahead: bool = True) -> int:
    """Return how many permissions of a template a notice must leave."""
    reminders = means.subscription.get("reminder")
    return int(reminder_ahead and what != KEPT_FOR and reminders is not None and reminders.id == template)
