"""What others tell the ledger and ask of it: one function a use case.

`user` is a channel's user ("wechat:<openid>", "web:<sender>"); `now` a moment in seconds since 1970 UTC. Everything here
raises StoreUnavailable.
"""

from __future__ import annotations

from bot.reach.model import Safe, Standing, Trigger, opened
from bot.reach.store import ReachStore as ReachStore  # for those who hold one to call this service

# What each refusal of the platform's teaches about the citizen. Source: its list of return codes.
GONE = {40003, 43004, 43019}
OUT_OF_TIME, OUT_OF_COUNT, NO_PERMISSION = 45015, 45047, 43101


async def heard(store: ReachStore, user: str, trigger: Trigger, now: float) -> None:
    """Note an act of the citizen's. It renews the quota of customer-service messages; "unsubscribe" ends everything."""
    if trigger == "unsubscribe":
        await store.left(user, now)
    else:
        await store.renew(user, trigger, opened(trigger, now), now)


async def take(store: ReachStore, user: str, now: float) -> bool:
    """Spend one customer-service message, if one is left. Ask before each that is sent."""
    return await store.take(user, now)


async def permitted(store: ReachStore, user: str, template: str, count: int, now: float) -> None:
    """Note that the citizen lets `count` more notices of a template through; a negative count takes that back."""
    await store.permit(user, template, count, now)


async def standing(store: ReachStore, user: str, now: float) -> Standing:
    """Return how a citizen can be reached."""
    return (await store.standing(store.person(user))).at(now)


async def refused(store: ReachStore, user: str, way: str, code: int, reason: str, now: float) -> None:
    """Learn from a refusal of the platform's: `way` is a Route's name, `code` the platform's."""
    del reason
    if code in GONE:
        await store.left(user, now, unfollowed=code != 40003)
    elif code in (OUT_OF_TIME, OUT_OF_COUNT) and way.startswith("service"):
        await store.close_windows(user)
    elif code == NO_PERMISSION:
        await store.permit(user, way.partition(":")[2], -10_000, now)


async def ask_safe(store: ReachStore, user: str, safe: Safe) -> None:
    """Keep what a citizen asked for about how to be contacted; it needs consent to the purpose "safe_contact"."""
    await store.keep_safe(store.person(user), safe)
