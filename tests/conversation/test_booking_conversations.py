"""Whole conversations that book, move and cancel: the real gateway, engine, actions and store, today's clock."""

from __future__ import annotations

import re

import pytest

from tests.conversation.bookings import PHONE, to_the_summary
from tests.conversation.person import Person

# All at once, by tapping, by typing


def test_citizen_who_says_all_at_once_is_asked_only_for_the_rest(person: Person) -> None:
    person.says("下周三下午想跟邻居视频调解漏水的事，莲下的")
    assert "想约哪位" in person.read()
    assert "莲下镇" in person.read()
    person.taps("选")
    person.takes_time()
    assert "同意" in person.titles()
    card = person.says("同意", "林秀英", PHONE, "隔壁老陈", "不知道")
    assert person.card()["怎么见"] == "视频"
    assert person.card()["您的姓名"] == "林秀英"
    assert person.card()["您的电话"] == PHONE
    assert person.card()["对方"] == "隔壁老陈"
    assert "漏水" in card
    done = person.says("确认")
    assert "等您" in done
    assert re.fullmatch(r"YY-\w{4}-\w{4}", person.reference())


def test_citizen_books_by_tapping_alone_but_for_names_and_phones(person: Person) -> None:
    person.sends("/greet")
    person.taps("约调解", "邻里", "当面", "莲下镇", "谁都行")
    person.takes_time(1)
    person.taps("同意")
    person.says("陈秀英", PHONE)
    person.taps("不说", "不知道", "确认")
    assert "等您" in person.read()
    assert person.card()["带上"] == "身份证"
    assert "地点" in person.card()
    person.taps("取消预约", "确认")
    assert "取消了" in person.read()


def test_citizen_books_by_typing_alone(person: Person) -> None:
    person.says("约调解", "楼上天天吵，谈不拢", "打电话", "莲上的", "第一个", "2", "同意", "我叫王大明")
    person.says(PHONE, "楼上姓李的", "没有他的电话", "对的，就这样")
    assert "等您" in person.read()


def test_citizen_is_not_asked_what_the_first_message_told(person: Person) -> None:
    person.says("我叫林秀英，电话13800138000，想约莲下的调解员打电话调解邻居噪音")
    person.taps("选")
    person.takes_time()
    person.says("同意")
    assert "对方" in person.read()


# Whom


def test_citizen_books_the_lawyer_on_the_screen_whatever_the_classifier_thinks(person: Person) -> None:
    person.says("找个会潮汕话的律师")
    person.taps(next(t for t in person.titles() if t.endswith("详情")))
    name = person.titles()[-1].removeprefix("约")
    person.says("想约他下周三下午", "电话")
    assert f"{name}律师" in person.read()
    assert all("slot:" in b["payload"] for b in person.times())


def test_citizen_books_from_the_card_of_a_mediator_by_one_tap(person: Person) -> None:
    person.says("莲下镇有会讲潮汕话的调解员吗")
    person.taps(next(t for t in person.titles() if t.endswith("详情")))
    name = person.titles()[-1].removeprefix("约")
    person.taps("约")
    person.says("邻居噪音", "电话")
    assert f"{name}调解员" in person.read()


def test_citizen_asks_for_a_woman_and_for_others(person: Person) -> None:
    person.says("想约莲下的调解员视频调解邻居漏水的事")
    first = set(person.titles())
    person.says("还有别人吗")
    assert set(person.titles()) != first
    person.says("换个女的调解员")
    assert any(t.startswith("选") for t in person.titles())


# Corrections


def test_citizen_corrects_the_town_and_the_way_before_and_at_the_summary(person: Person) -> None:
    person.says("想约莲下的调解员视频调解邻居漏水的事")
    assert "莲下镇" in person.read()
    assert "莲上镇" in person.says("不对，是莲上")
    person.taps("选")
    person.takes_time()
    person.says("同意", "林秀英", PHONE, "隔壁老陈", "不知道")
    assert person.card()["怎么见"] == "视频"
    person.says("改成电话")
    if person.card().get("怎么见") != "电话":
        person.takes_time()
    assert person.card()["怎么见"] == "电话"


def test_citizen_corrects_a_phone_and_a_name_at_the_summary(person: Person) -> None:
    to_the_summary(person)
    person.says("电话写错了，是13600136000")
    assert person.card()["您的电话"] == "13600136000"
    person.says("名字写错了，是王大明")
    assert person.card()["您的姓名"] == "王大明"
    assert person.card()["对方"] == "隔壁老陈"


def test_citizen_changes_one_thing_by_tapping_at_the_summary(person: Person) -> None:
    to_the_summary(person)
    before = person.card()["时间"]
    person.taps("改一下", "时间")
    person.takes_time(1)
    assert person.card()["时间"] != before
    assert person.card()["您的姓名"] == "林秀英"


# Side questions


@pytest.mark.parametrize(
    ("question", "answer"),
    [("公证处几点下班", "公证处"), ("调解要钱吗", "不收钱"), ("你是机器人吗", "机器"), ("谢谢", "不客气")],
)
def test_citizen_asks_something_in_the_middle_and_the_dialogue_goes_on(
    person: Person, question: str, answer: str
) -> None:
    before = person.says("约调解")
    said = person.says(question)
    assert answer in said
    assert "邻里" in person.titles(), "the question comes back"
    assert before.splitlines()[0] not in said, "in other words"
    assert "视频" in " ".join(person.says("邻居漏水") and person.titles())


def test_number_picks_from_the_dialogues_question_and_not_from_the_answer_above_it(person: Person) -> None:
    person.says("约调解", "邻居漏水")
    assert "看全部时间" in person.says("莲下司法所几点下班")
    person.says("2")
    assert "镇" in person.question(), "the second way to meet was taken, and the next thing is asked"


def test_side_questions_cost_nothing_that_was_said(person: Person) -> None:
    to_the_summary(person)
    person.says("司法所在哪里", "你好")
    assert person.card()["您的姓名"] == "林秀英"
    assert "等您" in person.says("确认")


def test_citizen_is_never_asked_twice_in_the_same_words(person: Person) -> None:
    person.says("约调解")
    asked = [person.question()]
    for text in ("谢谢", "你是机器人吗"):
        person.says(text)
        asked.append(person.question())
    assert len(set(asked)) == 3, asked


# Danger, a person, stopping


def test_citizen_in_danger_gets_the_number_first_and_no_form(person: Person) -> None:
    person.says("约调解")
    said = person.says("他正在打我")
    assert "110" in said.splitlines()[0]
    assert "邻里" not in person.titles()


def test_danger_that_only_the_model_sees_ends_the_form(person: Person) -> None:
    person.says("约调解")
    said = person.says("药瓶就在我手边,孩子以后麻烦你们照看了")
    assert "110" in said or "120" in said
    assert "邻里" not in person.titles()


def test_citizen_asks_for_a_person_and_can_go_on_afterwards(person: Person) -> None:
    person.says("约调解", "邻居漏水")
    assert "12348" in person.says("转人工")
    assert "LY-" in person.says("我家漏水的事想请人回电话")
    assert "接着办吗" in person.says("约调解")
    assert "怎么谈" in person.taps("接着办")


def test_citizen_stops_and_comes_back(person: Person) -> None:
    person.says("想约莲下的调解员视频调解邻居漏水的事")
    person.taps("选")
    person.takes_time()
    person.says("同意", "林秀英")
    assert "接着办" in person.says("算了不办了")
    assert "说到一半" in person.says("你好")
    assert "电话" in person.says("接着办")
    person.says(PHONE, "隔壁老陈", "不知道")
    assert person.card()["您的姓名"] == "林秀英"


def test_citizen_who_comes_back_may_start_anew(person: Person) -> None:
    person.says("约调解", "邻居漏水", "算了不办了")
    person.says("约调解")
    assert {"接着办", "重新来", "不办了"} <= set(person.titles())
    assert "什么事" in person.taps("重新来")


def test_citizen_who_comes_back_may_drop_it(person: Person) -> None:
    person.says("约调解", "邻居漏水", "算了不办了", "你好")
    person.taps("不办了")
    assert "说到一半" not in person.says("你好")


def test_citizen_who_does_not_agree_is_told_what_can_be_done_without(person: Person) -> None:
    person.says("想约莲下的调解员视频调解邻居漏水的事")
    person.taps("选")
    person.takes_time()
    said = person.says("不同意")
    assert "12348" in said
    assert "叫什么名字" not in said
    assert "说到一半" not in person.says("你好")


# Bad input


@pytest.mark.parametrize("name", ["哈" * 200, "😀😀", "儿子", "???"])
def test_odd_name_gets_a_sentence_and_is_asked_again(person: Person, name: str) -> None:
    person.says("约公证", "遗嘱")
    person.takes_time()
    person.says("同意")
    said = person.says(name)
    assert "姓名" in said
    assert "电话是多少" not in said
    assert "电话" in person.says("林秀英")


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("+852 9123 4567", "只能记内地的号码"),
        ("12345", "手机号要11位"),
        ("138001380001", "手机号要11位"),
        ("没有电话", "请写一个电话号码"),
    ],
)
def test_odd_phone_gets_a_sentence_and_is_asked_again(person: Person, phone: str, why: str) -> None:
    person.says("约公证", "遗嘱")
    person.takes_time()
    person.says("同意", "林秀英")
    assert why in person.says(phone)
    assert "您看一眼" not in person.read()
    assert "您看一眼" in person.says(PHONE)
    assert "还没约好" in person.says("我的预约"), "nothing is booked by halves"


@pytest.mark.parametrize(("when", "why"), [("25点", "没有这个时间"), ("昨天下午", "已经过了"), ("后年国庆", "太远")])
def test_odd_time_is_told_and_times_are_offered(person: Person, when: str, why: str) -> None:
    person.says("约公证", "遗嘱")
    person.times()
    assert why in person.says(when)
    assert person.times()


def test_citizen_who_wants_the_mediators_lunch_hour_is_told_so_and_offered_what_is_near(person: Person) -> None:
    person.says("想约莲下的调解员视频调解邻居漏水的事")
    name = person.button("选")["title"].removeprefix("选")
    person.taps("选")
    person.times()
    said = person.says("下周二中午十二点半")
    assert f"{name}调解员不在" in said
    assert "午休" in said
    assert person.times()


def test_citizen_who_is_not_understood_gets_an_example_then_a_person_then_peace(person: Person) -> None:
    person.says("约公证", "遗嘱")
    person.takes_time()
    person.says("同意", "😀")
    assert "比如" in person.says("？？？")
    person.says("……")
    assert "转人工" in person.titles()
    assert "先停在这里" in person.says("!!!")
    assert "说到一半" in person.says("你好")
