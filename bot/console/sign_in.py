"""Who is at the desk: signing in and out, and the choice of a password. `now` is a moment in seconds since 1970 UTC."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import replace

from bot.console import accounts, passwords
from bot.console.audit import DONE
from bot.console.model import TRIES_ACCOUNT, TRIES_ADDRESS, Account, Deed, Session, Who
from bot.console.store import ConsoleStore, Effect
from bot.errors import AccountRefused, SignInRefused, TooManyTries

# Checking a password takes a core for some tenths of a second, and citizens are answered on the same machine: one at a time,
# and a short queue, so that a flood of sign-ins slows nobody but itself.
MOST_WAITING = 8
BUSY_SECONDS = 5


def token_of(session_id: str) -> str:
    """Return what each form of a sign-in carries. It follows from the cookie, which another site cannot read."""
    return hashlib.sha256(f"form:{session_id}".encode("utf-8", "replace")).hexdigest()[:32]


class Door:
    """Opens to a name with its password. Holds no store open and remembers nobody."""

    def __init__(self, store: ConsoleStore) -> None:
        self._store = store
        self._one_at_a_time = asyncio.Semaphore(1)
        self._waiting = 0

    async def sign_in(self, name: str, password: str, address: str, now: int, before: str = "") -> str:
        """Return the id of a new sign-in, always another than the browser had `before`, which ends.

        Raises TooManyTries, SignInRefused; StoreUnavailable when nothing can be counted.
        """
        name = name.strip().lower()
        by_account, by_address, this = f"account:{name}", f"address:{address}", secrets.token_hex(8)
        if wait := await self._store.attempt({by_account: TRIES_ACCOUNT, by_address: TRIES_ADDRESS}, this, now):
            raise TooManyTries(wait)
        account = await self._store.account(name)
        right = await self._check(password, account)
        if account is None or not right or account.disabled or 0 < account.one_time_until <= now:
            raise SignInRefused("name and password open nothing")
        session_id, begun = self._fresh(account, now)
        forgiven = [self._store.forget_tries(by_account), self._store.forget_try(by_address, this)]
        deed = Deed(account.name, account.role, "signed_in", account.name, secrets.token_hex(16))
        await self._store.record(deed, DONE, now, [begun, self._store.end_session(before), *forgiven])
        return session_id

    async def _check(self, password: str, account: Account | None) -> bool:
        if self._waiting >= MOST_WAITING:
            raise TooManyTries(BUSY_SECONDS)
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                kept = account.password if account else passwords.DECOY
                return await asyncio.to_thread(passwords.matches, password, kept)
        finally:
            self._waiting -= 1

    def _fresh(self, account: Account, now: int) -> tuple[str, Effect]:
        session_id = secrets.token_urlsafe(32)
        return session_id, self._store.begin_session(session_id, Session(account.name, account.version, now, now))

    async def who(self, session_id: str, now: int, touch: bool = True) -> Who | None:
        """Return who signed in, None when nobody is. `touch`: note that they are still there."""
        session = await self._store.session(session_id) if session_id else None
        if session is None or not session.alive(now):
            return None
        account = await self._store.account(session.name)
        if account is None or not session.opens(account):
            return None
        if touch and now > session.seen:
            await self._store.touch(session_id, replace(session, seen=now))
        return Who(account, token_of(session_id))

    async def sign_out(self, account: Account, session_id: str, now: int) -> None:
        """End a sign-in."""
        deed = Deed(account.name, account.role, "signed_out", account.name, secrets.token_hex(16))
        await self._store.record(deed, DONE, now, [self._store.end_session(session_id)])

    async def choose_password(self, account: Account, session_id: str, present: str, chosen: str, now: int) -> str:
        """Change the password, end all of the account's sign-ins, and return the id of a new one.

        Raises AccountRefused with a sentence for the person, TooManyTries.
        """
        by_account, this = f"account:{account.name}", secrets.token_hex(8)
        if wait := await self._store.attempt({by_account: TRIES_ACCOUNT}, this, now):
            raise TooManyTries(wait)
        if not await self._check(present, account):
            raise AccountRefused("现在的密码不对。")
        if why := passwords.objection(chosen, account.name):
            raise AccountRefused(why)
        if passwords.normal(chosen) == passwords.normal(present):
            raise AccountRefused("新密码和现在的一样，请换一个。")
        return await self._replace_password(account, session_id, chosen, now)

    async def _replace_password(self, account: Account, session_id: str, chosen: str, now: int) -> str:
        kept = await asyncio.to_thread(passwords.keep, chosen)
        changed = replace(account, password=kept, one_time_until=0, version=account.version + 1)

        def step(old: Account | None) -> Account:
            if old != account:
                raise SignInRefused("the account was changed meanwhile")
            return changed

        fresh, begun = self._fresh(changed, now)
        deed = Deed(account.name, account.role, "password_chosen", account.name, secrets.token_hex(16))
        forgiven = self._store.forget_tries(f"account:{account.name}")
        await accounts.change(self._store, deed, step, [begun, self._store.end_session(session_id), forgiven], now)
        return fresh
