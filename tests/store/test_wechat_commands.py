"""`chengfatong wechat …` and what doctor says, against a fake platform."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.channels.wechat import wire
from bot.channels.wechat.health import health
from bot.cli import main
from bot.platform.settings import load
from tests.wechat_platform import APP_ID, SECRET, FakePlatform, code, gives, platform_server, said, silence

Run = Callable[..., int]
TOKEN, MENU = "/cgi-bin/stable_token", "/cgi-bin/menu/get"


@pytest.fixture
def fake() -> Iterator[FakePlatform]:
    """Serve from a loop of its own: a command opens one itself."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = platform_server()
    yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def env(fake: FakePlatform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    account = {"WECHAT_APP_ID": APP_ID, "WECHAT_APP_SECRET": SECRET, "WECHAT_API_BASE": fake.base}
    for name, value in account.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wire, "TIMEOUT", wire.ClientTimeout(total=0.3))
    monkeypatch.chdir(tmp_path)
    return account


def test_operator_can_push_the_menu_and_see_that_it_is_there(
    fake: FakePlatform, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wechat", "menu", "check"]) == 1
    assert "not there: 问法律" in capsys.readouterr().out
    assert main(["wechat", "menu", "push"]) == 0
    assert main(["wechat", "menu", "check"]) == 0
    assert "the same" in capsys.readouterr().out
    fake.menu["button"][0]["name"] = "别的"
    assert main(["wechat", "menu", "check"]) == 1
    assert "only there: 别的" in capsys.readouterr().out


def test_operator_is_told_when_the_platform_shows_another_menu_than_it_took(
    fake: FakePlatform, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.next[MENU] = [gives(lambda: said({"menu": {"button": []}}))]
    assert main(["wechat", "menu", "push"]) == 1
    assert "shows another" in capsys.readouterr().err


def test_operator_is_told_when_no_account_is_set(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WECHAT_APP_SECRET", "")
    assert main(["wechat", "menu", "push"]) == 1
    assert "WECHAT_APP_SECRET" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "scene"),
    [
        (["village", "莲下镇"], "v_440515102"),
        (["village", "440515103"], "v_440515103"),
        (["room", "sc-county"], "p_sc-county"),
        (["room", "澄海区公共法律服务中心"], "p_sc-county"),
        (["staff", "med-001-1"], "s_med-001-1"),
    ],
)
def test_operator_gets_a_picture_of_a_code(
    fake: FakePlatform, env: dict[str, str], capsys: pytest.CaptureFixture[str], words: list[str], scene: str
) -> None:
    assert main(["wechat", "qr", *words]) == 0
    out = capsys.readouterr().out
    made = next(each for each, (path, _, _) in enumerate(fake.asked) if path.endswith("qrcode/create"))
    assert fake.body(made) == {
        "action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}},
    }  # fmt: skip
    assert f"{scene}: http://weixin.qq.com/q/" in out
    assert Path(f"{scene}.jpg").read_bytes().startswith(b"\x89PNG")


def test_operator_can_make_a_code_that_ends(fake: FakePlatform, env: dict[str, str]) -> None:
    assert main(["wechat", "qr", "staff", "med-001-1", "--days", "7", "--file", "x.jpg"]) == 0
    made = next(each for each, (path, _, _) in enumerate(fake.asked) if path.endswith("qrcode/create"))
    assert fake.body(made)["expire_seconds"] == 7 * 24 * 3600
    assert Path("x.jpg").is_file()


def test_operator_is_told_when_nothing_or_several_things_have_that_name(
    fake: FakePlatform, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wechat", "qr", "village", "没有这个村"]) == 1
    assert "has no village" in capsys.readouterr().err
    assert main(["wechat", "qr", "village", "南社"]) == 1
    assert "can be several" in capsys.readouterr().err
    assert fake.asked == []


async def _health(fake: FakePlatform, **more: str) -> str:
    account = {"WECHAT_APP_ID": APP_ID, "WECHAT_APP_SECRET": SECRET, "WECHAT_API_BASE": fake.base}
    lines = await health(load({**account, **more}, Path("no.env")))
    return "\n".join(("ok " if good else "BAD ") + text for good, text in lines)


@pytest.mark.parametrize(
    ("path", "act", "words"),
    [
        (TOKEN, code(40164, "invalid ip 203.0.113.9, not in whitelist"), "IP白名单) (invalid ip 203.0.113.9"),
        (TOKEN, code(40125, "invalid appsecret"), "WECHAT_APP_SECRET is not the account's"),
        (TOKEN, code(40013, "invalid appid"), "WECHAT_APP_ID is no account"),
        (TOKEN, silence, "PlatformBusy 0 no token"),
        (MENU, gives(lambda: said("<html>")), "PlatformDown"),
    ],
)
async def test_doctor_says_why_the_platform_cannot_be_used(
    fake: FakePlatform, env: dict[str, str], path: str, act: object, words: str
) -> None:
    fake.next[path] = [act]  # type: ignore[list-item]
    told = await _health(fake)
    assert told.startswith("BAD ")
    assert words in told
    assert SECRET not in told


async def test_doctor_sees_whether_the_menu_is_ours(fake: FakePlatform, env: dict[str, str]) -> None:
    assert "BAD WeChat menu: differs" in await _health(fake)
    await asyncio.to_thread(main, ["wechat", "menu", "push"])
    assert await _health(fake) == (
        "ok WeChat out: the platform gives a token\nok WeChat menu: as in data/wechat/menu.yml"
    )
    fake.next[MENU] = [code(48001, "api unauthorized")]
    assert "no right to a menu" in await _health(fake)


async def test_doctor_warns_when_the_secret_would_go_in_clear(fake: FakePlatform, env: dict[str, str]) -> None:
    assert "BAD WeChat out: WECHAT_API_BASE http://api.example" in await _health(
        fake, WECHAT_API_BASE="http://api.example", WECHAT_PROXY="http://127.0.0.1:1"
    )


async def test_doctor_calls_an_account_that_should_send_and_cannot_bad() -> None:
    service = {"WECHAT_TOKEN": "t", "WECHAT_STRATEGY": "service"}
    assert [good for good, _ in await health(load(service, Path("no.env")))] == [False]
    assert [good for good, _ in await health(load({}, Path("no.env")))] == [True]
