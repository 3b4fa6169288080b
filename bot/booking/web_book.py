"""/book: choose a kind, a person and a time, say who you are, look it over, book."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from itertools import groupby

from aiohttp import web

from bot.areas.model import AreaTable
from bot.booking import desk as booking
from bot.booking import forms
from bot.booking.filled import Filled, keep, kept
from bot.booking.model import DAY, ENDED, KINDS, Appointment, Candidate, Interval, Offer, Slot, Wish, local_day
from bot.booking.page import (
    PageAbsent,
    Pages,
    Visitor,
    form_of,
    person_page,
    query_of,
    see_other,
    slot_of,
    slot_text,
)
from bot.citizens import service as citizens
from bot.citizens.model import PURPOSES, contact_of, mask_id
from bot.directory.hours import SHANGHAI
from bot.directory.words import GENDERS, LANGUAGES, MATTERS, TYPES
from bot.errors import BookingRefused, ConflictOfInterest, QuotaReached, RequestReused, SlotClosed, SlotTaken

COOKIE = "chengfatong_book"
# People on one page: each one's free times are worked out, and a thumb has scrolled enough.
PAGE = 6
# A week of free times, of which a day has about six.
WEEK, SHOWN = 7, 100
CHOICES = {"matter": MATTERS, "language": LANGUAGES, "gender": GENDERS, "provider_type": TYPES}
# Which filters help to choose for a kind; a place is chosen by where it is.
FILTERS = {
    "mediation": ("area", "matter", "language", "gender"),
    "consultation": ("provider_type", "area", "matter", "language", "gender"),
    "notary": ("language", "gender"),
    "legal_aid": ("area",),
    "visit": ("area",),
}


def routes(pages: Pages) -> Sequence[web.AbstractRouteDef]:
    """Return the routes for somebody with a person's session."""
    table = [
        ("GET", "/book", kinds),
        ("GET", "/book/people", people),
        ("GET", "/book/times", times),
        ("GET", "/book/form", form),
        ("POST", "/book/form", fill),
        ("GET", "/book/check", check),
        ("POST", "/book/check", book),
        ("GET", "/book/done/{reference}", done),
    ]
    return [web.route(m, path, person_page(pages, COOKIE, partial(handler, pages))) for m, path, handler in table]


async def kinds(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show what can be booked."""
    return pages.show("kinds.html", kinds=list(KINDS))


async def people(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show who can be booked, the nearest first, with filters."""
    wish = await _wish(pages, request.query, visitor)
    offset = _number(request.query.get("offset", "0"))
    found = await booking.candidates(pages.desk, wish, pages.now, PAGE + 1, offset)
    return pages.show(
        "people.html",
        kind=wish.kind,
        by_place=KINDS[wish.kind].by_place,
        found=found[:PAGE],
        filters={name: _options(pages.desk.areas, wish, name) for name in FILTERS[wish.kind]},
        wish=wish,
        chosen=query_of(_carried(request.query)),
        next=offset + PAGE if len(found) > PAGE else 0,
        shown=bool(offset),
    )


async def times(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show one week of somebody's free times."""
    wish = await _wish(pages, request.query, visitor)
    candidate = await _candidate(pages, wish)
    first = candidate.next_free.start if candidate.next_free else pages.now
    begin = week_of(request.query.get("from", ""), first)
    found = await booking.times(pages.desk, wish, pages.now, begin.start, begin, SHOWN)
    notice = KINDS[wish.kind].notice(pages.now)
    return pages.show(
        "times.html",
        wish=wish,
        candidate=candidate,
        days=by_day(found),
        unknown_from=found.unknown_from,
        modes_of=KINDS[wish.kind].modes,
        query=_carried(request.query) | {"mode": wish.mode},
        weeks=weeks(begin, notice),
    )


def by_day(found: Offer) -> list[tuple[int, list[Slot]]]:
    """Return a day's first moment and its free times, day by day."""
    return [(start, list(slots)) for start, slots in groupby(found.slots, lambda slot: local_day(slot.start).start)]


def weeks(shown: Interval, notice: Interval) -> dict[str, str]:
    """Return the first days of the week before and after, where a start may lie in them: `{"before"?, "after"?}`."""
    before, after = shown.start - WEEK * DAY, shown.end
    found = {}
    if shown.start > notice.start:
        found["before"] = max(before, local_day(notice.start).start)
    if after <= notice.end:
        found["after"] = after
    return {name: datetime.fromtimestamp(moment, SHANGHAI).date().isoformat() for name, moment in found.items()}


def week_of(text: str, default: int) -> Interval:
    """Return the week from a date on, or from a moment's day."""
    try:
        day = date.fromisoformat(text) if text else datetime.fromtimestamp(default, SHANGHAI).date()
        start = int(datetime.combine(day, time(), SHANGHAI).timestamp())
    except (ValueError, OverflowError):
        raise PageAbsent from None
    return Interval(start, start + WEEK * DAY)


async def form(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Ask who the citizen is, with what is remembered filled in."""
    wish = await _wish(pages, request.query, visitor)
    slot = slot_of(request.query.get("slot", ""), wish.kind)
    earlier = kept(visitor.session)
    known = await citizens.profile(pages.citizens, visitor.person)
    values = {**known, **(earlier.values if earlier and earlier.wish.kind == wish.kind else {})}
    return await _form(pages, visitor, wish, slot, values, {})


async def _form(
    pages: Pages, visitor: Visitor, wish: Wish, slot: Slot, values: Mapping[str, str], wrong: Mapping[str, str]
) -> web.Response:
    purpose = forms.purpose(wish.kind)
    return pages.show(
        "form.html",
        422 if wrong else 200,
        visitor.session,
        wish=wish,
        slot=slot,
        candidate=await _candidate(pages, replace(wish, practitioner=slot.practitioner)),
        fields=forms.fields(wish.kind),
        values=values,
        wrong=wrong,
        consent=PURPOSES[purpose].sentence,
        agreed=await citizens.agreed(pages.citizens, visitor.person, purpose),
    )


async def fill(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Take the form; keep it only once the citizen has agreed, and only when it is right."""
    given = await form_of(request, visitor.session)
    wish = await _wish(pages, given, visitor)
    slot = slot_of(given.get("slot", ""), wish.kind)
    good, wrong = forms.read(wish.kind, given)
    purpose = forms.purpose(wish.kind)
    if not given.get("consent") and not await citizens.agreed(pages.citizens, visitor.person, purpose):
        wrong = {"consent": "要您同意了才能往下走。不同意的话，可以打12348或者直接去窗口。", **wrong}
    if wrong:
        return await _form(pages, visitor, wish, slot, given, wrong)
    if given.get("consent"):
        await citizens.agree(pages.citizens, visitor.person, purpose, pages.now)
    filled = Filled(secrets.token_urlsafe(12), replace(wish, practitioner=""), slot, good)
    await keep(pages, visitor.session, filled)
    return see_other("/book/check")


async def check(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show what will be booked."""
    filled = kept(visitor.session)
    if filled is None:
        return see_other("/book")
    if filled.done:
        return see_other(f"/book/done/{filled.done}")
    return await _check(pages, visitor, filled)


async def _check(pages: Pages, visitor: Visitor, filled: Filled, **more: object) -> web.Response:
    values = {**filled.values}
    if "id_number" in values:
        values["id_number"] = mask_id(values["id_number"])
    return pages.show(
        "check.html",
        409 if more else 200,
        visitor.session,
        filled=filled,
        wish=filled.wish,
        candidate=await _candidate(pages, replace(filled.wish, practitioner=filled.slot.practitioner)),
        fields=[field for field in forms.fields(filled.wish.kind) if values.get(field.name)],
        values=values,
        back=query_of(_asked(filled)),
        **more,
    )


async def book(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Book what was looked over. Five taps and two tabs make one appointment: the form's own id is the key."""
    given = await form_of(request, visitor.session)
    filled = kept(visitor.session)
    if filled is None or filled.id != given.get("form") or filled.done:
        return see_other("/book/check")
    slot = slot_of(given.get("slot", ""), filled.wish.kind)
    if slot != filled.slot:
        filled = filled.again(slot)
        await keep(pages, visitor.session, filled)

    wish = _whole(pages, filled, visitor)
    if not await citizens.agreed(pages.citizens, visitor.person, forms.purpose(wish.kind)):
        # Taken back in the chat since: nothing may be kept, so nothing is claimed.
        return see_other(f"/book/form?{query_of(_asked(filled) | {'slot': slot_text(slot)})}")

    async def keep_case(reference: str) -> None:
        await citizens.keep_case(pages.citizens, visitor.person, reference, filled.values)

    try:
        booked = await booking.book(pages.desk, wish, slot, pages.now, filled.request, keep_case)
    except BookingRefused as refused:
        return await _lost(pages, visitor, filled, refused)
    return await _booked(pages, visitor, filled, booked)


def _whole(pages: Pages, filled: Filled, visitor: Visitor) -> Wish:
    """Return the wish with the two sides in it."""
    secret, values = pages.keyring.secret, filled.values
    other = values.get("other_phone", "")
    return replace(
        filled.wish,
        citizen=visitor.person,
        applicant=contact_of(secret, values["phone"]),
        respondent=contact_of(secret, other) if other else "",
    )


async def _booked(pages: Pages, visitor: Visitor, filled: Filled, booked: Appointment) -> web.Response:
    contact = {name: filled.values[name] for name in ("name", "phone")} | {"area": filled.wish.area}
    await citizens.remember(pages.citizens, visitor.person, contact)
    await keep(pages, visitor.session, filled.finished(booked.id))
    return see_other(f"/book/done/{booked.id}")


async def _lost(pages: Pages, visitor: Visitor, filled: Filled, refused: BookingRefused) -> web.Response:
    """Say why it was not booked, with others to choose; what was typed stays."""
    mine = await booking.mine(pages.desk, visitor.person)
    slot = filled.slot
    same = [each for each in mine if (each.start, each.practitioner) == (slot.start, slot.practitioner)]
    if live := next((each for each in same if each.state not in ENDED), None):
        # Another tab was faster with the same wish.
        return see_other(f"/book/done/{live.id}")
    filled = filled.again(slot)
    await keep(pages, visitor.session, filled)
    others = refused.alternatives if isinstance(refused, SlotTaken | SlotClosed) else ()
    who = {each: await _name(pages, filled.wish, each) for each in others}
    return await _check(pages, visitor, filled, lost=why_lost(refused), others=who)


def why_lost(refused: BookingRefused) -> str:
    """Say why a time was not to be had; whom somebody must not serve is not the citizen's to know."""
    match refused:
        case SlotTaken():
            return "这个时间刚刚被别人约走了，再挑一个吧。"
        case SlotClosed():
            return "这个时间约不上了：可能太近，或者那时候不上班。再挑一个吧。"
        case QuotaReached():
            return "您这一天同一类的预约已经满了，换一天试试。"
        case ConflictOfInterest():
            return "这一位这次不方便接，请换一位。"
        case RequestReused():
            return "您改了内容，请再确认一次。"
        case _:
            return "这次没有约上，请再试一次。"


async def _name(pages: Pages, wish: Wish, slot: Slot) -> str:
    candidate = await _candidate(pages, replace(wish, practitioner=slot.practitioner))
    return candidate.listing.name


async def done(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show what is booked and what comes next."""
    appointment = await booking.one(pages.desk, request.match_info["reference"], visitor.person)
    return pages.show(
        "done.html",
        appointment=appointment,
        listing=await booking.listing_of(pages.desk, appointment),
        place=await booking.place_of(pages.desk, appointment),
        room=booking.room_of(pages.desk, appointment),
        invite=pages.links.invite_link(appointment) if invited(appointment) else "",
    )


def invited(appointment: Appointment) -> bool:
    """Whether somebody else has still to be sent, or to answer, an invitation."""
    return bool(appointment.respondent) and appointment.state == "pending"


async def _wish(pages: Pages, given: Mapping[str, str], visitor: Visitor) -> Wish:
    """Return the wish that an address or a form tells. Raises PageAbsent when it makes no sense."""
    kind, area = given.get("kind", ""), given.get("area", "")
    if kind not in KINDS or (area and area not in pages.desk.areas):
        raise PageAbsent
    said = {name: given.get(name, "") for name in CHOICES}
    mode = given.get("mode") or KINDS[kind].modes[0]
    if mode not in KINDS[kind].modes or any(value and value not in CHOICES[name] for name, value in said.items()):
        raise PageAbsent
    phone = (await citizens.profile(pages.citizens, visitor.person)).get("phone", "")
    return Wish(
        kind,
        area=area,
        mode=mode,
        practitioner=given.get("who", ""),
        citizen=visitor.person,
        applicant=contact_of(pages.keyring.secret, phone) if phone else "",
        **said,
    )


async def _candidate(pages: Pages, wish: Wish) -> Candidate:
    """Return the one whom a wish names. Raises PageAbsent."""
    found = await booking.candidates(pages.desk, wish, pages.now, 1) if wish.practitioner else ()
    if not found:
        raise PageAbsent
    return found[0]


def _carried(query: Mapping[str, str]) -> dict[str, str]:
    """Return what an address hands on to the next."""
    return {name: query[name] for name in ("kind", *CHOICES, "area", "who", "mode") if query.get(name)}


def _asked(filled: Filled) -> dict[str, str]:
    wish = filled.wish
    names = ("kind", *CHOICES, "area", "mode")
    return {name: getattr(wish, name) for name in names} | {"who": filled.slot.practitioner}


def _options(areas: AreaTable, wish: Wish, name: str) -> dict[str, str]:
    """Return code → name of what a filter offers."""
    if name == "area":
        return {code: areas.name(code) for code in areas.children(areas.county.code)}
    if name == "provider_type":
        return {code: TYPES[code] for code in KINDS[wish.kind].served_by}
    return CHOICES[name]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise PageAbsent
    return int(text)
