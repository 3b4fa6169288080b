"""Send what is due by the surest way: reserve, send, record.

Nobody can send to an outside platform exactly once: its answer may be lost. So a notice is reserved and paid for in the
store, then sent, then its outcome is written. Whoever dies in between leaves it reserved, and what is found reserved later
is never sent again: it may be with the citizen, and goes onto the list for a call. That is so for every kind: a call that was
not needed costs a minute, a reminder that came twice the trust in all of them, and one that never came a day.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.conversation.model import Reply
from bot.errors import (
    CitizenUnreachable,
    ContentRefused,
    NotPermitted,
    PlatformBusy,
    StoreUnavailable,
)
from bot.reach import service
from bot.reach.model import CALL, NO_TEMPLATES, Means, Route, Standing, kept, route
from bot.reach.ports import Platform, Said, Sms, Words
from bot.reach.records import (
    CHECK_SECONDS,
    OPEN_QUESTION,
    PATIENCE,
    READY,
    STALE,
    Job,
    State,
    deadline,
    joined,
    paid_route,
    wait,
)
from bot.reach.store import ReachStore
from bot.reach.words import NEUTRAL, template_data

# Looked at in one round; the worker has other things to do within its beat.
ROUND, ROUND_SECONDS = 100, 8.0
# A platform that does not answer within this is down; its pages promise no more than "soon".
SEND_SECONDS = 4.0
# A platform that is down is left alone, twice as long after each failure; then one notice tries it for all.
FIRST_PAUSE, LONGEST_PAUSE = 30, 10 * 60
# What cannot be worded is tried again after this, in the hope of an operator.
TRY_AGAIN = 5 * 60
PAGE: frozenset[State] = frozenset({"page"})
SENDING: frozenset[State] = frozenset({"sending"})
log = logging.getLogger("reach")


def as_text(reply: Reply) -> Mapping[str, Any]:
    """Return a reply as a customer-service message without anything to tap."""
    return {"msgtype": "text", "text": {"content": reply.text}}


@dataclass(frozen=True)
class Post:
    """What sending works with. `platform` is None where no account of WeChat's is set up, `sms` where no SMS service is.

    `render` makes a customer-service message of a reply.
    """

    store: ReachStore
    words: Words
    platform: Platform | None = None
    sms: Sms | None = None
    means: Means = NO_TEMPLATES
    render: Callable[[Reply], Mapping[str, Any]] = as_text


class _Down(Exception):
    """The platform gave no answer; the round goes on without it."""


async def dispatch_once(post: Post, now: float) -> int:
    """Do one round and return how many notices moved. Raises StoreUnavailable; then nothing is lost."""
    began, moved = time.monotonic(), 0
    paused, failures = await post.store.pause()
    for job in await post.store.due(now, ROUND):
        if time.monotonic() - began > ROUND_SECONDS:
            break
        try:
            sent = await _one(post, job, now, paused)
            moved += 1
        except _Down:
            failures += 1
            paused = int(now) + min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
            await post.store.pauses(paused, failures)
            continue
        if sent and failures:
            paused = failures = 0
            await post.store.pauses(0, 0)
    return moved


async def _one(post: Post, job: Job, now: float, paused: int) -> bool:
    """Do what is due about one notice. Return whether the platform answered."""
    if job.state in OPEN_QUESTION:
        await _call(post, job, "unconfirmed", now)
        return False
    try:
        said = await post.words.said(job.person, job.what, job.about, now)
    except StoreUnavailable:
        raise
    except Exception as error:
        log.error("a notice cannot be worded", extra={"reason": job.what, "error": type(error).__name__})
        await _later_or_call(post, job, now + TRY_AGAIN, now, "error")
        return False
    if said is None:
        await post.store.settle(job, READY | PAGE, now, {"state": "dropped"}, refund=job.permission)
        return False
    until, by = deadline(job.what, said.start, job.at)
    return await _route(post, replace(job, by=by), said, until, now, paused)


async def _route(post: Post, job: Job, said: Said, until: int, now: float, paused: int) -> bool:
    if job.state == "page":
        await _read_or_call(post, job, now)
        return False
    standing = await post.store.standing(job.person)
    chosen = paid_route(job) or route(standing, job.what, now, _means(post, said), job.tried, said.ahead)
    if chosen == CALL or until <= now:
        await _call(post, job, _why(standing, job, until <= now), now)
    elif chosen.way == "page":
        await post.store.settle(job, READY, now, {"state": "page", "way": "page", "by": job.by}, due=until)
    elif (moment := standing.safe.next_moment(now)) > now:
        await _hold(post, job, moment, until, now)
    elif paused > now:
        await post.store.settle(job, READY, now, {"reason": "down"}, due=min(paused, until))
    else:
        return await _send(post, job, chosen, standing, said, until, now)
    return False


def _means(post: Post, said: Said) -> Means:
    means = post.means if post.platform else Means(service=False)
    return replace(means, sms=post.sms is not None and bool(said.phone))


def _why(standing: Standing, job: Job, late: bool) -> str:
    if standing.safe.quiet:
        return "quiet"
    if late:
        return job.reason or "late"
    if standing.wechat and not standing.followed:
        return "unfollowed"
    return job.reason or "no_way"


async def _hold(post: Post, job: Job, moment: int, until: int, now: float) -> None:
    """Wait for the hours that the citizen asked for, unless the notice is of no use by then."""
    if moment < until:
        await post.store.settle(job, READY, now, {"reason": "hours"}, due=moment)
    else:
        await _call(post, job, "hours", now)


async def _read_or_call(post: Post, job: Job, now: float) -> None:
    if await post.words.read(job.person, job.id):
        await post.store.settle(job, PAGE, now, {"state": "delivered"})
    else:
        await _call(post, job, "unread", now)


async def _call(post: Post, job: Job, reason: str, now: float) -> None:
    """Put a notice onto the list; a permission that was spent and not used is given back."""
    refund = "" if job.state in OPEN_QUESTION else job.permission
    fields: dict[str, str | int] = {"state": "call", "reason": reason, "by": job.by or job.at + STALE}
    if await post.store.settle(job, READY | OPEN_QUESTION | PAGE, now, fields, refund=refund):
        log.warning("a notice is for a call", extra={"reason": reason, "kind": job.what})


async def _later_or_call(post: Post, job: Job, at: float, now: float, reason: str) -> None:
    if now >= job.at + PATIENCE:
        await _call(post, job, reason, now)
    else:
        await post.store.settle(job, READY | PAGE, now, {"reason": reason}, due=at)


async def _send(post: Post, job: Job, chosen: Route, standing: Standing, said: Said, until: int, now: float) -> bool:
    address = "" if chosen.way == "sms" else await post.store.address(job.person)
    if address is None:
        await _call(post, job, "no_address", now)
        return False
    check = max(now + 60, min(now + CHECK_SECONDS, until))
    leave = kept(chosen.template, job.what, post.means, said.ahead)
    # "spent" is found again at once, and takes another way; "gone" is another worker's.
    if await post.store.reserve(job, chosen, now, check, leave) != "ok":
        return False
    job = replace(job, state="sending", way=chosen.name, paid=chosen.name, tries=job.tries + 1)
    reply = NEUTRAL if standing.safe.neutral else said.reply
    try:
        async with asyncio.timeout(SEND_SECONDS):
            message = await _hand_over(post, chosen, address, job, replace(said, reply=reply), now)
    except CitizenUnreachable as refusal:
        await service.learn(post.store, job.person, chosen.name, refusal.code, now)
        await _another_way(post, job, str(refusal.code), now)
    except (NotPermitted, ContentRefused) as refusal:
        log.error("a notice cannot be sent", extra={"reason": refusal.code, "way": chosen.way})
        await _another_way(post, job, str(refusal.code), now, refund=job.permission)
    except PlatformBusy as busy:
        due = min(now + wait(job.tries), until)
        await post.store.settle(job, SENDING, now, {"state": "busy", "reason": str(busy.code)}, due=due)
    except StoreUnavailable:
        raise
    except Exception as error:
        # A time-out, an answer that cannot be read, a slip of ours: it may have been sent.
        log.warning("a notice's outcome is not known", extra={"way": chosen.way, "error": type(error).__name__})
        await post.store.settle(job, SENDING, now, {"state": "unknown", "reason": "no_answer"}, due=check)
        raise _Down from error
    else:
        await _accepted(post, job, message, now)
    return True


async def _hand_over(post: Post, chosen: Route, address: str, job: Job, said: Said, now: float) -> str:
    if chosen.way == "sms" and post.sms:
        return await post.sms.send(said.phone, said.reply.text)
    assert post.platform is not None  # noqa: S101 - without one, no way leads here
    if chosen.way == "service":
        await post.platform.send(address, post.render(said.reply))
        return ""
    template = post.means.subscription if chosen.way == "subscription" else post.means.template
    fields = next(each for each in template.values() if each.id == chosen.template).fields
    data = template_data(fields, job.what, job.about, said, now)
    call = post.platform.subscription_notice if chosen.way == "subscription" else post.platform.template
    return await call(address, chosen.template, data)


async def _another_way(post: Post, job: Job, reason: str, now: float, refund: str = "") -> None:
    fields = {"state": "waiting", "tried": joined(job.tried | {job.way}), "reason": reason}
    # A refund takes the payment back itself, once.
    paid = {} if refund else {"paid": ""}
    await post.store.settle(job, SENDING, now, {**fields, **paid}, due=now, refund=refund)


async def _accepted(post: Post, job: Job, message: str, now: float) -> None:
    """Write that the platform took it, also when another worker has given it up for lost meanwhile."""
    states: frozenset[State] = OPEN_QUESTION | {"call"}
    fields = {"state": "accepted", "reason": "", "message": message}
    if await post.store.settle(job, states, now, fields, message=message, undelivered=service.undelivered(job)):
        log.info("notice", extra={"reason": job.what, "outcome": "accepted", "way": job.way.partition(":")[0]})
