"""The one place that puts real parts together: the gateway's, and all the rooms that hold a citizen's data."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.areas.model import AreaTable
from bot.booking.choices import Desk
from bot.booking.importer import read_rooms
from bot.booking.links import PageLinks
from bot.booking.personal import PersonalBookings
from bot.booking.store import BookingStore
from bot.channels.links import Links
from bot.channels.sessions import Sessions
from bot.channels.store import SessionStore
from bot.channels.wechat.client import Platform
from bot.channels.wechat.deliveries import Deliveries
from bot.channels.wechat.vault import Vault
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring, keyring_of
from bot.citizens.model import PersonalData, person_of
from bot.citizens.store import CitizenStore
from bot.console.service import Console
from bot.console.store import ConsoleStore
from bot.conversation.engine import Engine
from bot.conversation.model import Inbound
from bot.conversation.photos import Keep, Photos
from bot.conversation.ports import Downloads, Recogniser
from bot.conversation.senses import Senses
from bot.conversation.service import Conversation
from bot.conversation.store import ConversationStore
from bot.directory.holidays import ChineseCalendar
from bot.directory.store import DirectoryStore
from bot.errors import SettingError
from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.inbox.store import InboxStore
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid.personal import PersonalApplications
from bot.legal_aid.store import ApplicationStore
from bot.notices.saying import Sayings
from bot.notices.store import NoticeStore
from bot.platform.settings import Settings
from bot.platform.store import connect
from bot.reach.dispatch import Post
from bot.reach.importer import read_templates
from bot.reach.store import ReachStore
from bot.reach.talk import SafeTalk
from bot.understanding.store import TrackerLines


@dataclass(frozen=True)
class Parts:
    """What the gateway's routes work with."""

    settings: Settings
    redis: Redis
    engine: Engine
    conversation: Conversation
    directory: DirectoryStore
    areas: AreaTable
    keyring: Keyring
    citizens: CitizenStore
    desk: Desk
    notices: NoticeStore
    reach: ReachStore
    personal: Mapping[str, PersonalData]
    sessions: Sessions
    links: PageLinks
    console: Console
    platform: Platform | None
    clock: Callable[[], float]

    async def close(self) -> None:
        """Close what was opened."""
        if self.platform:
            await self.platform.close()
        await self.engine.close()
        await self.redis.aclose()


def bootstrap(
    settings: Settings,
    redis: Redis | None = None,
    engine: Engine | None = None,
    clock: Callable[[], float] = time.time,
    downloads: Downloads | None = None,
    recogniser: Recogniser | None = None,
) -> Parts:
    """Return the parts; tests bring their own store, engine or time. Nothing connects before it is used.

    Without `downloads` photos come from WeChat's platform, if one is set up; without `recogniser` no speech is read.
    """
    if redis is None:
        if not settings.redis_url:
            raise SettingError("CHENGFATONG_REDIS_URL must be set for the gateway alone; `make run` sets it.")
        redis = connect(settings.redis_url)
    if not (settings.data / "areas.csv").is_file():
        raise SettingError(f"CHENGFATONG_DISTRICT must have a folder data/directory/{settings.district}/areas.csv.")
    engine = engine or Engine(settings.engine_url, settings.token)
    keyring = keyring_of(settings)
    desk = desk_of(settings, redis)
    notes = ConversationStore(redis, settings.district, keyring)
    trays, people = InboxStore(redis, settings.district, keyring), CitizenStore(redis, settings.district, keyring)
    areas, found = read_areas(settings.data / "areas.csv"), DirectoryStore(redis, settings.district)
    platform = platform_of(settings, redis, keyring)
    photos = Photos(notes, downloads or platform, photos_to(trays, people, keyring))
    return Parts(
        settings=settings,
        redis=redis,
        engine=engine,
        conversation=Conversation(
            engine,
            notes,
            alert_to(trays),
            Senses(found, areas, photos, recogniser),
            SafeTalk(ReachStore(redis, settings.district, keyring), people),
        ),
        directory=found,
        areas=areas,
        keyring=keyring,
        citizens=people,
        notices=NoticeStore(redis, settings.district),
        reach=ReachStore(redis, settings.district, keyring),
        personal=personal_data(redis, settings.district, keyring, clock),
        sessions=Sessions(SessionStore(redis, settings.district, keyring)),
        links=page_links(settings, keyring),
        desk=desk,
        console=console_of(redis, settings.district, keyring, desk),
        platform=platform,
        clock=clock,
    )


def platform_of(settings: Settings, redis: Redis, keyring: Keyring) -> Platform | None:
    """Return WeChat's platform, None where no account is set up. Whoever opened it closes it."""
    if not settings.wechat_api:
        return None

    def vault(name: str) -> Vault:
        return Vault(redis, settings.district, keyring, f"{name}:{settings.wechat_app_id}")

    return Platform.of(settings, vault)


def page_links(settings: Settings, keyring: Keyring) -> PageLinks:
    """Return what makes the addresses of our pages; the chat's process makes the same as the gateway reads."""
    return PageLinks(Links(keyring.derive("links")), settings.public_url)


def desk_of(settings: Settings, redis: Redis) -> Desk:
    """Return the appointment book's desk."""
    areas = read_areas(settings.data / "areas.csv")
    return Desk(
        book=BookingStore(redis, settings.district),
        directory=DirectoryStore(redis, settings.district),
        areas=areas,
        calendar=ChineseCalendar(),
        rooms=read_rooms(settings.data / "rooms.csv", areas),
    )


def post_of(settings: Settings, redis: Redis, keyring: Keyring, desk: Desk, platform: Platform | None = None) -> Post:
    """Return what sends notices; without a `platform`, whoever is known from WeChat alone is for a call."""
    district = settings.district
    applications = ApplicationStore(redis, district)
    return Post(
        store=ReachStore(redis, district, keyring),
        words=Sayings(desk, NoticeStore(redis, district), applications),
        platform=platform,
        means=read_templates(settings.data / "wechat_templates.csv", settings.wechat_strategy == "service"),
    )


def console_of(redis: Redis, district: str, keyring: Keyring, desk: Desk) -> Console:
    """Return what the staff's pages and commands work with."""
    return Console(
        ConsoleStore(redis, district),
        desk,
        CitizenStore(redis, district, keyring),
        InboxStore(redis, district, keyring),
        ApplicationStore(redis, district),
        ReachStore(redis, district, keyring),
    )


def alert_to(trays: InboxStore) -> Callable[[Inbound], Awaitable[None]]:
    """Return what puts a danger message into the staff's tray."""

    async def alert(inbound: Inbound) -> None:
        item = Item("alert", f"{inbound.channel}:{inbound.user}", inbound.body, inbound.at.isoformat())
        await inbox.leave(trays, item)

    return alert


def photos_to(trays: InboxStore, people: CitizenStore, keyring: Keyring) -> Keep:
    """Return what notes that a citizen agreed, and puts a photo into the staff's tray."""

    async def keep(inbound: Inbound, content: bytes) -> str:
        user = f"{inbound.channel}:{inbound.user}"
        await citizens.agree(people, person_of(keyring.secret, user), "photo", int(inbound.at.timestamp()))
        return await inbox.leave_photo(trays, user, inbound.at.isoformat(), content)

    return keep


def personal_data(
    redis: Redis, district: str, keyring: Keyring, clock: Callable[[], float] = time.time
) -> dict[str, PersonalData]:
    """Return every room that keeps something of a citizen, by name. A room that is not here is not erased."""
    return {
        "citizens": CitizenStore(redis, district, keyring),
        "inbox": InboxStore(redis, district, keyring),
        "conversation": ConversationStore(redis, district, keyring),
        "chat": TrackerLines(redis, district, keyring),
        "legal_aid": PersonalApplications(ApplicationStore(redis, district), clock),
        "knowledge": KnowledgeStore(redis, district),
        "notices": NoticeStore(redis, district),
        "reach": ReachStore(redis, district, keyring),
        "pages": SessionStore(redis, district, keyring),
        "wechat": Deliveries(redis, district, keyring),
        "booking": PersonalBookings(BookingStore(redis, district), clock),
    }
