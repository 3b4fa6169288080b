"""What a citizen has filled in on the page of the book and not yet booked: in the session, gone with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from bot.booking.model import Slot, Wish
from bot.channels.sessions import Session

if TYPE_CHECKING:
    from bot.booking.page import Pages


@dataclass(frozen=True)
class Filled:
    """A form that is right. `attempt` counts the times that were tried; `done` is the reference once it is booked."""

    id: str
    wish: Wish
    slot: Slot
    values: dict[str, str]
    attempt: int = 0
    done: str = ""

    @property
    def request(self) -> str:
        """The idempotency key: another time is another command."""
        return f"page:{self.id}:{self.attempt}"

    def again(self, slot: Slot) -> Filled:
        """Return it for another try."""
        return replace(self, slot=slot, attempt=self.attempt + 1)

    def finished(self, reference: str) -> Filled:
        """Return it booked: what was typed is kept with the appointment now, and here no longer."""
        return replace(self, values={}, done=reference)


async def keep(pages: Pages, session: Session, filled: Filled) -> None:
    """Keep the form in its session, in the place of any other."""
    await pages.sessions.keep(session, json.dumps(asdict(filled), ensure_ascii=False), pages.now)


def kept(session: Session) -> Filled | None:
    """Return the form that a session keeps."""
    if not session.form:
        return None
    found = json.loads(session.form)
    return Filled(**{**found, "wish": Wish(**found["wish"]), "slot": Slot(**found["slot"])})
