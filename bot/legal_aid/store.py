"""Applications for legal aid in Valkey. Every change is one run of applications.lua.

`{district}:legal_aid:application:<id>`      one application as JSON
`{district}:legal_aid:open`                  sorted set of those that the staff must do something about, by submission
`{district}:legal_aid:over`                  sorted set of drafts and of what has ended, by when to forget it
`{district}:legal_aid:of:<person>`           sorted set of one person's, by the last change
`{district}:legal_aid:request:<digest>`      digest of a command's body and its answer, kept for REQUEST_SECONDS
`{district}:legal_aid:events`                stream of every change
`{district}:notices`                         stream of what people must be told, read by bot.notices
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TimedOut

from bot.errors import (
    ApplicationAbsent,
    ApplicationRefused,
    LogOvertaken,
    StaleApplication,
    StoreUnavailable,
    Unconfirmed,
)
from bot.legal_aid.application import OPEN, Application, Ask, State, forgotten_at, nameless
from bot.platform.along import BEHIND, Along
from bot.platform.disk import disk_of
from bot.platform.store import atomically, key, store_errors

SCRIPT = Path(__file__).with_name("applications.lua").read_text("utf-8")
# A citizen taps again within the day.
REQUEST_SECONDS = 86_400
# Read or dropped in one round.
PAGE = 200
REFUSALS: dict[str, type[ApplicationRefused | LogOvertaken]] = {
    BEHIND: LogOvertaken,
    "absent": ApplicationAbsent,
    "stale": StaleApplication,
    "id_used": StaleApplication,
}


class ApplicationStore:
    """Keeps applications. A change raises an ApplicationRefused (nothing was written), StoreUnavailable or Unconfirmed."""

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._disk = disk_of(redis)
        self._district = district

    def _key(self, *parts: str) -> str:
        return key(self._district, "legal_aid", *parts)

    async def begin(self, new: Application, ask: Ask) -> Application:
        """Keep a new application; return it as kept, by this call or an earlier one."""
        body = {"matter": new.matter, "outcome": new.outcome, "who": ask.who}
        return await self._run(new, new, ask, {"fresh": True, "sources": []}, body, "")

    async def change(
        self,
        old: Application,
        new: Application,
        ask: Ask,
        before: frozenset[State],
        notice: str = "",
        along: Along | None = None,
    ) -> Application:
        """Keep an application as it shall be, if it is as `old` and in one of the states `before`.

        `along` is the staff's log's entry of it, written in the same step; LogOvertaken when it must be made anew.
        """
        command = {"fresh": False, "sources": sorted(before), "revision": old.revision}
        body = {"application": old.id, "state": new.state, "by": ask.by, "who": ask.who, "papers": new.papers}
        return await self._run(old, new, ask, command, body, notice, along)

    async def _run(
        self,
        old: Application,
        new: Application,
        ask: Ask,
        command: Mapping[str, Any],
        body: Mapping[str, Any],
        notice: str,
        along: Along | None = None,
    ) -> Application:
        told = {
            **command,
            "event": new.state if new.citizen else "erased",
            "by": ask.by,
            "who": ask.who,
            "named": ask.by == "citizen",
            "staff": ask.who if ask.by == "staff" else "",
            "now": ask.now,
            "notice": notice,
            "open": new.state in OPEN,
            "over": forgotten_at(new),
            "kept_for": REQUEST_SECONDS,
        }
        keys = self._keys(old, ask.request)
        if along:
            keys, told = [*keys, along.log], {**told, "along": along.command()}
        args = (_digest(_text(body)), _text(told), _text(new.to_json()), _text(nameless(new).to_json()))
        answer = await self._send(("EVAL", SCRIPT, len(keys), *keys, *args), keys[0])
        return replace(_read(answer), citizen=new.citizen)

    def _keys(self, old: Application, request: str) -> list[str]:
        names = ("events", "open", "over")
        return [
            self._key("request", _digest(request)),
            self._key("application", old.id),
            *(self._key(name) for name in names),
            self._key("of", old.citizen),
            key(self._district, "notices"),
        ]

    async def _send(self, call: tuple[Any, ...], name: str) -> str:
        try:
            answer, on_disk = await self._disk.run(name, call)
        except (TimedOut, Disconnected) as error:
            raise Unconfirmed(str(error)) from error
        except RedisError as error:
            raise StoreUnavailable(str(error)) from error
        if isinstance(answer, (TimedOut, Disconnected)):
            raise Unconfirmed(str(answer)) from answer
        if isinstance(answer, Exception):
            raise StoreUnavailable(str(answer)) from answer
        outcome, text = answer
        if outcome == "refused":
            raise REFUSALS.get(text, ApplicationRefused)(text)
        # None is a server without an append-only file: the operator's choice.
        if on_disk is False:
            raise Unconfirmed("the store did not confirm that the change is on disk")
        return str(text)

    async def application(self, application_id: str) -> Application | None:
        """Return one application."""
        async with store_errors():
            text: Any = await self._redis.get(self._key("application", application_id))
        return _read(text) if text else None

    async def open(self, count: int) -> list[Application]:
        """Return those that the staff must do something about, the longest submitted first."""
        async with store_errors():
            ids: Any = await self._redis.zrange(self._key("open"), 0, count - 1)
        return await self._applications(ids)

    async def of(self, person: str) -> list[Application]:
        """Return a person's applications, the last changed first."""
        async with store_errors():
            ids: Any = await self._redis.zrange(self._key("of", person), 0, -1, desc=True)
        return await self._applications(ids)

    async def forgettable(self, now: float) -> list[Application]:
        """Return applications whose time is over, at most PAGE."""
        async with store_errors():
            ids: Any = await self._redis.zrange(
                self._key("over"), "-inf", f"{now:.0f}", byscore=True, offset=0, num=PAGE
            )
        return await self._applications(ids)

    async def _applications(self, ids: Iterable[str]) -> list[Application]:
        names = [self._key("application", number) for number in ids]
        if not names:
            return []
        async with store_errors():
            texts: Any = await self._redis.mget(names)
        return [_read(text) for text in texts if text]

    async def forget(self, application: Application) -> None:
        """Remove an application and all that points to it."""
        await atomically(
            self._redis,
            ("DEL", self._key("application", application.id)),
            ("ZREM", self._key("open"), application.id),
            ("ZREM", self._key("over"), application.id),
            ("ZREM", self._key("of", application.citizen), application.id),
            frees=True,
        )


def _read(text: str) -> Application:
    return Application.from_json(json.loads(text))


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
