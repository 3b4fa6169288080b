"""What citizens saw of each WeChat message, held against what one answer is. Pure.

A message is answered once when exactly one answer came: one passive reply, or customer-service messages in its place, none
of them twice; and when the engine took it once. An apology of the phone's, or nothing, is a lost message.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standin import APOLOGY, Bubble

# What the assistant says when a part of it is down: an answer, but not the one that was asked for.
SORRY = ("我这边出了点问题", "这句我没接上")
# What it says when the answer is not ready in time and has to be asked for once more.
PUT_OFF = "多想一会儿"


@dataclass
class Sent:
    """One message: who sent it and when it was due; whether its first answer was lost on purpose; what was seen of it.

    `seconds` is from the due moment to the passive reply (or the acknowledgement) that counted.
    """

    identity: str
    openid: str
    text: str
    lost: bool = False
    doubled: bool = False
    late: float = 0.0
    seconds: float = 0.0
    deliveries: int = 0
    failed: str = ""
    seen: list[Bubble] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """How many messages were not answered exactly once, and in which way. `unseen`: of which the engine keeps no trace."""

    messages: int
    answered_once: int
    lost: int
    doubled_on_screen: int
    taken_twice: int
    sorry: int
    put_off: int
    unseen: int

    @property
    def good(self) -> bool:
        """Whether nothing was lost, nothing doubled, and nobody was put off."""
        return not (self.lost or self.doubled_on_screen or self.taken_twice or self.sorry or self.put_off)

    def as_json(self) -> dict[str, Any]:
        """Return all of it."""
        return {**vars(self), "good": self.good}


def windows(screen: Iterable[Bubble], messages: list[Sent]) -> None:
    """Give each message of one citizen, in the order they were sent, what was seen of it.

    A passive reply says what it answers; anything else belongs to the last message before it.
    """
    by_identity = {message.identity: message for message in messages}
    current, waiting = None, iter(messages)
    for bubble in screen:
        if bubble.who == "me":
            current = next(waiting)
        elif (owner := by_identity.get(bubble.answers, current)) is not None:
            owner.seen.append(bubble)


def judge(messages: list[Sent], taken: Mapping[str, Counter[str]]) -> Verdict:
    """Return the verdict. `taken`: identity of a message → each text that the engine took for it, and how often.

    A message with several questions is taken once for each of them; the same question twice is one time too many.
    """
    twice = {identity for identity, texts in taken.items() if max(texts.values()) > 1}
    faults = [
        (
            is_lost(message),
            is_doubled(message),
            message.identity in twice,
            says(message, *SORRY),
            says(message, PUT_OFF),
        )
        for message in messages
    ]
    lost, doubled, took, sorry, put_off = (sum(column) for column in zip(*faults, strict=True))
    once = sum(not any(fault) for fault in faults)
    unseen = sum(message.identity not in taken for message in messages)
    return Verdict(len(messages), once, lost, doubled, took, sorry, put_off, unseen)


def says(message: Sent, *words: str) -> bool:
    """Whether something with one of these words was seen of a message."""
    return any(one in bubble.text for bubble in message.seen for one in words)


def is_lost(message: Sent) -> bool:
    """Whether nothing of the account's came, or an apology of the phone's did."""
    said = [bubble for bubble in message.seen if bubble.who == "account"]
    return not said or says(message, APOLOGY)


def is_doubled(message: Sent) -> bool:
    """Whether there is more than one passive reply, or the same words twice."""
    passive = sum(bubble.way == "passive" for bubble in message.seen)
    words = Counter(json.dumps(bubble.as_json() | {"way": ""}) for bubble in message.seen)
    return passive > 1 or any(number > 1 for number in words.values())


def quantile(values: Iterable[float], share: float) -> float:
    """Return a quantile in milliseconds, 0 of nothing."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else 0.0


def slope(samples: list[tuple[float, float]]) -> float:
    """Return the least-squares slope of (seconds, MB) in MB a minute, without the first third, which is warming up."""
    kept = samples[len(samples) // 3 :]
    if len(kept) < 3:
        return 0.0
    middle_x, middle_y = (sum(values) / len(kept) for values in zip(*kept, strict=True))
    below = sum((x - middle_x) ** 2 for x, _ in kept)
    return round(60 * sum((x - middle_x) * (y - middle_y) for x, y in kept) / below, 2) if below else 0.0
