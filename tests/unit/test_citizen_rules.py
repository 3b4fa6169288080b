"""What counts as a name, a phone, an ID number; how much of it is shown; how long it is kept."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citizens.model import (
    PURPOSES,
    RETENTION,
    id_check,
    id_number_of,
    mask_id,
    mask_name,
    mask_phone,
    masked,
    name_of,
    phone_of,
)
from bot.errors import InvalidField

ROOT = Path(__file__).resolve().parents[2]
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.from_regex(r"(10|2[0-9])[2-9][0-9]{7}|[3-9][0-9]{2}[2-9][0-9]{6,7}", fullmatch=True)
ID_BODIES = st.builds(
    lambda area, born, order: f"{area}{born:%Y%m%d}{order:03d}",
    st.integers(110000, 829999),
    st.dates(date(1900, 1, 1), date(2026, 12, 31)),
    st.integers(0, 999),
)
IDS = ID_BODIES.map(lambda body: body + id_check(body))
SEPARATOR = st.sampled_from(["", " ", "-", " - "])


@given(MOBILES, SEPARATOR, st.sampled_from(["", "+86", "+86 ", "0086", "86"]))
def test_citizen_can_write_a_mobile_number_as_people_write_it(number: str, gap: str, lead: str) -> None:
    assert phone_of(f"{lead}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}") == f"+86{number}"


@given(LANDLINES, SEPARATOR)
def test_citizen_can_write_a_landline_with_its_area_code(number: str, gap: str) -> None:
    code = 2 if number[0] in "12" else 3
    assert phone_of(f"0{number[:code]}{gap}{number[code:]}") == f"+86{number}"
    assert phone_of(f"(0{number[:code]}){number[code:]}") == f"+86{number}"
    assert phone_of(f"+86 {number[:code]} {number[code:]}") == f"+86{number}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "一个电话号码"),
        ("没有", "一个电话号码"),
        ("15400000001或者15400000002", "一个电话号码"),
        ("1540000000", "11位"),
        ("154000000011", "11位"),
        ("12345678901", "11位"),
        ("85551234", "区号"),
        ("0754-1234567", "对不上"),
        ("+85291234567", "内地"),
        ("00852 9123 4567", "内地"),
        ("7548555123", "对不上"),
    ],
)
def test_citizen_is_told_what_is_wrong_with_a_phone(text: str, reason: str) -> None:
    with pytest.raises(InvalidField) as refused:
        phone_of(text)
    assert reason in refused.value.reason


def test_citizen_can_dictate_a_phone_in_a_sentence() -> None:
    assert phone_of("我的电话是１５４ ０００００００１。") == "+8615400000001"


@given(st.text(max_size=30))
def test_nothing_but_a_number_can_come_out_as_a_phone(text: str) -> None:
    try:
        assert re.fullmatch(r"\+86[0-9]{9,11}", phone_of(text))
    except InvalidField as refused:
        assert refused.reason.endswith("。")


@given(IDS)
def test_citizen_can_write_an_id_number_with_gaps_and_a_small_x(number: str) -> None:
    assert id_number_of(f" {number[:6]} {number[6:14]}-{number[14:]} ".lower()) == number


@given(IDS, st.integers(0, 16), st.integers(1, 9))
def test_citizen_cannot_leave_one_wrong_digit_unnoticed(number: str, at: int, off: int) -> None:
    wrong = f"{number[:at]}{(int(number[at]) + off) % 10}{number[at + 1 :]}"
    with pytest.raises(InvalidField):
        id_number_of(wrong)


@given(IDS, st.integers(0, 16))
def test_citizen_cannot_leave_two_swapped_digits_unnoticed(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        with pytest.raises(InvalidField):
            id_number_of(swapped)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("440515900101123", "15位"),
        ("不想说", "18位"),
        ("44051519900101", "18位"),
        ("440515199013011239", "对不上"),
        ("440515189001010017", "对不上"),
    ],
)
def test_citizen_is_told_what_is_wrong_with_an_id_number(text: str, reason: str) -> None:
    with pytest.raises(InvalidField) as refused:
        id_number_of(text)
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("陈小明", "陈小明"),
        ("我叫陈小明。", "陈小明"),
        ("姓名：欧阳小明", "欧阳小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("那英", "那英"),
        ("  Maria da Silva ", "Maria da Silva"),
        ("𠮷小明", "𠮷小明"),
    ],
)
def test_citizen_can_give_a_name(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    "text", ["", "陈", "为什么要我的名字", "15400000001", "陈小明 15400000001", "你是谁", "a" * 41, "<b>"]
)
def test_citizen_cannot_give_what_is_no_name(text: str) -> None:
    with pytest.raises(InvalidField):
        name_of(text)


@given(st.text())
def test_nobody_can_read_more_than_a_names_first_character(name: str) -> None:
    shown = mask_name(name)
    assert shown.strip("*") in ("", name[:1])
    assert len(shown) <= 3
    assert "*" in shown or len(name) < 2


@given(MOBILES)
def test_nobody_can_read_the_middle_of_a_mobile_number(number: str) -> None:
    assert mask_phone(f"+86{number}") == f"{number[:3]}****{number[-4:]}"


@given(LANDLINES)
def test_nobody_can_read_more_of_a_landline_than_its_area_and_two_digits(number: str) -> None:
    shown = re.fullmatch(r"0([0-9]{2,3})-\*{4}([0-9]{2})", mask_phone(f"+86{number}"))
    assert shown
    assert number.startswith(shown[1])
    assert number.endswith(shown[2])


@given(st.text())
def test_masks_cannot_show_what_they_do_not_know(text: str) -> None:
    assert sum(ch != "*" for ch in mask_id(text)) <= 4
    assert sum(ch.isdigit() for ch in mask_phone(text)) <= 7


@given(IDS)
def test_nobody_can_read_a_birthday_or_a_home_in_a_masked_id(number: str) -> None:
    assert mask_id(number) == "*" * 14 + number[14:]


def test_list_cannot_show_free_words_or_whole_numbers() -> None:
    kept = {
        "name": "陈小明",
        "phone": "+8615400000001",
        "other_name": "林大华",
        "story": "漏水",
        "address": "web:abc12345",
    }
    assert masked(kept) == {"name": "陈**", "phone": "154****0001", "other_name": "林**"}


def test_every_purpose_tells_its_period_and_the_rights() -> None:
    for purpose in PURPOSES.values():
        assert f"{purpose.days}天" in purpose.sentence
        assert "查看或删除" in purpose.sentence
        assert purpose.sentence.count("您") <= 1
    assert "身份证号" in PURPOSES["visit"].sentence
    assert [name for name, purpose in PURPOSES.items() if "id_number" in purpose.fields] == ["visit"]


def test_officer_reads_the_periods_that_the_program_keeps() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| ([^|]+) \| (worker|expiry) \|$", text, re.M)
    assert rows == [(row.what, str(row.days), row.why, row.by) for row in RETENTION.values()]


def test_officer_reads_the_sentences_that_citizens_read() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    for purpose in PURPOSES.values():
        assert purpose.sentence in text
