"""Opening hours as one line on a card, and when somebody of the staff is there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from actions.parts import Parts
from bot.directory import service as directory
from bot.directory.hours import state_at
from bot.directory.hours_words import say_moment, say_time, say_week
from bot.directory.model import Listing


def week_of(listing: Listing, today: date | None = None) -> str:
    """Return the usual week."""
    return say_week(listing.schedules, today or date.today())


def now_line(parts: Parts, listing: Listing, now: datetime) -> str:
    """Return "现在开着，17:30 关" or "现在没开，明天8:30 开"; empty when the hours are unknown."""
    if not listing.schedules:
        return ""
    state = state_at(listing.schedules, parts.calendar, now)
    if state.open and state.closes_at:
        return f"现在开着，{say_time(state.closes_at)}关"
    return f"现在没开，{say_moment(state.next_opening.start, now)}开" if state.next_opening else "现在没开"


async def staff_hours(parts: Parts, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return the response that says when the county centre's staff are there, and its words."""
    centre = await directory.nearest(parts.directory, parts.areas, "service_center", "")
    if centre is None or not centre.schedules:
        return "utter_human_unknown", {"when": "上班后"}
    state = state_at(centre.schedules, parts.calendar, now)
    if state.open and state.closes_at:
        return "utter_human_now", {"closes": say_time(state.closes_at), "when": "今天"}
    if state.next_opening is None:
        return "utter_human_unknown", {"when": "上班后"}
    opens = say_moment(state.next_opening.start, now)
    return "utter_human_later", {"opens": opens, "when": f"{opens}上班后"}
