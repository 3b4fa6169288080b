"""Sessions of the pages: a link from the chat is exchanged for a cookie, and the cookie says who is there.

A session is for one subject: a person, or one invitation. `now` is in seconds since 1970.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from bot.channels.links import Link
from bot.channels.store import SessionStore
from bot.errors import LinkUsed

# Long enough to ask at home and come back, and at most one evening on a phone that others use too.
IDLE, LONGEST = 2 * 3600, 12 * 3600
# Of a session that is used every second, one write a minute is enough to know that it is not idle.
SEEN_EVERY = 60


@dataclass(frozen=True)
class Session:
    """Somebody with a page open. `id` is the cookie's value, `form` what was kept in it ("" for nothing)."""

    id: str
    subject: str
    since: int
    form: str = ""

    @property
    def token(self) -> str:
        """What a form of this session must bring back, so that no other site's form is taken for ours."""
        return hmac.new(self.id.encode(), b"form", hashlib.sha256).hexdigest()

    def owns(self, token: str) -> bool:
        """Whether a form's token is this session's."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())


class Sessions:
    """Opens, finds and ends sessions. Raises StoreUnavailable: without the store nobody is let in."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def open(self, subject: str, now: int) -> Session:
        """Begin a session."""
        session = Session(secrets.token_urlsafe(32), subject, now)
        await self._store.begin(session.id, subject, {"since": str(now), "seen": str(now)}, IDLE, LONGEST)
        return session

    async def exchange(self, link: Link, subject: str, now: int) -> Session:
        """Begin a session for whoever opens a link first. Raises LinkUsed for everybody after."""
        if not await self.once(link.nonce, link.expires - now):
            raise LinkUsed("the link was opened before")
        return await self.open(subject, now)

    async def once(self, nonce: str, seconds: int) -> bool:
        """Note that what a nonce stands for was used; whether this was the first time within so many seconds."""
        return await self._store.first_time(nonce, seconds)

    async def find(self, session_id: str, now: int) -> Session | None:
        """Return the session of a cookie, None when it is over or never was."""
        fields = await self._store.read(session_id) if session_id else {}
        if not fields.get("subject"):
            return None
        since, seen = int(fields["since"]), int(fields["seen"])
        left = min(seen + IDLE, since + LONGEST) - now
        if left <= 0:
            await self._store.drop(session_id)
            return None
        if now - seen >= SEEN_EVERY:
            await self._store.write(session_id, {"seen": str(now)}, min(IDLE, since + LONGEST - now))
        return Session(session_id, fields["subject"], since, fields.get("form", ""))

    async def keep(self, session: Session, form: str, now: int) -> None:
        """Keep what was typed until the session ends."""
        await self._store.write_form(session.id, form, min(IDLE, session.since + LONGEST - now))

    async def end(self, session: Session) -> None:
        """End a session at once."""
        await self._store.drop(session.id)

    async def may_try(self, what: str, most: int, seconds: int) -> bool:
        """Count a try, and tell whether it is within the limit. When the store is down nobody may try."""
        return await self._store.tries(what, seconds) <= most
