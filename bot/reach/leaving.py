"""Whoever unfollows is let go: what need not be kept is erased, and what is still ahead of them is for a call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.reach.records import Job
from bot.reach.store import ReachStore

# People in one round of the worker; more wait for the next.
ROUND = 20
Forget = Callable[[str], Awaitable[object]]
# (reference, start) of what a person has still to come.
Ahead = Callable[[str, float], Awaitable[Sequence[tuple[str, int]]]]
UNFOLLOWED = "unfollowed"


async def let_go_once(store: ReachStore, forgets: Sequence[Forget], ahead: Ahead, now: float) -> int:
    """Let go of those who unfollowed, and return how many. Raises StoreUnavailable; called again, it goes on.

    Appointments, their cases and consents stay: they have ends of their own.
    """
    people = await store.leaving(ROUND)
    for person in people:
        for forget in forgets:
            await forget(person)
        for about, start in await ahead(person, now):
            await _list_for_call(store, person, about, start, int(now))
        await store.gone(person)
    return len(people)


async def _list_for_call(store: ReachStore, person: str, about: str, start: int, now: int) -> None:
    number = f"LEFT-{about}"
    listed = await store.job(number)
    if listed is None or listed.state != "call":
        await store.put(Job(number, person, UNFOLLOWED, about, now, state="call", reason=UNFOLLOWED, by=start))
