"""Leaving a message for the staff: what is a message, and what is only a question in between."""

from __future__ import annotations

import pytest

from tests.conversation.person import Person


@pytest.mark.parametrize("question", ["你们几点下班", "服务中心在哪里", "谢谢", "还是帮我约个律师吧"])
def test_citizen_is_answered_when_a_question_comes_instead_of_the_message(person: Person, question: str) -> None:
    person.says("转人工")
    assert "LY-" not in person.says(question)


def test_citizen_can_still_leave_the_message_after_a_question_in_between(person: Person) -> None:
    person.says("转人工")
    person.says("你们几点下班")
    assert "LY-" in person.says("我是外砂的，工地欠我三个月工钱，麻烦打13612345678")


@pytest.mark.parametrize("nothing_to_do", ["改天", "我要改预约时间", "帮我取消预约"])
def test_form_goes_on_after_a_change_that_there_is_nothing_to_change_for(person: Person, nothing_to_do: str) -> None:
    person.says("转人工")
    said = person.says(nothing_to_do)
    assert "没有约着的" in said
    assert "请把要说的话发给我" in said
    assert "LY-" in person.says("我是外砂的，工地欠我三个月工钱，麻烦打13612345678")


def test_citizen_does_not_read_an_address_again_when_what_follows_is_no_place(person: Person) -> None:
    person.says("服务中心在哪里")
    assert "地址" not in person.says("林阿妹")


def test_citizen_reads_the_address_of_another_town_when_only_the_town_follows(person: Person) -> None:
    person.says("司法所在哪里")
    assert "莲上" in person.says("莲上呢")
