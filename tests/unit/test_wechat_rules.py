"""WeChat's protocol rules, on our own cases and, where the shared samples lie beside the clone, on those."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat import crypto
from bot.channels.wechat.messages import parse
from bot.channels.wechat.render import MAX_BYTES, cut, text_of
from bot.conversation.model import Button, Card, Field, Reply
from bot.errors import BadRequest

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "wechat"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def _samples(name: str) -> list[dict[str, Any]]:
    path = SAMPLES / name
    if not path.exists():
        warnings.warn(f"{name} is missing: WeChat's shared samples were not tried", stacklevel=1)
        return []
    data = json.loads(path.read_text("utf-8"))
    rows = data if isinstance(data, list) else next(v for v in data.values() if isinstance(v, list))
    return rows


@given(st.text(max_size=300), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_message_survives_encryption(message: str, app_id: str) -> None:
    assert crypto.decrypt(crypto.encrypt(message, KEY, app_id), KEY, app_id) == message


@given(st.text(max_size=200))
def test_any_ciphertext_is_opened_or_refused(ciphertext: str) -> None:
    with pytest.raises(BadRequest):
        crypto.decrypt(ciphertext, KEY, "wxapp")


@given(st.text(max_size=300))
def test_any_body_is_read_or_refused(body: str) -> None:
    try:
        parse(body)
    except BadRequest as refusal:
        assert refusal.status == 403


@given(st.text(min_size=1, max_size=3000), st.lists(st.text(min_size=1, max_size=60), max_size=30))
def test_reply_never_passes_wechats_limit_and_is_never_empty(text: str, titles: list[str]) -> None:
    replies = [Reply(text, tuple(Button(t, "/x") for t in titles), Card("卡", (Field("电话", "12348"),)))]
    try:
        said = text_of(replies, "https://falv.example.cn")
    except UnicodeEncodeError:
        pytest.fail("a lone surrogate broke the reply")
    assert 0 < len(said.encode()) <= MAX_BYTES


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=2000), st.integers(100, 2048))
def test_cut_never_splits_a_character(text: str, limit: int) -> None:
    assert len(cut(text, limit).encode()) <= limit


@pytest.mark.parametrize(
    "vector", [v for v in _samples("crypto_vectors.json") if v.get("kind") == "url_signature"], ids=lambda v: v["id"]
)
def test_signatures_agree_with_published_ones(vector: dict[str, Any]) -> None:
    good = vector["signature"] == crypto.signature(vector["token"], vector["timestamp"], vector["nonce"])
    assert good is bool(vector.get("valid", True))


@pytest.mark.parametrize(
    "vector",
    [v for v in _samples("crypto_vectors.json") if v.get("encrypt") and v.get("encoding_aes_key") and v.get("app_id")],
    ids=lambda v: v["id"],
)
def test_ciphertexts_open_as_published(vector: dict[str, Any]) -> None:
    try:
        if vector.get("msg_signature") is not None:
            crypto.check(
                vector["msg_signature"], vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"]
            )
        opened = crypto.decrypt(vector["encrypt"], vector["encoding_aes_key"], vector["app_id"])
    except BadRequest:
        assert vector.get("valid") is False
        return
    assert vector.get("valid", True) is not False
    if "plaintext" in vector:
        assert opened == vector["plaintext"]


@pytest.mark.parametrize("sample", _samples("inbound_samples.json"), ids=lambda s: s.get("id", "?"))
def test_captured_pushes_are_read_as_published(sample: dict[str, Any]) -> None:
    try:
        push = parse(sample["body"])
    except BadRequest:
        assert sample.get("expect_error")
        return
    for name, value in (sample.get("expected") or {}).items():
        if name in ("ToUserName", "FromUserName", "MsgType", "Event", "EventKey", "MsgId") and isinstance(value, str):
            assert push.get(name).strip() == value.strip() or (
                name == "MsgId" and push.get("MsgID").strip() == value.strip()
            )
