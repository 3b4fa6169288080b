"""A listing or a door as a card: what a citizen needs to get there, to call, to choose."""

from __future__ import annotations

from typing import Any

from bot.conversation.model import Card, Field, card_to_json
from bot.directory.model import Listing, Phone
from bot.directory.words import LANGUAGES, MATTERS, TYPES
from bot.knowledge.model import Door

# A card in a list names this many matters; the details name all.
MATTERS_SHOWN = 4


def listing_card(listing: Listing, hours: str = "", whole: bool = False, free: str = "") -> dict[str, Any]:
    """Return the card of a listing as a Rasa json_message.

    `whole` adds what only the details show, `free` when there is time, in the place of phone and hours.
    """
    matters = [MATTERS[m] for m in listing.matters if m in MATTERS]
    shown = matters if whole else matters[:MATTERS_SHOWN]
    rows = [
        ("有空", free, None),
        ("电话", "" if free else "、".join(p.number for p in listing.phones), _href(listing)),
        ("地址", listing.address, None),
        ("时间", hours, None),
        ("语言", "、".join(LANGUAGES.get(code, code) for code in listing.languages), None),
        ("擅长", "、".join(shown), None),
        ("收费", listing.fee, None),
        ("介绍", listing.description if whole else "", None),
    ]
    card = Card(
        title=listing.name,
        badge="示例" if listing.demo else None,
        subtitle=_subtitle(listing),
        fields=tuple(Field(label, value, href) for label, value, href in rows if value),
        note=f"{listing.last_confirmed} 核对" if listing.last_confirmed else None,
    )
    return {"card": card_to_json(card)}


def door_card(door: Door) -> dict[str, Any]:
    """Return the card of a body or hotline."""
    fields = [Field("管什么", door.handles)]
    if door.number:
        fields.insert(0, Field("电话", door.number, f"tel:{door.number}"))
    if door.say:
        fields.append(Field("怎么说", door.say))
    return {"card": card_to_json(Card(title=door.name, fields=tuple(fields)))}


def _subtitle(listing: Listing) -> str:
    role = listing.title or TYPES.get(listing.provider_type, "")
    at = listing.organization_name if listing.organization_name != listing.name else ""
    return " · ".join(part for part in (role, at) if part)


def _href(listing: Listing) -> str | None:
    """Demo numbers cannot be dialled, so they are not offered to a thumb."""
    if listing.demo or not listing.phones:
        return None
    first: Phone = listing.phones[0]
    return "tel:" + "".join(ch for ch in first.number if ch.isdigit() or ch == "+")
