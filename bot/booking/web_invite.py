"""/invite: the other side of a mediation looks at the invitation and answers it.

The applicant forwards the link, in chats that open links by themselves to show a preview: opening it changes nothing and
shows nothing but that it is an invitation. The last four digits of the phone that the applicant gave let in.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from bot.booking import desk as booking
from bot.booking.invitations import PROPOSED
from bot.booking.model import KINDS, Invitation
from bot.booking.page import Handler, Pages, form_of, page, read_form, see_other, slot_of
from bot.booking.web_book import SHOWN, by_day, week_of, weeks
from bot.booking.web_me import REFERENCE
from bot.channels.sessions import Session
from bot.citizens import service as citizens
from bot.citizens.model import mask_name
from bot.errors import AppointmentAbsent, BookingRefused, LinkInvalid, SlotClosed, SlotTaken

# Who mistypes needs two or three; ten thousand combinations at five an hour take longer than an invitation lives, and
# after twenty somebody guesses.
TRIES, TRIES_SECONDS = 5, 3600
TRIES_IN_ALL, INVITATION_SECONDS = 20, 31 * 86_400
# What the page calls the codes of DECLINE_REASONS.
WHYS = {
    "": "不想说",
    "no_need": "事情已经解决了",
    "no_time": "没有时间",
    "another_way": "想用别的办法",
    "wrong_person": "找错人了",
}


@dataclass(frozen=True)
class Guest:
    """Whoever showed that an invitation is for them."""

    reference: str
    respondent: str
    session: Session


log = logging.getLogger("pages")
ForGuest = Callable[[web.Request, Guest], Awaitable[web.StreamResponse]]


def routes(pages: Pages) -> Sequence[web.AbstractRouteDef]:
    """Return the link's routes, and those of who was let in."""
    invitation = f"/invite/{REFERENCE}"
    table = [
        ("GET", invitation, show),
        ("POST", f"{invitation}/accept", accept),
        ("POST", f"{invitation}/decline", decline),
        ("GET", f"{invitation}/times", times),
        ("POST", f"{invitation}/times", propose),
    ]
    return [
        web.get("/invite/open/{token}", page(pages, partial(ask, pages)), allow_head=False),
        web.post("/invite/open/{token}", page(pages, partial(let_in, pages))),
        *(web.route(method, path, _guest_page(pages, partial(handler, pages))) for method, path, handler in table),
    ]


def cookie(reference: str) -> str:
    """Return the name of an invitation's cookie: two invitations in one browser keep apart."""
    return f"chengfatong_invite_{reference}"


def _guest_page(pages: Pages, handler: ForGuest) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        reference = request.match_info["reference"]
        guest = await _guest(pages, request, reference)
        return await handler(request, guest) if guest else pages.refuse("guest", 403)

    return page(pages, guarded)


async def _guest(pages: Pages, request: web.Request, reference: str) -> Guest | None:
    session = await pages.sessions.find(request.cookies.get(cookie(reference), ""), pages.now)
    purpose, _, rest = session.subject.partition(" ") if session else ("", "", "")
    known, _, respondent = rest.partition(" ")
    return Guest(known, respondent, session) if session and purpose == "invite" and known == reference else None


async def ask(pages: Pages, request: web.Request) -> web.Response:
    """Ask for the four digits, and show nothing yet."""
    reference, _ = _subject(pages, request)
    if await _guest(pages, request, reference):
        return see_other(f"/invite/{reference}")
    return pages.show("invite_ask.html")


def _subject(pages: Pages, request: web.Request) -> tuple[str, str]:
    """Return the appointment and the respondent of the link. Raises LinkRefused."""
    link = pages.links.links.read(request.match_info["token"], "invite", pages.now)
    reference, _, respondent = link.subject.partition(" ")
    return reference, respondent


async def let_in(pages: Pages, request: web.Request) -> web.Response:
    """Let in who knows the last four digits of the phone that was invited."""
    reference, respondent = _subject(pages, request)
    typed = unicodedata.normalize("NFKC", (await read_form(request)).get("digits", ""))
    digits = re.sub(r"\D", "", typed)
    if not await _may_try(pages, reference):
        return pages.show("invite_ask.html", 429, problem="试得太多了，过一个小时再来，或者请对方把号码告诉您。")
    if not await _knows(pages, reference, respondent, digits):
        return pages.show(
            "invite_ask.html",
            403,
            problem="对不上。请写您自己手机号的最后四位；还是不行的话，问问发给您的人写的是哪个号码。",
        )
    session = await pages.sessions.open(f"invite {reference} {respondent}", pages.now)
    response = see_other(f"/invite/{reference}")
    pages.set_cookie(response, cookie(reference), "/invite", session)
    return response


async def _may_try(pages: Pages, reference: str) -> bool:
    within_hour = await pages.sessions.may_try(f"invite:{reference}", TRIES, TRIES_SECONDS)
    return within_hour and await pages.sessions.may_try(f"invite-all:{reference}", TRIES_IN_ALL, INVITATION_SECONDS)


async def _knows(pages: Pages, reference: str, respondent: str, digits: str) -> bool:
    try:
        appointment = (await booking.invitation(pages.desk, reference, respondent)).appointment
    except AppointmentAbsent:
        raise LinkInvalid("the invitation is over") from None
    phone = (await citizens.case(pages.citizens, appointment.citizen, reference)).get("other_phone", "")
    return len(phone) > 4 and hmac.compare_digest(phone[-4:].encode(), digits.encode())


async def show(pages: Pages, request: web.Request, guest: Guest) -> web.Response:
    """Show who invites, where to and when, and what can be answered."""
    try:
        invitation = await booking.invitation(pages.desk, guest.reference, guest.respondent)
    except AppointmentAbsent:
        return pages.show("invite_over.html")
    appointment = invitation.appointment
    case = await citizens.case(pages.citizens, appointment.citizen, guest.reference)
    return pages.show(
        "invite.html",
        200,
        guest.session,
        appointment=appointment,
        open=invitation.open,
        begun=appointment.start <= pages.now,
        listing=await booking.listing_of(pages.desk, appointment),
        place=await booking.place_of(pages.desk, appointment),
        room=booking.room_of(pages.desk, appointment),
        applicant=mask_name(case.get("name", "")),
        whys=WHYS,
        key=secrets.token_urlsafe(12),
    )


async def accept(pages: Pages, request: web.Request, guest: Guest) -> web.Response:
    """Say yes."""
    key = f"page:{(await form_of(request, guest.session)).get('key', '')}"
    try:
        await booking.accept(pages.desk, guest.reference, guest.respondent, pages.now, key)
    except BookingRefused:
        log.info("an answer to an invitation came too late")
    return see_other(f"/invite/{guest.reference}")


async def decline(pages: Pages, request: web.Request, guest: Guest) -> web.Response:
    """Say no, with a reason or without."""
    given = await form_of(request, guest.session)
    why, key = given.get("why", ""), f"page:{given.get('key', '')}"
    try:
        await booking.decline(pages.desk, guest.reference, guest.respondent, why if why in WHYS else "", pages.now, key)
    except BookingRefused:
        log.info("an answer to an invitation came too late")
    return see_other(f"/invite/{guest.reference}")


async def times(pages: Pages, request: web.Request, guest: Guest) -> web.Response:
    """Show the times from which others can be proposed."""
    invitation = await booking.invitation(pages.desk, guest.reference, guest.respondent)
    return await _times(pages, request, guest, invitation)


async def _times(
    pages: Pages, request: web.Request, guest: Guest, invitation: Invitation, problem: str = ""
) -> web.Response:
    appointment = invitation.appointment
    if not invitation.open:
        return see_other(f"/invite/{guest.reference}")
    first = (await booking.move_times(pages.desk, appointment, pages.now, appointment.start)).slots
    week = week_of(request.query.get("from", ""), first[0].start if first else pages.now)
    found = await booking.move_times(pages.desk, appointment, pages.now, week.start, week, SHOWN)
    return pages.show(
        "invite_times.html",
        409 if problem else 200,
        guest.session,
        appointment=appointment,
        days=by_day(found),
        weeks=weeks(week, KINDS[appointment.kind].notice(pages.now)),
        key=secrets.token_urlsafe(12),
        problem=problem,
    )


async def propose(pages: Pages, request: web.Request, guest: Guest) -> web.Response:
    """Propose up to three other times."""
    given = await form_of(request, guest.session)
    invitation = await booking.invitation(pages.desk, guest.reference, guest.respondent)
    chosen = [value for value in (await request.post()).getall("slot", []) if isinstance(value, str)]
    slots = [slot_of(text, invitation.appointment.kind) for text in chosen]
    if not 1 <= len(slots) <= PROPOSED:
        return await _times(pages, request, guest, invitation, "请挑一到三个您方便的时间。")
    key = f"page:{given.get('key', '')}:{','.join(sorted(chosen))}"
    try:
        await booking.propose(pages.desk, guest.reference, guest.respondent, slots, pages.now, key)
    except (SlotTaken, SlotClosed):
        return await _times(pages, request, guest, invitation, "有个时间刚刚被约走了，请再挑一下。")
    except BookingRefused:
        log.info("an answer to an invitation came too late")
    return see_other(f"/invite/{guest.reference}")
