"""What the buttons of the booking dialogue carry: "<field>:<value>". Whoever forges one gets no further than by typing. Pure."""

from __future__ import annotations

from dataclasses import asdict

from bot.booking.draft import REMEMBERED, SKIPPABLE
from bot.booking.field_answers import EDIT_WORDS
from bot.booking.model import Slot
from bot.booking.reading import UNCLEAR, Reading


def pointed(option: str) -> Reading:
    """Return what a tapped button of the dialogue means; `option` is "<field>:<value>"."""
    name, _, value = option.partition(":")
    if (name, value) in _TAPPED:
        return _TAPPED[name, value]
    if name == "slot":
        found = slot_of(value)
        return Reading("facts", {"slot": asdict(found)}) if found else UNCLEAR
    if name == "edit":
        return Reading("reopen", {"field": value}) if value in EDIT_WORDS else UNCLEAR
    if name == "confirm":
        return Reading("confirmed", {"draft": value})
    return Reading("facts", {name: value}) if name in _TAPPABLE and (value or name in SKIPPABLE) else UNCLEAR


def slot_of(text: str) -> Slot | None:
    """Return the time that a button carries as "start|end|practitioner|room"."""
    start, end, who, room = (text.split("|") + [""] * 4)[:4]
    return Slot(int(start), int(end), who, room) if start.isdecimal() and end.isdecimal() else None


_TAPPED = {
    ("practitioner", "more"): Reading("more"),
    ("practitioner", "again"): Reading("facts", {"practitioner": None, "suggested": None}),
    ("slot", "later"): Reading("later"),
    ("consent", "yes"): Reading("facts", {"consent": True}),
    ("consent", "no"): Reading("declined"),
    ("contact", "yes"): Reading("facts", {"contact": True, "name": REMEMBERED, "phone": REMEMBERED}),
    ("contact", "no"): Reading("facts", {"contact": False}),
    ("edit", ""): Reading("facts", {"edit": True}),
    ("edit", "none"): Reading("facts", {"edit": None}),
    ("resume", "yes"): Reading("go_on"),
    ("resume", "no"): Reading("start_anew"),
    ("resume", "drop"): Reading("drop"),
}
_TAPPABLE = frozenset(
    {
        "matter",
        "mode",
        "area",
        "provider_type",
        "practitioner",
        "other_name",
        "other_phone",
        "relation",
        "item",
        "appointment",
    }
)
