"""What was told once need not be told again: a trouble goes along into the booking and the look at legal aid."""

from __future__ import annotations

from tests.conversation.person import Person


def test_citizen_need_not_tell_the_trouble_again_when_a_mediation_follows(person: Person) -> None:
    person.says("楼上漏水滴到我家，讲又讲不听")
    said = person.says("我想找人来调解")
    assert "邻里" in said
    assert person.question() == "您想怎么谈？"


def test_trouble_without_a_name_of_its_own_goes_along_as_well(person: Person) -> None:
    person.says("起诉状怎么写")
    said = person.says("我要约莲下的调解员")
    assert "还是刚才说的那件事" in said
    assert person.question() == "您想怎么谈？"


def test_citizen_is_asked_for_the_trouble_when_nothing_was_told(person: Person) -> None:
    person.says("你好")
    assert "您遇到什么事" in person.says("我想找人来调解")


def test_citizen_can_say_that_it_is_another_trouble(person: Person) -> None:
    person.says("楼上漏水滴到我家，讲又讲不听")
    person.says("我想找人来调解")
    person.says("不是，是借钱的事")
    person.says("视频")
    person.says("莲下")
    assert "借钱" in person.read()


def test_citizen_can_go_over_to_a_booking_in_the_middle_of_the_look_at_legal_aid(person: Person) -> None:
    person.says("我想看看能不能申请法律援助")
    said = person.says("还是帮我约个律师吧，后天下午")
    assert "没对上" not in said
    assert "视频" in person.titles()


def test_worker_is_told_what_is_looked_at_when_the_wages_were_told_before(person: Person) -> None:
    person.says("老板三个月没发工资了")
    said = person.says("我没钱请律师")
    assert "讨工资" in said
    assert "您是哪一边的" in person.question()


def test_citizen_reads_the_notice_once_when_side_questions_come_in_between(person: Person) -> None:
    notice = "180天后自动删掉"
    assert notice in person.says("我要约远程会见")
    again = person.says("国庆放几天")
    assert "可以记下来" in again
    assert notice not in again
