"""Signed links: read by us alone, changed by nobody, over at their moment."""

from __future__ import annotations

import pytest

from bot.booking.links import PERSON_SECONDS, PageLinks
from bot.booking.model import Appointment
from bot.channels.links import Links
from bot.errors import LinkExpired, LinkInvalid

NOW = 1_795_000_000
LINKS = Links(b"k" * 32)
TOKEN = LINKS.sign("me", "p" * 32, NOW + 60, "n1")


def test_gateway_reads_what_the_chat_signed() -> None:
    link = LINKS.read(TOKEN, "me", NOW)
    assert (link.subject, link.expires, link.nonce) == ("p" * 32, NOW + 60, "n1")


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_nobody_can_edit_any_character_of_a_link(position: int) -> None:
    for other in ("A", "b", "9", "-", "."):
        edited = TOKEN[:position] + other + TOKEN[position + 1 :]
        if edited != TOKEN:
            with pytest.raises(LinkInvalid):
                LINKS.read(edited, "me", NOW)


@pytest.mark.parametrize(
    "token",
    ["", ".", "a", "a.b", TOKEN.split(".")[0], TOKEN + "=", TOKEN + "A", TOKEN[:-1], "你.好", "\ud800.x", "a" * 5000],
)
def test_nobody_can_open_what_is_no_link(token: str) -> None:
    with pytest.raises(LinkInvalid):
        LINKS.read(token, "me", NOW)


def test_link_is_over_at_its_moment_and_good_a_second_before() -> None:
    assert LINKS.read(TOKEN, "me", NOW + 59)
    with pytest.raises(LinkExpired):
        LINKS.read(TOKEN, "me", NOW + 60)


def test_link_for_one_thing_cannot_open_another() -> None:
    for purpose in ("book", "invite", ""):
        with pytest.raises(LinkInvalid):
            LINKS.read(TOKEN, purpose, NOW)


def test_another_key_cannot_read_it_and_the_key_shows_nowhere() -> None:
    with pytest.raises(LinkInvalid):
        Links(b"j" * 32).read(TOKEN, "me", NOW)
    assert "kkk" not in repr(LINKS)


def test_two_links_of_one_person_differ_and_an_invitation_is_always_the_same() -> None:
    pages = PageLinks(LINKS, "https://falv.example.cn")
    assert pages.me_link("p1", NOW) != pages.me_link("p1", NOW)
    seat = Appointment(
        "YY-ABCD-EFGH", "mediation", "pending", "m1", "c1", NOW + 99, NOW + 199, NOW + 299, respondent="r"
    )
    assert pages.invite_link(seat) == pages.invite_link(seat)
    token = pages.invite_link(seat).removeprefix("https://falv.example.cn/invite/open/")
    assert LINKS.read(token, "invite", NOW).expires == seat.start


def test_link_to_the_book_carries_the_wish_and_nothing_else() -> None:
    pages = PageLinks(LINKS, "https://falv.example.cn")
    link = pages.book_link("p1", NOW, {"kind": "mediation", "area": "440515102", "name": "陈小明", "matter": ""})
    assert link.partition("?")[2] == "kind=mediation&area=440515102"
    token = link.partition("?")[0].rpartition("/")[2]
    assert LINKS.read(token, "book", NOW).expires == NOW + PERSON_SECONDS
