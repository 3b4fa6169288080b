"""Where links to our pages lead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SettingError
from bot.platform.doctor import _public
from bot.platform.settings import load


def url(**env: str) -> str:
    return load(env, Path("no.env")).public_url


def test_laptop_needs_no_setting() -> None:
    assert url(CHENGFATONG_PORT="8081") == "http://127.0.0.1:8081"
    assert url(CHENGFATONG_HOST="::") == "http://127.0.0.1:8080"
    assert url(CHENGFATONG_HOST="::1") == "http://[::1]:8080"


def test_operator_sets_the_address_that_phones_reach() -> None:
    assert url(CHENGFATONG_PUBLIC_URL="https://falv.example.cn/") == "https://falv.example.cn"


@pytest.mark.parametrize(
    "wrong", ["falv.example.cn", "ftp://a.cn", "https://a.cn/path", "https://a.cn?x", "https://u@a.cn"]
)
def test_wrong_address_stops_the_start_with_one_line(wrong: str) -> None:
    with pytest.raises(SettingError, match=r"^CHENGFATONG_PUBLIC_URL must be") as error:
        url(CHENGFATONG_PUBLIC_URL=wrong)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "wechat", "good"),
    [
        ("http://127.0.0.1:8080", "", True), ("http://127.0.0.1:8080", "token", False),
        ("http://falv.example.cn", "", False), ("https://falv.example.cn", "token", True),
    ],
)  # fmt: skip
def test_doctor_finds_links_that_phones_cannot_open(address: str, wechat: str, good: bool) -> None:
    settings = replace(load({}, Path("no.env")), public_url=address, wechat_token=wechat)
    assert _public(settings)[0] is good
