"""A turn that no rule fits ends: with the form's question, or with listening."""

from __future__ import annotations

from typing import Any

import pytest

from actions import fallback
from actions.fallback import ActionDefaultFallback


class Tracker:
    """As much of rasa-sdk's tracker as is looked at."""

    def __init__(self, form: str) -> None:
        self.active_loop = {"name": form} if form else {}


async def after(monkeypatch: pytest.MonkeyPatch, form: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    async def said(*_: Any) -> list[dict[str, Any]]:
        return events

    monkeypatch.setattr(fallback.ActionFallback, "run", said)
    parts: Any = None
    return await ActionDefaultFallback(parts).run(None, Tracker(form), {})


async def test_listens_when_no_form_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    last = (await after(monkeypatch, "", []))[-1]
    assert (last["event"], last["name"]) == ("followup", "action_listen")


async def test_form_asks_again_without_taking_the_message_as_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted, last = await after(monkeypatch, "calculate_form", [])
    assert interrupted == {"event": "loop_interrupted", "is_interrupted": True}
    assert (last["event"], last["name"]) == ("followup", "calculate_form")


async def test_what_the_message_began_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = [{"event": "followup", "name": "booking_form"}]
    assert await after(monkeypatch, "calculate_form", begun) == begun
