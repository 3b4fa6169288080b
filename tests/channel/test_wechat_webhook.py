"""The WeChat webhook, as the platform calls it."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp.test_utils import TestClient

from bot.channels.wechat import crypto
from tests.channel.conftest import KEY


def query(nonce: str = "n1", at: float | None = None, token: str = "tok") -> dict[str, str]:
    timestamp = str(int(at or time.time()))
    return {"timestamp": timestamp, "nonce": nonce, "signature": crypto.signature(token, timestamp, nonce)}


def text_message(content: str, msg_id: str = "1", kind: str = "text", extra: str = "") -> str:
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser1]]></FromUserName>"
        f"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId>{extra}</xml>"
    )


def content_of(body: str) -> str:
    return ElementTree.fromstring(body).findtext("Content") or ""


async def test_platform_is_answered_with_its_echo(client: TestClient) -> None:
    response = await client.get("/wechat", params={**query(), "echostr": "echo123"})
    assert (response.status, await response.text()) == (200, "echo123")


@pytest.mark.parametrize("change", [{"signature": "0" * 40}, {"nonce": "other"}, {"timestamp": "1"}])
async def test_forged_call_is_refused_before_its_body_is_read(
    client: TestClient, engine: Any, change: dict[str, str]
) -> None:
    response = await client.post("/wechat", params={**query(), **change}, data=text_message("你好"))
    assert response.status == 403
    assert engine.asked == []


async def test_captured_call_is_refused_after_ten_minutes(client: TestClient) -> None:
    response = await client.post("/wechat", params=query(at=time.time() - 700), data=text_message("你好"))
    assert response.status == 403


async def test_repeated_or_missing_parameters_are_refused(client: TestClient) -> None:
    assert (await client.post("/wechat", data=text_message("你好"))).status == 403
    params = [*query().items(), ("nonce", "n1")]
    assert (await client.post("/wechat", params=params, data=text_message("你好"))).status == 403


async def test_citizen_gets_text_card_and_numbered_choices(client: TestClient) -> None:
    response = await client.post("/wechat", params=query(), data=text_message("你好"))
    content = content_of(await response.text())
    assert "收到你好" in content
    assert "莲下镇司法所" in content
    assert "示例" in content
    assert "2. 转人工" in content


async def test_citizen_picks_by_number(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=text_message("你好", "1"))
    await client.post("/wechat", params=query(), data=text_message("2", "2"))
    assert engine.asked[-1].body == "/talk_to_human"


async def test_redelivery_gets_the_same_reply_and_has_one_effect(client: TestClient, engine: Any) -> None:
    engine.delay = 0.3
    calls = [client.post("/wechat", params=query(), data=text_message("你好", "77")) for _ in range(3)]
    bodies = {await response.text() for response in await asyncio.gather(*calls)}
    later = await client.post("/wechat", params=query(), data=text_message("你好", "77"))
    assert bodies == {await later.text()}
    assert len(engine.asked) == 1


async def test_new_follower_is_greeted(client: TestClient, engine: Any) -> None:
    event = text_message("", kind="event", extra="<Event>subscribe</Event>")
    await client.post("/wechat", params=query(), data=event)
    assert engine.asked[-1].body == "/greet"


@pytest.mark.parametrize("kind", ["event", "hologram", ""])
async def test_unknown_push_is_acknowledged(client: TestClient, engine: Any, kind: str) -> None:
    response = await client.post("/wechat", params=query(), data=text_message("x", kind=kind))
    assert (response.status, await response.text()) == (200, "success")
    assert engine.asked == []


async def test_citizen_who_sends_a_picture_is_told_to_type(client: TestClient) -> None:
    response = await client.post("/wechat", params=query(), data=text_message("", kind="image"))
    assert "打字" in content_of(await response.text())


async def test_dictated_voice_is_read(client: TestClient, engine: Any) -> None:
    voice = text_message("", kind="voice", extra="<Recognition>莲下的调解员</Recognition>")
    await client.post("/wechat", params=query(), data=voice)
    assert engine.asked[-1].body == "莲下的调解员"


@pytest.mark.parametrize(
    "body",
    [
        "", "not xml", text_message("你好")[:80], "<xml></xml", "[1]", "{", "\x1d",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
    ],
)  # fmt: skip
async def test_broken_body_is_refused_without_a_crash(client: TestClient, engine: Any, body: str) -> None:
    response = await client.post("/wechat", params=query(), data=body.encode())
    assert response.status in (200, 403)
    assert "Traceback" not in await response.text()
    assert engine.asked == []


async def test_control_character_in_a_message_does_not_lose_it(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=text_message("你\x1d好").encode())
    assert engine.asked[-1].body == "你好"


async def test_oversized_body_is_refused(client: TestClient) -> None:
    response = await client.post("/wechat", params=query(), data=text_message("长" * 40000).encode())
    assert response.status == 413


async def test_safe_mode_message_is_decrypted_and_its_reply_encrypted(client: TestClient, engine: Any) -> None:
    sealed = crypto.encrypt(text_message("你好", "9"), KEY, "wxapp")
    asked = query()
    asked |= {
        "encrypt_type": "aes",
        "msg_signature": crypto.signature("tok", asked["timestamp"], asked["nonce"], sealed),
    }
    response = await client.post("/wechat", params=asked, data=f"<xml><Encrypt>{sealed}</Encrypt></xml>")
    root = ElementTree.fromstring(await response.text())
    answer = crypto.decrypt(root.findtext("Encrypt") or "", KEY, "wxapp")
    crypto.check(
        root.findtext("MsgSignature") or "", "tok", root.findtext("TimeStamp") or "", root.findtext("Nonce") or "",
        root.findtext("Encrypt") or "",
    )  # fmt: skip
    assert "收到你好" in content_of(answer)


@pytest.mark.parametrize("app_id", ["wxother", ""])
async def test_message_for_another_account_is_refused(client: TestClient, app_id: str) -> None:
    sealed = crypto.encrypt(text_message("你好", "9"), KEY, app_id)
    asked = query()
    asked |= {
        "encrypt_type": "aes",
        "msg_signature": crypto.signature("tok", asked["timestamp"], asked["nonce"], sealed),
    }
    response = await client.post("/wechat", params=asked, data=f"<xml><Encrypt>{sealed}</Encrypt></xml>")
    assert response.status == 403
