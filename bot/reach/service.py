"""What others tell the ledger and ask of it: one function a use case.

`user` is a channel's user ("wechat:<openid>", "web:<sender>"), `person` its pseudonym; `now` a moment in seconds since 1970
UTC, `at` the one at which something happened, since what is told late must not count as new. Everything here raises StoreUnavailable.
"""

from __future__ import annotations

from bot.reach.model import Safe, Standing, Trigger, opened
from bot.reach.records import CHECK_SECONDS, OPEN_QUESTION, Job, State, joined
from bot.reach.store import ReachStore as ReachStore  # for those who hold one to call this service

# What each refusal teaches about the citizen. Source: WeChat's return codes.
# Does not follow (under two numbers); no such openid, has blocked us.
UNFOLLOWED = frozenset({43004, 50005})
GONE = frozenset({*UNFOLLOWED, 40003, 43019})
# Silent for too long, too many messages since, has switched our messages off: until the next act, no more of them.
NO_MORE = frozenset({45015, 45047, 48002})
NO_PERMISSION = 43101
# A person's last notices; among them is the one whose fate the platform tells.
NEWEST = 20


async def heard(store: ReachStore, user: str, trigger: Trigger, at: float) -> None:
    """Note an act of the citizen's. It renews the quota of customer-service messages; "unsubscribe" ends every way."""
    if trigger == "unsubscribe":
        await store.left(store.person(user), at)
    else:
        await store.renew(user, trigger, opened(trigger, at), at)


async def take(store: ReachStore, user: str, now: float, count: int = 1) -> bool:
    """Spend customer-service messages, if so many are left. Ask before they are sent."""
    return await store.take(store.person(user), now, count)


async def permitted(store: ReachStore, user: str, template: str, count: int, push: str, at: float) -> None:
    """Note that the citizen lets `count` more notices of a template through; a negative count takes all of them back.

    `push` tells this permission from every other. Whoever gives one need not be known: articles and pages ask, too.
    """
    if count > 0:
        await store.permit(user, template, count, push, at)
    else:
        await store.take_back(store.person(user), template)


async def standing(store: ReachStore, user: str, now: float) -> Standing:
    """Return how a citizen can be reached."""
    return await standing_of(store, store.person(user), now)


async def standing_of(store: ReachStore, person: str, now: float) -> Standing:
    """Return how a person can be reached."""
    return (await store.standing(person)).at(now)


async def refused(store: ReachStore, user: str, way: str, code: int, reason: str, now: float) -> None:
    """Learn from a refusal of the platform's. `way` is a Route's name, `code` the platform's; the reason teaches nothing."""
    del reason
    await learn(store, store.person(user), way, code, now)


async def learn(store: ReachStore, person: str, way: str, code: int, now: float) -> None:
    """Do what `refused` does, for a pseudonym."""
    kind, _, template = way.partition(":")
    if code in GONE:
        # Only who unfollowed wants to be let go; the others keep their chat.
        await store.left(person, now, unfollowed=code in UNFOLLOWED)
    elif code in NO_MORE and kind == "service":
        await store.close_windows(person)
    elif code == NO_PERMISSION and template:
        await store.take_back(person, template)


async def delivered(
    store: ReachStore, user: str, way: str, message: str, arrived: bool, reason: str, now: float
) -> None:
    """Note what the platform tells of a subscription or template notice: whether it arrived, else why not.

    `way` is a Route's name, or "template" alone, since that event names no template; `message` the platform's id. It may
    come before we know that id, or when we never learn it (its answer was lost, or had none): then it belongs to a notice
    of this person and way whose outcome is not known, and is told of that one from then on.
    """
    kind = way.partition(":")[0]
    known = await store.fate(kind, message, "delivered" if arrived else f"!{reason}")
    job = await store.job(known) if known else await _in_question(store, store.person(user), way, now)
    if job is None or not _went(job, way):
        return
    states: frozenset[State] = OPEN_QUESTION | {"accepted"}
    if job.reason == "unconfirmed":
        states |= {"call"}
    there, lost = {"state": "delivered", "reason": ""}, {**undelivered(job), "reason": reason}
    fields, due = (there, 0.0) if arrived else (lost, now)
    await store.settle(job, states, now, fields, due, message=message, undelivered=undelivered(job))


def undelivered(job: Job) -> dict[str, str]:
    """Return what becomes of a notice that did not arrive: it goes another way."""
    return {"state": "waiting", "tried": joined(job.tried | {job.way}), "paid": ""}


async def _in_question(store: ReachStore, person: str, way: str, now: float) -> Job | None:
    """Return the notice that an unknown id is most likely of: the first one sent of those that may still be told of.

    A template message has an id, so that one of several without is more likely about to learn its own.
    """
    newest = await store.of(person, NEWEST)
    found = [job for job in reversed(newest) if _went(job, way) and _in_doubt(job)]
    if way.startswith("template") and len(found) > 1:
        return None
    return min(found, key=lambda job: (now - job.acted > CHECK_SECONDS, job.acted), default=None)


def _went(job: Job, way: str) -> bool:
    return f"{job.way}:".startswith(f"{way}:")


def _in_doubt(job: Job) -> bool:
    if job.state == "accepted":
        return not job.message
    return job.state in OPEN_QUESTION or (job.state == "call" and job.reason == "unconfirmed")


async def ask_safe(store: ReachStore, person: str, safe: Safe) -> None:
    """Keep how a citizen asked to be contacted. The caller has their consent to the purpose "safe_contact"."""
    await store.keep_safe(person, safe)


async def safe_of(store: ReachStore, person: str) -> Safe:
    """Return how a citizen asked to be contacted."""
    return await store.safe(person)


async def to_call(store: ReachStore, count: int) -> list[Job]:
    """Return the notices that somebody must be called about, the most urgent first."""
    return await store.calls(count)


async def outcomes(store: ReachStore, person: str, count: int = NEWEST) -> list[Job]:
    """Return a person's notices and what became of them, the newest first."""
    return await store.of(person, count)
