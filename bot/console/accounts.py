"""Staff accounts: made and ended by the operator. `now` is a moment in seconds since 1970 UTC.

An account is read after the log's last entry and written with the next one, so that two changes never meet halfway.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.console import passwords
from bot.console.audit import DONE
from bot.console.model import NAME, ONE_TIME_SECONDS, OPERATOR, ROLES, Account, Deed, Role
from bot.console.store import ATTEMPTS, ConsoleStore, Effect
from bot.errors import AccountRefused, StoreUnavailable


async def add(store: ConsoleStore, name: str, role: Role, listing: str, now: int) -> str:
    """Make an account and return its first password, to be shown once. Raises AccountRefused."""
    if not NAME.fullmatch(name):
        raise AccountRefused("A name has 2 to 32 small letters, digits, dots or hyphens, and begins with a letter.")
    if ROLES[role].own != bool(listing):
        raise AccountRefused(f"A {role} {'needs' if ROLES[role].own else 'has no'} --listing.")
    password = passwords.one_time()
    fresh = Account(name, role, passwords.keep(password), listing, now + ONE_TIME_SECONDS)

    def step(old: Account | None) -> Account:
        if old is not None:
            raise AccountRefused(f"There is an account {name} already.")
        return fresh

    await _change(store, name, "account_added", step, now, detail=role)
    return password


async def reset(store: ConsoleStore, name: str, now: int) -> str:
    """Give an account a new first password, enable it, end its sign-ins. Return the password, to be shown once."""
    password = passwords.one_time()
    kept = passwords.keep(password)

    def step(old: Account | None) -> Account:
        account = _present(old, name)
        return replace(
            account,
            password=kept,
            one_time_until=now + ONE_TIME_SECONDS,
            disabled=False,
            version=account.version + 1,
        )

    await _change(store, name, "account_reset", step, now)
    return password


async def disable(store: ConsoleStore, name: str, now: int) -> None:
    """Let an account open nothing any more, and end its sign-ins at once."""

    def step(old: Account | None) -> Account:
        account = _present(old, name)
        return replace(account, disabled=True, version=account.version + 1)

    await _change(store, name, "account_disabled", step, now)


def _present(account: Account | None, name: str) -> Account:
    if account is None:
        raise AccountRefused(f"There is no account {name}.")
    return account


async def _change(
    store: ConsoleStore,
    name: str,
    act: str,
    step: Callable[[Account | None], Account],
    now: int,
    detail: str = "",
) -> None:
    deed = Deed(OPERATOR.name, OPERATOR.role, act, name, secrets.token_hex(16), detail)
    await change(store, deed, step, [store.forget_tries(f"account:{name}")], now)


async def change(
    store: ConsoleStore, deed: Deed, step: Callable[[Account | None], Account], effects: list[Effect], now: int
) -> None:
    """Bring the account that a deed is about to what `step` makes of it, with the deed's entry and other effects."""
    for _ in range(ATTEMPTS):
        last = await store.last()
        changed = step(await store.account(deed.subject))
        if await store.record_after(last, deed, DONE, now, [store.keep_account(changed), *effects]) is not None:
            return
    raise StoreUnavailable("the audit log is too busy")
