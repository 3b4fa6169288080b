"""What the platform knows of a person, and what stands on their screen."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.standin.bubbles import Bubble
from tests.standin.quota import Allowances

# A typing sign lasts this long; it may be asked for this long after the person did something.
TYPING_SECONDS, TYPING_AFTER = 15.0, 30.0


@dataclass
class Person:
    """One phone's owner. `permissions`: one-time subscription permissions held, by template."""

    openid: str
    following: bool = True
    allowances: Allowances = field(default_factory=Allowances)
    permissions: Counter[str] = field(default_factory=Counter)
    last_heard: float = float("-inf")
    typing_until: float = float("-inf")
    screen: list[Bubble] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, trigger: str, now: float) -> None:
        """Take note of something that the person did."""
        self.last_heard = now
        self.allowances.heard(trigger, now)

    def shows(self, bubble: Bubble) -> None:
        """Put a bubble on the screen; a message takes the typing sign away."""
        self.typing_until = float("-inf")
        self.screen.append(bubble)
        self.stir()

    def stir(self) -> None:
        """Wake everybody who watches this screen."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is true of the screen; return whether it became so in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not true():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            changed = self.changed
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                continue
        return True
