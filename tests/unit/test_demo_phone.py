"""Which start has a demo phone: a laptop's, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.platform import demo_phone
from bot.platform.processes import free_port, gateway_url, stages
from bot.platform.settings import Settings, load
from tests.keys import ENV


def settings(**more: str) -> Settings:
    return load({**ENV, "CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", **more}, Path("/nowhere"))


def test_laptop_without_an_account_has_a_phone() -> None:
    assert demo_phone.wanted(settings())


@pytest.mark.parametrize(
    "own",
    [
        {"WECHAT_TOKEN": "t"}, {"WECHAT_APP_ID": "wx1"}, {"WECHAT_APP_SECRET": "s", "WECHAT_APP_ID": "wx1"},
        {"WECHAT_ENCODING_AES_KEY": "a" * 43, "WECHAT_MODE": "plain"}, {"CHENGFATONG_HOST": "198.51.100.7"},
        {"CHENGFATONG_HOST": "192.0.2.1"}, {"CHENGFATONG_PUBLIC_URL": "https://falv.example.cn"},
    ],
    ids=lambda own: next(iter(own)),
)  # fmt: skip
def test_nobody_has_a_phone_beside_an_account_or_where_others_come(own: dict[str, str]) -> None:
    assert not demo_phone.wanted(settings(**own))


def test_image_without_the_tests_has_no_phone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo_phone, "STANDIN", tmp_path)
    assert not demo_phone.wanted(settings())


def test_parts_get_an_account_that_settings_take_and_no_secret_stands_in_a_command() -> None:
    given = settings()
    phone = demo_phone.demo_phone(free_port(), gateway_url(given))
    account = settings(**phone.env)
    assert (account.wechat, account.wechat_mode, account.wechat_api_base) == (True, "safe", phone.url)
    for part in [part for stage in stages(given, phone) for part in stage]:
        assert part.env["WECHAT_TOKEN"] == account.wechat_token
        assert not any(secret in " ".join(part.command) for secret in (account.wechat_token, account.wechat_app_secret))
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", phone.url)


def test_each_start_has_other_secrets() -> None:
    first, second = (demo_phone.demo_phone(1, "http://127.0.0.1:2").env for _ in range(2))
    assert not {first["WECHAT_TOKEN"], first["WECHAT_APP_SECRET"]} & set(second.values())


def test_start_without_a_phone_sets_no_account() -> None:
    parts = [part for stage in stages(settings()) for part in stage]
    assert [part.name for part in parts] == ["engine", "actions", "gateway", "worker"]


def test_gateway_on_an_ipv6_loopback_is_reached_there() -> None:
    assert gateway_url(settings(CHENGFATONG_HOST="::1", CHENGFATONG_PORT="81")) == "http://[::1]:81"
