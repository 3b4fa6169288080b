"""var/keys: made once, for its owner only; other starts need the settings; doctor tells which it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.citizens.keyring import keyring_of
from bot.errors import SettingError
from bot.platform import doctor
from bot.platform.keyfile import make_keys, with_keys
from bot.platform.processes import stages, store_url
from bot.platform.settings import Settings, load
from tests.keys import ENV


def settings(var: Path, **env: str) -> Settings:
    return load({"CHENGFATONG_VAR": str(var), **env}, var / "no.env")


def test_first_start_can_make_keys_that_the_second_start_finds_again(tmp_path: Path) -> None:
    first = make_keys(settings(tmp_path))
    second = make_keys(settings(tmp_path))
    assert keyring_of(second).open(keyring_of(first).seal("陈小明", "c"), "c") == "陈小明"
    assert first.hash_secret == second.hash_secret
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_another_user_of_the_machine_cannot_read_the_keys(tmp_path: Path) -> None:
    make_keys(settings(tmp_path))
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    (tmp_path / "keys").chmod(0o644)
    make_keys(settings(tmp_path))
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_two_machines_cannot_have_the_same_keys(tmp_path: Path) -> None:
    made = [make_keys(settings(tmp_path / name)) for name in ("a", "b")]
    assert len({part for one in made for part in (one.keys, one.hash_secret)}) == 4


def test_start_cannot_replace_keys_that_are_damaged(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("CHENGFATONG_KEYS=k1:abc\n")
    with pytest.raises(SettingError, match=r"keys: CHENGFATONG_KEYS must be"):
        make_keys(settings(tmp_path))
    (tmp_path / "keys").write_text("")
    with pytest.raises(SettingError, match=r"keys holds no CHENGFATONG_KEYS"):
        make_keys(settings(tmp_path))
    assert (tmp_path / "keys").read_text() == ""


def test_settings_win_over_the_file(tmp_path: Path) -> None:
    make_keys(settings(tmp_path))
    assert with_keys(settings(tmp_path, **ENV)).keys == ENV["CHENGFATONG_KEYS"]


def test_every_part_gets_the_keys_from_the_supervisor(tmp_path: Path) -> None:
    ready = make_keys(settings(tmp_path))
    for stage in stages(ready):
        for program in stage:
            assert program.env["CHENGFATONG_KEYS"] == ready.keys
            assert program.env["CHENGFATONG_HASH_SECRET"] == ready.hash_secret


def test_command_can_find_the_store_that_runs_here(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"^CHENGFATONG_REDIS_URL"):
        store_url(settings(tmp_path))
    stages(settings(tmp_path))
    assert store_url(settings(tmp_path)).startswith("redis://:")
    assert store_url(settings(tmp_path, CHENGFATONG_REDIS_URL="redis://h:1")) == "redis://h:1"


def test_operator_is_warned_of_keys_on_this_machine_for_a_store_elsewhere(tmp_path: Path) -> None:
    away = {"CHENGFATONG_REDIS_URL": "redis://elsewhere:6379"}
    assert doctor._keys(settings(tmp_path))[0]
    assert not doctor._keys(settings(tmp_path, **away))[0]
    make_keys(settings(tmp_path))
    good, line = doctor._keys(settings(tmp_path))
    assert good
    assert "k1 is current" in line
    good, line = doctor._keys(settings(tmp_path, **away))
    assert not good
    assert "set CHENGFATONG_KEYS" in line
    assert doctor._keys(settings(tmp_path, **away, **ENV)) == (
        True,
        "keys: k1 is current, 1 known, from CHENGFATONG_KEYS",
    )
