"""Who has a page open, in Valkey.

`{district}:session:<digest>`     hash: subject, since, seen, and `form`, sealed
`{district}:sessions:<subject>`   set of one subject's digests, so that erasing a person ends their sessions
`{district}:opened:<digest>`      a link that was opened once, until its own time is over
`{district}:tries:<what>`         how often something was tried, until the span is over

The digest of a session's id is kept and not the id: a copy of the store opens nobody's page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.platform.store import atomically, key, store_errors


class SessionStore:
    """Keeps sessions, opened links and counts of tries. A PersonalData room."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring

    def _session(self, digest: str) -> str:
        return key(self._district, "session", digest)

    def _sessions(self, subject: str) -> str:
        return key(self._district, "sessions", subject)

    async def begin(self, session_id: str, subject: str, fields: Mapping[str, str], seconds: int, longest: int) -> None:
        """Keep a new session for so many seconds; it may be prolonged until `longest`."""
        digest = _digest(session_id)
        pairs = [part for pair in {"subject": subject, **fields}.items() for part in pair]
        await atomically(
            self._redis,
            ("HSET", self._session(digest), *pairs),
            ("EXPIRE", self._session(digest), seconds),
            ("SADD", self._sessions(subject), digest),
            ("EXPIRE", self._sessions(subject), longest),
        )

    async def write(self, session_id: str, fields: Mapping[str, str], seconds: int) -> None:
        """Write fields of a session, and let it live so long from now on."""
        name = self._session(_digest(session_id))
        pairs = [part for pair in fields.items() for part in pair]
        await atomically(self._redis, ("HSET", name, *pairs), ("EXPIRE", name, max(1, seconds)))

    async def write_form(self, session_id: str, form: str, seconds: int) -> None:
        """Keep what was typed, sealed."""
        name = self._session(_digest(session_id))
        await self.write(session_id, {"form": self._keyring.seal(form, place(name, "form"))}, seconds)

    async def read(self, session_id: str) -> dict[str, str]:
        """Return a session's fields, the form as it was typed; {} when there is none."""
        return await self._read(self._session(_digest(session_id)))

    async def _read(self, name: str) -> dict[str, str]:
        async with store_errors():
            found: Any = await self._redis.hgetall(name)
        if "form" in found:
            found["form"] = self._keyring.opened(found["form"], place(name, "form")) or ""
        return dict(found)

    async def drop(self, session_id: str) -> None:
        """End a session."""
        await atomically(self._redis, ("DEL", self._session(_digest(session_id))), frees=True)

    async def first_time(self, nonce: str, seconds: int) -> bool:
        """Note that a link was opened; whether this was the first time."""
        name = key(self._district, "opened", _digest(nonce))
        async with store_errors():
            return bool(await self._redis.set(name, 1, nx=True, ex=max(1, seconds)))

    async def tries(self, what: str, seconds: int) -> int:
        """Count one more try of something and return how many there were since the first, within so many seconds."""
        name = key(self._district, "tries", what)
        count, _ = await atomically(self._redis, ("INCR", name), ("EXPIRE", name, seconds, "NX"))
        return int(count)

    async def _of(self, person: str) -> list[str]:
        async with store_errors():
            digests: Any = await self._redis.smembers(self._sessions(f"person {person}"))
        return [self._session(digest) for digest in sorted(digests)]

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what a person has typed into forms that are open."""
        forms = [(await self._read(name)).get("form") for name in await self._of(person)]
        return {"forms": [json.loads(form) for form in forms if form]} if any(forms) else {}

    async def erase_of(self, person: str) -> int:
        """End a person's sessions, with what was typed, and return how many."""
        commands = [("DEL", name) for name in (self._sessions(f"person {person}"), *await self._of(person))]
        return sum(int(gone) for gone in (await atomically(self._redis, *commands, frees=True))[1:])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
