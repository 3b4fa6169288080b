"""A mediation between two people, each by what they have: the chat, and a link that was forwarded. Through HTTP alone."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.booking import clock
from bot.booking.model import DAY, HOUR
from tests.conversation.bookings import booked_consultation, open_desk, to_the_summary
from tests.conversation.person import Person
from tests.conversation.visitor import Visitor

OTHER_PHONE = "13500135007"
# The worker tells within seconds what there is to be told.
TOLD_WITHIN = 30


def told(person: Person, count: int = 1) -> list[str]:
    """Return what the chat page shows without having been asked, once there is so much of it."""
    until = time.monotonic() + TOLD_WITHIN
    while True:
        with urllib.request.urlopen(f"{person.base}/api/notices?sender={person.sender}", timeout=15) as answer:
            found = [each["text"] for each in json.load(answer)["notices"]]
        if len(found) >= count or time.monotonic() > until:
            return found
        time.sleep(0.5)


def invitation(person: Person, opening: str = "想约莲下的调解员视频调解邻居漏水的事") -> str:
    """Ask for a mediation; return the link for the other side."""
    to_the_summary(person, opening, other_phone=OTHER_PHONE)
    found = re.search(r"https?://\S+/invite/open/[\w.~-]+", person.says("确认"))
    assert found, person.read()
    return found[0]


@pytest.fixture
def guest(live: str) -> Visitor:
    return Visitor(live)


def let_in(guest: Visitor, link: str) -> None:
    """Open the invitation with the last four digits of the phone that was invited."""
    path = "/invite/open/" + link.rpartition("/")[2]
    assert "漏水" not in guest.opens(path)
    assert 'id="wrong"' in guest.sends(path, digits="0000")
    guest.sends(path, digits=OTHER_PHONE[-4:])
    assert re.fullmatch(r"/invite/YY-\w{4}-\w{4}", guest.path), guest.text


def test_other_side_says_yes_and_the_citizen_is_told(person: Person, guest: Visitor) -> None:
    link = invitation(person)
    let_in(guest, link)
    assert "漏水" not in guest.text, "the story is the applicant's"
    assert "林秀英" not in guest.text
    assert "您答应来了" in guest.sends(f"{guest.path}/accept")
    (notice,) = told(person)
    assert "对方答应来了" in notice
    assert "约好了" in person.says("我的预约")


def test_other_side_says_no_and_the_citizen_hears_what_else_there_is(person: Person, guest: Visitor) -> None:
    let_in(guest, invitation(person))
    guest.sends(f"{guest.path}/decline", why="no_time")
    (notice,) = told(person)
    assert "这次不参加" in notice
    assert "没有约着" in person.says("我的预约")


def test_other_side_offers_other_times_and_the_citizen_takes_one_in_the_chat(person: Person, guest: Visitor) -> None:
    let_in(guest, invitation(person))
    before = person.card()["时间"]
    guest.opens(f"{guest.path}/times")
    slots = re.findall(r'name="slot"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="slot"', guest.text)
    chosen = [one or other for one, other in slots][:2]
    assert "您提的" in guest.sends(guest.path, slot=chosen)  # type: ignore[arg-type]
    (notice,) = told(person)
    assert "提了别的时间" in notice
    assert "对方来不了" in person.says("我的预约")
    person.sends(person.screen[-1]["buttons"][0]["payload"])
    assert "改好了" in person.read()
    assert person.card()["时间"] != before


async def test_citizen_is_nudged_twice_and_told_the_end_when_the_other_side_stays_silent(
    person: Person, live_var: Path
) -> None:
    invitation(person, "下下周三下午想约莲下的调解员视频调解邻居漏水的事")
    reference, now = person.reference(), int(time.time())
    said: list[str] = []
    async with open_desk(live_var) as desk:
        for days in (1, 2, 3):
            await clock.ring_due(desk, now + days * DAY + HOUR)
            said = told(person, days)
    nudges = ["对方还没有回复", "对方还是没有回复", "一直没等到回复"]
    assert [sum(words in text for text in said) for words in nudges] == [1, 1, 1], said
    assert len(said) == 3
    assert all(reference in text for text in said)
    assert "取消了" in person.says(reference)
    assert "没有约着" in person.says("我的预约")


def test_five_taps_at_once_are_one_booking(person: Person) -> None:
    to_the_summary(person)
    confirm = person.button("确认")["payload"]
    taps = [Person(person.base) for _ in range(5)]
    for tap in taps:
        tap.sender = person.sender
    with ThreadPoolExecutor(5) as all_at_once:
        answers = list(all_at_once.map(lambda tap: tap.sends(confirm), taps))
    references = {found[0] for answer in answers if (found := re.search(r"YY-\w{4}-\w{4}", answer))}
    assert len(references) == 1, answers
    assert "个预约" not in person.says("我的预约"), "there is exactly one"


def test_citizen_with_the_summary_in_two_tabs_books_once_and_reads_the_same_in_both(person: Person) -> None:
    to_the_summary(person)
    tab = Person(person.base)
    tab.sender, confirm = person.sender, person.button("确认")["payload"]
    person.taps("确认")
    assert person.reference() in tab.sends(confirm)
    assert "个预约" not in tab.says("我的预约")


def test_link_of_the_confirmation_opens_for_one_browser_and_not_when_it_was_edited(person: Person, live: str) -> None:
    booked_consultation(person, "13612340077")
    link = next(
        row["href"] for m in person.screen for row in (m.get("card") or {"fields": []})["fields"] if row.get("href")
    )
    first, second, third = Visitor(live), Visitor(live), Visitor(live)
    last = link[-1]
    third.opens(link[:-1] + ("A" if last != "A" else "B"))
    assert third.status == 403
    first.opens(link)
    assert first.status == 200
    first.opens(link)
    assert first.status == 200, "the same browser may open it again"
    second.opens(link)
    assert second.status == 403
    assert "陈大文" not in second.text + third.text
