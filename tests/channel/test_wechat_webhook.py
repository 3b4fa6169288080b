"""The WeChat webhook, as the platform calls it: modes, signatures, bad input."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from bot.channels.wechat import crypto
from tests.channel.wechat_world import gateway
from tests.wechat import KEY, OLD_KEY, content_of, event, fields_of, opened, push, query, sealed, text

MODES = ("plain", "compatible", "safe")


def envelope(ciphertext: str, plain: str = "") -> str:
    """Return a body as safe mode has it, or, with the plain copy beside, as compatible mode has it."""
    inner = plain.removeprefix("<xml>").removesuffix("</xml>")
    return f"<xml>{inner}<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"


async def test_platform_is_answered_with_its_echo(client: TestClient) -> None:
    response = await client.get("/wechat", params={**query(), "echostr": "echo123"})
    assert (response.status, await response.text()) == (200, "echo123")


@pytest.mark.parametrize("mode", MODES)
async def test_platform_can_check_the_address_in_every_mode(redis: Redis, engine: Any, mode: str) -> None:
    async with gateway(redis, engine, mode) as gate:
        good = await gate.client.get("/wechat", params={**query(), "echostr": "e"})
        forged = await gate.client.get("/wechat", params={**query(token="other"), "echostr": "e"})
        assert (good.status, forged.status) == (200, 403)
        assert "echo" not in await forged.text()


@pytest.mark.parametrize(
    "change", [{"signature": "0" * 40}, {"nonce": "other"}, {"timestamp": "1"}, {"signature": "é"}]
)
async def test_forged_call_is_refused_before_its_body_is_read(
    client: TestClient, engine: Any, change: dict[str, str]
) -> None:
    response = await client.post("/wechat", params={**query(), **change}, data=text("你好"))
    assert response.status == 403
    assert (await response.json())["detail"] == "refused"
    assert engine.asked == []


@pytest.mark.parametrize("seconds", [-700, 700])
async def test_captured_call_is_dropped_after_ten_minutes(client: TestClient, engine: Any, seconds: int) -> None:
    response = await client.post("/wechat", params=query(at=time.time() + seconds), data=text("你好"))
    assert response.status == 403
    assert engine.asked == []


@pytest.mark.parametrize("timestamp", ["²", "１７", "-5", "", "1e9", "99999999999999999999"])
async def test_signed_call_with_an_impossible_time_is_refused(client: TestClient, timestamp: str) -> None:
    asked = {"timestamp": timestamp, "nonce": "n", "signature": crypto.signature("tok", timestamp, "n")}
    assert (await client.post("/wechat", params=asked, data=text("你好"))).status == 403


async def test_repeated_or_missing_parameters_are_refused(client: TestClient) -> None:
    assert (await client.post("/wechat", data=text("你好"))).status == 403
    params = [*query().items(), ("nonce", "n1")]
    assert (await client.post("/wechat", params=params, data=text("你好"))).status == 403


async def test_plain_mode_answers_plain_and_refuses_an_encrypted_call(redis: Redis, engine: Any) -> None:
    asked, ciphertext = sealed(text("你好"))
    async with gateway(redis, engine, "plain") as gate:
        assert "收到你好" in await gate.says(text("你好"))
        assert await gate.status(envelope(ciphertext), asked) == 403


async def test_safe_mode_answers_encrypted_and_refuses_a_plain_call(redis: Redis, engine: Any) -> None:
    asked, ciphertext = sealed(text("你好"))
    async with gateway(redis, engine, "safe") as gate:
        assert "收到你好" in content_of(opened(await gate.post(envelope(ciphertext), asked)))
        assert await gate.status(text("你好", "2")) == 403
        assert await gate.status(text("你好", "2"), {**query(), "encrypt_type": "raw"}) == 403
        assert await gate.status(text("你好", "2"), asked) == 403


async def test_compatible_mode_believes_only_the_encrypted_copy(redis: Redis, engine: Any) -> None:
    asked, ciphertext = sealed(text("真的"))
    async with gateway(redis, engine, "compatible") as gate:
        answer = await gate.post(envelope(ciphertext, text("假的", "2")), asked)
        assert "收到真的" in content_of(opened(answer))
        stripped = {name: value for name, value in asked.items() if name not in ("encrypt_type", "msg_signature")}
        assert await gate.status(envelope(ciphertext, text("假的", "3")), stripped) == 403
    assert [inbound.body for inbound in engine.asked] == ["真的"]


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_account_that_changes_its_key_is_answered_with_the_current_one(
    redis: Redis, engine: Any, key: str
) -> None:
    asked, ciphertext = sealed(text("你好"), key)
    async with gateway(redis, engine, "safe") as gate:
        assert "收到你好" in content_of(opened(await gate.post(envelope(ciphertext), asked)))


@pytest.mark.parametrize("app_id", ["wxother", "", "wxap", "wxappp"])
async def test_message_for_another_account_is_refused(redis: Redis, engine: Any, app_id: str) -> None:
    asked, ciphertext = sealed(text("你好"), app_id=app_id)
    async with gateway(redis, engine, "safe") as gate:
        assert await gate.status(envelope(ciphertext), asked) == 403
    assert engine.asked == []


async def test_every_wrong_encryption_is_refused_alike(redis: Redis, engine: Any) -> None:
    asked, ciphertext = sealed(text("你好"))
    async with gateway(redis, engine, "safe") as gate:
        answers = set()
        for params, cipher in (
            (asked, ciphertext[:-8] + "AAAAAAA="),  # not what was signed
            sealed(text("你好"), key="Z" * 43),  # another key
            sealed(text("你好"), app_id="wxother"),  # another account
            ({**asked, "msg_signature": ""}, ciphertext),
            ({**asked, "msg_signature": asked["signature"]}, ciphertext),
        ):
            response = await gate.client.post("/wechat", params=params, data=envelope(cipher))
            answers.add((response.status, await response.text()))
        assert len(answers) == 1
        assert next(iter(answers))[0] == 403


async def test_account_set_to_json_is_answered_in_json(redis: Redis, engine: Any) -> None:
    body = {
        "ToUserName": "gh_1",
        "FromUserName": "o1",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "你好",
        "MsgId": 2**60,
    }
    asked, ciphertext = sealed(json.dumps(body))
    async with gateway(redis, engine, "safe") as gate:
        answer = await gate.post(json.dumps({"ToUserName": "gh_1", "Encrypt": ciphertext}), asked)
        said = json.loads(opened(answer))
    assert (said["ToUserName"], said["FromUserName"], said["MsgType"]) == ("o1", "gh_1", "text")
    assert "收到你好" in said["Content"]


async def test_citizen_gets_text_card_and_numbered_choices(client: TestClient) -> None:
    content = content_of(await (await client.post("/wechat", params=query(), data=text("你好"))).text())
    assert "收到你好" in content
    assert "莲下镇司法所" in content
    assert "示例" in content
    assert "2. 转人工" in content


async def test_citizen_picks_by_number(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=text("你好", "1"))
    await client.post("/wechat", params=query(), data=text("2", "2"))
    assert engine.asked[-1].body == "/talk_to_human"


async def test_citizen_who_types_a_payload_taps_nothing(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=text("/book_mediation", "1"))
    assert (engine.asked[-1].kind, engine.asked[-1].body) == ("text", "book_mediation")


async def test_new_follower_is_greeted(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=event("subscribe"))
    assert engine.asked[-1].body == "/greet"


async def test_citizen_who_taps_our_menu_is_answered(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=event("CLICK", "/book_mediation"))
    assert (engine.asked[-1].kind, engine.asked[-1].body) == ("payload", "/book_mediation")


async def test_citizen_who_taps_a_button_of_an_old_menu_is_told(client: TestClient, engine: Any) -> None:
    answer = await client.post("/wechat", params=query(), data=event("CLICK", "/Not A Payload"))
    assert "这个按钮不能用了" in content_of(await answer.text())
    assert engine.asked == []


@pytest.mark.parametrize(
    "body", [event("never_seen"), event("VIEW", "https://x"), event("CLICK", "V1001"), push("device_text")]
)
async def test_push_that_needs_no_answer_is_acknowledged(client: TestClient, engine: Any, body: str) -> None:
    response = await client.post("/wechat", params=query(), data=body)
    assert (response.status, await response.text()) == (200, "success")
    assert engine.asked == []


@pytest.mark.parametrize(
    "body", [push("hologram"), push("miniprogrampage", Title="t"), text("【收到不支持的消息类型，暂无法显示】")]
)
async def test_citizen_who_sends_what_cannot_be_read_is_asked_for_words(
    client: TestClient, engine: Any, body: str
) -> None:
    answer = await client.post("/wechat", params=query(), data=body.encode())
    assert "这个我看不懂" in content_of(await answer.text())
    assert engine.asked == []


async def test_dictated_voice_is_read(client: TestClient, engine: Any) -> None:
    await client.post("/wechat", params=query(), data=push("voice", MediaId="m", Recognition="莲下的调解员"))
    assert engine.asked[-1].body == "莲下的调解员"


@pytest.mark.parametrize(
    "body",
    [
        "", "not xml", text("你好")[:80], "<xml></xml", "[1]", "{", "\x1d", "<xml></xml>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
    ],
)  # fmt: skip
async def test_broken_body_is_refused_with_nothing_told(client: TestClient, engine: Any, body: str) -> None:
    response = await client.post("/wechat", params=query(), data=body.encode())
    assert response.status == 400
    assert (await response.json())["detail"] == "refused"
    assert engine.asked == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_compressed_body_is_refused_like_any_other_that_is_none(
    client: TestClient, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    headers = {"Content-Encoding": encoding}
    unsigned = await client.post("/wechat", data=b"no such thing", headers=headers)
    signed = await client.post("/wechat", params=query(), data=b"no such thing", headers=headers)
    assert (unsigned.status, signed.status) == (403, 400)
    assert [(await answer.json())["detail"] for answer in (unsigned, signed)] == ["refused", "refused"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_strange_content_type_is_no_reason_to_fail(client: TestClient) -> None:
    headers = {"Content-Type": "text/xml; charset=no-such-charset"}
    response = await client.post("/wechat", params=query(), data=text("你好").encode(), headers=headers)
    assert response.status == 200


async def test_control_character_is_taken_out_and_the_log_says_so_without_the_words(
    client: TestClient, engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await client.post("/wechat", params=query(), data=text("秘\x1d密").encode())
    assert engine.asked[-1].body == "秘密"
    assert any("illegal characters" in record.message for record in caplog.records)
    assert "秘" not in caplog.text
    assert "oUser1" not in caplog.text


async def test_body_over_128_kib_is_refused(client: TestClient) -> None:
    good = push("text", Content="好", Padding="a" * (127 * 1024))
    assert (await client.post("/wechat", params=query(), data=good.encode())).status == 200
    bad = push("text", Content="好", Padding="a" * (129 * 1024)).encode()
    assert (await client.post("/wechat", params=query(), data=bad)).status == 413

    async def trickle() -> Any:
        for start in range(0, len(bad), 8192):
            yield bad[start : start + 8192]

    assert (await client.post("/wechat", params=query(), data=trickle())).status == 413


async def test_reply_goes_back_the_way_the_message_came(client: TestClient) -> None:
    said = fields_of(await (await client.post("/wechat", params=query(), data=text("你好", user="oMe"))).text())
    assert (said["ToUserName"], said["FromUserName"], said["MsgType"]) == ("oMe", "gh_1", "text")
    assert abs(int(said["CreateTime"]) - time.time()) < 5


async def test_many_citizens_at_once_are_each_answered_their_own(client: TestClient) -> None:
    async def ask(number: int) -> bool:
        answer = await client.post("/wechat", params=query(), data=text(f"问题{number}", str(number), f"o{number}"))
        said = fields_of(await answer.text())
        return said["ToUserName"] == f"o{number}" and f"收到问题{number}\n" in said["Content"]

    assert all(await asyncio.gather(*(ask(number) for number in range(60))))
