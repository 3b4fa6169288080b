"""POST /api/chat: what the page's citizen and a careless caller get."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.inbox.store import InboxStore
from tests.channel.conftest import HINT
from tests.keys import keyring_with

SENDER = "sender-0001"


async def alerts(redis: Any) -> list[dict[str, str]]:
    return await InboxStore(redis, "440515", keyring_with("k1")).contents("alert")


async def chat(client: TestClient, **body: Any) -> tuple[int, dict[str, Any]]:
    response = await client.post("/api/chat", json={"sender": SENDER, **body})
    return response.status, await response.json(content_type=None)


async def test_citizen_gets_text_buttons_and_a_card(client: TestClient) -> None:
    status, answer = await chat(client, text="你好")
    message = answer["messages"][0]
    assert status == 200
    assert message["text"] == "收到你好"
    assert message["buttons"][0] == {"title": "约调解", "payload": "/book_mediation"}
    assert message["card"]["badge"] == "示例"


@pytest.mark.parametrize(
    ("typed", "payload"), [("2", "/talk_to_human"), ("１", "/book_mediation"), ("转人工", "/talk_to_human")]
)
async def test_citizen_picks_an_offer_by_typing_its_number_or_title(
    client: TestClient, engine: Any, typed: str, payload: str
) -> None:
    await chat(client, text="你好")
    await chat(client, text=typed)
    assert engine.asked[-1].body == payload


async def test_citizen_cannot_send_a_command_by_typing_a_slash(client: TestClient, engine: Any) -> None:
    await chat(client, text="/restart")
    assert engine.asked[-1].body == "restart"


@pytest.mark.parametrize(
    "payload", ["restart", "/greet{", "/greet[1]", '/greet{"a": 1}', "/" + "a" * 600, "/Greet", "/greet\n/x"]
)
async def test_forged_payload_is_refused(client: TestClient, payload: str) -> None:
    status, answer = await chat(client, payload=payload)
    assert (status, answer["type"]) == (422, "urn:chengfatong:problem:payload")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b"{", 400), (b"\xff\xfe", 400), (b'{"sender":"sender-0001"}', 400),
        (b'{"sender":"sender-0001","text":1}', 400), (b'{"sender":"sender-0001","text":"a","payload":"/greet"}', 400),
        (b'{"sender":"x","text":"a"}', 422), (b'{"sender":"../../etc/passwd","text":"a"}', 422), (b"[" * 5000, 400),
        (b'{"sender":"sender-0001","text":"a","message_id":"!"}', 422), (b"x" * 70000, 413),
    ],
)  # fmt: skip
async def test_careless_caller_gets_a_problem_document(client: TestClient, body: bytes, status: int) -> None:
    response = await client.post("/api/chat", data=body)
    assert response.status == status
    assert response.content_type == "application/problem+json"
    assert "Traceback" not in await response.text()


@pytest.mark.parametrize(
    ("text", "says"), [("", "还没写字"), (" \u200b\x00 ", "还没写字"), ("长" * 1001, "太长"), ("/", "还没写字")]
)
async def test_citizen_is_told_what_is_wrong_with_the_message(
    client: TestClient, engine: Any, text: str, says: str
) -> None:
    status, answer = await chat(client, text=text)
    assert status == 200
    assert says in answer["messages"][0]["text"]
    assert engine.asked == []


@pytest.mark.parametrize("text", ["😀😀", "'; DROP TABLE x;--", "<img src=x onerror=alert(1)>", "{{7*7}}", "\ud800"])
async def test_odd_text_is_answered(client: TestClient, text: str) -> None:
    response = await client.post("/api/chat", data=json.dumps({"sender": SENDER, "text": text}))
    assert response.status == 200


async def test_citizen_in_danger_gets_the_number_even_when_the_engine_is_down(
    client: TestClient, engine: Any, redis: Any
) -> None:
    status, answer = await chat(client, text="救命 他拿刀要杀我")
    assert status == 200
    assert answer["messages"][0]["card"]["fields"][0]["href"] == "tel:110"
    assert engine.asked == []
    (alert,) = await alerts(redis)
    assert (alert["user"], alert["text"]) == (f"web:{SENDER}", "救命 他拿刀要杀我")


async def test_staff_is_alerted_to_a_danger_that_only_the_model_sees(client: TestClient, redis: Any) -> None:
    await chat(client, text="你好")
    assert await alerts(redis) == []
    await chat(client, text=HINT)
    (alert,) = await alerts(redis)
    assert alert["user"] == f"web:{SENDER}"


async def test_citizen_is_told_honestly_when_the_engine_is_down(client: TestClient) -> None:
    status, answer = await chat(client, text="坏了")
    assert status == 200
    assert "12348" in answer["messages"][0]["text"]


async def test_message_sent_twice_is_taken_once(client: TestClient, engine: Any) -> None:
    first = await chat(client, text="你好", message_id="m1")
    assert await chat(client, text="你好", message_id="m1") == first
    assert len(engine.asked) == 1


async def test_citizen_who_writes_too_fast_is_told_when_to_come_back(client: TestClient) -> None:
    answers = [await client.post("/api/chat", json={"sender": SENDER, "text": "你好"}) for _ in range(30)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert answers[0].status == 200


async def test_no_word_of_a_citizen_reaches_logs_or_metrics(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "金丝雀13812345678"
    with caplog.at_level(logging.DEBUG):
        await chat(client, text=canary)
        await chat(client, text=canary + "他正在打我")
        await chat(client, payload="/" + canary)
    metrics = await (await client.get("/metrics")).text()
    assert "金丝雀" not in caplog.text + metrics
    assert "13812345678" not in caplog.text + metrics
    assert "chengfatong_turns_total" in metrics


async def test_page_needs_no_third_party_and_runs_no_inline_script(client: TestClient) -> None:
    response = await client.get("/")
    text = await response.text()
    assert "澄海区" in text
    assert "<script>" not in text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    asset = text.split('src="')[1].split('"')[0]
    assert (await client.get(asset)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/api/chat", 405), ("GET", "/static/x/../server.py", 404)],
)
async def test_wrong_address_or_method_is_a_problem_document(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert response.status == status
    assert response.content_type == "application/problem+json"


async def test_operator_sees_that_the_directory_is_missing(client: TestClient) -> None:
    response = await client.get("/readyz")
    assert response.status == 503
    assert (await response.json())["directory"] is False
    assert (await client.get("/healthz")).status == 200
