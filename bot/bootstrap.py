"""The one place that puts the gateway's real parts together."""

from __future__ import annotations

from dataclasses import dataclass

from redis.asyncio import Redis

from bot.areas.importer import read_areas
from bot.areas.model import AreaTable
from bot.conversation.engine import Engine
from bot.conversation.service import Conversation
from bot.conversation.store import ConversationStore
from bot.directory.store import DirectoryStore
from bot.errors import SettingError
from bot.platform.settings import Settings
from bot.platform.store import connect


@dataclass(frozen=True)
class Parts:
    """What the gateway's routes work with."""

    settings: Settings
    redis: Redis
    engine: Engine
    conversation: Conversation
    directory: DirectoryStore
    areas: AreaTable

    async def close(self) -> None:
        """Close what was opened."""
        await self.engine.close()
        await self.redis.aclose()


def bootstrap(settings: Settings, redis: Redis | None = None, engine: Engine | None = None) -> Parts:
    """Return the parts; tests bring their own store or engine. Nothing connects before it is used."""
    if redis is None:
        if not settings.redis_url:
            raise SettingError("CHENGFATONG_REDIS_URL must be set for the gateway alone; `make run` sets it.")
        redis = connect(settings.redis_url)
    if not (settings.data / "areas.csv").is_file():
        raise SettingError(f"CHENGFATONG_DISTRICT must have a folder data/directory/{settings.district}/areas.csv.")
    engine = engine or Engine(settings.engine_url, settings.token)
    return Parts(
        settings=settings,
        redis=redis,
        engine=engine,
        conversation=Conversation(engine, ConversationStore(redis, settings.district)),
        directory=DirectoryStore(redis, settings.district),
        areas=read_areas(settings.data / "areas.csv"),
    )
