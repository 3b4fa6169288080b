"""What is sealed opens only with its key, in its place, unchanged."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citizens.keyring import TOKEN, keyring_of, place
from bot.citizens.model import contact_of, person_of
from bot.errors import CannotOpen, SettingError, UnknownKey
from bot.platform.settings import load
from tests.keys import ENV, HASH_SECRET, SECRET, key_of, keyring_with, keys_setting

RING = keyring_with("k1")
CONTEXTS = st.text(max_size=40)


@given(st.text(), CONTEXTS)
def test_owner_can_open_what_was_sealed(plain: str, context: str) -> None:
    token = RING.seal(plain, context)
    assert TOKEN.fullmatch(token)
    assert RING.open(token, context) == plain


@given(st.text(), CONTEXTS, CONTEXTS)
def test_stranger_cannot_open_a_token_that_was_copied_elsewhere(plain: str, context: str, other: str) -> None:
    token = RING.seal(plain, context)
    if other != context:
        with pytest.raises(CannotOpen):
            RING.open(token, other)


@given(st.text(), st.data())
def test_stranger_cannot_change_one_bit_of_a_token(plain: str, data: st.DataObject) -> None:
    name, sealed = RING.seal(plain, "c").split(".")
    raw = bytearray(urlsafe_b64decode(sealed))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotOpen):
        RING.open(f"{name}.{urlsafe_b64encode(raw).decode()}", "c")


@given(st.text(max_size=100))
def test_stranger_cannot_crash_it_with_what_is_no_token(text: str) -> None:
    with pytest.raises(CannotOpen):
        RING.open(text, "c")
    with pytest.raises(CannotOpen):
        RING.open(f"k1.{text}", "c")


def test_same_text_cannot_be_recognised_in_two_tokens() -> None:
    assert len({RING.seal("陈小明", "c") for _ in range(100)}) == 100


def test_owner_can_open_what_an_older_key_sealed_and_seals_with_the_newer() -> None:
    both = keyring_with("k2", "k1")
    old = RING.seal("陈小明", "c")
    assert both.open(old, "c") == "陈小明"
    assert not both.is_current(old)
    assert both.is_current(both.seal("陈小明", "c"))


def test_operator_can_read_which_key_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    token = keyring_with("k2").seal("陈小明", "c")
    with pytest.raises(UnknownKey, match=r"^CHENGFATONG_KEYS does not hold the key k2, "):
        RING.open(token, "c")
    with caplog.at_level(logging.WARNING):
        assert RING.opened(token, "c") is None
    assert "k2" in str(caplog.records[0].__dict__["reason"])


def test_nobody_can_read_a_key_in_what_is_printed() -> None:
    settings = load(ENV)
    shown = f"{RING!r} {settings!r}"
    assert ENV["CHENGFATONG_KEYS"] not in shown
    assert HASH_SECRET not in shown
    assert "k1" in repr(RING)


def test_two_uses_of_the_secret_cannot_share_a_key() -> None:
    made = {RING.derive("links"), RING.derive("sessions"), SECRET}
    assert len(made) == 3
    assert all(len(key) == 32 for key in made)


def test_pseudonym_cannot_be_made_without_the_secret_or_mistaken_for_a_phone() -> None:
    person = person_of(SECRET, "web:abc12345")
    assert len(person) == 32
    assert int(person, 16)
    others = {
        person_of(b"x" * 32, "web:abc12345"),
        person_of(SECRET, "web:abc12346"),
        contact_of(SECRET, "web:abc12345"),
    }
    assert person not in others
    assert len(others) == 3


def test_place_tells_the_fields_of_one_person_apart() -> None:
    assert len({place("a"), place("a", "name"), place("a", "phone"), place("b", "name")}) == 4


SHORT = keys_setting("k1")[:-8]


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"CHENGFATONG_KEYS": "k1"}, "CHENGFATONG_KEYS"),
        ({"CHENGFATONG_KEYS": SHORT}, "CHENGFATONG_KEYS"),
        ({"CHENGFATONG_KEYS": keys_setting("k1") + ","}, "CHENGFATONG_KEYS"),
        ({"CHENGFATONG_KEYS": keys_setting("k1", "k1")}, "CHENGFATONG_KEYS"),
        ({"CHENGFATONG_KEYS": keys_setting("k.1")}, "CHENGFATONG_KEYS"),
        ({"CHENGFATONG_KEYS": keys_setting("k1"), "CHENGFATONG_HASH_SECRET": "abc"}, "CHENGFATONG_HASH_SECRET"),
        ({"CHENGFATONG_KEYS": keys_setting("k1")}, "CHENGFATONG_HASH_SECRET"),
        ({"CHENGFATONG_HASH_SECRET": HASH_SECRET}, "CHENGFATONG_KEYS"),
    ],
)
def test_operator_can_read_in_one_line_which_key_setting_is_wrong(env: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError) as refused:
        load(env)
    assert str(refused.value).startswith(named)
    assert "\n" not in str(refused.value)
    assert not any(value in str(refused.value) for value in env.values())


def test_operator_can_give_several_keys_the_first_of_which_seals() -> None:
    ring = keyring_of(load({"CHENGFATONG_KEYS": keys_setting("k2", "k1"), "CHENGFATONG_HASH_SECRET": HASH_SECRET}))
    assert ring.current == "k2"
    assert ring.open(RING.seal("a", "c"), "c") == "a"
    assert key_of("k1") != key_of("k2")


def test_part_cannot_start_without_keys() -> None:
    with pytest.raises(SettingError, match=r"^CHENGFATONG_KEYS must be set"):
        keyring_of(load({}))
