"""Consent, profiles, drafts, cases, and how each of them goes away, on a real Valkey."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from bot.citizens import service
from bot.citizens.keyring import Keyring
from bot.citizens.model import DAY, PURPOSES, RETENTION, Purpose
from bot.citizens.store import CitizenStore
from bot.errors import ConsentMissing, StoreUnavailable
from bot.platform.store import swap
from tests.keys import keyring_with

DISTRICT = "990001"
NOW = 1_800_000_000
PERSON, OTHER = "a" * 32, "b" * 32
PHONE = "+8615400000001"
CASE = {"name": "陈小明", "phone": PHONE, "other_name": "林大华", "other_phone": "+8615400000002", "story": "楼上漏水"}


@pytest.fixture
def store(redis: Redis, keyring: Keyring) -> CitizenStore:
    return CitizenStore(redis, DISTRICT, keyring)


@pytest.fixture
async def consented(store: CitizenStore) -> CitizenStore:
    for person in (PERSON, OTHER):
        await service.agree(store, person, "booking", NOW)
    return store


async def test_citizen_cannot_be_remembered_before_agreeing(store: CitizenStore, redis: Redis) -> None:
    with pytest.raises(ConsentMissing, match=r"^name, phone$"):
        await service.remember(store, PERSON, {"phone": PHONE, "name": "陈小明"})
    with pytest.raises(ConsentMissing):
        await service.keep_case(store, PERSON, "A1", CASE)
    assert await redis.keys("*") == []


async def test_citizen_cannot_be_asked_for_an_id_number_that_the_purpose_does_not_need(consented: CitizenStore) -> None:
    with pytest.raises(ConsentMissing, match=r"^id_number$"):
        await service.remember(consented, PERSON, {"id_number": "440515199001011230"})
    await service.agree(consented, PERSON, "visit", NOW)
    await service.remember(consented, PERSON, {"id_number": "440515199001011230"})
    assert (await service.profile(consented, PERSON))["id_number"] == "440515199001011230"


async def test_citizen_must_agree_anew_when_the_sentence_has_changed(
    consented: CitizenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await service.agreed(consented, PERSON, "booking")
    assert not await service.agreed(consented, PERSON, "visit")
    old = PURPOSES["booking"]
    monkeypatch.setitem(PURPOSES, "booking", Purpose("booking", old.sentence + "还会发给别人。", old.fields, old.keep))
    assert not await service.agreed(consented, PERSON, "booking")
    with pytest.raises(ConsentMissing):
        await service.remember(consented, PERSON, {"name": "陈小明"})


async def test_citizen_can_correct_one_field_and_keep_the_others(consented: CitizenStore) -> None:
    await service.remember(consented, PERSON, {"name": "陈小明", "phone": PHONE, "area": "440515102"})
    await service.remember(consented, PERSON, {"name": "陈晓明", "phone": ""})
    assert await service.profile(consented, PERSON) == {"name": "陈晓明", "phone": PHONE, "area": "440515102"}


async def test_citizen_who_withdraws_loses_what_rested_on_that_alone(consented: CitizenStore) -> None:
    await service.agree(consented, PERSON, "visit", NOW)
    await service.remember(consented, PERSON, {"name": "陈小明", "phone": PHONE, "id_number": "440515199001011230"})
    await service.withdraw(consented, PERSON, "visit")
    assert await service.profile(consented, PERSON) == {"name": "陈小明", "phone": PHONE}
    await service.withdraw(consented, PERSON, "booking")
    assert await service.profile(consented, PERSON) == {}
    assert await service.people_with_phone(consented, PHONE) == []
    assert not await service.agreed(consented, PERSON, "booking")


async def test_citizen_can_go_on_with_a_form_within_a_week(store: CitizenStore, redis: Redis) -> None:
    assert await service.draft(store, PERSON) is None
    await service.save_draft(store, PERSON, {"kind": "mediation", "name": "陈小明"}, NOW)
    assert await service.draft(store, PERSON) == {"kind": "mediation", "name": "陈小明"}
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:citizens:draft:{PERSON}") <= 7 * DAY
    await service.drop_draft(store, PERSON)
    assert await service.draft(store, PERSON) is None


async def test_citizen_cannot_read_anothers_case(consented: CitizenStore) -> None:
    await service.keep_case(consented, PERSON, "A1", CASE)
    assert await service.case(consented, PERSON, "A1") == CASE
    assert await service.case(consented, OTHER, "A1") == {}
    assert await service.case(consented, PERSON, "A2") == {}


async def test_store_that_swaps_two_citizens_fields_cannot_show_one_to_the_other(
    consented: CitizenStore, redis: Redis
) -> None:
    for person, name in ((PERSON, "陈小明"), (OTHER, "林大华")):
        await service.remember(consented, person, {"name": name, "area": "440515102"})
    mine, theirs = (f"{{{DISTRICT}}}:citizens:profile:{person}" for person in (PERSON, OTHER))
    await redis.hset(mine, "name", await redis.hget(theirs, "name"))
    await redis.hset(theirs, "name", await redis.hget(theirs, "area"))
    assert await service.profile(consented, PERSON) == {"area": "440515102"}
    assert await service.profile(consented, OTHER) == {"area": "440515102"}


async def test_staff_can_find_people_by_phone_whether_in_a_profile_or_an_appointment(consented: CitizenStore) -> None:
    await service.remember(consented, PERSON, {"phone": PHONE})
    await service.keep_case(consented, OTHER, "A1", CASE)
    assert await service.people_with_phone(consented, PHONE) == [PERSON, OTHER]
    await service.remember(consented, PERSON, {"phone": "+8615400000009"})
    assert await service.people_with_phone(consented, PHONE) == [OTHER]
    assert await service.people_with_phone(consented, "+8615400000009") == [PERSON]
    assert await service.people_with_phone(consented, CASE["other_phone"]) == []


async def test_staff_cannot_find_someone_by_a_phone_that_only_a_stale_link_names(
    consented: CitizenStore, redis: Redis
) -> None:
    await service.remember(consented, PERSON, {"phone": PHONE})
    (link,) = await redis.keys("*:citizens:phone:*")
    await redis.sadd(link, OTHER, f"{OTHER}:A9")
    assert await service.people_with_phone(consented, PHONE) == [PERSON]


async def test_other_side_can_get_a_copy_and_be_erased_while_the_appointment_stays(consented: CitizenStore) -> None:
    await service.keep_case(consented, PERSON, "A1", CASE)
    named = {"other_name": "林大华", "other_phone": CASE["other_phone"]}
    assert await service.export_other_side(consented, CASE["other_phone"]) == [named]
    assert await service.erase_other_side(consented, CASE["other_phone"]) == 1
    assert await service.case(consented, PERSON, "A1") == {k: v for k, v in CASE.items() if k not in named}
    assert await service.erase_other_side(consented, CASE["other_phone"]) == 0


async def test_case_cannot_stay_longer_than_promised_after_the_appointment(consented: CitizenStore) -> None:
    keep = RETENTION["case"].seconds
    ends: dict[str, int | None] = {"A1": NOW + 3 * DAY, "A2": NOW + 30 * DAY, "A3": None}

    async def end_of(appointment: str) -> int | None:
        return ends[appointment]

    async def left(now: int) -> list[str]:
        await service.forget_cases(consented, end_of, now)
        return await consented.cases(PERSON)

    for appointment in ends:
        await service.keep_case(consented, PERSON, appointment, CASE)
    # A case kept a moment before its appointment is not taken for an orphan; after a day it is one.
    assert await left(NOW) == ["A1", "A2", "A3"]
    assert await left(NOW + DAY) == ["A1", "A2"]
    ends["A2"] = NOW + 2 * DAY  # moved to an earlier day
    assert await left(NOW + 2 * DAY + keep - 1) == ["A1", "A2"]
    assert await left(NOW + 3 * DAY + keep - 1) == ["A1"]
    assert await left(NOW + 3 * DAY + keep) == []
    assert await service.people_with_phone(consented, PHONE) == []


async def test_what_is_remembered_cannot_outlive_its_period(consented: CitizenStore, redis: Redis) -> None:
    await service.remember(consented, PERSON, {"phone": PHONE})
    for kind in ("profile", "consent"):
        name = f"{{{DISTRICT}}}:citizens:{kind}:{PERSON}"
        assert RETENTION[kind].seconds - 60 < await redis.ttl(name) <= RETENTION[kind].seconds
        await redis.expire(name, 100)
    (link,) = await redis.keys("*:citizens:phone:*")
    assert 0 < await redis.ttl(link) <= RETENTION["consent"].seconds
    # Who comes back is remembered for another period.
    await service.keep_case(consented, PERSON, "A1", {"story": "漏水"})
    assert await redis.ttl(f"{{{DISTRICT}}}:citizens:profile:{PERSON}") > 100


async def test_citizen_can_get_a_copy_and_then_be_forgotten_beside_others(
    consented: CitizenStore, redis: Redis
) -> None:
    for person in (PERSON, OTHER):
        await service.remember(consented, person, {"name": "陈小明", "phone": PHONE})
        await service.keep_case(consented, person, f"A-{person[0]}", CASE)
        await service.save_draft(consented, person, {"story": "漏水"}, NOW)
    rooms = {"citizens": consented}
    assert await service.export(rooms, PERSON) == {
        "citizens": {
            "profile": {"name": "陈小明", "phone": PHONE},
            "consent": {"booking": NOW},
            "draft": {"at": NOW, "form": {"story": "漏水"}},
            "cases": {"A-a": CASE},
        }
    }
    assert await service.erase(rooms, PERSON) == {"citizens": 4}
    assert await service.export(rooms, PERSON) == {}
    assert await service.erase(rooms, PERSON) == {"citizens": 0}
    assert not [name for name in await redis.keys("*") if PERSON in name]
    assert await service.people_with_phone(consented, PHONE) == [OTHER]
    assert (await service.export(rooms, OTHER))["citizens"]["cases"] == {"A-b": CASE}


async def test_citizen_can_still_be_found_when_an_erasure_broke_off(consented: CitizenStore) -> None:
    class Broken:
        async def export_of(self, person: str) -> dict[str, object]:
            return {}

        async def erase_of(self, person: str) -> int:
            raise RuntimeError("cut off")

    await service.remember(consented, PERSON, {"phone": PHONE})
    with pytest.raises(RuntimeError):
        await service.erase({"citizens": consented, "inbox": Broken()}, PERSON)
    assert await service.people_with_phone(consented, PHONE) == [PERSON]


async def test_operator_can_change_keys_while_the_system_runs(consented: CitizenStore, redis: Redis) -> None:
    await service.remember(consented, PERSON, {"name": "陈小明", "phone": PHONE})
    await service.keep_case(consented, PERSON, "A1", CASE)
    await service.save_draft(consented, PERSON, {"story": "漏水"}, NOW)
    before = await service.export({"c": consented}, PERSON)
    both = CitizenStore(redis, DISTRICT, keyring_with("k2", "k1"))
    await service.remember(both, PERSON, {"area": "440515102"})  # written with the new key already
    assert await both.reseal() == {"resealed": 2 + len(CASE) + 1}
    assert await both.reseal() == {}
    after = await service.export({"c": CitizenStore(redis, DISTRICT, keyring_with("k2"))}, PERSON)
    assert after["c"]["profile"].pop("area") == "440515102"
    assert after == before
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:citizens:draft:{PERSON}") <= 7 * DAY


async def test_operator_is_told_what_cannot_be_resealed_and_a_turn_goes_on(
    consented: CitizenStore, redis: Redis
) -> None:
    await service.remember(consented, PERSON, {"name": "陈小明"})
    await service.save_draft(consented, PERSON, {"story": "漏水"}, NOW)
    without = CitizenStore(redis, DISTRICT, keyring_with("k2"))
    assert await without.reseal() == {"unreadable": 2}
    assert await service.profile(without, PERSON) == {}
    assert await service.draft(without, PERSON) is None
    assert await service.profile(consented, PERSON) == {"name": "陈小明"}


async def test_citizen_cannot_lose_what_is_written_while_keys_change(
    consented: CitizenStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.remember(consented, PERSON, {"name": "陈小明"})
    both = CitizenStore(redis, DISTRICT, keyring_with("k2", "k1"))

    async def after_a_correction(*words: Any) -> bool:
        await service.remember(both, PERSON, {"name": "陈晓明"})
        return await swap(*words)

    monkeypatch.setattr("bot.citizens.rotation.swap", after_a_correction)
    assert await both.reseal() == {}
    only = CitizenStore(redis, DISTRICT, keyring_with("k2"))
    assert await service.profile(only, PERSON) == {"name": "陈晓明"}


async def test_value_that_changed_meanwhile_cannot_be_swapped(redis: Redis) -> None:
    await redis.set("s", "new", ex=100)
    await redis.hset("h", "f", "new")
    await redis.rpush("l", "new")
    for kind, name, at in (("string", "s", ""), ("hash", "h", "f"), ("list", "l", "0"), ("hash", "gone", "f")):
        assert not await swap(redis, kind, name, at, "old", "older")
    assert await redis.exists("gone") == 0
    for kind, name, at in (("string", "s", ""), ("hash", "h", "f"), ("list", "l", "0")):
        assert await swap(redis, kind, name, at, "new", "newest")
    assert [await redis.get("s"), await redis.hget("h", "f"), await redis.lindex("l", 0)] == ["newest"] * 3
    assert 0 < await redis.ttl("s") <= 100


async def test_operator_can_go_on_with_a_change_of_keys_that_was_cut_off(
    consented: CitizenStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.keep_case(consented, PERSON, "A1", CASE)
    both = CitizenStore(redis, DISTRICT, keyring_with("k2", "k1"))
    left = iter((1, 1))

    async def breaking(*words: Any) -> bool:
        if not next(left, None):
            raise StoreUnavailable("cut off")
        return await swap(*words)

    with monkeypatch.context() as patched:
        patched.setattr("bot.citizens.rotation.swap", breaking)
        with pytest.raises(StoreUnavailable):
            await both.reseal()
    assert await both.reseal() == {"resealed": len(CASE) - 2}
    assert await service.case(CitizenStore(redis, DISTRICT, keyring_with("k2")), PERSON, "A1") == CASE
