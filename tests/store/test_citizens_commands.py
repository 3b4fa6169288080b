"""`chengfatong citizens rotate | export | erase`, as an operator types it, on a real Valkey."""

from __future__ import annotations

import asyncio
import json

import pytest
from redis.asyncio import Redis

from bot import cli
from bot.citizens import service
from bot.citizens.model import person_of
from bot.citizens.store import CitizenStore
from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.inbox.store import InboxStore
from tests.keys import HASH_SECRET, SECRET, keyring_with, keys_setting

DISTRICT, USER, PHONE = "990001", "web:abc12345", "+8615400000001"
CASE = {"name": "陈小明", "phone": PHONE, "other_name": "林大华", "other_phone": "+8675485550002"}


async def _fill(url: str) -> None:
    redis = Redis.from_url(url, decode_responses=True)
    await redis.flushdb()
    ring = keyring_with("k1")
    citizens, person = CitizenStore(redis, DISTRICT, ring), person_of(SECRET, USER)
    await service.agree(citizens, person, "booking", 1)
    await service.keep_case(citizens, person, "A1", CASE)
    await inbox.leave(InboxStore(redis, DISTRICT, ring), Item("message", USER, "请回电", "2026-11-23T10:00:00+08:00"))
    await redis.aclose()


@pytest.fixture
def operator(server: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set what an operator sets, and fill the store."""
    asyncio.run(_fill(server))
    for name, value in {
        "CHENGFATONG_REDIS_URL": server,
        "CHENGFATONG_DISTRICT": DISTRICT,
        "CHENGFATONG_KEYS": keys_setting("k1"),
        "CHENGFATONG_HASH_SECRET": HASH_SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("who", [USER, PHONE, "154 0000 0001"])
def test_operator_can_give_a_citizen_a_copy(operator: object, capsys: pytest.CaptureFixture[str], who: str) -> None:
    assert cli.main(["citizens", "export", who]) == 0
    (copy,) = json.loads(capsys.readouterr().out)["people"]
    assert copy["citizens"]["cases"] == {"A1": CASE}
    assert copy["inbox"]["items"][0]["text"] == "请回电"


def test_operator_can_erase_a_citizen_by_phone(operator: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["citizens", "erase", "15400000001"]) == 0
    said = capsys.readouterr().out
    assert "citizens: 2 erased" in said
    assert "inbox: 1 erased" in said
    assert "15400000001" not in said
    assert cli.main(["citizens", "export", USER]) == 0
    assert json.loads(capsys.readouterr().out) == {"people": [{}], "as_other_side": []}


def test_operator_can_serve_the_other_side_of_an_appointment(
    operator: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["citizens", "export", "0754-85550002"]) == 0
    named = {"other_name": "林大华", "other_phone": "+8675485550002"}
    assert json.loads(capsys.readouterr().out) == {"people": [], "as_other_side": [named]}
    assert cli.main(["citizens", "erase", "0754-85550002"]) == 0
    assert "as the other side of an appointment: 1 erased" in capsys.readouterr().out
    assert cli.main(["citizens", "export", USER]) == 0
    (copy,) = json.loads(capsys.readouterr().out)["people"]
    assert copy["citizens"]["cases"]["A1"] == {"name": "陈小明", "phone": PHONE}


def test_operator_can_change_the_key_and_let_the_old_one_go(
    operator: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.setenv("CHENGFATONG_KEYS", keys_setting("k2"))
    assert cli.main(["citizens", "rotate"]) == 1
    assert "Keep every key" in capsys.readouterr().out
    operator.setenv("CHENGFATONG_KEYS", keys_setting("k2", "k1"))
    assert cli.main(["citizens", "rotate"]) == 0
    said = capsys.readouterr().out
    assert f"citizens: {len(CASE)} resealed, 0 cannot be opened" in said
    assert "inbox: 2 resealed, 0 cannot be opened" in said
    assert "All is sealed with k2" in said
    operator.setenv("CHENGFATONG_KEYS", keys_setting("k2"))
    assert cli.main(["citizens", "export", USER]) == 0
    assert json.loads(capsys.readouterr().out)["people"][0]["citizens"]["cases"] == {"A1": CASE}


@pytest.mark.parametrize("who", ["abc12345", "12345", "陈小明"])
def test_operator_is_told_how_to_name_a_citizen(operator: object, capsys: pytest.CaptureFixture[str], who: str) -> None:
    assert cli.main(["citizens", "erase", who]) == 1
    said = capsys.readouterr().err
    assert "web:<sender>" in said
    assert said.count("\n") == 1


def test_operator_is_told_which_setting_is_missing(
    operator: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    operator.setenv("CHENGFATONG_VAR", str(tmp_path))
    operator.delenv("CHENGFATONG_KEYS")
    operator.delenv("CHENGFATONG_HASH_SECRET")
    assert cli.main(["citizens", "rotate"]) == 1
    assert capsys.readouterr().err.startswith("chengfatong: CHENGFATONG_KEYS must be set")
