"""What our pages have to do with WeChat: whose they are, and the signature for its scripts."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.channels.wechat.jssdk import own_url, signature
from bot.channels.wechat.oauth import SECONDS, TARGETS, State, States, asking_url
from bot.errors import BadRequest, LinkExpired, LinkInvalid

NOW, BROWSER = 1_795_000_000, "b" * 32
STATES = States(b"k" * 32)


@pytest.mark.parametrize("target", TARGETS)
def test_state_comes_back_as_it_went_and_wechat_takes_it(target: str) -> None:
    state = State(target, "0123456789abcdef01234567", NOW + SECONDS)
    text = STATES.make(state, BROWSER)
    assert text.isalnum()
    assert text.isascii()
    assert len(text) <= 128
    assert STATES.read(text, BROWSER, NOW) == state
    with pytest.raises(LinkExpired):
        STATES.read(text, BROWSER, NOW + SECONDS)


def test_state_is_refused_when_any_sign_of_it_or_the_browser_is_another() -> None:
    text = STATES.make(State("/me", "0" * 24, NOW + SECONDS), BROWSER)
    edited = [text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :] for at in range(len(text))]
    for wrong in (*edited, "", text + "0", text.upper(), "d" + text[1:], "☃" * 73):
        with pytest.raises(LinkInvalid):
            STATES.read(wrong, BROWSER, NOW)
    for browser in ("", "c" * 32, BROWSER + "0"):
        with pytest.raises(LinkInvalid):
            STATES.read(text, browser, NOW)
    with pytest.raises(LinkInvalid):
        States(b"j" * 32).read(text, BROWSER, NOW)


def test_wechat_is_asked_in_the_order_it_wants() -> None:
    url = asking_url("https://open.weixin.qq.com", "wx01", "https://a.cn/wechat/oauth/finish", "m0")
    assert [name for name, _ in parse_qsl(urlsplit(url).query)] == [
        "appid", "redirect_uri", "response_type", "scope", "state",
    ]  # fmt: skip
    assert "redirect_uri=https%3A%2F%2Fa.cn%2Fwechat%2Foauth%2Ffinish&" in url
    assert url.endswith("#wechat_redirect")


def test_page_gets_the_signature_that_wechats_own_example_has() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    given = signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value")
    assert given == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


BASE = "https://falv.example.cn"


def test_page_of_ours_is_signed_without_its_fragment() -> None:
    assert own_url(f"{BASE}/me?a=1#top", BASE) == f"{BASE}/me?a=1"


@pytest.mark.parametrize(
    "other",
    [
        "",
        "https://evil.example/",
        f"{BASE}.evil.example/",
        f"{BASE}@evil.example/",
        f"{BASE}:8443/",
        "http://falv.example.cn/",
        f"{BASE}\\evil/",
        f"{BASE}/\n",
        f"{BASE}/&timestamp=1 2",
        f"{BASE}/" + "x" * 2000,
    ],
)
def test_page_of_somebody_else_is_not_signed(other: str) -> None:
    with pytest.raises(BadRequest):
        own_url(other, BASE)
