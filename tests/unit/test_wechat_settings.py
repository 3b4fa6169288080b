"""The settings with which WeChat's platform is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.wechat.bases import pictures_base, visitors_base
from bot.errors import SettingError
from bot.platform.settings import Settings, load

ACCOUNT = {"WECHAT_APP_ID": "wx0123456789abcdef", "WECHAT_APP_SECRET": "0123456789abcdef0123456789abcdef"}


def loaded(**env: str) -> Settings:
    return load(env, Path("no.env"))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("WECHAT_APP_ID", "wx 01"),
        ("WECHAT_APP_SECRET", "abc def"),
        ("WECHAT_API_BASE", "api.weixin.qq.com"),
        ("WECHAT_API_BASE", "https://api.weixin.qq.com/?x=1"),
        ("WECHAT_API_BASE", "https://user@api.weixin.qq.com"),
        ("WECHAT_PROXY", "10.0.0.2:3128"),
        ("WECHAT_PROXY", "socks5://10.0.0.2:3128"),
        ("WECHAT_PROXY", "http://secret@"),
    ],
)
def test_operator_is_told_in_one_line_which_setting_is_wrong(name: str, wrong: str) -> None:
    with pytest.raises(SettingError) as raised:
        loaded(**(ACCOUNT | {name: wrong}))
    assert str(raised.value).startswith(f"{name} must be ")
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_operator_is_told_when_the_secret_stands_without_its_account() -> None:
    with pytest.raises(SettingError, match=r"^WECHAT_APP_ID must be set"):
        loaded(WECHAT_APP_SECRET="x")


def test_platform_is_called_only_with_an_account() -> None:
    assert loaded(**ACCOUNT).wechat_api
    assert not loaded(WECHAT_APP_ID="wx0123456789abcdef").wechat_api


def test_settings_show_no_secret_when_they_are_printed() -> None:
    shown = repr(loaded(**ACCOUNT, WECHAT_PROXY="http://me:hunter2@10.0.0.2:3128", WECHAT_TOKEN="tok-en"))
    assert not any(secret in shown for secret in (ACCOUNT["WECHAT_APP_SECRET"], "hunter2", "tok-en"))


@pytest.mark.parametrize("base", ["https://api.weixin.qq.com", "https://sh.api.weixin.qq.com"])
def test_pictures_and_visitors_have_hosts_of_their_own(base: str) -> None:
    assert pictures_base(base) == "https://mp.weixin.qq.com"
    assert visitors_base(base) == "https://open.weixin.qq.com"


@pytest.mark.parametrize("base", ["http://127.0.0.1:8901", "https://api.weixin.qq.com.example.cn"])
def test_stand_in_is_one_host_for_all(base: str) -> None:
    assert pictures_base(base) == visitors_base(base) == base
