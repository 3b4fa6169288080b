"""Tell people what they did not ask for, once each; and what somebody was told."""

from __future__ import annotations

import logging

from bot.booking import desk as booking
from bot.booking.desk import Desk
from bot.conversation.model import Reply
from bot.errors import AppointmentAbsent, StoreUnavailable
from bot.notices.model import Notice, Told
from bot.notices.store import NoticeStore
from bot.notices.words import WORDS, Facts, worded

# A notice that cannot be worded is tried for a day, in which an operator sees the log; then it is given up.
GIVE_UP = 86_400
log = logging.getLogger("notices")


async def deliver_once(store: NoticeStore, desk: Desk, now: float) -> int:
    """Do one round of the outbox and return how many notices are finished with. Raises StoreUnavailable.

    Dying anywhere in it loses nothing and tells nothing twice: a notice leaves the outbox in the step that tells it.
    """
    done = 0
    for notice in await store.waiting():
        try:
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


async def told(store: NoticeStore, person: str, after: int) -> list[Told]:
    """Return what a person was told after a number, the oldest first."""
    return await store.told(person, after)
