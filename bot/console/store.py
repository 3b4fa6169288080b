"""Staff accounts, sessions and the audit log in Valkey.

`{district}:console:accounts`          hash: name → account as JSON
`{district}:console:session:<digest>`  one sign-in; its id is in the person's cookie only
`{district}:console:tries:<digest>`    sorted set of an account's or an address's tries to sign in
`{district}:console:seen`              hash: alert's reference → who saw it, and when
`{district}:console:request:<digest>`  that a deed was noted already, kept for REQUEST_SECONDS
`{district}:audit`                     stream of what the staff did, numbered 1-0, 2-0, …
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TimedOut

from bot.console.audit import DONE, Entry, following
from bot.console.model import IDLE_SECONDS, TRY_SECONDS, Account, Deed, Session
from bot.errors import LogOvertaken, RequestReused, StoreUnavailable, Unconfirmed
from bot.platform.along import Along
from bot.platform.disk import Disk
from bot.platform.store import key, store_errors

RECORD = Path(__file__).with_name("record.lua").read_text("utf-8")
ATTEMPT = Path(__file__).with_name("attempt.lua").read_text("utf-8")
# As long as the book remembers a request: after that a form that is sent again is a new one for both.
REQUEST_SECONDS = 86_400
# How often an entry is tried again after another came first; staff are few, and a try takes a millisecond.
ATTEMPTS = 50
PAGE = 500
# A command on one key, made in the same step as the entry: ("HSET", key, field, value).
Effect = Sequence[str]
Done = TypeVar("Done")


class ConsoleStore:
    """Reads accounts and sessions; changes them only together with an entry in the audit log."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._disk = Disk(redis)
        self._log = key(district, "audit")
        self._prefix = key(district, "console")
        self._accounts = self._key("accounts")
        self._seen = self._key("seen")

    def _key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    async def record(self, deed: Deed, outcome: str, at: int, effects: Iterable[Effect] = ()) -> bool:
        """Write a deed's entry and its effects in one step; False when this was done already, for the same request.

        Raises RequestReused, StoreUnavailable when nothing was written, Unconfirmed when it may have been.
        """
        for _ in range(ATTEMPTS):
            if (done := await self.record_after(await self.last(), deed, outcome, at, effects)) is not None:
                return done
        raise StoreUnavailable("the audit log is too busy")

    async def along(self, deed: Deed, at: int, effect: Callable[[Along], Awaitable[Done]]) -> Done:
        """Let another room's step write a deed's entry together with what it does, and again when another came first.

        Raises what the step raises, and StoreUnavailable when nothing was written since the log is too busy.
        """
        for _ in range(ATTEMPTS):
            last = await self.last()
            entry = following(last, deed, DONE, at)
            try:
                return await effect(Along(self._log, _id(last), _id(entry), asdict(entry)))
            except LogOvertaken:
                continue
        raise StoreUnavailable("the audit log is too busy")

    async def record_after(
        self, last: Entry | None, deed: Deed, outcome: str, at: int, effects: Iterable[Effect] = ()
    ) -> bool | None:
        """Do what `record` does, if `last` is the last entry still; else return None."""
        entry = following(last, deed, outcome, at)
        fields = [part for pair in asdict(entry).items() for part in pair]
        effects = list(effects)
        numbered = [[effect[0], n, *effect[2:]] for n, effect in enumerate(effects, 1)]
        keys = [self._log, self._request_key(deed, outcome), *(effect[1] for effect in effects)]
        body = _digest(json.dumps(asdict(deed), sort_keys=True))
        args = [_id(last), _id(entry), body, REQUEST_SECONDS, json.dumps(fields), json.dumps(numbered)]
        answer = await self._on_disk(RECORD, keys, args)
        if answer == "reused":
            raise RequestReused(deed.act)
        return None if answer == "behind" else answer == "kept"

    def _request_key(self, deed: Deed, outcome: str) -> str:
        return self._key("request", _digest(json.dumps([deed.who, deed.request, outcome])))

    async def _on_disk(self, script: str, keys: Sequence[str], args: Sequence[Any]) -> str:
        """Run a script and see what it wrote to the disk."""
        try:
            answer, on_disk = await self._disk.run(keys[0], ("EVAL", script, len(keys), *keys, *args))
        except (TimedOut, Disconnected) as error:
            raise Unconfirmed(str(error)) from error
        except RedisError as error:
            raise StoreUnavailable(str(error)) from error
        if isinstance(answer, RedisError):
            raise StoreUnavailable(str(answer)) from answer
        if answer in ("kept", "again") and not on_disk:
            raise Unconfirmed("the store did not confirm that the entry is on disk")
        return str(answer)

    async def last(self) -> Entry | None:
        """Return the log's last entry."""
        newest = await self.newest(1)
        return newest[0] if newest else None

    async def newest(self, count: int) -> list[Entry]:
        """Return the log's last entries, the newest first."""
        async with store_errors():
            found: Any = await self._redis.xrevrange(self._log, count=count)
        return [_entry(number, fields) for number, fields in found]

    async def entries(self) -> AsyncIterator[Entry]:
        """Go through the whole log."""
        after = "-"
        while True:
            async with store_errors():
                found: Any = await self._redis.xrange(self._log, min=after, count=PAGE)
            for number, fields in found:
                yield _entry(number, fields)
            if len(found) < PAGE:
                return
            after = f"({found[-1][0]}"

    async def newest_number(self) -> int:
        """Return the last number that the log gave out, whether or not that entry is still there; 0 for none."""
        async with store_errors():
            if not await self._redis.exists(self._log):
                return 0
            info: Any = await self._redis.xinfo_stream(self._log)
        return int(str(info["last-generated-id"]).split("-")[0])

    async def account(self, name: str) -> Account | None:
        """Return an account."""
        async with store_errors():
            text = await self._redis.hget(self._accounts, name)
        return Account(**json.loads(text)) if text else None

    async def accounts(self) -> list[Account]:
        """Return all accounts by name."""
        async with store_errors():
            found = await self._redis.hgetall(self._accounts)
        return [Account(**json.loads(text)) for _, text in sorted(found.items())]

    def keep_account(self, account: Account) -> Effect:
        """Return the effect that writes an account."""
        return ("HSET", self._accounts, account.name, json.dumps(account.to_json()))

    async def session(self, session_id: str) -> Session | None:
        """Return a sign-in; the caller asks whether it is still alive."""
        async with store_errors():
            text = await self._redis.get(self._session_key(session_id))
        return Session(**json.loads(text)) if text else None

    async def touch(self, session_id: str, session: Session) -> None:
        """Note that a sign-in was used, unless it was ended meanwhile."""
        async with store_errors():
            await self._redis.set(self._session_key(session_id), json.dumps(asdict(session)), ex=IDLE_SECONDS, xx=True)

    def begin_session(self, session_id: str, session: Session) -> Effect:
        """Return the effect that begins a sign-in."""
        return ("SET", self._session_key(session_id), json.dumps(asdict(session)), "EX", str(IDLE_SECONDS))

    def end_session(self, session_id: str) -> Effect:
        """Return the effect that ends a sign-in."""
        return ("DEL", self._session_key(session_id))

    def _session_key(self, session_id: str) -> str:
        # Whoever can read the store's keys must not be able to be somebody.
        return self._key("session", _digest(session_id))

    async def attempt(self, limits: dict[str, int], name: str, now: int) -> int:
        """Count a try for each of `limits`; return 0, or the seconds to wait when one is reached and nothing was counted.

        `name` tells this try from the others.
        """
        keys = [self._tries_key(who) for who in limits]
        async with store_errors():
            return int(await self._redis.eval(ATTEMPT, len(keys), *keys, now, TRY_SECONDS, name, *limits.values()))

    def forget_try(self, who: str, name: str) -> Effect:
        """Return the effect that takes one try back."""
        return ("ZREM", self._tries_key(who), name)

    def forget_tries(self, who: str) -> Effect:
        """Return the effect that empties a limiter."""
        return ("DEL", self._tries_key(who))

    def _tries_key(self, who: str) -> str:
        # What was typed as a name may be a password in the wrong field.
        return self._key("tries", _digest(who))

    async def seen(self) -> set[str]:
        """Return the references of the alerts that somebody has seen."""
        async with store_errors():
            return {str(reference) for reference in await self._redis.hkeys(self._seen)}

    def mark_seen(self, reference: str, who: str, at: int) -> Effect:
        """Return the effect that notes who saw an alert."""
        return ("HSET", self._seen, reference, f"{who} {at}")


def _id(entry: Entry | None) -> str:
    return f"{entry.number}-0" if entry else "0-0"


def _entry(number: str, fields: dict[str, str]) -> Entry:
    known = {name: fields.get(name, "") for name in Entry.__dataclass_fields__}
    return Entry(**{**known, "number": number.split("-")[0]})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
