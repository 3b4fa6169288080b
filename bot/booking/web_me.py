"""/me: a citizen's own bookings, to look at, move and cancel; a copy of their data, and its erasure."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from functools import partial

from aiohttp import web

from bot.booking import desk as booking
from bot.booking.ics import calendar_file
from bot.booking.model import ENDED, KINDS, Appointment, Interval, Slot
from bot.booking.page import Pages, Visitor, form_of, person_page, see_other, slot_of
from bot.booking.web_aid import routes as aid_routes
from bot.booking.web_book import SHOWN, by_day, invited, week_of, weeks, why_lost
from bot.citizens import service as citizens
from bot.citizens.model import mask_name
from bot.errors import BookingRefused, QuotaReached, SlotClosed, SlotTaken
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import ENDED as AID_ENDED

COOKIE = "chengfatong_me"
log = logging.getLogger("pages")
REFERENCE = "{reference:[0-9A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}}"


def routes(pages: Pages) -> Sequence[web.AbstractRouteDef]:
    """Return the routes for somebody with a person's session."""
    mine = f"/me/{REFERENCE}"
    table = [
        ("GET", "/me", overview),
        ("GET", mine, detail),
        ("GET", f"{mine}.ics", calendar),
        ("GET", f"{mine}/move", move_page),
        ("POST", f"{mine}/move", move),
        ("GET", f"{mine}/cancel", cancel_page),
        ("POST", f"{mine}/cancel", cancel),
        ("POST", f"{mine}/proposal", proposal),
        ("GET", "/me/data", data),
        ("GET", "/me/data/export", export),
        ("GET", "/me/data/erase", erase_page),
        ("POST", "/me/data/erase", erase),
    ]
    own = [web.route(m, path, person_page(pages, COOKIE, partial(handler, pages))) for m, path, handler in table]
    return [*own, *aid_routes(pages, COOKIE)]


async def overview(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show all bookings, what is to come first, and the applications for legal aid."""
    every = await booking.mine(pages.desk, visitor.person)
    now = pages.now
    coming = [each for each in every if each.state not in ENDED and each.end > now]
    past = [each for each in reversed(every) if each not in coming]
    listings = {each.id: await booking.listing_of(pages.desk, each) for each in every}
    applications = await legal_aid.mine(pages.applications, visitor.person)
    return pages.show("me.html", coming=coming, past=past, listings=listings, applications=applications)


async def _mine(pages: Pages, request: web.Request, visitor: Visitor) -> Appointment:
    return await booking.one(pages.desk, request.match_info["reference"], visitor.person)


def open_for_change(appointment: Appointment, now: int) -> bool:
    """Whether a citizen may still move or cancel it."""
    return appointment.state in ("pending", "booked", "waitlist") and appointment.start > now


async def detail(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show one booking with all that can be done with it."""
    return await _detail(pages, visitor, await _mine(pages, request, visitor))


async def _detail(
    pages: Pages, visitor: Visitor, appointment: Appointment, problem: str = "", left: Sequence[Slot] = ()
) -> web.Response:
    case = await citizens.case(pages.citizens, visitor.person, appointment.id)
    return pages.show(
        "appointment.html",
        409 if problem else 200,
        visitor.session,
        appointment=appointment,
        listing=await booking.listing_of(pages.desk, appointment),
        place=await booking.place_of(pages.desk, appointment),
        room=booking.room_of(pages.desk, appointment),
        other=mask_name(case.get("other_name", "")),
        changeable=open_for_change(appointment, pages.now),
        invite=pages.links.invite_link(appointment) if invited(appointment) else "",
        key=secrets.token_urlsafe(12),
        problem=problem,
        proposals=left or appointment.proposals,
    )


async def calendar(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Give the calendar file; a later one replaces it, as its sequence says."""
    appointment = await _mine(pages, request, visitor)
    listing = await booking.listing_of(pages.desk, appointment)
    place = await booking.place_of(pages.desk, appointment)
    who = listing.name if listing else ""
    body = calendar_file(appointment, who, place, pages.links.base, pages.now)
    return _attachment(body, "text/calendar", f"{appointment.id}.ics")


def _attachment(body: bytes, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


async def move_page(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show other times of the same person, the week around the one that is booked first."""
    appointment = await _mine(pages, request, visitor)
    if not open_for_change(appointment, pages.now):
        return see_other(f"/me/{appointment.id}")
    return await _move_page(pages, visitor, appointment, request.query.get("from", ""))


async def _move_page(
    pages: Pages, visitor: Visitor, appointment: Appointment, since: str, lost: str = ""
) -> web.Response:
    notice = KINDS[appointment.kind].notice(pages.now)
    first = (await booking.move_times(pages.desk, appointment, pages.now, appointment.start)).slots
    week = week_of(since, first[0].start if first else pages.now)
    found = await booking.move_times(pages.desk, appointment, pages.now, week.start, week, SHOWN)
    return pages.show(
        "move.html",
        409 if lost else 200,
        visitor.session,
        appointment=appointment,
        listing=await booking.listing_of(pages.desk, appointment),
        days=by_day(found),
        unknown_from=found.unknown_from,
        weeks=weeks(week, Interval(notice.start, notice.end)),
        key=secrets.token_urlsafe(12),
        lost=lost,
    )


async def move(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Move to another time; when that is lost the booking keeps the one it has."""
    given = await form_of(request, visitor.session)
    appointment = await _mine(pages, request, visitor)
    slot = slot_of(given.get("slot", ""), appointment.kind)
    key = f"page:{given.get('key', '')}:{slot.start}:{slot.room}"
    try:
        await booking.move(pages.desk, appointment.id, slot, "citizen", visitor.person, pages.now, key)
    except (SlotTaken, SlotClosed, QuotaReached) as refused:
        fresh = await _mine(pages, request, visitor)
        if not open_for_change(fresh, pages.now):
            return see_other(f"/me/{appointment.id}")
        return await _move_page(pages, visitor, fresh, "", f"{why_lost(refused)}原来的时间还给您留着。")
    except BookingRefused:
        log.info("a change came too late")
    return see_other(f"/me/{appointment.id}")


async def cancel_page(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Ask once."""
    appointment = await _mine(pages, request, visitor)
    if not open_for_change(appointment, pages.now):
        return see_other(f"/me/{appointment.id}")
    listing = await booking.listing_of(pages.desk, appointment)
    key = secrets.token_urlsafe(12)
    return pages.show("cancel.html", 200, visitor.session, appointment=appointment, listing=listing, key=key)


async def cancel(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Give the time back. A second tap finds it given back, and shows so."""
    given = await form_of(request, visitor.session)
    appointment = await _mine(pages, request, visitor)
    key = f"page:{given.get('key', '')}"
    try:
        await booking.cancel(pages.desk, appointment.id, "citizen", visitor.person, pages.now, key)
    except BookingRefused:
        log.info("a change came too late")
    return see_other(f"/me/{appointment.id}")


async def proposal(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Take one of the times that the other side proposed, or none."""
    given = await form_of(request, visitor.session)
    appointment = await _mine(pages, request, visitor)
    chosen, key = given.get("slot", ""), f"page:{given.get('key', '')}:{given.get('slot', '')}"
    try:
        if chosen == "none":
            await booking.refuse_proposals(pages.desk, appointment.id, visitor.person, pages.now, key)
        else:
            slot = slot_of(chosen, appointment.kind)
            await booking.take_proposal(pages.desk, appointment.id, slot, visitor.person, pages.now, key)
    except (SlotTaken, SlotClosed) as lost:
        why = (
            "这个时间刚刚被别人约走了，换一个吧。"
            if lost.alternatives
            else "对方提的时间都被约走了，您可以自己改个时间。"
        )
        return await _detail(pages, visitor, await _mine(pages, request, visitor), why, lost.alternatives)
    except BookingRefused:
        log.info("a change came too late")
    return see_other(f"/me/{appointment.id}")


async def data(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Show what can be done with one's own data."""
    return pages.show("data.html")


async def export(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Give a copy of all that is kept of the citizen."""
    found = await citizens.export(pages.personal, visitor.person)
    body = json.dumps(found, ensure_ascii=False, indent=2, default=str).encode()
    return _attachment(body, "application/json", "chengfatong.json")


async def erase_page(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Ask once, and say what goes and what stays."""
    every = await booking.mine(pages.desk, visitor.person)
    coming = [each for each in every if each.state not in ENDED and each.start > pages.now]
    applications = await legal_aid.mine(pages.applications, visitor.person)
    waiting = [each for each in applications if each.state not in AID_ENDED]
    return pages.show("erase.html", 200, visitor.session, coming=coming, waiting=waiting)


async def erase(pages: Pages, request: web.Request, visitor: Visitor) -> web.Response:
    """Erase what is kept of the citizen, the session last: when the store fails in between, it can be asked again."""
    await form_of(request, visitor.session)
    await citizens.erase(pages.personal, visitor.person)
    await pages.sessions.end(visitor.session)
    return pages.show("erased.html")
