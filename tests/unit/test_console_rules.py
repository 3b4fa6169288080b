"""What the console promises about passwords, sign-ins, roles and the audit log's chain, without a store."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.booking.model import KINDS, REASONS, State
from bot.console import passwords, words
from bot.console.acts import ACTS
from bot.console.audit import DONE, Entry, faults, following
from bot.console.model import HIRED, IDLE_SECONDS, LEAVE_REASONS, ROLES, SESSION_SECONDS, Account, Deed, Session

TEXT = st.text(min_size=0, max_size=140)


# --- passwords


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "1234567",
        "12345678",
        "87654321",
        "aaaaaaaa",
        "PASSWORD",
        "Passw0rd",
        "lin.xm-2026",
        "xlin.xmx1",
        "８８８８８８８８",
    ],
)
def test_clerk_cannot_choose_a_password_that_is_short_or_guessed_first(password: str) -> None:
    assert passwords.objection(password, "lin.xm")


@pytest.mark.parametrize("password", ["我家住在韩江边", "一二三四五六七", ""])
def test_clerk_cannot_choose_a_short_sentence(password: str) -> None:
    assert "至少" in passwords.objection(password, "lin")


@pytest.mark.parametrize("password", ["我家住在韩江边上三十年", "correct horse battery", "alllowercaseletters"])
def test_clerk_can_choose_a_sentence_without_digits_or_signs(password: str) -> None:
    assert passwords.objection(password, "lin") == ""


@given(TEXT, st.from_regex(r"[a-z][a-z0-9.-]{1,31}", fullmatch=True))
def test_accepted_password_is_long_enough_and_has_no_account_name_whatever_is_typed(password: str, name: str) -> None:
    if passwords.objection(password, name) == "":
        plain = passwords.normal(password).lower()
        assert passwords.SHORTEST <= len(plain) <= passwords.LONGEST
        assert name not in plain
        assert len(set(plain)) > 1


@settings(deadline=None, max_examples=20)
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_password_opens_what_it_closed_and_no_other_does(password: str, other: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "LOG2_N", 4)
        kept = passwords.keep(password)
    assert passwords.matches(password, kept)
    assert passwords.matches(other, kept) == (passwords.normal(other) == passwords.normal(password))
    assert password not in kept or len(password) < 4


def test_wrong_name_is_checked_as_long_as_a_wrong_password() -> None:
    # The cost is in the parameters; the clock of a busy machine would prove less.
    assert passwords.DECOY.split("$")[:4] == passwords.keep("x").split("$")[:4] == ["scrypt", "15", "8", "3"]


def test_first_passwords_are_never_twice_the_same_and_pass_the_rules() -> None:
    printed = {passwords.one_time() for _ in range(1000)}
    assert len(printed) == 1000
    assert not any(passwords.objection(password, "lin") for password in printed)


# --- sign-ins


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_sign_in_is_over_after_a_day_of_work_or_half_an_hour_alone(began: int, seen_after: int, later: int) -> None:
    session = Session("lin", 1, began, began + seen_after)
    now = began + seen_after + later
    assert session.alive(now) == (now - began < 8 * 3600 and later < 30 * 60)
    assert (SESSION_SECONDS, IDLE_SECONDS) == (28_800, 1_800)


@pytest.mark.parametrize(
    ("account", "opens"),
    [
        (Account("lin", "clerk", "x", version=3), True),
        (Account("lin", "clerk", "x", version=4), False),
        (Account("lin", "clerk", "x", version=3, disabled=True), False),
        (None, False),
    ],
)
def test_sign_in_opens_nothing_once_the_account_was_changed_or_disabled(account: Account | None, opens: bool) -> None:
    assert Session("lin", 3, 0, 0).opens(account) is opens


# --- roles


def test_practitioner_reaches_only_the_own_calendar_and_nobody_without_one() -> None:
    practitioner = Account("chen", "practitioner", "x", listing="med-1")
    assert practitioner.reaches("med-1")
    assert not practitioner.reaches("med-2")
    assert not practitioner.reaches("")
    assert not replace(practitioner, listing="").reaches("")
    assert Account("lin", "clerk", "x").reaches("med-2")


def test_administrator_sees_no_phone_number_and_practitioner_no_danger_message() -> None:
    assert "contact" not in ROLES["administrator"].rights
    assert not {"alerts", "inbox", "audit"} & ROLES["practitioner"].rights
    assert ROLES["supervisor"].rights > ROLES["clerk"].rights


def test_every_code_that_staff_meet_has_a_word() -> None:
    assert set(words.LEAVE) == set(LEAVE_REASONS)
    assert set(words.ROLES) == set(ROLES)
    assert set(words.REASONS) == set(REASONS)
    assert set(words.KINDS) == set(KINDS)
    assert set(words.STATES) == set(get_args(State))
    assert set(words.ACTS) == set(ACTS)
    assert {reason for act in ACTS.values() for reason in act.reasons} <= set(REASONS)


def test_no_account_can_have_the_operators_role() -> None:
    assert "operator" not in HIRED
    assert set(HIRED) == set(ROLES) - {"operator"}


# --- the chain


def log(count: int) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(count):
        deed = Deed("lin", "clerk", "arrive", f"26-AAAA-{n:04d}", f"r{n}")
        entries.append(following(entries[-1] if entries else None, deed, DONE, 1000 + n))
    return entries


@given(st.integers(0, 30))
def test_untouched_log_has_no_fault(count: int) -> None:
    assert faults(log(count), count) == []


@given(st.integers(1, 20), st.data())
def test_flip_of_any_character_in_any_entry_is_found(count: int, data: st.DataObject) -> None:
    entries = log(count)
    at = data.draw(st.integers(0, count - 1))
    name = data.draw(st.sampled_from(sorted(set(Entry.__dataclass_fields__) - {"number", "detail"})))
    value = getattr(entries[at], name)
    spot = data.draw(st.integers(0, len(value) - 1))
    flipped = value[:spot] + chr(ord(value[spot]) ^ 1) + value[spot + 1 :]
    entries[at] = replace(entries[at], **{name: flipped})
    assert faults(entries, count)


@given(st.integers(1, 20), st.data())
def test_missing_entry_is_found_wherever_it_stood(count: int, data: st.DataObject) -> None:
    entries = log(count)
    del entries[data.draw(st.integers(0, count - 1))]
    assert faults(entries, count)


@given(st.integers(2, 20), st.data())
def test_entries_in_another_order_are_found_even_with_their_numbers_put_right(count: int, data: st.DataObject) -> None:
    entries = log(count)
    one, two = data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True))
    entries[one], entries[two] = entries[two], entries[one]
    assert faults(entries, count)
    assert faults([replace(entry, number=str(n)) for n, entry in enumerate(entries, 1)], count)


def test_entry_made_up_in_between_is_found() -> None:
    entries = log(3)
    made_up = following(entries[1], Deed("lin", "clerk", "cancel", "x", "r"), DONE, 1)
    assert faults([*entries[:2], made_up], 3) == []  # a new end is a new chain: the noted hash shows it
    assert faults([*entries[:2], made_up, replace(entries[2], number="4")], 4)
