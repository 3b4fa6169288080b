"""The answer to a sent location: the windows nearest to it. Pure.

The location itself is neither kept nor passed on; only the town or village that its address names is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.areas.model import AreaTable
from bot.conversation.model import Button, Card, Field, Reply
from bot.directory.distance import say_distance
from bot.directory.model import Listing, Near
from bot.directory.words import TYPES


def area_payload(code: str) -> str:
    """Return what the engine is told: as if the area had been tapped, also in the middle of a booking."""
    return "/inform" + json.dumps({"area": code, "option": f"area:{code}"})


def near_replies(points: Sequence[Near], areas: AreaTable, area: str) -> list[Reply]:
    """Return the windows as cards, and ask for the town when the address does not name it. `area` is "" then."""
    where = f"您在{areas.full_name(area)}。" if area else ""
    if not points:
        said = where or "这个位置附近没有查到我们的服务点。"
        return [Reply(said)] if area else [Reply(f"{said}您在哪个镇或街道？", _towns(areas))]
    nearest = "离您最近的是：" if points[0].metres is not None else "就近可以去："
    replies = [Reply(where + nearest), *(Reply(card=_card(point), buttons=_hours(point.listing)) for point in points)]
    return replies if area else [*replies, Reply("您在哪个镇或街道？点一下，约人时我先找近的。", _towns(areas))]


def _towns(areas: AreaTable) -> tuple[Button, ...]:
    return tuple(Button(areas.name(code), area_payload(code)) for code in areas.children(areas.county.code))


def _hours(listing: Listing) -> tuple[Button, ...]:
    return (Button(f"{listing.name}几点开门", "/ask_hours" + json.dumps({"provider_id": listing.id})),)


def _card(point: Near) -> Card:
    listing = point.listing
    # Demo numbers cannot be dialled, so they are not offered to a thumb.
    call = None if listing.demo else "tel:" + "".join(ch for ch in _number(listing) if ch.isdigit() or ch == "+")
    rows = (
        ("离您", "" if point.metres is None else say_distance(point.metres), None),
        ("地址", listing.address, None),
        ("电话", _number(listing), call),
    )
    return Card(
        title=listing.name,
        badge="示例" if listing.demo else None,
        subtitle=TYPES[listing.provider_type],
        fields=tuple(Field(label, value, href) for label, value, href in rows if value),
        note=f"{listing.last_confirmed} 核对" if listing.last_confirmed else None,
    )


def _number(listing: Listing) -> str:
    return listing.phones[0].number if listing.phones else ""
