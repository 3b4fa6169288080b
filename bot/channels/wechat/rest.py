"""What of an answer a citizen has not seen yet, and what becomes of it. Pure.

A part is "fresh" until somebody tries to send it, then "tried": whether it arrived is known only when WeChat says so, and
what may have arrived is never sent a second time by itself. The citizen can still fetch it by "继续".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.channels.wechat.render import Message, Part, with_more

_CONTINUE = re.compile(r"\W*(?:继续|繼續)(?:说|說|看|吧|讲)?\W*")
# Six answers that came too late are as many as anybody reads again.
MOST = 12


@dataclass(frozen=True)
class Left:
    """One part that is left. `late`: no passive reply took it; the next question does not make it worthless.

    `behind` names the push whose passive reply must have been taken before this is sent.
    """

    part: Part
    late: bool = False
    state: Literal["fresh", "tried", "kept"] = "kept"
    paid: bool = False
    behind: str = ""


@dataclass(frozen=True)
class Rest:
    """All parts left for one citizen, in order."""

    openid: str
    parts: tuple[Left, ...] = ()

    def but_late(self) -> tuple[Left, ...]:
        """Return what is still worth seeing, or on its way, when the next question is answered."""
        return tuple(left for left in self.parts if left.late or left.state == "fresh")

    def first_fresh(self) -> int | None:
        """Return the number of the part that is to be sent next; what was tried without success holds up nothing."""
        return next((number for number, left in enumerate(self.parts) if left.state == "fresh"), None)

    def paid_for(self, count: int) -> Rest:
        """Return the rest of which as many fresh parts are sent as are paid for, the first ones; the others are kept."""
        fresh = [number for number, left in enumerate(self.parts) if left.state == "fresh"]
        parts = list(self.parts)
        for at, number in enumerate(fresh):
            state: Literal["fresh", "kept"] = "fresh" if at < count else "kept"
            parts[number] = replace(parts[number], state=state, paid=at < count)
        return replace(self, parts=tuple(parts))

    def message(self, number: int) -> Message:
        """Return a fresh part as it is sent: the last text tells of what is kept."""
        message = self.parts[number].part.message
        after = [left.part.message["msgtype"] for left in self.parts[number + 1 :] if left.state == "fresh"]
        kept = any(left.state != "fresh" for left in self.parts)
        return with_more(message) if kept and "text" not in after else message

    def changed(self, number: int, left: Left | None) -> Rest:
        """Return the rest with one part changed, or gone."""
        return replace(self, parts=(*self.parts[:number], *((left,) if left else ()), *self.parts[number + 1 :]))

    def to_json(self) -> Any:
        """Return what the store keeps, None for nothing."""
        parts = [
            [dict(left.part.message), left.part.plain, left.late, left.state, left.paid, left.behind]
            for left in self.parts
        ]
        return {"openid": self.openid, "parts": parts[-MOST:]} if parts else None


def rest_from_json(data: Any, openid: str = "") -> Rest:
    """Read what the store kept."""
    if not data:
        return Rest(openid)
    parts = tuple(Left(Part(message, plain), *how) for message, plain, *how in data["parts"])
    return Rest(data["openid"], parts)


def asks_for_more(text: str) -> bool:
    """Whether somebody wants to see what is left."""
    return len(text) < 20 and _CONTINUE.fullmatch(text) is not None


def left_of(parts: Sequence[Part], late: bool, fresh: bool, paid: bool, behind: str = "") -> tuple[Left, ...]:
    """Return parts as they are left: `fresh` ones are sent by us, others wait to be fetched."""
    return tuple(Left(part, late, "fresh" if fresh else "kept", paid, behind) for part in parts)


@dataclass(frozen=True)
class Answer:
    """How an answer leaves: `first` by the passive reply and `after` besides; or, when it is too late for that, `late`."""

    first: Message | None
    after: Rest
    late: Rest
