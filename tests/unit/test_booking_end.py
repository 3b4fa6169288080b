"""What a citizen hears when the book says no, and what is kept of the dialogue."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions import booking_end
from bot.booking import dialogue
from bot.booking.draft import Draft, missing
from bot.errors import (
    AppointmentAbsent,
    ConflictOfInterest,
    HoldOver,
    QuotaReached,
    SlotClosed,
    SlotTaken,
    StaleAppointment,
    StoreUnavailable,
    TransitionRefused,
    Unconfirmed,
)

SLOT = {"start": 1_800_000_000, "end": 1_800_003_600, "practitioner": "med-1", "room": ""}
WHOLE = {
    "matter": "neighbour",
    "mode": "video",
    "area": "440515102",
    "practitioner": "med-1",
    "slot": SLOT,
    "consent": True,
    "name": "林秀英",
    "phone": "+8613800138000",
    "other_name": "",
    "other_phone": "",
}


class Speaker:
    """Hears what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.talk = SimpleNamespace(now=1_799_000_000)
        self.turn = SimpleNamespace(id="m1")

    def say(self, response: str, **_: Any) -> None:
        self.said.append(response)


async def ended(monkeypatch: pytest.MonkeyPatch, refused: Exception, draft: Draft) -> tuple[list[str], dict[str, Any]]:
    """End a dialogue with a book that refuses; return what was said and the slots."""

    async def conclude(*_: Any) -> None:
        raise refused

    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr(dialogue, "conclude", conclude)
    monkeypatch.setattr(dialogue, "keep", nothing)
    speaker = Speaker()
    events = await booking_end.conclude(speaker, draft)  # type: ignore[arg-type]
    return speaker.said, {event["name"]: event["value"] for event in events}


@pytest.mark.parametrize(
    ("refused", "said", "asked_next"),
    [
        (SlotTaken(), "utter_slot_taken", "slot"),
        (SlotClosed(), "utter_slot_closed", "slot"),
        (QuotaReached(), "utter_quota", "slot"),
        (ConflictOfInterest(), "utter_conflict", "practitioner"),
        (HoldOver(), "utter_not_booked", "slot"),
        (StaleAppointment(), "utter_not_booked", "slot"),
        (Unconfirmed(), "utter_unconfirmed", "confirm"),
        (StoreUnavailable(), "utter_store_down", "confirm"),
    ],
)
async def test_citizen_hears_why_it_was_not_booked_and_loses_nothing_else(
    monkeypatch: pytest.MonkeyPatch, refused: Exception, said: str, asked_next: str
) -> None:
    heard, slots = await ended(monkeypatch, refused, Draft("d1", "mediation", WHOLE, asked="confirm"))
    assert heard == [said]
    assert "booking" not in slots, "the dialogue goes on"
    draft = Draft.from_json(slots["draft"])
    assert missing(draft) == asked_next
    assert draft.id == "d1", "the same request"
    lost = {"slot", "practitioner", "when", "after", "told"}
    assert {k: v for k, v in draft.facts.items() if k not in lost} == {k: v for k, v in WHOLE.items() if k not in lost}


async def test_citizen_whose_time_was_taken_is_offered_the_nearest_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _, slots = await ended(monkeypatch, SlotTaken(), Draft("d1", "mediation", WHOLE, asked="confirm"))
    assert slots["draft"]["facts"]["when"] == [SLOT["start"], SLOT["start"]]


async def test_citizen_at_the_days_limit_is_offered_other_days(monkeypatch: pytest.MonkeyPatch) -> None:
    _, slots = await ended(monkeypatch, QuotaReached(), Draft("d1", "mediation", WHOLE, asked="confirm"))
    assert slots["draft"]["facts"]["after"] > SLOT["start"]
    assert "when" not in slots["draft"]["facts"]


@pytest.mark.parametrize("refused", [AppointmentAbsent(), TransitionRefused()])
@pytest.mark.parametrize("purpose", ["move", "cancel"])
async def test_citizen_hears_that_it_is_too_late_for_a_change(
    monkeypatch: pytest.MonkeyPatch, refused: Exception, purpose: str
) -> None:
    draft = Draft("d1", purpose, {"appointment": "YY-AAAA-BBBB", "kind": "mediation", "slot": SLOT}, asked="confirm")
    heard, slots = await ended(monkeypatch, refused, draft)
    assert heard == ["utter_change_too_late"]
    assert slots["booking"], "the dialogue is over"


async def test_citizen_who_withdrew_consent_meanwhile_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.errors import ConsentMissing

    heard, slots = await ended(monkeypatch, ConsentMissing(), Draft("d1", "mediation", WHOLE, asked="confirm"))
    assert heard == []
    assert missing(Draft.from_json(slots["draft"])) == "consent"
