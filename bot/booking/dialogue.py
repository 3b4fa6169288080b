"""What a booking dialogue asks of the book, the directory and the citizens' room: one function a use case.

Every function takes a `Talk` and a draft; `answers.py` says what a message means and `draft.py` what is to be asked next.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.booking import desk as book
from bot.booking.desk import Desk
from bot.booking.draft import (
    ANY,
    CONSENT,
    REMEMBERED,
    Draft,
    request_key,
    take,
    wish_of,
)
from bot.booking.model import KINDS, Appointment, Candidate, Interval, Offer, Slot, Wish, local_day
from bot.booking.moments import closed, objection, starts
from bot.booking.openings import day_of
from bot.booking.said import OTHER
from bot.citizens import service as citizens
from bot.citizens.model import contact_of, person_of
from bot.citizens.service import CitizenStore
from bot.directory import service as directory
from bot.directory.hours import day_hours
from bot.directory.model import Listing, Query
from bot.directory.search import bare
from bot.errors import StoreUnavailable

log = logging.getLogger("booking")
# What of a draft goes into the appointment's case.
CASE = ("story", "item", "relation", "inmate", "institution", "id_number", "other_name", "other_phone")
# What can still be moved or cancelled.
LIVE = ("pending", "booked")
# Cards on a screen.
SHOWN = 3
# More lawyers, mediators or advisers than a county has of one surname's kind.
LOOKED_AT = 300


@dataclass(frozen=True)
class Talk:
    """One citizen's turn at the desk. `user` is channel and sender, `now` seconds since 1970."""

    desk: Desk
    citizens: CitizenStore
    secret: bytes
    user: str
    now: int

    @property
    def person(self) -> str:
        """The citizen's pseudonym."""
        return person_of(self.secret, self.user)

    def contact(self, phone: str) -> str:
        """Return a phone's pseudonym, "" for no phone."""
        return contact_of(self.secret, phone) if phone else ""


def consent_of(draft: Draft) -> str:
    """Return the purpose that the citizen must have agreed to."""
    return CONSENT.get(draft.purpose, "booking")


async def settled(talk: Talk, draft: Draft) -> Draft:
    """Return the draft with everything known that need not be asked."""
    if draft.purpose in ("move", "cancel"):
        draft = await _which(talk, draft)
        draft = await _changed(talk, draft) if draft.purpose == "move" else draft
    elif "who" in draft.facts:
        draft = await _who(talk, draft)
    if "slot" not in draft.facts and (slot := await _exact(talk, draft)):
        draft = take(draft, {"slot": asdict(slot)})
    if draft.purpose not in ("move", "cancel"):
        draft = await _agreed(talk, draft)
    return draft


async def _which(talk: Talk, draft: Draft) -> Draft:
    """Find the appointment that is meant, when it is the only one that it can be."""
    if "kind" in draft.facts and "appointment" in draft.facts:
        return draft
    found = await meant(talk, draft.facts)
    if len(found) != 1:
        return take(draft, {"appointment": None, "kind": None})
    return take(draft, {"appointment": found[0].id, "kind": found[0].kind})


async def _changed(talk: Talk, draft: Draft) -> Draft:
    """Settle another way or another person wished for an appointment: its own time is kept as the wish for one."""
    if "kind" not in draft.facts:
        return draft
    if "who" in draft.facts:
        draft = await _who(talk, draft)
    way = draft.facts.get("mode")
    if way and way not in KINDS[str(draft.facts["kind"])].modes:
        draft = take(draft, {"mode": None, "unfit": way})
    if not {"mode", "practitioner"} & draft.facts.keys():
        return draft
    old = await book.one(talk.desk, str(draft.facts["appointment"]), talk.person)
    same = {"mode": old.mode, "practitioner": old.practitioner}
    draft = take(draft, {name: None for name, value in same.items() if draft.facts.get(name) == value})
    changes = {"mode", "practitioner"} & draft.facts.keys()
    if changes and not {"slot", "when", "after"} & draft.facts.keys():
        draft = take(draft, {"when": [old.start, old.start]})
    return draft


def _wish_changed(draft: Draft, old: Appointment) -> Wish | None:
    """Return the wish for an appointment whose way or person changes, None when only its time does."""
    facts = draft.facts
    if not {"mode", "practitioner"} & facts.keys():
        return None
    who = str(facts.get("practitioner", old.practitioner))
    return Wish(
        old.kind,
        matter=old.matter,
        mode=str(facts.get("mode") or old.mode),
        language=str(facts.get("language", "")),
        gender=str(facts.get("gender", "")),
        practitioner="" if who in (ANY, OTHER) else who,
        citizen=old.citizen,
        applicant=old.applicant,
        respondent=old.respondent,
    )


async def meant(talk: Talk, facts: Any) -> tuple[Appointment, ...]:
    """Return the appointments to come that a reference, a time ("of") or a kind ("which") may mean, the next one first."""
    live = [old for old in await book.mine(talk.desk, talk.person) if old.state in LIVE and old.start > talk.now]
    if reference := facts.get("appointment"):
        return tuple(old for old in live if old.id == reference)
    if of := facts.get("of"):
        span = starts(Interval(*of))
        live = [old for old in live if span.start <= old.start < span.end] or live
    if which := facts.get("which"):
        live = [old for old in live if old.kind == which] or live
    return tuple(sorted(live, key=lambda old: old.start))


async def _who(talk: Talk, draft: Draft) -> Draft:
    """Find the person who was named, among those who serve what is booked."""
    name, types = str(draft.facts["who"]), KINDS[str(draft.facts.get("kind") or draft.purpose)].served_by
    found = [one for one in await directory.by_name(talk.desk.directory, name, SHOWN) if one.provider_type in types]
    found = found or await _of_surname(talk, name, types)
    if len(found) == 1:
        return take(draft, {"who": None, "practitioner": found[0].id, "suggested": None})
    named = [one.id for one in found[:SHOWN]]
    return take(draft, {"who": None, "named": named or None, "unknown_who": None if found else name})


async def _of_surname(talk: Talk, name: str, types: tuple[str, ...]) -> list[Listing]:
    """Return those whom 王律师 may mean."""
    if bare(name) != name[0]:
        return []
    queries = [Query(provider_type=kind) for kind in types]
    pages = [await directory.find(talk.desk.directory, talk.desk.areas, query, LOOKED_AT) for query in queries]
    return [listing for page in pages for listing in page.listings if listing.name.startswith(name[0])]


async def _exact(talk: Talk, draft: Draft) -> Slot | None:
    """Return the very time that was wished, when it is free and it is known with whom."""
    when = draft.facts.get("when")
    chosen = draft.purpose not in ("mediation", "consultation") or "practitioner" in draft.facts
    if not when or when[0] != when[1] or not chosen or (draft.purpose == "move" and "kind" not in draft.facts):
        return None
    found = await _times(talk, draft, when[0], Interval(when[0], when[0]))
    return next((slot for slot in found.slots if slot.start == when[0]), None)


async def _agreed(talk: Talk, draft: Draft) -> Draft:
    """Note that the citizen agreed before, and whether name and phone are known from then."""
    if "consent" not in draft.facts and await citizens.agreed(talk.citizens, talk.person, consent_of(draft)):
        draft = take(draft, {"consent": True})
    if draft.facts.get("consent") and "remembered" not in draft.facts:
        profile = await citizens.profile(talk.citizens, talk.person)
        draft = take(draft, {"remembered": profile.keys() >= {"name", "phone"}})
    return draft


async def agree(talk: Talk, draft: Draft) -> None:
    """Keep the citizen's consent."""
    await citizens.agree(talk.citizens, talk.person, consent_of(draft), talk.now)


async def keep(talk: Talk, draft: Draft) -> None:
    """Keep the draft for a week, once the citizen has agreed; a store that is down must not cost the turn."""
    if not draft.facts.get("consent"):
        return
    try:
        await citizens.save_draft(talk.citizens, talk.person, draft.to_json(), talk.now)
    except StoreUnavailable:
        log.warning("a draft could not be kept")


async def forget(talk: Talk) -> None:
    """Drop the draft that is kept."""
    try:
        await citizens.drop_draft(talk.citizens, talk.person)
    except StoreUnavailable:
        log.warning("a draft could not be dropped")


async def left(talk: Talk) -> Draft | None:
    """Return the draft that was left half-way, None when there is none."""
    try:
        kept = await citizens.draft(talk.citizens, talk.person)
    except StoreUnavailable:
        log.warning("a draft could not be read")
        return None
    return Draft.from_json(kept) if kept and "facts" in kept else None


async def person_fields(talk: Talk, draft: Draft) -> dict[str, str]:
    """Return the citizen's name and phone, remembered ones looked up."""
    profile: dict[str, str] = {}
    if REMEMBERED in (draft.facts.get("name"), draft.facts.get("phone")):
        profile = await citizens.profile(talk.citizens, talk.person)
    given = {name: str(draft.facts.get(name) or "") for name in ("name", "phone")}
    return {name: profile.get(name, "") if value == REMEMBERED else value for name, value in given.items()}


async def wish(talk: Talk, draft: Draft) -> Wish:
    """Return what to look for, with the pseudonyms of the two sides' phones as far as they are known."""
    fields = await person_fields(talk, draft)
    other = str(draft.facts.get("other_phone") or "")
    return wish_of(draft, talk.person, talk.contact(fields["phone"]), talk.contact(other))


async def people(talk: Talk, draft: Draft) -> tuple[list[Candidate], bool]:
    """Return who can be chosen, each with a free time near the wished one, and whether there are more.

    A town may have one mediator for a trouble: those of other towns follow, so that there is a choice.
    """
    looked_for, wanted = await wish(talk, draft), draft.page + SHOWN + 1
    if named := draft.facts.get("named"):
        own = [replace(looked_for, practitioner=number) for number in named]
        return [found for one in own for found in await book.candidates(talk.desk, one, talk.now, 1)], True
    found = list(await book.candidates(talk.desk, looked_for, talk.now, wanted))
    if len(found) < wanted and looked_for.area and draft.purpose == "mediation":
        wider = await book.candidates(talk.desk, replace(looked_for, area=""), talk.now, wanted)
        found += [other for other in wider if other.listing.id not in {near.listing.id for near in found}]
    shown = found[draft.page : draft.page + SHOWN]
    if when := draft.facts.get("when"):
        shown = [await _near(talk, looked_for, candidate, Interval(*when)) for candidate in shown]
    return shown, len(found) > draft.page + SHOWN


async def _near(talk: Talk, looked_for: Wish, candidate: Candidate, span: Interval) -> Candidate:
    own = replace(looked_for, practitioner=candidate.listing.id)
    for within in (starts(span), None):
        offer = await book.times(talk.desk, own, talk.now, span.start, within, 1)
        if offer.slots:
            return replace(candidate, next_free=offer.slots[0])
    return candidate


@dataclass(frozen=True)
class Offered:
    """Times to choose from. `why` says why the wished one is not among them, with the holiday's name in `holiday`."""

    offer: Offer
    why: str = ""
    holiday: str = ""


async def times(talk: Talk, draft: Draft) -> Offered:
    """Return free times: those that were wished, or the nearest with the reason; those after a moment; or the earliest."""
    when, after = draft.facts.get("when"), draft.facts.get("after")
    if after and not when:
        later = await _times(talk, draft, after, Interval(after, after + 60 * 86400))
        return Offered(later) if later.slots else Offered(await _times(talk, draft), "none_later")
    if not when:
        return Offered(await _times(talk, draft))
    span = Interval(*when)
    inside = await _times(talk, draft, span.start, starts(span)) if span.end > span.start else Offer(())
    if inside.slots:
        return Offered(inside)
    near = await _times(talk, draft, span.start)
    why, holiday = await _why(talk, draft, span, near)
    return Offered(near, why, holiday)


async def _times(talk: Talk, draft: Draft, near: int | None = None, within: Interval | None = None) -> Offer:
    if draft.purpose == "move":
        old = await book.one(talk.desk, str(draft.facts["appointment"]), talk.person)
        return await book.move_times(talk.desk, old, talk.now, near, within, changed=_wish_changed(draft, old))
    return await book.times(talk.desk, await wish(talk, draft), talk.now, near, within)


async def _why(talk: Talk, draft: Draft, span: Interval, near: Offer) -> tuple[str, str]:
    """Return why a wished time is not free: an Objection, a Closure, or "taken"; and the holiday's name."""
    kind = KINDS[str(draft.facts.get("kind") or draft.purpose)]
    if why := objection(span, kind, talk.now):
        return why, ""
    listing = await chosen(talk, draft)
    if listing is None and near.slots:  # Whoever is free next keeps the hours of the others.
        listing = await directory.details(talk.desk.directory, near.slots[0].practitioner)
    if listing is None or not listing.schedules or span.end - span.start > 86400:
        return "taken", ""
    hours = day_hours(listing.schedules, talk.desk.calendar, day_of(span.start))
    return closed(span, hours) or "taken", hours.holiday


async def chosen(talk: Talk, draft: Draft) -> Listing | None:
    """Return whom the draft is about, None for anybody."""
    number = draft.slot.practitioner if draft.slot else str(draft.facts.get("practitioner", ""))
    if not number and draft.purpose in ("move", "cancel") and "appointment" in draft.facts:
        number = (await book.one(talk.desk, str(draft.facts["appointment"]), talk.person)).practitioner
    return None if number in ("", ANY, OTHER) else await directory.details(talk.desk.directory, number)


def later(draft: Draft) -> Draft:
    """Return the draft, to be offered the times of the days after those on the screen."""
    last = max((slot.start for slot in draft.offered), default=0)
    return take(draft, {"slot": None, "when": None, "after": local_day(last).end if last else None})


async def conclude(talk: Talk, draft: Draft) -> Appointment:
    """Book, move or cancel. Called again with the same draft it has no second effect and the same answer.

    Raises what the desk raises, and ConflictOfInterest before it is asked.
    """
    reference = str(draft.facts.get("appointment", ""))
    if draft.purpose == "cancel":
        key = request_key(draft, "cancel", reference)
        return await book.cancel(talk.desk, reference, "citizen", talk.person, talk.now, key)
    slot = Slot(**draft.facts["slot"])
    if draft.purpose == "move":
        way = draft.facts.get("mode")
        key = request_key(draft, "move", reference, slot, *([way] if way else []))
        return await book.move(talk.desk, reference, slot, "citizen", talk.person, talk.now, key, way)
    return await _book(talk, draft, slot)


async def _book(talk: Talk, draft: Draft, slot: Slot) -> Appointment:
    fields = await person_fields(talk, draft)
    looked_for = replace(await wish(talk, draft), practitioner=slot.practitioner)
    area = {"area": looked_for.area} if looked_for.area else {}
    await citizens.remember(talk.citizens, talk.person, {**fields, **area, "address": talk.user})
    case = {name: str(draft.facts.get(name) or "") for name in CASE}

    async def keep_case(reference: str) -> None:
        await citizens.keep_case(talk.citizens, talk.person, reference, {**fields, **case})

    return await book.book(talk.desk, looked_for, slot, talk.now, request_key(draft, looked_for, slot), keep_case)


async def refused_by_conflict(talk: Talk, draft: Draft) -> bool:
    """Whether who was chosen must not serve the two sides; known once a phone of the other side is."""
    if draft.facts.get("practitioner", ANY) == ANY or draft.purpose not in ("mediation", "consultation"):
        return False
    return not await book.candidates(talk.desk, await wish(talk, draft), talk.now, 1)
