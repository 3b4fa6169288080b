"""Going through the entries by tapping alone: first the matter, then what others have asked."""

from __future__ import annotations

from typing import Any

from actions.parts import Parts
from bot.directory.words import MATTERS
from bot.knowledge.lessons import course
from bot.knowledge.telling import entry_button, payload

OTHER = "别的事"


def show_matters(dispatcher: Any, response: str, intent: str, *first: dict[str, str]) -> None:
    """Offer every matter as a button, after those that come first."""
    names = {**MATTERS, "other": OTHER}
    matters = [{"title": name, "payload": payload(intent, matter=matter)} for matter, name in names.items()]
    dispatcher.utter_message(response=response, buttons=[*first, *matters])


def show_course(dispatcher: Any, parts: Parts, intent: str, matter: str, offset: str) -> None:
    """Offer a page of a matter's entries as buttons; `offset` is the number of those that were shown before."""
    at = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 4 else 0
    page, left = course(parts.library.of_matter(matter), at)
    if not page:
        show_matters(dispatcher, "utter_ask_law_blank", intent)
        return
    buttons = [{"title": b.title, "payload": b.payload} for b in map(entry_button, page)]
    if left:
        more = payload(intent, matter=matter, offset=str(at + len(page)))
        buttons.append({"title": f"再看几个（还有{left}）", "payload": more})
    dispatcher.utter_message(response=f"utter_course_{intent}", what=MATTERS.get(matter, OTHER), buttons=buttons)
