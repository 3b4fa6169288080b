"""No container engine is at hand: the files are held against the tree, the CLI and the supervisor's table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.cli import parser
from bot.platform.processes import commands
from bot.platform.settings import load

ROOT = Path(__file__).resolve().parents[2]
SERVICES = YAML(typ="safe").load((ROOT / "docker" / "compose.yml").read_text("utf-8"))["services"]


@pytest.mark.parametrize("name", ["engine", "app"])
def test_image_cannot_copy_what_is_not_there(name: str) -> None:
    text = (ROOT / "docker" / f"{name}.Dockerfile").read_text("utf-8")
    for line in re.findall(r"^COPY (.+)$", text, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert re.search(r"^USER 10001$", text, re.M)
    assert "--require-hashes" in text


def test_compose_can_start_each_part_that_the_supervisor_starts() -> None:
    table = commands(load({}, ROOT / "none"))
    assert set(table) == set(SERVICES) - {"directory"}
    for name in ("actions", "gateway", "worker", "directory"):
        parser().parse_args(SERVICES[name]["command"])
    for name in ("actions", "gateway", "worker"):
        assert table[name][1:] == ("-m", "bot.cli", *SERVICES[name]["command"])
    engine = (ROOT / "docker" / "engine.Dockerfile").read_text("utf-8")
    assert all(f'"{word}"' in engine for word in table["engine"][1:])


def test_part_that_holds_citizens_data_can_open_it_and_cannot_start_without_the_keys() -> None:
    for name in ("engine", "actions", "gateway", "worker"):
        for setting in ("CHENGFATONG_KEYS", "CHENGFATONG_HASH_SECRET"):
            assert SERVICES[name]["environment"][setting] == f"${{{setting}:?set it}}", name
    assert not any("KEYS" in setting for setting in SERVICES["store"]["environment"])


def test_stranger_cannot_reach_the_inner_parts() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True
        assert str(service["user"]) not in ("", "0", "root")
        assert ("ports" in service) == (name == "gateway")


def test_store_cannot_forget_what_a_citizen_was_told() -> None:
    words = " ".join(SERVICES["store"]["command"])
    assert "--appendonly yes --appendfsync always --maxmemory-policy noeviction" in words
    assert SERVICES["store"]["volumes"] == ["store:/data"]


def test_health_checks_ask_what_the_supervisor_asks() -> None:
    ports = {"engine": 5005, "actions": 5055, "gateway": 8080}
    for name, port in ports.items():
        assert f"http://127.0.0.1:{port}/readyz" in SERVICES[name]["healthcheck"]["test"][-1]
