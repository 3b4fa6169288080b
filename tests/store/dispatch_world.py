"""A ledger, a platform and a clock, for tests of what is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from bot.citizens.keyring import Keyring
from bot.reach import service
from bot.reach.dispatch import Post, dispatch_once
from bot.reach.records import Job
from bot.reach.store import ReachStore
from tests.store.reach_world import CHANGE, DISTRICT, MEANS, REMINDER, FakePlatform, FakeWords

NOW = 1_795_600_000


HOUR, DAY = 3600, 86_400


START = NOW + DAY


OPENID = "oTest-0001"


USER = f"wechat:{OPENID}"


@dataclass
class World:
    """A ledger, a platform, and a clock that both read."""

    store: ReachStore
    platform: FakePlatform
    words: FakeWords
    now: float = NOW
    made: int = 0
    weather: list[int | str] = field(default_factory=list)

    @property
    def post(self) -> Post:
        return Post(self.store, self.words, self.platform, means=MEANS)

    async def follower(self, trigger: str = "message", reminders: int = 0, changes: int = 0) -> None:
        """Let the person write, and give consents, as both sides hear of it."""
        await service.heard(self.store, USER, trigger, self.now)  # type: ignore[arg-type]
        person = self.platform.person(OPENID)
        (person.speak if trigger == "message" else person.touch)(self.now)
        for template, count in ((REMINDER, reminders), (CHANGE, changes)):
            person.consents[template] = person.consents.get(template, 0) + count
            await service.permitted(self.store, USER, template, count, f"{template} {self.now}", self.now)

    async def notice(self, what: str = "reminder_day", user: str = USER, start: int = START) -> Job:
        """Put a notice on its way."""
        self.made += 1
        job = Job(f"{self.made}-0", self.store.person(user), what, f"26-AAAA-{self.made:04}", int(self.now))
        self.words.starts[job.about] = start
        await self.store.put(job)
        return job

    async def round(self, *, after: float = 0) -> int:
        self.now += after
        return await dispatch_once(self.post, self.now)

    async def state(self, job: Job) -> tuple[str, str]:
        kept = await self.store.job(job.id)
        assert kept
        return kept.state, kept.reason

    @property
    def sent(self) -> list[str]:
        return self.platform.taken(OPENID)


@pytest.fixture
def dispatching(redis: Redis, keyring: Keyring) -> World:
    made: dict[str, World] = {}
    platform = FakePlatform(
        lambda: made["world"].now, lambda openid, way: made["world"].weather.pop(0) if made["world"].weather else ""
    )
    made["world"] = World(ReachStore(redis, DISTRICT, keyring), platform, FakeWords())
    return made["world"]
