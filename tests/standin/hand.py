"""Phones for tests that are not asynchronous: the stand-in runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tests.standin.bubbles import Bubble
from tests.standin.phone import Phone
from tests.standin.platform import Standin

T = TypeVar("T")
# Longer than three deliveries and what may follow them.
PATIENCE = 60.0


class Hand:
    """Somebody with a phone in the hand. `screen` is what came after the last doing."""

    def __init__(self, phone: Phone, loop: asyncio.AbstractEventLoop) -> None:
        self.phone = phone
        self.screen: list[Bubble] = []
        self._loop = loop

    def _do(self, doing: Awaitable[T]) -> T:
        async def run() -> T:
            return await doing

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(PATIENCE)

    def _see(self, doing: Awaitable[list[Bubble]]) -> str:
        self.screen = self._do(doing)
        return self.read()

    def says(self, *texts: str) -> str:
        """Type one message after the other, each when the last was answered; return what is read at the end."""
        return [self._see(self.phone.says(text)) for text in texts][-1]

    def says_quickly(self, *texts: str) -> list[Bubble]:
        """Type without waiting; return all that came."""
        self._see(self.phone.says_quickly(*texts))
        return self.screen

    def taps(self, *labels: str) -> str:
        """Tap one choice after the other."""
        return [self._see(self.phone.taps(label)) for label in labels][-1]

    def taps_time(self) -> str:
        """Tap the first offered time: no other choice has hours and minutes in it."""
        times = [label for label in self.labels() if ":" in label]
        assert times, self.read()
        return self.taps(times[0])

    def follows(self, scene: str = "") -> str:
        """Follow the account."""
        return self._see(self.phone.follows(scene))

    def unfollows(self) -> None:
        """Leave it."""
        self._do(self.phone.unfollows())

    def sends_location(self, latitude: float, longitude: float, label: str) -> str:
        """Send a place."""
        return self._see(self.phone.sends_location(latitude, longitude, label))

    def speaks(self, heard: str = "") -> str:
        """Send a voice message."""
        return self._see(self.phone.speaks(heard))

    def read(self) -> str:
        """Return the words of what came last."""
        return "\n".join(bubble.words for bubble in self.screen)

    def labels(self) -> Sequence[str]:
        """Return what can be tapped of it."""
        return [choice.label for bubble in self.screen for choice in bubble.choices]


class Threaded:
    """A stand-in in its thread."""

    def __init__(self, standin: Standin, loop: asyncio.AbstractEventLoop) -> None:
        self.standin = standin
        self._loop = loop

    def hand(self, openid: str) -> Hand:
        """Return somebody's phone, who does not follow yet."""
        phone = self.standin.phone(openid)
        self.standin.people[openid].following = False
        return Hand(phone, self._loop)


@contextmanager
def threaded(standin: Standin) -> Iterator[Threaded]:
    """Serve a stand-in from a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = standin.serving()
    asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(10)
    try:
        yield Threaded(standin, loop)
    finally:
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
