"""Look up organisations and people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.booking_talk import Speaker, button
from actions.cards import listing_card
from actions.meant import meant_for_booking
from actions.opening import week_of
from actions.parts import Parts
from actions.turn import Turn
from bot.booking.purposes import INTENTS, SERVES
from bot.directory import service as directory
from bot.directory.model import Found, Listing, Query
from bot.directory.words import TYPES, describe, unit, wishes

# Three cards fill a phone's screen; the rest is one tap away.
PAGE = 3
COUNTYWIDE = "全区"
Listings = tuple[Listing, ...]


class ActionFindProvider(Action):  # type: ignore[misc]
    """Finds by kind, area, matter, language, gender or name."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_find_provider"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer with cards, or ask for what is missing."""
        turn = Turn(tracker)
        speak = Speaker(self._parts, turn, dispatcher)
        if not turn.in_booking and (booking := await meant_for_booking(speak)) is not None:
            return booking
        query = turn.query()
        shown: Listings = ()
        if listing_id := turn.said.get("provider_id"):
            shown = await self._details(dispatcher, str(listing_id))
        elif turn.candidates:
            ask_which_area(dispatcher, self._parts, turn.candidates, "find_provider")
        elif query.name:
            shown = await self._by_name(dispatcher, query)
        else:
            query, shown = await self._by_wish(dispatcher, query, int(turn.said.get("offset") or 0))
        on_screen = [[listing.id, listing.name, listing.provider_type] for listing in shown]
        slots = {"topic": "find_provider", "directory_query": asdict(query), "shown": on_screen}
        return [SlotSet(name, value) for name, value in slots.items()]

    async def _details(self, dispatcher: Any, listing_id: str) -> Listings:
        listing = await directory.details(self._parts.directory, listing_id)
        if listing is None:
            dispatcher.utter_message(response="utter_listing_gone")
            return ()
        card = listing_card(listing, week_of(listing), whole=True)
        kind = SERVES.get(listing.provider_type)
        book = [button(f"约{listing.name}", "practitioner", listing.id, INTENTS[kind])] if kind else []
        dispatcher.utter_message(response="utter_listing", name=listing.name, json_message=card, buttons=book)
        return (listing,)

    async def _by_name(self, dispatcher: Any, query: Query) -> Listings:
        found = await directory.by_name(self._parts.directory, query.name, PAGE, query.provider_type)
        # "杨律师" may be a mediator: who is remembered by name is often given the wrong title.
        found = found or await directory.by_name(self._parts.directory, query.name, PAGE)
        if not found:
            dispatcher.utter_message(response="utter_found_no_name", name=query.name)
            return ()
        if len(found) > 1:
            dispatcher.utter_message(response="utter_found_name")
        show(dispatcher, found)
        return found

    async def _by_wish(self, dispatcher: Any, query: Query, offset: int) -> tuple[Query, Listings]:
        if not query.provider_type and query.matter:
            # Somebody with a trouble and no idea of whom to ask is best served by somebody who knows the law.
            query = query.refined({"provider_type": "lawyer"})
        if not query.provider_type:
            dispatcher.utter_message(response="utter_ask_provider_type")
            return query, ()
        found = await directory.find(self._parts.directory, self._parts.areas, query, PAGE, offset)
        say_found(dispatcher, self._parts, query, found, offset)
        return query, found.listings


def say_found(dispatcher: Any, parts: Parts, query: Query, found: Found, offset: int = 0) -> None:
    """Say how many there are and where, and what had to be given up; then show the cards and what to tap next."""
    if not found.listings:
        dispatcher.utter_message(response="utter_found_none", what=describe(query))
        return
    words = {
        "what": describe(query),
        "where": _where(parts, found),
        "asked": parts.areas.name(found.asked_area) if found.asked_area else "",
        "total": found.total,
        "shown": len(found.listings),
        "unit": unit(query.provider_type),
    }
    if found.dropped:
        words["wish"] = wishes(found.dropped, query)
        words["what"] = TYPES[query.provider_type]
        words["unit_plural"] = f"{len(found.listings)}{words['unit']}"
    if not offset:
        dispatcher.utter_message(response=_response_for(parts, found), **words)
    show(dispatcher, found.listings, _next(found, offset))


def show(dispatcher: Any, listings: tuple[Listing, ...], more: list[dict[str, str]] | None = None) -> None:
    """Send one card a listing; the last carries the buttons."""
    for listing in listings[:-1]:
        dispatcher.utter_message(json_message=listing_card(listing))
    details = [
        {"title": f"{item.name}详情", "payload": f'/find_provider{{"provider_id": "{item.id}"}}'} for item in listings
    ]
    dispatcher.utter_message(json_message=listing_card(listings[-1]), buttons=[*details, *(more or [])])


def ask_which_area(dispatcher: Any, parts: Parts, codes: list[str], intent: str) -> None:
    """Ask which of several areas of the same name is meant."""
    buttons = [{"title": parts.areas.full_name(code), "payload": f'/{intent}{{"area": "{code}"}}'} for code in codes]
    dispatcher.utter_message(response="utter_ask_which_area", name=parts.areas.name(codes[0]), buttons=buttons)


def _where(parts: Parts, found: Found) -> str:
    """Say where they are: the whole county when somebody who serves all of it leads the list."""
    county = parts.areas.county.code
    if not found.area or any(county in listing.areas for listing in found.listings):
        return COUNTYWIDE
    return parts.areas.name(found.area)


def _response_for(parts: Parts, found: Found) -> str:
    if found.dropped:
        return "utter_found_without"
    if found.asked_area and found.area != found.asked_area:
        return "utter_found_wider"
    if found.asked_area not in ("", parts.areas.county.code) and _where(parts, found) == COUNTYWIDE:
        return "utter_found_serving"
    return "utter_found_first" if found.total > len(found.listings) else "utter_found"


def _next(found: Found, offset: int) -> list[dict[str, str]]:
    reached = offset + len(found.listings)
    if reached >= found.total:
        return []
    return [{"title": f"再看几个（共{found.total}）", "payload": f'/find_provider{{"offset": "{reached}"}}'}]
