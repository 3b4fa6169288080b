"""Staff accounts, sign-ins and the audit log in a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.console import accounts, passwords
from bot.console.audit import DONE, faults
from bot.console.model import IDLE_SECONDS, ONE_TIME_SECONDS, SESSION_SECONDS, TRIES_ACCOUNT, TRY_SECONDS, Deed, Who
from bot.console.sign_in import MOST_WAITING, Door
from bot.console.store import ConsoleStore
from bot.errors import AccountRefused, RequestReused, SignInRefused, StoreUnavailable, TooManyTries

NOW = 1_795_000_000
CHOSEN = "我家住在韩江边上三十年"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password cost a millisecond; what it costs in truth is held in the unit tests."""
    monkeypatch.setattr(passwords, "LOG2_N", 4)
    monkeypatch.setattr(passwords, "DECOY", passwords.keep("x"))


@pytest.fixture
def store(redis: Redis) -> ConsoleStore:
    return ConsoleStore(redis, "440515")


@pytest.fixture
def door(store: ConsoleStore) -> Door:
    return Door(store)


async def signed_in(door: Door, store: ConsoleStore, name: str = "lin", now: int = NOW) -> tuple[str, Who]:
    first = await accounts.add(store, name, "clerk", "", now)
    session = await door.sign_in(name, first, "10.0.0.1", now)
    who = await door.who(session, now)
    assert who is not None
    chosen = await door.choose_password(who.account, session, first, CHOSEN, now)
    again = await door.who(chosen, now)
    assert again is not None
    return chosen, again


async def sound(store: ConsoleStore) -> list[str]:
    return faults([entry async for entry in store.entries()], await store.newest_number())


# --- accounts


async def test_clerk_signs_in_with_the_printed_password_and_must_choose_another(
    store: ConsoleStore, door: Door
) -> None:
    first = await accounts.add(store, "lin", "clerk", "", NOW)
    who = await door.who(await door.sign_in(" LIN ", first, "10.0.0.1", NOW), NOW)
    assert who is not None
    assert who.account.must_change


async def test_printed_password_opens_nothing_after_three_days(store: ConsoleStore, door: Door) -> None:
    first = await accounts.add(store, "lin", "clerk", "", NOW)
    with pytest.raises(SignInRefused):
        await door.sign_in("lin", first, "10.0.0.1", NOW + ONE_TIME_SECONDS)
    assert await door.sign_in("lin", first, "10.0.0.1", NOW + ONE_TIME_SECONDS - 1)


async def test_choosing_a_password_ends_the_first_one_and_every_other_sign_in(store: ConsoleStore, door: Door) -> None:
    first = await accounts.add(store, "lin", "clerk", "", NOW)
    elsewhere = await door.sign_in("lin", first, "10.0.0.2", NOW)
    here = await door.sign_in("lin", first, "10.0.0.1", NOW)
    who = await door.who(here, NOW)
    assert who is not None
    fresh = await door.choose_password(who.account, here, first, CHOSEN, NOW)
    assert await door.who(elsewhere, NOW) is None
    assert await door.who(here, NOW) is None
    assert await door.who(fresh, NOW) is not None
    with pytest.raises(SignInRefused):
        await door.sign_in("lin", first, "10.0.0.1", NOW)
    assert await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW + 10 * ONE_TIME_SECONDS)


@pytest.mark.parametrize(
    ("present", "chosen"), [("wrong", CHOSEN), (CHOSEN, "12345678"), (CHOSEN, CHOSEN), (CHOSEN, "lin-is-me-2026")]
)
async def test_clerk_cannot_choose_a_password_without_the_present_one_or_a_bad_one(
    store: ConsoleStore, door: Door, present: str, chosen: str
) -> None:
    session, who = await signed_in(door, store)
    with pytest.raises(AccountRefused):
        await door.choose_password(who.account, session, present, chosen, NOW)
    assert await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW)


async def test_disabled_account_is_out_at_once_and_back_after_a_reset(store: ConsoleStore, door: Door) -> None:
    session, _ = await signed_in(door, store)
    await accounts.disable(store, "lin", NOW)
    assert await door.who(session, NOW) is None
    with pytest.raises(SignInRefused):
        await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW)
    again = await accounts.reset(store, "lin", NOW)
    with pytest.raises(SignInRefused):
        await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW)
    assert await door.sign_in("lin", again, "10.0.0.1", NOW)


async def test_password_chosen_while_the_account_is_disabled_does_not_bring_it_back(
    store: ConsoleStore, door: Door
) -> None:
    session, who = await signed_in(door, store)
    await accounts.disable(store, "lin", NOW)
    with pytest.raises(SignInRefused):
        await door.choose_password(who.account, session, CHOSEN, CHOSEN + "了", NOW)
    kept = await store.account("lin")
    assert kept is not None
    assert kept.disabled


@pytest.mark.parametrize(
    ("name", "role", "listing"),
    [("Lin", "clerk", ""), ("l", "clerk", ""), ("林", "clerk", ""), ("lin", "practitioner", ""), ("lin", "clerk", "med-1"), ("taken", "clerk", "")],
)  # fmt: skip
async def test_operator_cannot_add_an_account_that_would_not_work(
    store: ConsoleStore, name: str, role: str, listing: str
) -> None:
    await accounts.add(store, "taken", "clerk", "", NOW)
    with pytest.raises(AccountRefused):
        await accounts.add(store, name, role, listing, NOW)  # type: ignore[arg-type]
    assert [account.name for account in await store.accounts()] == ["taken"]


async def test_two_operators_who_add_the_same_name_at_once_make_one_account(store: ConsoleStore) -> None:
    done = await asyncio.gather(
        *(accounts.add(store, "lin", "clerk", "", NOW) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(one, str) for one in done) == 1
    assert sum(isinstance(one, AccountRefused) for one in done) == 7
    assert await sound(store) == []


# --- sign-ins


async def test_sign_in_ends_after_half_an_hour_alone_and_after_eight_hours_of_work(
    store: ConsoleStore, door: Door
) -> None:
    session, _ = await signed_in(door, store)
    at = NOW
    while at + IDLE_SECONDS - 1 < NOW + SESSION_SECONDS:
        at += IDLE_SECONDS - 1
        assert await door.who(session, at) is not None
    assert await door.who(session, NOW + SESSION_SECONDS) is None
    other = await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW)
    assert await door.who(other, NOW + IDLE_SECONDS) is None


async def test_store_forgets_a_sign_in_that_nobody_uses(store: ConsoleStore, door: Door, redis: Redis) -> None:
    await signed_in(door, store)
    for name in await redis.keys("*session*"):
        assert 0 < await redis.ttl(name) <= IDLE_SECONDS


async def test_sign_out_ends_it_even_when_another_page_is_just_loading(store: ConsoleStore, door: Door) -> None:
    session, who = await signed_in(door, store)
    kept = await store.session(session)
    assert kept is not None
    await door.sign_out(who.account, session, NOW)
    await store.touch(session, kept)
    assert await door.who(session, NOW) is None


async def test_whoever_reads_the_store_finds_neither_password_nor_cookie(
    store: ConsoleStore, door: Door, redis: Redis
) -> None:
    session, _ = await signed_in(door, store)
    with pytest.raises(SignInRefused):
        await door.sign_in("typed-my-secret-here", "x", "203.0.113.9", NOW)
    dump = [name.encode() + await Redis(connection_pool=raw(redis)).dump(name) for name in await redis.keys()]
    for secret in (session, CHOSEN, "typed-my-secret-here", "203.0.113.9"):
        assert not any(secret.encode() in part for part in dump)


def raw(redis: Redis) -> object:
    pool = redis.connection_pool
    return pool.__class__(**{**pool.connection_kwargs, "decode_responses": False})


# --- limits


async def test_account_has_ten_tries_in_any_quarter_of_an_hour_however_many_come_at_once(store: ConsoleStore) -> None:
    async def attempt(n: int, now: int) -> int:
        return await store.attempt({"account:lin": TRIES_ACCOUNT}, f"try {now} {n}", now)

    waits = await asyncio.gather(*(attempt(n, NOW) for n in range(100)))
    assert sum(wait == 0 for wait in waits) == TRIES_ACCOUNT
    assert {wait for wait in waits if wait} == {TRY_SECONDS}
    for late in range(0, TRY_SECONDS, 100):
        assert await attempt(1, NOW + late) == TRY_SECONDS - late
    assert await attempt(1, NOW + TRY_SECONDS) == 0


async def test_guesser_is_stopped_although_the_right_password_comes_at_last(store: ConsoleStore, door: Door) -> None:
    await signed_in(door, store)
    for n in range(TRIES_ACCOUNT):
        with pytest.raises(SignInRefused):
            await door.sign_in("lin", f"guess {n}", f"10.0.1.{n}", NOW)
    with pytest.raises(TooManyTries):
        await door.sign_in("lin", CHOSEN, "10.0.2.1", NOW)
    assert await door.sign_in("lin", CHOSEN, "10.0.2.1", NOW + TRY_SECONDS)


async def test_guesser_with_many_names_is_stopped_at_the_address_and_the_office_is_not(
    store: ConsoleStore, door: Door
) -> None:
    await signed_in(door, store)
    for _ in range(100):
        await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW)
    refused = []
    for n in range(100):
        with pytest.raises((SignInRefused, TooManyTries)) as caught:
            await door.sign_in(f"name{n}", "x", "10.0.0.9", NOW)
        refused.append(caught.type)
    assert refused.count(SignInRefused) == 60
    assert await door.sign_in("lin", CHOSEN, "10.0.0.1", NOW)


async def test_flood_of_sign_ins_is_refused_before_it_takes_the_processor(
    store: ConsoleStore, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "LOG2_N", 12)
    monkeypatch.setattr(passwords, "DECOY", passwords.keep("x"))
    done = await asyncio.gather(
        *(door.sign_in(f"name{n}", "x", f"10.1.0.{n}", NOW) for n in range(40)), return_exceptions=True
    )
    assert 0 < sum(isinstance(one, SignInRefused) for one in done) <= MOST_WAITING + 2
    assert sum(isinstance(one, TooManyTries) for one in done) >= 30


async def test_nobody_signs_in_while_the_store_is_down(store: ConsoleStore) -> None:
    closed = ConsoleStore(Redis(port=1, decode_responses=True), "440515")
    with pytest.raises(StoreUnavailable):
        await Door(closed).sign_in("lin", CHOSEN, "10.0.0.1", NOW)


# --- the audit log


@pytest.fixture
async def crowd(server: str, redis: Redis) -> AsyncIterator[list[ConsoleStore]]:
    clients = [Redis.from_url(server, decode_responses=True) for _ in range(8)]
    yield [ConsoleStore(client, "440515") for client in clients]
    for client in clients:
        await client.aclose()


async def test_every_deed_has_one_entry_in_one_chain_when_eight_processes_write_at_once(
    crowd: list[ConsoleStore], store: ConsoleStore
) -> None:
    deeds = [Deed("lin", "clerk", "arrive", f"a{n}", f"r{n}") for n in range(5)]
    await asyncio.gather(*(each.record(deed, DONE, NOW) for each in crowd for deed in deeds))
    kept = [entry async for entry in store.entries()]
    assert sorted(entry.request for entry in kept) == [f"r{n}" for n in range(5)]
    assert await sound(store) == []


async def test_effect_happens_with_its_entry_and_not_again(store: ConsoleStore, redis: Redis) -> None:
    deed = Deed("lin", "clerk", "seen", "A-1", "r")
    assert await store.record(deed, DONE, NOW, [("HINCRBY", "{440515}:test", "count", "1")])
    assert not await store.record(deed, DONE, NOW, [("HINCRBY", "{440515}:test", "count", "1")])
    assert await redis.hget("{440515}:test", "count") == "1"


async def test_request_of_one_deed_is_refused_for_another(store: ConsoleStore, redis: Redis) -> None:
    await store.record(Deed("lin", "clerk", "arrive", "a", "r"), DONE, NOW)
    with pytest.raises(RequestReused):
        await store.record(Deed("lin", "clerk", "cancel", "a", "r"), DONE, NOW, [("SET", "{440515}:test", "x")])
    assert not await redis.exists("{440515}:test")


@pytest.mark.parametrize("number", ["1-0", "2-0", "3-0"])
async def test_entry_deleted_from_the_store_is_found(store: ConsoleStore, redis: Redis, number: str) -> None:
    for n in range(3):
        await store.record(Deed("lin", "clerk", "arrive", f"a{n}", f"r{n}"), DONE, NOW)
    await redis.xdel("{440515}:audit", number)
    assert await sound(store)


async def test_log_whose_end_was_cut_takes_no_number_twice(store: ConsoleStore, redis: Redis) -> None:
    for n in range(3):
        await store.record(Deed("lin", "clerk", "arrive", f"a{n}", f"r{n}"), DONE, NOW)
    await redis.xdel("{440515}:audit", "3-0")
    with pytest.raises(StoreUnavailable):
        await store.record(Deed("lin", "clerk", "arrive", "a9", "r9"), DONE, NOW, [("SET", "{440515}:test", "x")])
    assert not await redis.exists("{440515}:test")
