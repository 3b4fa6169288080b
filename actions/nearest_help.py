"""Who can help in person, near to where a citizen lives."""

from __future__ import annotations

from actions.parts import Parts
from actions.turn import Turn
from bot.directory import service as directory
from bot.directory.model import Listing, Query

VILLAGE = 12  # digits of a village's code


async def nearest_help(parts: Parts, turn: Turn, kind: str) -> Listing | None:
    """Return the nearest one of a kind; a village's adviser or committee only when the village is known."""
    asked = turn.query().area
    query = Query(provider_type=kind, area=asked, matter=str(turn.said.get("matter") or ""))
    if kind in ("village_adviser", "mediation_committee") and len(asked) < VILLAGE:
        # A town has many of them: its justice office knows which; without a town, the county's counter.
        kind = "justice_office" if asked and asked != parts.areas.county.code else "service_center"
        return await directory.nearest(parts.directory, parts.areas, kind, asked)
    found = await directory.find(parts.directory, parts.areas, query, 1)
    return found.listings[0] if found.listings else None
