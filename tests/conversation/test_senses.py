"""What a scanned code and a sent location lead to, as the gateway tells them to the real engine."""

from __future__ import annotations

import json

from tests.conversation.person import Person

VILLAGE, TOWN = "440515102216", "440515102"
MENU = {"问法律", "约调解", "找律师/调解员", "法律援助", "办公证", "上班时间"}


def scanned(intent: str, **entities: str) -> str:
    return f"/{intent}{json.dumps(entities)}"


def test_citizen_who_scans_a_villages_code_meets_its_adviser_and_the_six_things(person: Person) -> None:
    said = person.sends(scanned("greet", area=VILLAGE))
    assert "您好" in said
    assert "莲下镇程洋岗村" in said
    assert "村法律顾问" in said
    assert "示例" in said
    assert set(person.titles()) == MENU


def test_citizen_of_a_scanned_village_is_offered_people_nearby_without_being_asked_for_the_town(
    person: Person,
) -> None:
    person.sends(scanned("greet", area=VILLAGE))
    person.says("想约调解员当面调解邻居漏水的事")
    assert "程洋岗" in person.read()
    assert "哪个镇" not in person.read()


def test_citizen_who_scans_a_towns_code_is_shown_its_office(person: Person) -> None:
    said = person.sends(scanned("greet", area=TOWN))
    assert "莲下镇" in said
    assert "司法所" in said
    assert set(person.titles()) == MENU


def test_citizen_at_a_door_reads_its_hours_and_can_book(person: Person) -> None:
    said = person.sends(scanned("ask_hours", provider_id="sc-county"))
    assert "公共法律服务中心" in said
    assert "周一至周五" in person.card()["时间"]
    assert {"约调解", "约律师"} <= set(person.titles())
    person.taps("约律师")
    assert {"视频", "电话", "当面"} <= set(person.titles()) or "律师，还是" in person.question()


def test_citizen_at_a_desk_can_book_its_lawyer(person: Person) -> None:
    person.says("找莲下的调解员")
    named = next(b for m in person.screen for b in m["buttons"] if "provider_id" in b["payload"])
    person.sends(named["payload"])
    assert any(title.startswith("约") for title in person.titles())


def test_citizen_who_sent_a_location_is_taken_to_live_there(person: Person) -> None:
    said = person.sends(scanned("inform", area=TOWN, option=f"area:{TOWN}"))
    assert "莲下镇" in said
    person.says("找调解员")
    assert "莲下" in person.read()


def test_citizen_who_sends_a_location_in_the_middle_of_a_booking_has_answered_where(person: Person) -> None:
    person.says("我想约调解", "楼上漏水", "当面")
    assert "哪个镇" in person.read()
    person.sends(scanned("inform", area=TOWN, option=f"area:{TOWN}"))
    assert "莲下" in person.read()
    assert any(title.startswith("选") for title in person.titles())


def test_stranger_with_a_code_of_no_place_is_told_to_look_again(person: Person) -> None:
    assert "更新" in person.sends(scanned("ask_hours", provider_id="nowhere"))


def test_citizen_who_is_asked_for_a_time_and_says_a_day_of_the_month_gets_no_button(person: Person) -> None:
    person.says("我想约公证", "遗嘱")
    times = person.times()
    person.says("3号")
    assert [b["payload"] for b in person.times()] != [times[2]["payload"]]
    assert "同意" not in person.titles()
