"""What `chengfatong doctor` says about WeChat's platform."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.channels.wechat.client import Platform
from bot.channels.wechat.codes import IP_REFUSED
from bot.channels.wechat.commands import our_menu
from bot.channels.wechat.menu import differences
from bot.errors import ChengfatongError, NotPermitted, WeChatError
from bot.platform.settings import Settings

Line = tuple[bool, str]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WORDS = {
    IP_REFUSED: "this machine's address is not on the account's list (设置与开发 → 基本配置 → IP白名单)",
    40013: "WECHAT_APP_ID is no account",
    40125: "WECHAT_APP_SECRET is not the account's",
    40243: "the account's secret is frozen",
    48001: "the account has no right to a menu by API",
}


async def health(settings: Settings) -> list[Line]:
    """Return (good, line) for the address, the token and the menu; asks the platform."""
    if not settings.wechat_api:
        needed = settings.wechat and settings.wechat_strategy == "service"
        return [(not needed, "WeChat out: WECHAT_APP_SECRET is not set, so nothing is sent and the menu is not ours")]
    platform = Platform.of(settings)
    try:
        return [*_address(settings.wechat_api_base), *await _asked(settings, platform)]
    finally:
        await platform.close()


def _address(base: str) -> list[Line]:
    here = urlsplit(base).hostname in LOOPBACK
    if base.startswith("https:") or here:
        return []
    return [(False, f"WeChat out: WECHAT_API_BASE {base} is not https, and the secret goes over it")]


async def _asked(settings: Settings, platform: Platform) -> list[Line]:
    try:
        theirs = await platform.menu()
    except WeChatError as error:
        reason = WORDS.get(error.code, f"{type(error).__name__} {error.code} {error.reason}".strip())
        if isinstance(error, NotPermitted) and error.code == 48001:
            return [(True, "WeChat out: the platform gives a token"), (True, f"WeChat menu: {reason}")]
        shown = f" ({error.reason})" if error.code == IP_REFUSED else ""
        return [(False, f"WeChat out: {reason}{shown}")]
    return [(True, "WeChat out: the platform gives a token"), _menu(settings, theirs)]


def _menu(settings: Settings, theirs: dict[str, object] | None) -> Line:
    try:
        different = differences(our_menu(settings), theirs)
    except ChengfatongError as error:
        return False, f"WeChat menu: data/wechat/menu.yml cannot be used: {error}; `chengfatong wechat menu check`"
    if different:
        return (
            False,
            f"WeChat menu: differs from data/wechat/menu.yml in {len(different)}; `chengfatong wechat menu push`",
        )
    return True, "WeChat menu: as in data/wechat/menu.yml"
