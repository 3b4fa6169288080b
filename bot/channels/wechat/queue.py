"""Who is answered next, and whether that is soon enough: a few places, first come, first served. Pure: the clock is given.

The engine answers one message after the other. More at once would wait there, where a time runs out, instead of here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST_BUSY = 32
# A message that the queue lets come to its turn after this many seconds is late for WeChat: its delivery need not wait to see.
LATE_SECONDS = 4.0
# How much the last message says of how fast the queue moves.
PACE_WEIGHT = 0.05


class Queue:
    """Lines that wait for a place, each with what is overdue on it, and those that have one. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[str, ...]] = {}
        self._busy: set[str] = set()
        # Seconds from one line that gives its place up to the next, and when the last one did.
        self._pace, self._moved = 0.0, clock()

    def __contains__(self, line: str) -> bool:
        return line in self._waiting

    def join(self, line: str, overdue: Sequence[str]) -> None:
        """Let a line wait. One that waits already keeps its turn."""
        if not self._waiting:
            self._moved = self._clock()
        self._waiting[line] = tuple(dict.fromkeys((*self._waiting.get(line, ()), *overdue)))

    def next(self) -> str:
        """Return the line whose turn it is, "" when none waits or no place is free."""
        return next(iter(self._waiting)) if self._waiting and len(self._busy) < MOST_BUSY else ""

    def admit(self, line: str) -> tuple[str, ...]:
        """Give a line that waits a place, also when none is free; return what is overdue on it."""
        self._busy.add(line)
        return self._waiting.pop(line)

    def leave(self, line: str) -> None:
        """Take a line's place from it, if it has one."""
        if line not in self._busy:
            return
        self._busy.remove(line)
        now = self._clock()
        # While others wait, one follows the other; a pause in which nobody waited says nothing of the pace.
        if self._waiting:
            self._pace += PACE_WEIGHT * (now - self._moved - self._pace)
        self._moved = now

    @property
    def full(self) -> bool:
        """Whether so many wait that a new message cannot be answered in time."""
        return len(self._waiting) * self._pace > LATE_SECONDS
