"""What of a booking can be changed besides its time, through HTTP and the real engine."""

from __future__ import annotations

from tests.conversation.bookings import booked_consultation
from tests.conversation.person import Person


def test_citizen_changes_the_way_and_keeps_the_time(person: Person) -> None:
    reference = booked_consultation(person)
    before = person.card()
    assert before["怎么见"] == "电话"
    person.says("改时间")
    person.taps("换成视频")
    assert "视频" in person.question()
    assert "对吗" in person.question()
    person.says("确认")
    assert person.card() == {**before, "怎么见": "视频", "我的预约": person.card()["我的预约"]}
    assert person.reference() == reference


def test_citizen_changes_the_way_in_one_breath(person: Person) -> None:
    booked_consultation(person)
    when = person.card()["时间"]
    person.says("我的预约想改成视频的")
    if "对吗" not in person.read():
        person.says("换成视频")
    person.says("确认")
    assert (person.card()["怎么见"], person.card()["时间"]) == ("视频", when)


def test_citizen_changes_the_person(person: Person) -> None:
    reference = booked_consultation(person)
    before = person.card()
    person.taps("改时间")
    person.says("换个律师")
    if "对吗" not in person.read():
        person.takes_time()
    assert before["找谁"] not in person.question()
    person.says("确认")
    after = person.card()
    assert (after["编号"], after["怎么见"]) == (reference, before["怎么见"])
    assert after["找谁"] != before["找谁"]


def test_citizen_who_changes_nothing_in_the_end_keeps_what_there_was(person: Person) -> None:
    booked_consultation(person)
    before = person.card()
    person.taps("改时间")
    person.taps("换成视频")
    person.says("算了")
    person.says("我的预约")
    after = person.card()
    assert (after["时间"], after["怎么见"], after["找谁"]) == (before["时间"], before["怎么见"], before["找谁"])


def test_citizen_is_told_in_which_way_a_notary_meets(person: Person) -> None:
    person.says("我想约公证")
    person.says("遗嘱")
    person.takes_time()
    person.says("同意", "陈大文", "13800138000", "确认")
    assert person.reference()
    person.taps("改时间")
    person.says("换成视频")
    assert "只能当面" in person.read()
    assert person.times()
