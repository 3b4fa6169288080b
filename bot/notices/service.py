"""Tell people what they did not ask for, once each; and what somebody was told."""

from __future__ import annotations

import logging

from bot.booking.desk import Desk
from bot.errors import StoreUnavailable
from bot.legal_aid.service import ApplicationStore
from bot.notices.model import Notice, Told
from bot.notices.saying import Sayings
from bot.notices.store import NoticeStore
from bot.reach import service as reach_service
from bot.reach.ports import Said
from bot.reach.records import Job
from bot.reach.service import ReachStore
from bot.reach.words import NEUTRAL

# A notice that cannot be worded is tried for a day, in which an operator sees the log; then it is given up.
GIVE_UP = 86_400
log = logging.getLogger("notices")


async def deliver_once(
    store: NoticeStore,
    desk: Desk,
    now: float,
    applications: ApplicationStore | None = None,
    reach: ReachStore | None = None,
) -> int:
    """Do one round of the outbox and return how many notices are finished with. Raises StoreUnavailable.

    Without `applications`, what the outbox tells of legal aid is passed over. With `reach`, each notice that is told is
    also put on its way to the citizen's phone, in the same step.
    Dying anywhere in it loses nothing and tells nothing twice: a notice leaves the outbox in the step that tells it.
    """
    sayings, done = Sayings(desk, store, applications), 0
    for notice in await store.waiting():
        try:
            said = await sayings.said(notice.person, notice.what, notice.appointment, now)
        except StoreUnavailable:
            raise
        except Exception as error:
            if notice.at + GIVE_UP > now:
                log.error("a notice cannot be worded", extra={"reason": notice.what, "error": type(error).__name__})
                continue
            said = None
        if await _tell(store, reach, notice, said, now):
            log.info("notice", extra={"reason": notice.what, "outcome": "told" if said else "passed over"})
            done += 1
    return done


async def _tell(store: NoticeStore, reach: ReachStore | None, notice: Notice, said: Said | None, now: float) -> bool:
    if said is None or reach is None:
        return await store.finish(notice, said.reply if said else None, now)
    neutral = (await reach_service.safe_of(reach, notice.person)).neutral
    job = Job(notice.id, notice.person, notice.what, notice.appointment, int(now))
    return await store.finish(notice, NEUTRAL if neutral else said.reply, now, reach.enqueue(job))


async def told(store: NoticeStore, person: str, after: int) -> list[Told]:
    """Return what a person was told after a number, the oldest first; their page has shown what is up to it."""
    await store.shown(person, after)
    return await store.told(person, after)
