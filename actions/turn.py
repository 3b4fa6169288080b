"""What an action reads of the turn: who said what, when, and what was said before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.booking.draft import Draft
from bot.booking.said import Entity, Said
from bot.directory.model import Query
from bot.directory.words import looked_for, type_of_title

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Messages that tell a trouble, and for how many seconds it is still what one is talking about.
TROUBLES = frozenset({"ask_law", "where_to_go", "calculate", "ask_mediation", "ask_legal_aid"})
LATELY = 3600


class Turn:
    """A view of Rasa's tracker: the latest message's text, intent, entities and time, and the last look-up."""

    def __init__(self, tracker: Any) -> None:
        self._tracker = tracker
        self._message: dict[str, Any] = tracker.latest_message or {}

    @property
    def user(self) -> str:
        """Channel and sender, as the gateway named them."""
        return str(self._tracker.sender_id)

    @property
    def text(self) -> str:
        """What was typed; for a tapped button its payload."""
        return str(self._message.get("text") or "")

    @property
    def id(self) -> str:
        """Tell this message from every other."""
        return next(
            (
                str(event.get("message_id") or event.get("timestamp"))
                for event in reversed(self._tracker.events or [])
                if event.get("event") == "user"
            ),
            "",
        )

    @property
    def tapped(self) -> bool:
        """Whether a button was tapped rather than something typed."""
        return self.text.startswith("/")

    @property
    def intent(self) -> str:
        """The intent's name."""
        return str((self._message.get("intent") or {}).get("name") or "")

    @property
    def ranking(self) -> list[dict[str, Any]]:
        """The intents in the order of their confidence: `[{"name", "confidence"}]`."""
        return list(self._message.get("intent_ranking") or [])

    @property
    def said(self) -> dict[str, Any]:
        """The entities of this message, the first of each name: `{"area": "440515102"}`."""
        found: dict[str, Any] = {}
        for entity in self._message.get("entities") or []:
            found.setdefault(entity["entity"], entity["value"])
        return found

    @property
    def candidates(self) -> list[str]:
        """The area codes that an ambiguous name could mean; empty when it was clear."""
        for entity in self._message.get("entities") or []:
            if entity["entity"] == "area" and len(entity.get("candidates") or ()) > 1:
                return list(entity["candidates"])
        return []

    @property
    def now(self) -> datetime:
        """When the message was sent, at Shanghai's time; the gateway says it, so that tests own the clock."""
        metadata = self._message.get("metadata") or {}
        said = metadata.get("at")
        return datetime.fromisoformat(said).astimezone(SHANGHAI) if said else datetime.now(SHANGHAI)

    @property
    def topic(self) -> str:
        """The flow that the last turns were about."""
        return str(self._tracker.slots.get("topic") or "")

    @property
    def previous_query(self) -> Query:
        """The last look-up, to be refined."""
        return Query(**(self._tracker.slots.get("directory_query") or {}))

    @property
    def draft(self) -> Draft | None:
        """The booking that is being talked about, or was left."""
        kept = self._tracker.slots.get("draft")
        return Draft.from_json(kept) if kept else None

    @property
    def in_booking(self) -> bool:
        """Whether the booking dialogue waits for an answer."""
        return bool((self._tracker.active_loop or {}).get("name") == "booking_form")

    @property
    def shown(self) -> tuple[tuple[str, str, str], ...]:
        """Those on the screen from the last look-up: (listing id, name, provider type)."""
        return tuple((number, name, kind) for number, name, kind in self._tracker.slots.get("shown") or ())

    @property
    def pending(self) -> dict[str, str]:
        """What a bare yes means outside of any form, when it was asked in the turn before: `{"what": …}`."""
        kept: dict[str, str] = self._tracker.slots.get("pending") or {}
        return kept if kept.get("after") == self.id_before() else {}

    @property
    def booked(self) -> dict[str, str]:
        """What was booked, moved or cancelled last: `{"draft", "appointment", "purpose", "other_phone"}`."""
        return dict(self._tracker.slots.get("booked") or {})

    @property
    def told(self) -> dict[str, Any]:
        """Which answer was given last: `{"entry": its id, "at": seconds since 1970}`; {} for none."""
        return dict(self._tracker.slots.get("told") or {})

    def id_before(self) -> str:
        """Return the id of the message before this one."""
        found = [event for event in self._tracker.events or [] if event.get("event") == "user"]
        return str(found[-2].get("message_id") or found[-2].get("timestamp")) if len(found) > 1 else ""

    def heard(self) -> Said:
        """Return the message as the booking rules read it."""
        entities = tuple(
            Entity(e["entity"], e["value"], e.get("start", -1), e.get("end", -1), tuple(e.get("candidates") or ()))
            for e in self._message.get("entities") or []
        )
        intent = self._message.get("intent") or {}
        if self.tapped:
            return Said("", self.intent, 1.0, entities, str(self.said.get("option") or ""), True)
        return Said(self.text, self.intent, float(intent.get("confidence") or 0), entities)

    def query(self) -> Query:
        """Return the look-up that this message asks for, over what was said before."""
        said = {name: str(value) for name, value in self.said.items() if name in Query.__dataclass_fields__}
        names = (str(self.said.get(kind) or "") for kind in ("person_name", "organization_name", "provider_type"))
        if name := looked_for(*names):
            kind = {"provider_type": kind} if (kind := type_of_title(name)) else {}
            return Query(name=name, **{**kind, **{k: v for k, v in said.items() if k != "name"}})
        before = self.previous_query
        return Query(**{**before.__dict__, "name": ""}).refined(said)

    def action_before(self) -> str:
        """Return the last action of the turn before this one, action_listen left out."""
        user_turns = 0
        for event in reversed(self._tracker.events or []):
            if event.get("event") == "user":
                user_turns += 1
            elif event.get("event") == "action" and user_turns == 1 and event.get("name") != "action_listen":
                return str(event.get("name"))
            if user_turns > 1:
                break
        return ""

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The editors' entries that may answer this message, the likeliest first: `[{"id", "probability"}]`."""
        return list(self._message.get("entries") or [])

    def typed_before(self) -> str:
        """Return what was typed last before this message, "" when nothing was."""
        texts = (str(e.get("text") or "") for e in reversed(self._tracker.events or []) if e.get("event") == "user")
        return next((text for text in texts if text and not text.startswith("/")), "")

    def trouble_before(self) -> tuple[str, str]:
        """Return matter code and words of the trouble told last in the hour before this message, ("", "") for none."""
        return next(iter(self.troubles_before()), ("", ""))

    def troubles_before(self) -> list[tuple[str, str]]:
        """Return matter code and words of the troubles told in the hour before this message, the last one first."""
        told = []
        for event in reversed((self._tracker.events or [])[:-1]):
            if event.get("event") != "user" or str(event.get("text") or "").startswith("/"):
                continue
            if self.now.timestamp() - float(event.get("timestamp") or 0) > LATELY:
                break
            parsed = event.get("parse_data") or {}
            found = {entity["entity"]: str(entity["value"]) for entity in parsed.get("entities") or ()}
            if (parsed.get("intent") or {}).get("name") in TROUBLES and "matter" in found:
                told.append((found["matter"], str(event["text"])))
        return told
