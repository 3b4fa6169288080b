"""The ledger counts as the platform does, across processes; it forgets whoever leaves, and holds no id in the clear."""

from __future__ import annotations

import asyncio
import json

import pytest
from redis.asyncio import Redis

from bot.citizens.keyring import Keyring
from bot.citizens.model import RETENTION
from bot.reach import service
from bot.reach.leaving import let_go_once
from bot.reach.model import Safe
from bot.reach.store import ReachStore
from tests.keys import keyring_with
from tests.store.reach_world import DISTRICT

NOW = 1_795_600_000
USER = "wechat:oKanarie-0001"
HOUR = 3600


@pytest.fixture
def store(redis: Redis, keyring: Keyring) -> ReachStore:
    return ReachStore(redis, DISTRICT, keyring)


async def spent(store: ReachStore, now: float, tries: int = 8) -> int:
    return sum([await service.take(store, USER, now) for _ in range(tries)])


async def test_citizen_who_wrote_can_be_answered_five_times_within_two_days(store: ReachStore) -> None:
    assert await spent(store, NOW) == 0
    await service.heard(store, USER, "message", NOW)
    assert (await service.standing(store, USER, NOW + 1)).left(NOW + 1) == 5
    assert await spent(store, NOW + 47 * HOUR) == 5
    await service.heard(store, USER, "message", NOW + 47 * HOUR)
    assert await spent(store, NOW + 96 * HOUR) == 0
    assert (await service.standing(store, USER, NOW + 96 * HOUR)).windows == {}


async def test_quota_is_refreshed_and_never_adds_up(store: ReachStore) -> None:
    for at in (0, 1, 2):
        await service.heard(store, USER, "message", NOW + at)
        await service.heard(store, USER, "menu", NOW + at)
    assert await spent(store, NOW + 3) == 5


async def test_click_opens_a_minute_and_closes_nothing_that_is_open(store: ReachStore) -> None:
    await service.heard(store, USER, "menu", NOW)
    assert await spent(store, NOW + 30) == 3
    await service.heard(store, USER, "scan", NOW + 31)
    assert await spent(store, NOW + 31 + 60) == 0
    await service.heard(store, USER, "message", NOW + 100)
    await service.heard(store, USER, "menu", NOW + 100)
    assert await spent(store, NOW + 170) == 5


async def test_message_that_is_told_twice_or_late_renews_nothing(store: ReachStore) -> None:
    await service.heard(store, USER, "message", NOW)
    assert await spent(store, NOW + 1, 3) == 3
    await service.heard(store, USER, "message", NOW)
    await service.heard(store, USER, "message", NOW - 50)
    assert await spent(store, NOW + 2) == 2


async def test_eight_processes_spend_no_message_twice(store: ReachStore, redis: Redis, keyring: Keyring) -> None:
    await service.heard(store, USER, "message", NOW)
    others = [ReachStore(redis, DISTRICT, keyring) for _ in range(8)]
    taken = await asyncio.gather(*(service.take(other, USER, NOW) for other in others for _ in range(3)))
    assert sum(taken) == 5


async def test_several_messages_are_spent_together_or_not_at_all(store: ReachStore) -> None:
    await service.heard(store, USER, "message", NOW)
    await service.heard(store, USER, "menu", NOW)
    assert await service.take(store, USER, NOW, 4)
    assert not await service.take(store, USER, NOW, 2)
    assert await spent(store, NOW) == 1


async def test_control_that_reads_and_then_writes_does_spend_twice(redis: Redis) -> None:
    await redis.set("left", 5)

    async def take() -> bool:
        left = int(await redis.get("left"))
        if left > 0:
            await redis.set("left", left - 1)
        return left > 0

    assert sum(await asyncio.gather(*(take() for _ in range(24)))) > 5


async def test_citizen_who_unfollows_cannot_be_reached_and_leaves_no_address(store: ReachStore, redis: Redis) -> None:
    await service.heard(store, USER, "message", NOW)
    await service.permitted(store, USER, "tpl", 2, "push-1", NOW)
    await service.heard(store, USER, "unsubscribe", NOW + 10)
    known = await service.standing(store, USER, NOW + 11)
    assert (known.wechat, known.followed, known.permissions, known.windows) == (True, False, {}, {})
    assert await store.address(store.person(USER)) is None
    assert await spent(store, NOW + 11) == 0
    await service.permitted(store, USER, "tpl", 1, "push-2", NOW + 9)
    assert (await service.standing(store, USER, NOW + 12)).permissions == {}, "told late, from before they left"


async def test_citizen_who_allows_a_notice_after_unfollowing_can_be_reached_by_it(store: ReachStore) -> None:
    await service.heard(store, USER, "message", NOW)
    await service.heard(store, USER, "unsubscribe", NOW + 10)
    await service.permitted(store, USER, "tpl", 1, "push-1", NOW + 12)
    known = await service.standing(store, USER, NOW + 12)
    assert (known.followed, known.permissions) == (False, {"tpl": 1})
    assert await store.address(store.person(USER)) == "oKanarie-0001"


async def test_citizen_who_allows_notices_on_a_page_can_be_reached_although_nobody_knew_them(
    store: ReachStore, redis: Redis
) -> None:
    person = store.person(USER)
    await service.permitted(store, USER, "tpl", -1, "push-0", NOW)
    assert not (await service.standing(store, USER, NOW)).wechat
    await service.permitted(store, USER, "tpl", 1, "push-1", NOW)
    known = await service.standing(store, USER, NOW)
    assert (known.wechat, known.followed, known.permissions) == (True, False, {"tpl": 1})
    assert await store.address(person) == "oKanarie-0001"
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:reach:person:{person}") <= RETENTION["reach"].seconds
    assert "oKanarie" not in json.dumps(await redis.hgetall(f"{{{DISTRICT}}}:reach:person:{person}"))


async def test_permission_of_one_push_counts_once_however_often_it_is_noted(store: ReachStore) -> None:
    for push in ("push-1", "push-1", "push-2", "push-1"):
        await service.permitted(store, USER, "tpl", 1, push, NOW)
    assert (await service.standing(store, USER, NOW)).permissions == {"tpl": 2}
    await service.permitted(store, USER, "tpl", -1, "push-3", NOW)
    assert (await service.standing(store, USER, NOW)).permissions == {"tpl": 0}


async def test_message_from_before_the_unfollowing_that_comes_late_opens_nothing(store: ReachStore) -> None:
    await service.heard(store, USER, "unsubscribe", NOW)
    await service.heard(store, USER, "message", NOW - 5)
    assert await spent(store, NOW + 1) == 0
    await service.heard(store, USER, "subscribe", NOW + 60)
    assert await spent(store, NOW + 61) == 3
    await service.heard(store, USER, "unsubscribe", NOW)
    assert (await service.standing(store, USER, NOW + 62)).followed


async def test_unfollowing_erases_what_need_not_be_kept_and_lists_what_is_ahead(store: ReachStore) -> None:
    erased: list[str] = []

    async def forget(person: str) -> None:
        erased.append(person)

    async def ahead(person: str, now: float) -> list[tuple[str, int]]:
        return [("26-AAAA-BBBB", NOW + 9 * HOUR)]

    person = store.person(USER)
    await service.heard(store, USER, "message", NOW)
    assert await let_go_once(store, [forget], ahead, NOW) == 0
    await service.heard(store, USER, "unsubscribe", NOW + 1)
    assert await let_go_once(store, [forget], ahead, NOW + 2) == 1
    assert await let_go_once(store, [forget], ahead, NOW + 3) == 0
    assert erased == [person]
    [call] = await service.to_call(store, 10)
    assert (call.about, call.by, call.reason) == ("26-AAAA-BBBB", NOW + 9 * HOUR, "unfollowed")


async def test_unfollowing_is_finished_by_the_next_worker_when_one_dies(store: ReachStore) -> None:
    await service.heard(store, USER, "unsubscribe", NOW)
    done: list[str] = []

    async def dies(person: str) -> None:
        raise ConnectionError

    async def forget(person: str) -> None:
        done.append(person)

    async def ahead(person: str, now: float) -> list[tuple[str, int]]:
        return [("26-AAAA-BBBB", NOW + HOUR)]

    with pytest.raises(ConnectionError):
        await let_go_once(store, [forget, dies], ahead, NOW)
    await let_go_once(store, [forget], ahead, NOW)
    await let_go_once(store, [forget], ahead, NOW)
    assert len(done) == 2
    assert len(await service.to_call(store, 10)) == 1


async def test_citizen_who_comes_back_before_that_is_not_let_go(store: ReachStore) -> None:
    await service.heard(store, USER, "unsubscribe", NOW)
    await service.heard(store, USER, "subscribe", NOW + 1)
    assert await store.leaving(10) == []


@pytest.mark.parametrize(
    ("code", "way", "left", "followed"),
    [
        (45015, "service", 0, True),
        (45047, "service", 0, True),
        (48002, "service", 0, True),
        (48002, "subscription:tpl", 5, True),
        (43101, "subscription:tpl", 5, True),
        (43004, "template:x", 0, False),
        (50005, "subscription:tpl", 0, False),
        (43019, "service", 0, False),
        (40003, "service", 0, False),
        (48001, "service", 5, True),
    ],
)
async def test_refusal_of_the_platforms_is_learnt_from(
    store: ReachStore, code: int, way: str, left: int, followed: bool
) -> None:
    await service.heard(store, USER, "message", NOW)
    await service.permitted(store, USER, "tpl", 2, "push-1", NOW)
    await service.refused(store, USER, way, code, "said so", NOW + 1)
    known = await service.standing(store, USER, NOW + 2)
    assert (known.left(NOW + 2), known.followed) == (left, followed)
    kept = {"tpl": 2} if followed else {}
    assert known.permissions == ({"tpl": 0} if code == 43101 else kept)
    assert (await store.leaving(10) == [store.person(USER)]) == (code in (43004, 50005))


async def test_address_lies_sealed_and_ends_by_itself(store: ReachStore, redis: Redis) -> None:
    await service.heard(store, USER, "message", NOW)
    await store.keep_safe(store.person(USER), Safe(neutral=True, hours=(8, 18)))
    for name in await redis.keys():
        assert "oKanarie" not in name
        value = await (redis.hgetall(name) if await redis.type(name) == "hash" else redis.get(name))
        assert "oKanarie" not in json.dumps(value)
        assert "neutral" not in json.dumps(value)
    person = store.person(USER)
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:reach:person:{person}") <= RETENTION["reach"].seconds
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:reach:safe:{person}") <= RETENTION["safe_contact"].seconds


async def test_address_is_resealed_with_the_current_key(store: ReachStore, redis: Redis) -> None:
    await service.heard(store, USER, "message", NOW)
    newer = ReachStore(redis, DISTRICT, keyring_with("k2", "k1"))
    assert (await newer.reseal())["resealed"] == 1
    assert await ReachStore(redis, DISTRICT, keyring_with("k2")).address(store.person(USER)) == "oKanarie-0001"


async def test_safe_contact_that_cannot_be_opened_counts_as_the_most_careful(store: ReachStore, redis: Redis) -> None:
    person = store.person(USER)
    await service.ask_safe(store, person, Safe(hours=(8, 18)))
    assert await service.safe_of(store, person) == Safe(hours=(8, 18))
    other = ReachStore(redis, DISTRICT, Keyring({"k9": bytes(32)}, keyring_with("k1").secret))
    assert await service.safe_of(other, person) == Safe(neutral=True, quiet=True)
    await service.ask_safe(store, person, Safe())
    assert await service.safe_of(store, person) == Safe()


async def test_citizen_gets_a_copy_and_erasure(store: ReachStore, redis: Redis) -> None:
    person = store.person(USER)
    await service.heard(store, USER, "message", NOW)
    await service.permitted(store, USER, "tpl", 2, "push-1", NOW)
    await service.ask_safe(store, person, Safe(quiet=True))
    copy = await store.export_of(person)
    assert copy["openid"] == "oKanarie-0001"
    assert copy["permissions"] == {"tpl": 2}
    assert copy["safe_contact"]["quiet"]
    assert await store.erase_of(person) == 3
    assert await store.export_of(person) == {}
    assert await redis.keys("*") == []
