"""What notices say: right whenever they are read, and nothing for a stranger's eyes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.booking.model import Appointment, Slot
from bot.directory.hours import SHANGHAI
from bot.directory.model import Listing
from bot.directory.words import MATTERS
from bot.notices.words import BEFORE_START, WORDS, Facts, worded

START = int(datetime(2026, 11, 26, 9, 45, tzinfo=SHANGHAI).timestamp())
MEDIATOR = Listing("m1", "mediator", "黄伟辉", "o", "莲下镇司法所", ("440515102",))
PLACE = Listing("jo", "justice_office", "莲下镇司法所", "o", "莲下镇司法所", ("440515102",))
SEAT = Appointment(
    "YY-ABCD-EFGH", "mediation", "booked", "m1", "c1", START, START + 3600, START + 4500,
    respondent="r1", applicant="a1", mode="on_site", matter="family", proposals=(Slot(START, START + 3600, "m1"),),
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


def seat_of(what: str) -> Appointment:
    return SEAT if WORDS[what].live else replace(SEAT, state="cancelled", reason="staff")


@pytest.mark.parametrize("what", WORDS)
def test_citizen_reads_when_with_whom_and_the_reference(what: str) -> None:
    reply = worded(what, Facts(seat_of(what), MEDIATOR, PLACE), START - 1)
    assert reply is not None
    assert "11月26日周四 9:45" in reply.text
    assert "YY-ABCD-EFGH" in reply.text
    assert 1 <= len(reply.buttons) <= 3
    assert not re.search("明天|后天|今天|小时后", reply.text)


@pytest.mark.parametrize("what", WORDS)
def test_whoever_looks_over_the_shoulder_cannot_read_what_it_is_about(what: str) -> None:
    reply = worded(what, Facts(seat_of(what), MEDIATOR, PLACE), START - 1)
    assert reply is not None
    assert not any(matter in reply.text for matter in (*MATTERS.values(), "family", "r1", "a1", "c1"))


@pytest.mark.parametrize("what", sorted(BEFORE_START))
def test_citizen_is_not_told_what_the_start_has_overtaken(what: str) -> None:
    assert worded(what, Facts(SEAT, MEDIATOR, PLACE), START) is None


@pytest.mark.parametrize("what", WORDS)
def test_citizen_is_not_told_what_is_no_longer_true(what: str) -> None:
    other = replace(SEAT, state="cancelled") if WORDS[what].live else SEAT
    assert worded(what, Facts(other, MEDIATOR, PLACE), START - 1) is None


def test_everything_that_the_book_tells_has_words() -> None:
    told = set(re.findall(r'"((?:reminder|chase|leave)_\w+|accepted|approved|proposed|moved|declined|refused|silent)"',
                          (ROOT / "bot" / "booking" / "timers.py").read_text("utf-8")))  # fmt: skip
    assert {"reminder_day", "chase_2", "leave_cancelled", "silent"} <= told
    assert told <= set(WORDS)


def test_every_button_is_one_that_the_chat_knows() -> None:
    domain = (ROOT / "domain.yml").read_text("utf-8")
    for wording in WORDS.values():
        for button in wording.buttons:
            intent = re.match(r"/(\w+)", button.payload)
            assert intent
            assert re.search(rf"^  - {intent[1]}$", domain, re.M), button.payload
