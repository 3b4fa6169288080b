"""What goes wrong between WeChat, the network and us: knobs that tests, the bench and the page turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def at_once(_: Any) -> float:
    """Delay nothing."""
    return 0.0


def once(_: Any) -> int:
    """Copy nothing."""
    return 1


def never(_: Any) -> int:
    """Lose nothing."""
    return 0


@dataclass
class Weather:
    """How pushes travel.

    `pace`: seconds of ours for one of WeChat's, so that a retry after 5 s takes 0.5 s at 0.1. `delay(push)`: seconds before
    the first delivery leaves (a later push overtakes it). `copies(push)`: how many deliveries leave at once.
    `lost(push)`: of how many deliveries the answer is lost on the way, so that the platform sends again.
    """

    pace: float = 1.0
    delay: Callable[[Any], float] = at_once
    copies: Callable[[Any], int] = once
    lost: Callable[[Any], int] = never


@dataclass
class Fault:
    """A wrong answer of one API path, for `times` calls: an error code, an HTML page, a status, or a silence."""

    path: str
    times: int = 1
    code: int = 0
    html: bool = False
    status: int = 200
    silence: float = 0.0


@dataclass
class Faults:
    """The faults that wait for their calls."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Let the next calls of a path go wrong."""
        self.waiting.append(fault)

    def take(self, path: str) -> Fault | None:
        """Return the fault for a call of a path, if there is one."""
        for fault in self.waiting:
            if path.endswith(fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
