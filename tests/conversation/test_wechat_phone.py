"""Whole conversations on a phone: WeChat's stand-in, the gateway in safe mode, the engine, the actions, the store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.conversation.bookings import PHONE
from tests.standin import APOLOGY, Weather
from tests.standin.hand import Hand, Threaded

# Two seconds until WeChat hangs up and sends again, instead of five.
HURRIED = 0.4


@pytest.fixture
def hand(live: str, wechat: Threaded) -> Hand:
    return wechat.hand(f"oTest{uuid.uuid4().hex[:23]}")


@pytest.fixture
def stormy(wechat: Threaded) -> Iterator[Weather]:
    """The network's weather, which a test may make worse; fine again after it."""
    weather, fine = wechat.standin.weather, Weather()
    yield weather
    vars(weather).update(vars(fine))


@pytest.fixture(autouse=True)
def no_defects(wechat: Threaded) -> Iterator[None]:
    """No reply of a test's may be one that the real platform would not take."""
    wechat.standin.courier.defects.clear()
    yield
    assert dict(wechat.standin.courier.defects) == {}


def test_follower_is_greeted_with_six_things_to_ask(hand: Hand) -> None:
    greeting = hand.follows()
    for topic in ("问法律", "约调解", "找律师/调解员", "法律援助", "办公证", "上班时间"):
        assert topic in greeting


def test_citizen_reads_an_answer_with_the_law_that_it_rests_on(hand: Hand, live: str) -> None:
    hand.follows()
    answer = hand.says("邻居漏水怎么处理")
    assert "《民法典》第" in answer
    links = [link for bubble in hand.screen for link in (*bubble.links, bubble.url) if link]
    assert any("/law/" in link for link in links), "the article can be opened"


def test_citizen_books_by_typing_alone(hand: Hand) -> None:
    hand.follows()
    hand.says("约调解", "楼上天天吵，谈不拢", "打电话", "莲上的", "第一个")
    if "约满了" in hand.read() or "还没出来" in hand.read():
        pytest.skip("no time can be booked: next year's holidays are not out")
    hand.says("2", "同意", "我叫王大明", PHONE, "楼上姓李的", "没有他的电话")
    done = hand.says("对的，就这样")
    assert "等您" in done
    assert "YY-" in done


def test_citizen_books_by_tapping_alone_but_for_names_and_phones(hand: Hand) -> None:
    hand.follows()
    hand.taps("约调解", "邻里", "当面", "莲下镇", "谁都行")
    if "约满了" in hand.read() or "还没出来" in hand.read():
        pytest.skip("no time can be booked: next year's holidays are not out")
    hand.taps_time()
    hand.taps("同意")
    hand.says("陈秀英", PHONE)
    hand.taps("不说", "不知道", "确认")
    assert "等您" in hand.read()
    hand.taps("取消预约", "确认")
    assert "取消了" in hand.read()


def test_citizen_in_danger_reads_the_number_to_call_in_the_first_line(hand: Hand) -> None:
    hand.follows()
    hand.says("他正在打我")
    assert "110" in hand.screen[0].text.splitlines()[0]


def test_citizen_gets_one_answer_when_wechat_sends_everything_twice(hand: Hand, stormy: Weather) -> None:
    hand.follows()
    hand.says("转人工")
    stormy.copies = lambda push: 2
    said = hand.says("我家漏水的事想请人回电话")
    assert said.count("LY-") == 1
    assert hand.says("你好").count("LY-") == 0, "the second delivery was not taken for a second message"


def test_citizen_gets_one_answer_when_the_first_was_lost_on_the_way(hand: Hand, stormy: Weather) -> None:
    hand.follows()
    hand.says("转人工")
    stormy.pace, stormy.lost = HURRIED, lambda push: 2
    assert hand.says("厂里欠我钱，请打给我").count("LY-") == 1
    assert APOLOGY not in hand.phone.read()


def test_citizen_who_types_fast_is_answered_in_the_order_of_the_messages(hand: Hand) -> None:
    hand.follows()
    seen = hand.says_quickly("法律援助中心在哪", "公证处在哪")
    words = "\n".join(bubble.words for bubble in seen)
    assert -1 < words.find("法律援助中心") < words.find("公证处")


def test_dictated_message_is_answered_like_a_typed_one(hand: Hand) -> None:
    hand.follows()
    assert "澄海区法律援助中心" in hand.speaks("法律援助中心在哪")


def test_citizen_who_left_and_came_back_is_greeted_again(hand: Hand) -> None:
    hand.follows()
    hand.says("公证处在哪")
    hand.unfollows()
    assert hand.phone.screen == []
    assert "问法律" in hand.follows()
