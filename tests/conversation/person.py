"""Somebody with the chat page open who types and taps, and remembers what was on the screen."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

Message = dict[str, Any]


class Person:
    """A citizen of their own. `screen` is the last answer, `questions` every text that was read so far."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.sender = uuid.uuid4().hex
        self.screen: list[Message] = []
        self.heard: list[str] = []

    def says(self, *texts: str) -> str:
        """Type one message after the other; return what is read at the end."""
        for text in texts:
            self._post({"text": text})
        return self.read()

    def taps(self, *titles: str) -> str:
        """Tap the buttons whose titles begin so, one after the other; return what is read at the end."""
        for title in titles:
            self._post({"payload": self.button(title)["payload"]})
        return self.read()

    def sends(self, payload: str) -> str:
        """Send the payload of a button that is no longer on the screen."""
        self._post({"payload": payload})
        return self.read()

    def _post(self, body: dict[str, str]) -> None:
        data = json.dumps({"sender": self.sender, **body}).encode()
        request = urllib.request.Request(f"{self.base}/api/chat", data, {"Content-Type": "application/json"})
        for _ in range(20):
            try:
                with urllib.request.urlopen(request, timeout=20) as response:
                    self.screen = json.load(response)["messages"]
                break
            except urllib.error.HTTPError as error:
                if error.code != 429:
                    raise
                time.sleep(1)  # No citizen types twenty messages in a breath; a test does.
        self.heard.append(self.read())

    def read(self) -> str:
        """Return everything on the screen: texts, cards, buttons."""
        cards = [json.dumps(m.get("card") or {}, ensure_ascii=False) for m in self.screen]
        return "\n".join([*(m["text"] for m in self.screen), *cards, *self.titles()])

    def titles(self) -> list[str]:
        """Return the titles of the buttons on the screen."""
        return [b["title"] for m in self.screen for b in m["buttons"]]

    def button(self, title: str) -> dict[str, str]:
        """Return the last button whose title begins so."""
        found = [b for m in self.screen for b in m["buttons"] if b["title"].startswith(title)]
        assert found, f"no button {title} in:\n{self.read()}"
        return found[-1]

    def question(self) -> str:
        """Return the text of the last message with buttons: what the dialogue asks."""
        return [m["text"] for m in self.screen if m["buttons"]][-1]

    def times(self) -> list[dict[str, str]]:
        """Return the buttons of the offered times. A county whose next holidays are not out has none at a year's end."""
        found = [
            b for m in self.screen for b in m["buttons"] if '"slot:' in b["payload"] and "later" not in b["payload"]
        ]
        if not found and ("约满了" in self.read() or "还没出来" in self.read()):
            pytest.skip("no time can be booked: next year's holidays are not out")
        assert found, self.read()
        return found

    def takes_time(self, number: int = 0) -> str:
        """Tap one of the offered times."""
        self._post({"payload": self.times()[number]["payload"]})
        return self.read()

    def card(self) -> dict[str, str]:
        """Return the rows of the last card: label → value."""
        cards = [m["card"] for m in self.screen if m.get("card")]
        assert cards, self.read()
        return {row["label"]: row["value"] for row in cards[-1]["fields"]}

    def reference(self) -> str:
        """Return the reference on the last card."""
        return self.card()["编号"]
