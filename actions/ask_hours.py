"""When a place is open: now, on a day, at a time, over some days."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.cards import listing_card
from actions.find_provider import ask_which_area, show
from actions.opening import week_of
from actions.parts import Parts
from actions.turn import SHANGHAI, Turn
from bot.booking.beginnings import COUNTY
from bot.directory import service as directory
from bot.directory.hours import DayHours, State, day_hours, next_opening, state_at
from bot.directory.hours_words import days_between, say_day, say_moment, say_periods, say_time, say_week
from bot.directory.model import SERVICE_POINTS, Listing, Query
from bot.directory.places import places_meant, same_hours
from bot.directory.words import TYPES, describe

# As many places as a county has towns, so that "do the justice offices work" is checked against all of them.
PLACES = 20
# A golden week is eight days; more is a table that nobody reads in a chat.
DAYS = 10
Said = tuple[str, dict[str, Any]]


class ActionAskHours(Action):  # type: ignore[misc]
    """Answers the question asked, not a table."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_ask_hours"

    async def run(self, dispatcher: Any, tracker: Any, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer, or ask which place is meant."""
        turn = Turn(tracker)
        query = turn.query()
        if not query.provider_type and not query.name:
            # "几点下班" to the county's assistant means the county's own counter.
            query = query.refined({"provider_type": "service_center"})
        if listing_id := turn.said.get("provider_id"):
            return await self._at_the_door(dispatcher, str(listing_id), turn)
        if turn.candidates:
            ask_which_area(dispatcher, self._parts, turn.candidates, "ask_hours")
        elif turn.tapped and not turn.said:
            dispatcher.utter_message(response="utter_ask_place_hours")
        else:
            await self._answer(dispatcher, turn, query)
        return [SlotSet("topic", "ask_hours"), SlotSet("directory_query", asdict(query))]

    async def _at_the_door(self, dispatcher: Any, listing_id: str, turn: Turn) -> list[dict[str, Any]]:
        """Say one place's hours and what can be booked there; who scanned its code is known to be where it stands."""
        place = await directory.details(self._parts.directory, listing_id)
        if place is None:
            dispatcher.utter_message(response="utter_listing_gone")
            return []
        self._say(dispatcher, place, place.name, turn)
        kind = place.provider_type if place.provider_type in SERVICE_POINTS else "other"
        dispatcher.utter_message(response=f"utter_at_{kind}", json_message=listing_card(place, week_of(place)))
        area = place.location_area if len(place.location_area) > COUNTY else turn.previous_query.area
        return [SlotSet("topic", "ask_hours"), SlotSet("directory_query", asdict(Query(area=area)))]

    async def _answer(self, dispatcher: Any, turn: Turn, query: Query) -> None:
        places, total = await places_meant(self._parts.directory, self._parts.areas, query, PLACES)
        if not places:
            dispatcher.utter_message(response="utter_no_place", what=query.name or describe(query))
        elif total > 1 and not same_hours(places):
            dispatcher.utter_message(response="utter_places", what=describe(query), total=total)
            show(dispatcher, places[:3])
        else:
            name = places[0].name if total == 1 else f"各{TYPES[query.provider_type]}"
            self._say(dispatcher, places[0], name, turn)

    def _say(self, dispatcher: Any, place: Listing, name: str, turn: Turn) -> None:
        said = str(turn.said.get("time") or "")
        answers = self._answers(place, said, turn.now) if place.schedules else [("utter_hours_unknown", {})]
        for response, words in answers:
            dispatcher.utter_message(response=response, name=name, **words)
        if place.last_confirmed and place.schedules:
            details = {"title": "看全部时间", "payload": f'/find_provider{{"provider_id": "{place.id}"}}'}
            demo = "（示例）" if place.demo else ""
            dispatcher.utter_message(
                response="utter_hours_note", confirmed=place.last_confirmed, demo=demo, buttons=[details]
            )

    def _answers(self, place: Listing, said: str, now: datetime) -> list[Said]:
        """Return what to say about a time as the engine gives it: nothing, an instant, or an interval."""
        calendar, schedules = self._parts.calendar, place.schedules
        if not said:
            return [_now(state_at(schedules, calendar, now), now)]
        start, _, end = said.partition("/")
        first = datetime.fromisoformat(start).astimezone(SHANGHAI)
        if not end:
            if abs((first - now).total_seconds()) < 60:
                return [_now(state_at(schedules, calendar, now), now)]
            state = state_at(schedules, calendar, first)
            return [_moment(state, first, now), *_unknown([state.today])]
        dates = days_between(first, datetime.fromisoformat(end).astimezone(SHANGHAI))[:DAYS]
        days = [day_hours(schedules, calendar, day) for day in dates]
        if len(days) > 1 and not all(day.known for day in days):
            return [_unsure(place, days, now)]
        if len(days) > 1:
            lines = "\n".join(_line(day, now) for day in days)
            return [("utter_hours_days", {"days": lines}), *_unknown(days)]
        after = next_opening(schedules, calendar, datetime.fromisoformat(end).astimezone(SHANGHAI))
        return [_day(days[0], now, say_moment(after.start, now) if after else ""), *_unknown(days)]


def _now(state: State, now: datetime) -> Said:
    if state.open and state.closes_at:
        words = {"closes": say_time(state.closes_at), "minutes": state.minutes_left}
        return ("utter_hours_closing_soon" if state.closing_soon else "utter_hours_open"), words
    if state.next_opening is None:
        return "utter_hours_closed_long", {}
    opens = say_moment(state.next_opening.start, now)
    if state.on_break:
        return "utter_hours_break", {"opens": opens}
    reason = state.today.closure or (f"今天{state.today.holiday}" if state.today.holiday else "")
    return (
        ("utter_hours_closed_reason", {"reason": reason, "opens": opens})
        if reason
        else (
            "utter_hours_closed",
            {"opens": opens},
        )
    )


def _moment(state: State, at: datetime, now: datetime) -> Said:
    words = {"day": say_day(at.date(), now.date()), "time": say_time(at)}
    if state.open and state.closes_at:
        return "utter_hours_moment_open", {**words, "closes": say_moment(state.closes_at, now)}
    opens = say_moment(state.next_opening.start, now) if state.next_opening else ""
    return "utter_hours_moment_closed", {**words, "opens": opens}


def _day(day: DayHours, now: datetime, opens: str) -> Said:
    words = {"day": say_day(day.day, now.date()), "reason": _reason(day)}
    if day.periods:
        return "utter_hours_day_open", {**words, "periods": say_periods(day.periods)}
    return "utter_hours_day_closed", {**words, "opens": opens}


def _line(day: DayHours, now: datetime) -> str:
    return f"{say_day(day.day, now.date())}{_reason(day)} {say_periods(day.periods) or '不上班'}"


def _reason(day: DayHours) -> str:
    if day.closure:
        return f"（{day.closure}）"
    if day.makeup:
        return "（调休）"
    return f"（{day.holiday}）" if day.holiday else ""


def _unsure(place: Listing, days: list[DayHours], now: datetime) -> Said:
    """A holiday week of a year whose arrangement is not known: what is certain, what is usual, nothing guessed."""
    off = [f"{day.day.month}月{day.day.day}日" for day in days if day.holiday]
    certain = f"只有{'、'.join(off)}是法定放假，肯定不上班。" if off else ""
    year = next(day.day.year for day in days if not day.known)
    return "utter_hours_unsure", {"year": year, "certain": certain, "week": say_week(place.schedules, now.date())}


def _unknown(days: list[DayHours]) -> list[Said]:
    years = sorted({day.day.year for day in days if not day.known})
    return [("utter_hours_year_unknown", {"year": years[0]})] if years else []
