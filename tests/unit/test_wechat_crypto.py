"""WeChat's signatures and encryption, on our own vectors and, where they lie beside the clone, on published ones."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat import crypto
from bot.channels.wechat.messages import parse
from bot.channels.wechat.sealing import Call, Seal
from bot.errors import BadRequest
from tests.wechat import APP_ID, KEY, OLD_KEY, TOKEN, samples

VECTORS = samples("crypto_vectors.json")
# Made once with openssl (aes-256-cbc without its padding, sha1), so that a lone clone has a second opinion too.
MESSAGE = "<xml><Content>你好</Content></xml>"
RANDOM16 = b"0123456789abcdef"
CIPHERTEXT = "Q3stYC6hdFzMh9T8HCvyDMqYq+3LWRBafgYE/6+E3kaIPVItdlEZTk22y1bcb56Fm0BS2mXZKOxoxDD6xJzldw=="
SIGNED = ("8633893fb43e07cf18bde4ef3cc3af60cad003d3", "tok", "1700000000", "n1")


def test_signature_and_ciphertext_are_those_of_openssl() -> None:
    assert crypto.signature(*SIGNED[1:]) == SIGNED[0]
    assert crypto.encrypt(MESSAGE, KEY, APP_ID, RANDOM16) == CIPHERTEXT
    assert crypto.decrypt(CIPHERTEXT, KEY, APP_ID) == MESSAGE


@given(st.text(max_size=300), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_message_survives_encryption(message: str, app_id: str) -> None:
    assert crypto.decrypt(crypto.encrypt(message, KEY, app_id), KEY, app_id) == message


def test_half_a_character_in_an_encrypted_message_is_read_as_in_a_plain_one() -> None:
    half = b"<xml><ToUserName>g</ToUserName><Content>\xf0\x9f\x98\xe7\xa6\xbb\xe5\xa9\x9a</Content></xml>"
    assert parse(crypto.decrypt(sealed_bytes(half), KEY, APP_ID)) == parse(half)


def sealed_bytes(text: bytes) -> str:
    """Return a ciphertext of bytes that are no text."""
    key = base64.b64decode(KEY + "=")
    plain = RANDOM16 + struct.pack(">I", len(text)) + text + APP_ID.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


@given(st.text(max_size=200))
def test_any_ciphertext_is_opened_or_refused(ciphertext: str) -> None:
    with pytest.raises(BadRequest):
        crypto.decrypt(ciphertext, KEY, "wxapp")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_ciphertext_with_one_byte_changed_never_passes_for_another_message(at: int, change: int) -> None:
    raw = bytearray(base64.b64decode(crypto.encrypt("<xml>原话</xml>", KEY, APP_ID)))
    # The first block is random filling: it carries nothing.
    raw[16 + at % (len(raw) - 16)] ^= change
    call = Call("1", "n", "", True, crypto.signature(TOKEN, "1", "n", crypto.encrypt("<xml>原话</xml>", KEY, APP_ID)))
    body = f"<xml><Encrypt>{base64.b64encode(raw).decode()}</Encrypt></xml>".encode()
    with pytest.raises(BadRequest) as refusal:
        Seal("safe", TOKEN, APP_ID, (KEY,)).opened(call, body)
    assert refusal.value.status == 403


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_account_that_changes_its_key_still_opens_with_the_previous_one(key: str) -> None:
    sealed = crypto.encrypt("<xml><ToUserName>gh</ToUserName></xml>", key, APP_ID)
    call = Call("1", "n", "", True, crypto.signature(TOKEN, "1", "n", sealed))
    push, encrypted = Seal("safe", TOKEN, APP_ID, (KEY, OLD_KEY)).opened(
        call, f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    )
    assert encrypted
    assert push.get("ToUserName") == "gh"


def test_body_whose_signature_is_wrong_is_never_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: str) -> str:
        raise AssertionError("decrypted before the signature was checked")

    monkeypatch.setattr(crypto, "decrypt", never)
    call = Call("1", "n", "", True, "0" * 40)
    with pytest.raises(BadRequest):
        Seal("safe", TOKEN, APP_ID, (KEY,)).opened(call, b"<xml><Encrypt>QUJD</Encrypt></xml>")


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["kind"] == "url_signature"], ids=lambda v: v["id"])
def test_address_checks_agree_with_published_ones(vector: dict[str, Any]) -> None:
    good = vector["signature"] == crypto.signature(vector["token"], vector["timestamp"], vector["nonce"])
    assert good is vector["valid"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["kind"] == "sorted_sha1"], ids=lambda v: v["id"])
def test_signatures_agree_with_published_ones(vector: dict[str, Any]) -> None:
    assert (vector["signature"] == crypto.signature(*vector["parts"])) is vector["valid"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.get("encrypt")], ids=lambda v: v["id"])
def test_ciphertexts_open_as_published(vector: dict[str, Any]) -> None:
    try:
        if vector["msg_signature"] is not None:
            parts = (vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])
            crypto.check(vector["msg_signature"], *parts)
        opened = crypto.decrypt(vector["encrypt"], vector["encoding_aes_key"], vector["app_id"])
    except BadRequest:
        assert vector["valid"] is False
        return
    assert vector["valid"] is True
    assert opened == vector.get("plaintext", opened)


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.get("reencrypt_identical")], ids=lambda v: v["id"])
def test_encryption_gives_the_published_bytes(vector: dict[str, Any]) -> None:
    sealed = crypto.encrypt(
        vector["plaintext"], vector["encoding_aes_key"], vector["app_id"], vector["random16"].encode("latin-1")
    )
    assert sealed == vector["encrypt"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.get("envelope")], ids=lambda v: v["id"])
def test_whole_envelopes_open_as_published(vector: dict[str, Any]) -> None:
    seal = Seal("safe", vector["token"], vector["app_id"], (vector["encoding_aes_key"],))
    call = Call(vector["timestamp"], vector["nonce"], "", True, vector["msg_signature"])
    try:
        push, encrypted = seal.opened(call, vector["envelope"].encode())
    except BadRequest:
        assert vector["valid"] is False
        return
    assert vector["valid"] is True
    assert encrypted
    assert push.get("ToUserName")
