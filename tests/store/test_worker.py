from __future__ import annotations

import json

from redis.asyncio import Redis

from bot.booking.model import Appointment
from bot.citizens import service
from bot.citizens.keyring import Keyring
from bot.citizens.model import DAY, RETENTION
from bot.citizens.store import CitizenStore
from bot.inbox.model import TRAYS, Item
from bot.inbox.store import InboxStore
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Ask
from bot.legal_aid.store import ApplicationStore
from bot.platform.worker import run_once, tasks

DISTRICT = "990001"
NOW = 1_800_000_000
PERSON = "a" * 32


async def test_citizen_cannot_find_the_worker_leaving_anything_longer_than_promised(
    redis: Redis, keyring: Keyring
) -> None:
    trays, citizens = InboxStore(redis, DISTRICT, keyring), CitizenStore(redis, DISTRICT, keyring)
    for tray in TRAYS:
        await trays.append(Item(tray, "web:abc12345", "旧", "2026-11-23T10:00:00+08:00"))
    await service.agree(citizens, PERSON, "booking", NOW)
    await service.keep_case(citizens, PERSON, "A1", {"name": "陈小明"})
    over = Appointment("A1", "consultation", "fulfilled", "p1", PERSON, NOW - 60, NOW, NOW)
    await redis.set(f"{{{DISTRICT}}}:booking:appointment:A1", json.dumps(over.to_json()))
    await redis.zadd(f"{{{DISTRICT}}}:booking:agenda", {"A1": over.start})
    applications, aid = ApplicationStore(redis, DISTRICT), Ask("citizen", PERSON, NOW, "r1")
    begun = await legal_aid.begin(applications, "wages", "likely_yes", aid)
    await legal_aid.withdraw(applications, begun.id, Ask("citizen", PERSON, NOW, "r2"))
    await KnowledgeStore(redis, DISTRICT).rely("labour-unpaid-wages", PERSON, NOW)
    work = tasks(redis, DISTRICT, keyring)
    assert await run_once(redis, DISTRICT, work, NOW) == 0
    kept = {row for row, period in RETENTION.items() if period.by == "worker"}
    longest = max(RETENTION[row].seconds for row in kept)
    # Each is one thing, and each tray held one: a row that nobody applies would be missing.
    assert kept == {*TRAYS, "case", "appointment", "application", "relied"}
    assert await run_once(redis, DISTRICT, work, NOW + longest + DAY) == len(kept)
    assert await service.case(citizens, PERSON, "A1") == {}


async def test_operator_can_see_that_the_worker_lives_and_that_it_has_died(redis: Redis) -> None:
    await run_once(redis, DISTRICT, (), NOW)
    assert 0 < await redis.ttl(f"{{{DISTRICT}}}:worker:heartbeat") <= 20
