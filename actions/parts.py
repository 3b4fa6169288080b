"""What the actions work with; put together once by the server."""

from __future__ import annotations

from dataclasses import dataclass

from bot.areas.model import AreaTable
from bot.directory.holidays import HolidayCalendar
from bot.directory.store import DirectoryStore
from bot.inbox.store import InboxStore
from bot.knowledge.model import Door


@dataclass(frozen=True)
class Parts:
    """The services' stores and tables."""

    directory: DirectoryStore
    inbox: InboxStore
    areas: AreaTable
    calendar: HolidayCalendar
    doors: tuple[Door, ...]
