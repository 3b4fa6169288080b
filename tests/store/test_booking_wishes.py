"""What a citizen hears in the chat who wishes for a time that nobody has: why, and the nearest that there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from redis.asyncio import Redis
from ruamel.yaml import YAML

from actions import booking_asks
from actions.booking_talk import Speaker
from actions.turn import Turn
from bot.booking import desk as at
from bot.booking.choices import Desk
from bot.booking.draft import Draft
from bot.booking.words import local
from bot.citizens.store import CitizenStore
from bot.directory.hours import SHANGHAI
from tests.keys import keyring_with
from tests.store.booking_world import DISTRICT, LISTINGS, TOWN, open_desk

ROOT = Path(__file__).resolve().parents[2]
RESPONSES = YAML(typ="safe").load(ROOT / "domain.yml")["responses"]
# Friday before the holidays of 2026: 1 to 7 October are off, Saturday the 10th is worked for one of them.
NOW = "2026-09-25T09:00:00+08:00"


@pytest.fixture
async def desk(redis: Redis) -> Desk:
    return await open_desk(redis)


async def offered(desk: Desk, *wished: str) -> tuple[str, Draft]:
    """Ask for a time of the mediator p1; return what the citizen reads and the draft with what is on the screen."""
    redis = desk.book._redis
    when = [int(datetime.fromisoformat(f"{text}+08:00").timestamp()) for text in (*wished, wished[-1])][:2]
    facts = {"matter": "neighbour", "mode": "video", "area": TOWN, "practitioner": "p1", "when": when}
    tracker = SimpleNamespace(
        sender_id="web:abc12345", slots={}, events=[], latest_message={"text": "", "metadata": {"at": NOW}}
    )
    ring = keyring_with("k1")
    parts = SimpleNamespace(
        desk=desk,
        directory=desk.directory,
        citizens=CitizenStore(redis, DISTRICT, ring),
        keyring=ring,
        areas=desk.areas,
    )
    said = CollectingDispatcher()
    draft = await booking_asks.slot(Speaker(parts, Turn(tracker), said), Draft("d1", "mediation", facts))  # type: ignore[arg-type]
    return "\n".join(_text(message) for message in said.messages), draft


def _text(message: dict[str, Any]) -> str:
    words = {name: value for name, value in message.items() if isinstance(value, str)}
    return str(RESPONSES[message["response"]][0]["text"]).format(**words)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("wished", "said", "nearest"),
    [
        ("2026-09-29T12:30", "不在，可能是午休", "2026-09-29T14:30"),
        ("2026-09-29T23:00", "不在", "2026-09-29T15:45"),
        ("2026-10-01T10:00", "国庆", "2026-09-30T15:45"),
        ("2026-10-11T10:00", "不上班", "2026-10-10T15:45"),
    ],
    ids=["the mediator's own lunch", "night", "holiday", "Sunday"],
)
async def test_citizen_hears_why_nobody_is_there_and_what_is_nearest(
    desk: Desk, wished: str, said: str, nearest: str
) -> None:
    text, draft = await offered(desk, wished)
    assert said in text
    assert len(draft.offered) == 3
    assert nearest in {local(slot.start).strftime("%Y-%m-%dT%H:%M") for slot in draft.offered}
    assert not any(local(slot.start) == moment(wished) for slot in draft.offered)


async def test_citizen_has_the_saturday_that_is_worked_for_a_holiday(desk: Desk) -> None:
    text, draft = await offered(desk, "2026-10-10T08:30", "2026-10-10T12:00")
    assert "不上班" not in text
    assert {local(slot.start).date().isoformat() for slot in draft.offered} == {"2026-10-10"}


async def test_citizen_who_wishes_for_somebodys_own_break_is_not_told_of_the_others_hours(desk: Desk) -> None:
    hours = replace(LISTINGS[0].schedules[0], closes_at="10:00")
    late = replace(LISTINGS[0], schedules=(hours, LISTINGS[0].schedules[1]))
    await desk.directory.replace((late, *LISTINGS[1:]), desk.areas, {}, None, "")
    text, draft = await offered(desk, "2026-09-29T10:30")
    assert "p1调解员不在" in text
    assert all(slot.practitioner == "p1" for slot in draft.offered)


async def test_citizen_whose_wished_time_another_has_hears_that_it_is_taken(desk: Desk) -> None:
    slots = (await at.times(desk, at.Wish("mediation", mode="video", practitioner="p1"), _now(), limit=5)).slots
    await at.book(desk, at.Wish("mediation", mode="video", practitioner="p1", citizen="c9"), slots[0], _now(), "r")
    text, draft = await offered(desk, local(slots[0].start).strftime("%Y-%m-%dT%H:%M"))
    assert "没有空" in text
    assert slots[0] not in draft.offered


def _now() -> int:
    return int(datetime.fromisoformat(NOW).timestamp())
