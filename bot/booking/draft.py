"""What a booking dialogue was told so far, and what is still to be asked. Pure.

A draft never changes; `take` returns another one. It is kept as JSON in the conversation and, once the citizen has agreed,
by the citizens' room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.booking.model import Slot, Wish

Facts = Mapping[str, Any]

# What is asked, in this order. "appointment" is which one is meant, "contact" whether the name and phone of last time
# still hold. A mediation is told first, since the trouble decides who mediates; the consent comes before the first name.
# A visit is in the office of some town, hence its "area".
_PERSON = ("contact", "name", "phone")
_WITH_WHOM = ("mode", "area", "practitioner", "slot", "consent", *_PERSON, "other_name")
FIELDS: dict[str, tuple[str, ...]] = {
    "mediation": ("matter", *_WITH_WHOM, "other_phone", "confirm"),
    "consultation": ("provider_type", *_WITH_WHOM, "confirm"),
    "notary": ("item", "slot", "consent", *_PERSON, "confirm"),
    "legal_aid": ("matter", "slot", "consent", *_PERSON, "confirm"),
    "visit": ("consent", "relation", "inmate", "institution", "area", "slot", *_PERSON, "id_number", "confirm"),
    "move": ("appointment", "slot", "confirm"),
    "cancel": ("appointment", "confirm"),
}
# Which consent of the citizens' room a kind needs.
CONSENT = {"visit": "visit"}
# What a person is found by: when one of these changes, whoever was chosen may be the wrong one.
_WHOM = ("practitioner", "slot")
# fact → facts that rested on it and fall when it changes.
RESTS_ON: dict[str, tuple[str, ...]] = {
    "matter": _WHOM,
    "area": _WHOM,
    "provider_type": _WHOM,
    "language": _WHOM,
    "gender": _WHOM,
    "mode": ("slot",),
    "practitioner": ("slot",),
    "when": ("slot",),
    "appointment": ("slot", "when"),
}
# "No restriction", said of an area, a person or a kind of person.
ANY = "any"
# Stands for a name or phone that the citizens' room remembers, so that the conversation need not repeat it.
REMEMBERED = "@"
# What a citizen may leave out.
SKIPPABLE = frozenset({"other_name", "other_phone"})
# At one field: the second failure gets an example, the third the offer of a person, the next one ends the dialogue.
EXAMPLE_AT, PERSON_AT, END_AT = 2, 3, 4


@dataclass(frozen=True)
class Draft:
    """A booking, a move or a cancellation that is being talked about.

    `id` is the draft's own; the idempotency key comes from it. `purpose` is a kind of service, "move" or "cancel". `facts`
    is what is known: a name of FIELDS, or "when" (the wished [start, end], equal for an instant), "story", "language",
    "gender", "after" (no time before it), "told" (the wish of which it was said why it cannot be had), "edit" (asked to change). `asked` is the field that was asked last,
    `asks` how often each was, `failures` how often in a row the answer was none. `offered` are the times on the
    screen, `shown` the people there as (listing id, name), `page` how many were shown before. `earlier` is a draft left
    half-way, while the citizen is asked whether to go on with it. `heard` is the message that was taken last, `at` when.
    """

    id: str
    purpose: str
    facts: Facts = field(default_factory=dict)
    asked: str = ""
    asks: Mapping[str, int] = field(default_factory=dict)
    failures: int = 0
    offered: tuple[Slot, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    page: int = 0
    earlier: Mapping[str, Any] | None = None
    heard: str = ""
    at: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as the conversation keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Draft:
        """Read what `to_json` wrote."""
        return cls(
            **{
                **kept,
                "offered": tuple(Slot(**slot) for slot in kept["offered"]),
                "shown": tuple((number, name) for number, name in kept["shown"]),
            }
        )

    @property
    def slot(self) -> Slot | None:
        """The time that was chosen."""
        return Slot(**self.facts["slot"]) if "slot" in self.facts else None


def take(draft: Draft, facts: Facts) -> Draft:
    """Put facts in. None takes one out; what rested on a fact that changes falls with it.

    Facts about different things may come in any order.
    """
    known = dict(draft.facts)
    for name, value in facts.items():
        if known.get(name, value) != value or value is None:
            _drop(known, name, kept=facts)
        if value is not None:
            known[name] = value
    _settle(known, facts)
    return replace(draft, facts=known)


def _drop(known: dict[str, Any], name: str, kept: Facts) -> None:
    """Take a fact and what rests on it out; a time that was chosen stays as the wish."""
    gone = known.pop(name, None)
    if name == "slot" and gone:
        known.setdefault("when", [gone["start"], gone["start"]])
    for resting in RESTS_ON.get(name, ()):
        if resting in known and kept.get(resting) is None:
            _drop(known, resting, kept)


def _settle(known: dict[str, Any], facts: Facts) -> None:
    if facts.get("slot"):  # A chosen time says what the wish for one only meant.
        known.pop("when", None)
        known.pop("after", None)
    if facts.get("area"):
        known.pop("areas", None)
    if {"practitioner", "gender", "language", "area"} & facts.keys():
        known.pop("named", None)
    if "edit" in known and facts.keys() - {"edit"}:
        del known["edit"]


def missing(draft: Draft) -> str:
    """Return the field to ask next; "confirm" when all is known."""
    if draft.earlier is not None:
        return "resume"
    if draft.facts.get("edit"):
        return "edit"
    return next(name for name in FIELDS[draft.purpose] if name == "confirm" or not is_known(draft, name))


def is_known(draft: Draft, name: str) -> bool:
    """Whether a field need not be asked, being known or needless."""
    facts = draft.facts
    if name in facts or name in _needless(facts):
        return True
    return name == "matter" and "story" in facts


def _needless(facts: Facts) -> set[str]:
    """Return what follows from what is known: who is chosen needs no town to be found in."""
    out = set()
    if "practitioner" in facts:
        out |= {"area", "provider_type"}
    if facts.get("provider_type") in ("lawyer", ANY):
        out.add("area")  # Lawyers serve the whole county.
    if not facts.get("remembered") or {"name", "phone"} & facts.keys():
        out.add("contact")
    return out


def is_begun(draft: Draft) -> bool:
    """Whether so much was said that it is worth going on with: more than the town, which is known anyway."""
    known = draft.facts.keys() & {*FIELDS[draft.purpose], "story", "when"}
    return draft.purpose not in ("move", "cancel") and bool(known - {"area", "consent", "provider_type"})


def editable(draft: Draft) -> list[str]:
    """Return the fields that can be asked anew at the summary."""
    hidden = {"consent", "contact", "confirm", "appointment"}
    return [name for name in FIELDS[draft.purpose] if name not in hidden and name in draft.facts]


def reopened(draft: Draft, name: str) -> Draft:
    """Return the draft with one field to be asked anew."""
    names = {"matter": ("matter", "story"), "slot": ("slot", "when")}.get(name, (name,))
    return take(replace(draft, asks={**draft.asks, name: draft.asks.get(name, 0)}), dict.fromkeys((*names, "edit")))


def left_at(draft: Draft, name: str, failed: bool) -> Draft:
    """Return the draft after an answer: the failures at one field are counted until it is answered."""
    return replace(draft, failures=draft.failures + 1 if failed and name == draft.asked else 0)


def asking(draft: Draft, name: str) -> Draft:
    """Return the draft once a field has been asked."""
    failures = draft.failures if name == draft.asked else 0
    return replace(draft, asked=name, failures=failures, asks={**draft.asks, name: draft.asks.get(name, 0) + 1})


def resumed(draft: Draft) -> Draft:
    """Return the earlier draft, with what was said since put in where both are about the same."""
    if draft.earlier is None:  # The button was tapped twice: it goes on already.
        return draft
    earlier = Draft.from_json(draft.earlier)
    said = draft.facts if earlier.purpose == draft.purpose else {}
    later = replace(earlier, asked="", asks={}, failures=0, offered=(), heard=draft.heard, at=draft.at)
    return take(later, {name: value for name, value in said.items() if name not in ("remembered", "suggested")})


def wish_of(draft: Draft, citizen: str, applicant: str = "", respondent: str = "") -> Wish:
    """Return what to look for in the book. The three are pseudonyms."""
    said = {name: value for name, value in draft.facts.items() if value not in (ANY, "other")}
    names = ("area", "matter", "mode", "language", "gender", "provider_type", "practitioner")
    return Wish(
        draft.purpose,
        **{name: str(said.get(name, "")) for name in names},
        citizen=citizen,
        applicant=applicant,
        respondent=respondent,
    )


def request_key(draft: Draft, *parts: object) -> str:
    """Return the idempotency key of a command about this draft: five taps are one booking, another time is another."""
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return f"{draft.id}:{digest}"


def without(facts: Facts, names: Iterable[str]) -> dict[str, Any]:
    """Return facts without some."""
    gone = set(names)
    return {name: value for name, value in facts.items() if name not in gone}
