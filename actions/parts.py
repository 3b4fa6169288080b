"""What the actions work with; put together once by the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.areas.model import AreaTable
from bot.booking.choices import Desk
from bot.booking.links import PageLinks
from bot.citizens.keyring import Keyring
from bot.citizens.model import PersonalData
from bot.citizens.store import CitizenStore
from bot.directory.holidays import HolidayCalendar
from bot.directory.store import DirectoryStore
from bot.inbox.store import InboxStore
from bot.knowledge.library import Library
from bot.knowledge.model import Door
from bot.knowledge.reading import Reading
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid.model import Standard
from bot.legal_aid.store import ApplicationStore
from bot.notary.model import Matter
from bot.reach.store import ReachStore


@dataclass(frozen=True)
class Parts:
    """The services' stores and tables. `personal` are the rooms that keep something of a citizen, for copy and erasure.

    `reading` is None where nobody needs articles that are near to a question, `reach` where nobody is told unasked.
    """

    directory: DirectoryStore
    inbox: InboxStore
    areas: AreaTable
    calendar: HolidayCalendar
    doors: tuple[Door, ...]
    keyring: Keyring
    citizens: CitizenStore
    personal: Mapping[str, PersonalData]
    applications: ApplicationStore
    standard: Standard
    notary: tuple[Matter, ...]
    desk: Desk
    library: Library
    answers: KnowledgeStore
    reading: Reading | None
    links: PageLinks | None = None
    reach: ReachStore | None = None
