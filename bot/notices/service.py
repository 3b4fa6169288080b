"""Tell people what they did not ask for, once each; and what somebody was told."""

from __future__ import annotations

import logging

from bot.booking import desk as booking
from bot.booking.desk import Desk
from bot.conversation.model import Reply
from bot.errors import ApplicationAbsent, AppointmentAbsent, StoreUnavailable
from bot.legal_aid import service as legal_aid
from bot.legal_aid import words as legal_aid_words
from bot.legal_aid.service import ApplicationStore
from bot.notices.model import Notice, Told
from bot.notices.store import NoticeStore
from bot.notices.words import WORDS, Facts, worded

# A notice that cannot be worded is tried for a day, in which an operator sees the log; then it is given up.
GIVE_UP = 86_400
log = logging.getLogger("notices")


async def deliver_once(store: NoticeStore, desk: Desk, now: float, applications: ApplicationStore | None = None) -> int:
    """Do one round of the outbox and return how many notices are finished with. Raises StoreUnavailable.

    Without `applications`, what the outbox tells of legal aid is passed over.
    Dying anywhere in it loses nothing and tells nothing twice: a notice leaves the outbox in the step that tells it.
    """
    done = 0
    for notice in await store.waiting():
        try:
            if applications and notice.what in legal_aid_words.WORDS:
                reply = await _aid_reply(applications, notice)
            else:
                reply = await _reply(desk, notice, now)
        except StoreUnavailable:
            raise
        except Exception as error:
            if notice.at + GIVE_UP > now:
                log.error("a notice cannot be worded", extra={"reason": notice.what, "error": type(error).__name__})
                continue
            reply = None
        if await store.finish(notice, reply, now):
            log.info("notice", extra={"reason": notice.what, "outcome": "told" if reply else "passed over"})
            done += 1
    return done


async def _reply(desk: Desk, notice: Notice, now: float) -> Reply | None:
    if notice.what not in WORDS:
        return None
    try:
        appointment = await booking.one(desk, notice.appointment, notice.person)
    except AppointmentAbsent:
        return None
    listing, place = await booking.listing_of(desk, appointment), await booking.place_of(desk, appointment)
    return worded(notice.what, Facts(appointment, listing, place), now)


async def _aid_reply(applications: ApplicationStore, notice: Notice) -> Reply | None:
    try:
        application = await legal_aid.one(applications, notice.appointment, notice.person)
    except ApplicationAbsent:
        return None
    return legal_aid_words.worded(notice.what, application)


async def told(store: NoticeStore, person: str, after: int) -> list[Told]:
    """Return what a person was told after a number, the oldest first."""
    return await store.told(person, after)
