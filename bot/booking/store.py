"""The appointment book in Valkey. Every change is one call of a function in book.lua.

`{district}:booking:appointment:<id>`      one appointment as JSON
`{district}:booking:calendar:<role>:<id>`  sorted set of what takes an actor's time, by start (book.lua tells the form)
`{district}:booking:conflicts:<id>`        set of the pseudonyms whom a practitioner must not serve
`{district}:booking:idempotency:<digest>`  digest of a command's body and its answer, kept for IDEMPOTENCY_SECONDS
`{district}:booking:holds`, `:reminders`   sorted sets, by deadline and by when they are due
`{district}:booking:events`, `:sequence`   stream of every change, and its counter
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as TimedOut

from bot.booking.model import (
    LONGEST,
    NAMED,
    REMINDERS,
    TAKES_TIME,
    Appointment,
    Interval,
    Role,
    ServiceKind,
    State,
    local_day,
)
from bot.booking.refusals import refusal
from bot.errors import StoreUnavailable, Unconfirmed
from bot.platform.store import FSYNC_TIMEOUT_MS, key, store_errors

LIBRARY = Path(__file__).with_name("book.lua")
# WeChat sends a message again within seconds, and a citizen taps again within the day.
IDEMPOTENCY_SECONDS = 86_400
# States whose reminders are still to be sent.
REMINDED = frozenset({"proposed", "pending", "booked"})


def actors(appointment: Appointment) -> dict[str, str]:
    """Return role → id of those whose time an appointment takes; nobody's when it waits in a list."""
    if appointment.state == "waitlist":
        return {}
    named = {"practitioner": appointment.practitioner, "room": appointment.room, "citizen": appointment.citizen}
    return {role: who for role, who in named.items() if who}


class BookingStore:
    """Reads the book, and changes it step by step.

    Every change raises a BookingRefused when a check fails (nothing was written), StoreUnavailable when it surely did
    not happen, Unconfirmed when it may have happened: the same command with the same idempotency key finds out.
    """

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._district = district
        self._loaded = False

    def _key(self, *parts: str) -> str:
        return key(self._district, "booking", *parts)

    def _calendars(self, appointment: Appointment) -> list[str]:
        return [self._key("calendar", role, who) for role, who in actors(appointment).items()]

    async def claim(
        self, new: Appointment, kind: ServiceKind, closed: bool, by: Role, now: int, request: str
    ) -> Appointment:
        """Keep a new appointment. Return it as kept, by this call or an earlier one.

        `request` is the idempotency key. `closed` says that nobody can book the time; an earlier answer still stands.
        """
        command = {"appointment": new.to_json(), "by": by, "closed": closed, **self._time_checks(new, kind)}
        body = {name: value for name, value in new.to_json().items() if name not in ("id", "hold_until")}
        return await self._call("claim", new, self._calendars(new), command, {"new": body, "by": by}, now, request)

    async def move(
        self,
        old: Appointment,
        new: Appointment,
        kind: ServiceKind,
        closed: bool,
        sources: Iterable[State | None],
        by: Role,
        who: str,
        now: int,
        request: str,
    ) -> Appointment:
        """Claim the new time and release the old one in one step; on a refusal the old one stays."""
        command = {
            "appointment": new.to_json(),
            "old_roles": list(actors(old)),
            "closed": closed,
            **self._change(old, sources, by, who),
            **self._time_checks(new, kind),
        }
        body = {"move": old.id, "by": by, "who": who, "to": [new.start, new.practitioner, new.room]}
        calendars = [*self._calendars(new), *self._calendars(old)]
        return await self._call("move", new, calendars, command, body, now, request)

    async def transition(
        self,
        old: Appointment,
        state: State,
        sources: Iterable[State | None],
        by: Role,
        who: str,
        now: int,
        request: str,
    ) -> Appointment:
        """Bring an appointment to another state, if it is in one of `sources` and, for a named role, is theirs."""
        command = {**self._settling(old, state), **self._change(old, sources, by, who)}
        body = {"appointment": old.id, "state": state, "by": by, "who": who}
        return await self._call("transition", old, self._calendars(old), command, body, now, request)

    async def expire(self, old: Appointment, sources: Iterable[State | None], now: int) -> Appointment:
        """Cancel a hold whose deadline has come."""
        command = {**self._settling(old, "cancelled"), **self._change(old, sources, "system", "")}
        body = {"expire": old.id, "hold_until": old.hold_until}
        request = f"expire:{old.id}:{old.hold_until}"
        return await self._call("expire", old, self._calendars(old), command, body, now, request)

    @staticmethod
    def _time_checks(new: Appointment, kind: ServiceKind) -> dict[str, Any]:
        return {
            "roles": list(actors(new)),
            "longest": LONGEST,
            "day": list(local_day(new.start)),
            "daily_limit": kind.daily_limit,
        }

    @staticmethod
    def _change(old: Appointment, sources: Iterable[State | None], by: Role, who: str) -> dict[str, Any]:
        return {
            "sources": sorted(state for state in sources if state),
            "revision": old.revision,
            "by": by,
            "who": who,
            "named": by in NAMED,
        }

    @staticmethod
    def _settling(old: Appointment, state: State) -> dict[str, Any]:
        return {
            "roles": list(actors(old)),
            "state": state,
            "takes_time": state in TAKES_TIME,
            "reminded": state in REMINDED,
        }

    async def _call(
        self,
        function: str,
        appointment: Appointment,
        calendars: Sequence[str],
        command: dict[str, Any],
        body: dict[str, Any],
        now: int,
        request: str,
    ) -> Appointment:
        digest = _digest(json.dumps([function, body], sort_keys=True))
        keys = [
            self._key("idempotency", _digest(request)),
            self._key("appointment", appointment.id),
            self._key("sequence"),
            self._key("events"),
            self._key("reminders"),
            self._key("holds"),
            self._key("conflicts", appointment.practitioner),
            *calendars,
        ]
        told = {**command, "now": now, "kept_for": IDEMPOTENCY_SECONDS, "reminders": REMINDERS}
        outcome, text, *detail = await self._run(f"booking_{function}", keys, digest, json.dumps(told))
        if outcome == "refused":
            raise refusal(text, *detail)
        return Appointment(**json.loads(text))

    async def _run(self, function: str, keys: Sequence[str], *args: str) -> list[str]:
        """Call a function and see its writes to the disk; load the library first, and again when the server lost it."""
        if not self._loaded:
            await self.load()
        answer, on_disk = await self._fcall(function, keys, args)
        if isinstance(answer, ResponseError) and "not found" in str(answer).lower():
            await self.load()
            answer, on_disk = await self._fcall(function, keys, args)
        if isinstance(answer, Exception):
            raise StoreUnavailable(str(answer)) from answer
        _require_on_disk(answer, on_disk)
        return [str(part) for part in answer]

    async def _fcall(self, function: str, keys: Sequence[str], args: Sequence[str]) -> list[Any]:
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.execute_command("FCALL", function, len(keys), *keys, *args)
                pipe.execute_command("WAITAOF", 1, 0, FSYNC_TIMEOUT_MS)  # counts this connection's writes only
                return await pipe.execute(raise_on_error=False)
        except (TimedOut, Disconnected) as error:
            raise Unconfirmed(str(error)) from error
        except RedisError as error:
            raise StoreUnavailable(str(error)) from error

    async def load(self) -> None:
        """Put this version's function library into the server, in the place of any other."""
        async with store_errors():
            await self._redis.function_load(LIBRARY.read_text("utf-8"), replace=True)
        self._loaded = True

    async def appointment(self, appointment_id: str) -> Appointment | None:
        """Return one appointment."""
        async with store_errors():
            text = await self._redis.get(self._key("appointment", appointment_id))
        return Appointment(**json.loads(text)) if text else None

    async def busy(self, who: Sequence[tuple[str, str]], within: Interval, now: int) -> list[list[Interval]]:
        """Return, for each (role, id), what takes their time within an interval; holds that are over do not."""
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for role, actor in who:
                pipe.zrangebyscore(self._key("calendar", role, actor), within.start - LONGEST, f"({within.end}")
            answers = await pipe.execute()
        return [[taken for member in members if (taken := _taken(member, now))] for members in answers]

    async def due_holds(self, now: int, count: int) -> list[str]:
        """Return ids of appointments whose hold is over, the oldest first."""
        async with store_errors():
            found: Any = await self._redis.zrangebyscore(self._key("holds"), "-inf", now, start=0, num=count)
        return list(found)

    async def forbid(self, practitioner: str, person: str) -> None:
        """Note that a practitioner must not serve a person (a pseudonym)."""
        async with store_errors():
            await self._redis.sadd(self._key("conflicts", practitioner), person)


def _taken(member: str, now: int) -> Interval | None:
    start, until, hold_until = (int(part) for part in member.split(":", 3)[:3])
    return Interval(start, until) if not 0 < hold_until <= now else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _require_on_disk(answer: Sequence[Any], on_disk: object) -> None:
    """Refuse to tell of a success that WAITAOF did not confirm. A refusal wrote nothing and needs no disk."""
    if answer[0] == "refused":
        return
    if isinstance(on_disk, Exception) or not isinstance(on_disk, (list, tuple)) or int(on_disk[0]) < 1:
        raise Unconfirmed(f"the store did not confirm that the appointment is on disk: {on_disk}")
