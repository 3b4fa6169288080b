"""Who was given which answer, and how answers are judged."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.bootstrap import personal_data
from bot.citizens import service as citizens
from bot.citizens.keyring import Keyring
from bot.citizens.model import RETENTION
from bot.directory.hours import SHANGHAI
from bot.knowledge import commands, service
from bot.knowledge.store import KnowledgeStore
from bot.platform.settings import load
from tests.keys import ENV

DISTRICT = "440515"
AT = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)
ANNE, BEN = "a" * 32, "b" * 32


@pytest.fixture
def store(redis: Redis) -> KnowledgeStore:
    return KnowledgeStore(redis, DISTRICT)


async def test_editor_can_see_how_often_an_answer_was_found_useful_on_a_day(store: KnowledgeStore) -> None:
    for useful in (True, True, False):
        await service.judged(store, "labour-no-contract", useful, AT)
    assert await store.judged("2026-11-25") == {("labour-no-contract", True): 2, ("labour-no-contract", False): 1}
    assert await store.judged("2026-11-26") == {}


async def test_citizen_can_have_it_forgotten_which_answers_were_given(
    store: KnowledgeStore, redis: Redis, keyring: Keyring
) -> None:
    for person in (ANNE, BEN):
        await service.given(store, "labour-no-contract", person, AT)
    await service.given(store, "labour-unpaid-wages", ANNE, AT)
    rooms = personal_data(redis, DISTRICT, keyring)
    copy = await citizens.export(rooms, ANNE)
    assert copy == {"knowledge": {"answers": ["labour-no-contract", "labour-unpaid-wages"]}}
    assert (await citizens.erase(rooms, ANNE))["knowledge"] == 2
    assert await citizens.export(rooms, ANNE) == {}
    assert await store.relied("labour-no-contract") == [BEN]


async def test_answer_given_again_is_kept_from_the_last_time(store: KnowledgeStore, redis: Redis) -> None:
    first = AT.timestamp()
    await store.rely("labour-no-contract", ANNE, int(first))
    await store.rely("labour-no-contract", ANNE, int(first) + 1000)
    keep = RETENTION["relied"].seconds
    assert await service.forget(store, first + keep + 999) == 0
    assert await store.relied("labour-no-contract") == [ANNE]
    assert await service.forget(store, first + keep + 1001) == 1
    assert await store.relied("labour-no-contract") == []
    assert [name async for name in redis.scan_iter("*knowledge*")] == []


async def test_operator_can_see_how_many_relied_on_an_answer_whose_law_will_change(
    store: KnowledgeStore, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await service.given(store, "ip-border-export", ANNE, AT)
    settings = load({"CHENGFATONG_REDIS_URL": server, "CHENGFATONG_DISTRICT": DISTRICT, **ENV}, Path("/nonexistent"))
    assert await commands.stale(settings, None, date(2026, 11, 25), who=False) == 0
    assert capsys.readouterr().out.startswith("0 of ")
    # The new Trademark Law begins on 1 January 2027; its articles stand under other numbers.
    assert await commands.stale(settings, None, date(2027, 1, 1), who=True) == 1
    told = capsys.readouterr().out
    assert "ip_business/ip-border-export: 1 threads relied on it\n  《商标法》第57条: reads otherwise" in told
    assert f"\n  {ANNE}\n" in told
