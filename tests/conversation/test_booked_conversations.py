"""How bookings end and what comes after: confirmed once, lost, looked up, moved, cancelled, answered by the other side."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from pathlib import Path

import pytest

from bot.booking import desk as book
from tests.conversation.bookings import OTHER_PHONE, PHONE, booked_consultation, open_desk, to_the_summary
from tests.conversation.person import Person

# The end


def test_five_taps_are_one_booking_and_the_same_answer(person: Person) -> None:
    to_the_summary(person)
    confirm = person.button("确认")["payload"]
    answers = [person.sends(confirm) for _ in range(5)]
    references = {re.search(r"YY-\w{4}-\w{4}", answer)[0] for answer in answers}  # type: ignore[index]
    assert len(references) == 1
    assert answers[0].splitlines()[0] == answers[4].splitlines()[0]
    assert "编号" in person.says("我的预约")
    assert "个预约" not in person.read(), "there is exactly one"


def test_citizen_whose_time_is_taken_in_between_is_offered_others_and_loses_nothing(
    person: Person, other: Person
) -> None:
    to_the_summary(person)
    name = person.card()["找谁"].removesuffix("调解员")
    slot = _chosen_time(person)
    other.says("想约莲下的调解员视频调解邻居漏水的事")
    other.taps(f"选{name}")
    other.sends(slot)
    other.says("同意", "陈大文", "13700137000", "老李", "不知道", "确认")
    assert "等您" in other.read()
    said = person.taps("确认")
    assert "约走了" in said
    person.takes_time()
    assert person.card()["您的姓名"] == "林秀英"
    assert "等您" in person.taps("确认")


def _chosen_time(person: Person) -> str:
    """Choose a time anew at the summary and return its button's payload."""
    person.taps("改一下", "时间")
    chosen = person.times()[0]["payload"]
    person.sends(chosen)
    return chosen


def test_citizen_who_has_the_other_sides_phone_gets_a_link_to_forward(person: Person) -> None:
    to_the_summary(person, other_phone=OTHER_PHONE)
    said = person.says("确认")
    assert re.search(r"https?://\S+/invite/", said)


def test_citizen_without_the_other_sides_phone_hears_that_staff_will_ask(person: Person) -> None:
    to_the_summary(person)
    assert "工作人员" in person.says("确认")


@pytest.mark.parametrize("reference", ["YY-NRB8-J66N", "yy-hhhh-a22b", "YY-ABCD-EFGH"])
def test_reference_of_nobody_is_looked_up_whatever_it_reads_like(person: Person, reference: str) -> None:
    assert reference.upper() in person.says(reference)


@pytest.mark.parametrize("takes", [True, False])
async def test_citizen_answers_the_times_that_the_other_side_proposed(
    person: Person, live_var: Path, takes: bool
) -> None:
    to_the_summary(person, other_phone="13500135001")
    person.says("确认")
    before, now = person.card()["时间"], int(time.time())
    async with open_desk(live_var) as desk:
        booked = await desk.book.appointment(person.reference())
        assert booked is not None
        others = (await book.move_times(desk, booked, now)).slots
        await book.propose(desk, booked.id, booked.respondent, others[:2], now, f"their answer on {booked.id}")
    assert "对方来不了" in person.says("我的预约")
    if takes:
        person.sends(person.screen[-1]["buttons"][0]["payload"])
        assert "改好了" in person.read()
        assert person.card()["时间"] != before
    else:
        assert "原来的时间" in person.taps("都不方便")


def test_consultation_with_a_lawyer_who_advised_the_other_side_is_refused(person: Person, other: Person) -> None:
    person.says("我想约律师")
    person.says("律师")
    person.says("电话")
    lawyer = person.titles()[0]
    person.taps(lawyer)
    person.takes_time()
    person.says("同意", "陈大文", "13711112222", "不说", "确认")
    assert "等您" in person.read()
    other.says("我想约律师", "律师", "电话")
    other.taps(lawyer)
    other.takes_time(1)
    said = other.says("同意", "林秀英", "13733334444", "陈大文，电话13711112222")
    if "不方便接" not in said:
        said = other.says("确认")
    assert "不方便接" in said
    assert lawyer not in other.titles()


def test_remembered_name_and_phone_are_offered_the_next_time(person: Person) -> None:
    booked_consultation(person)
    person.says("约公证", "遗嘱")
    person.takes_time()
    assert "陈**" in person.read() or "陈*" in person.read()
    person.taps("就用这个")
    assert person.card()["您的姓名"] == "陈大文"


def test_citizen_books_the_legal_aid_centre_and_hears_that_it_is_checked_there(person: Person) -> None:
    person.says("法律援助要不要钱")
    person.taps("约个时间去")
    person.says("厂里欠我三个月工资")
    assert "当面看够不够条件" in "".join(person.heard)
    person.takes_time()
    person.says("同意", "陈大文", PHONE, "确认")
    assert "法律援助中心" in person.read()


def test_citizen_books_a_visit_which_staff_must_approve(person: Person) -> None:
    said = person.says("申请远程会见我儿子")
    assert "同意了才算" in said
    person.says("同意", "林小明", "汕头市看守所", "莲下")
    person.takes_time()
    person.says("林大山", PHONE)
    assert "对不上" in person.says("440515199001011234")
    person.says("11010519491231002X")
    assert person.card()["身份证"].endswith("002X")
    assert "1949" not in person.read()
    assert "核对" in person.says("确认")


# Later


def test_citizen_looks_up_a_booking_by_its_reference_typed_any_way(person: Person, other: Person) -> None:
    reference = booked_consultation(person, "13612340001")
    for typed in (reference, reference.lower(), reference.replace("-", "")):
        assert reference in person.says(f"{typed}怎么样了"), typed
    assert "没找到" in other.says(f"查一下{reference}"), "another's looks like none"


def test_citizen_moves_a_booking(person: Person) -> None:
    booked_consultation(person, "13612340002")
    before = person.card()["时间"]
    person.says("改一下时间")
    person.takes_time(1)
    assert "对吗" in person.read()
    person.taps("确认")
    assert "改好了" in person.read()
    assert person.card()["时间"] != before


def test_citizen_cancels_after_one_question_and_may_keep_it(person: Person) -> None:
    booked_consultation(person, "13612340003")
    assert "真的取消" in person.says("取消预约")
    assert "还在" in person.taps("不取消")
    person.says("取消预约")
    assert "取消了" in person.says("对")
    assert "没有约着" in person.says("我的预约")


def test_citizen_with_two_bookings_is_asked_which_or_names_it(person: Person) -> None:
    booked_consultation(person, "13612340004")
    person.says("约公证", "遗嘱")
    person.takes_time(2)
    person.says("对", "确认")
    assert "2个预约" in person.says("我的预约")
    assert "哪一个" in person.says("取消预约")
    person.says("不取消了")
    said = person.says("取消公证的预约")
    assert "真的取消" in said
    assert "公证" in said


@pytest.mark.parametrize("text", ["取消预约", "改一下我的预约时间", "我的预约怎么样了"])
def test_citizen_without_bookings_hears_so_and_how_to_book(person: Person, text: str) -> None:
    person.says(text)
    assert "没有约着" in person.read()
    assert "约调解" in person.titles()


def test_button_of_a_dialogue_that_is_over_does_nothing(person: Person) -> None:
    to_the_summary(person)
    old = person.button("改一下")["payload"]
    person.says("确认")
    assert "过了" in person.sends(old)


def test_citizen_who_only_asks_on_loses_nothing_and_one_who_says_yes_does(person: Person) -> None:
    person.says("把我的资料删掉")
    said = person.says("然后呢")
    assert "都删掉了" not in said
    assert "确认删掉" in person.titles() or "删掉" not in said
    person.says("把我的资料删掉")
    assert "都删掉了" in person.says("好的")


def test_citizen_reads_and_erases_what_is_kept(person: Person) -> None:
    booked_consultation(person, "13612340005")
    assert {"看我的数据", "删掉", "撤回同意"} <= set(person.titles() if person.sends("/manage_my_data") else [])
    said = person.taps("看我的数据")
    assert "陈**" in said or "陈*" in said
    assert "13612340005" not in said
    assert "1个预约" in person.taps("删掉")
    assert "删掉了" in person.taps("确认删掉")
    assert "没有约着" in person.says("我的预约")
    assert "没有记" in person.says("你们存了我哪些信息") or "没有记" in person.sends(
        '/manage_my_data{"option": "data:show"}'
    )


def test_another_persons_dialogue_is_not_touched(person: Person, other: Person) -> None:
    person.says("约调解")
    assert "什么事" not in other.says("你好").splitlines()[-1]


def test_confirmation_says_what_to_bring_and_when_reminders_come(person: Person) -> None:
    person.says("约公证", "遗嘱")
    person.takes_time()
    person.says("同意", "陈大文", PHONE, "确认")
    assert person.card()["带上"] == "身份证"
    assert "提醒" in person.read()
    link = [row for m in person.screen for row in (m.get("card") or {"fields": []})["fields"] if row.get("href")]
    assert link
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(link[-1]["href"], timeout=10) as page:
        assert page.status == 200


def test_answers_never_leak_a_phone_into_a_button(person: Person) -> None:
    to_the_summary(person, other_phone=OTHER_PHONE)
    payloads = json.dumps([b for m in person.screen for b in m["buttons"]])
    assert PHONE not in payloads
    assert OTHER_PHONE not in payloads
