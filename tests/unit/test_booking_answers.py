"""What a message means while something is asked. Entities stand here as the engine finds them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.booking.answers import read
from bot.booking.beginnings import begun, purpose_of
from bot.booking.draft import FIELDS, REMEMBERED, Draft
from bot.booking.field_answers import READERS
from bot.booking.model import Slot
from bot.booking.options import pointed
from bot.booking.said import Entity, Said, changing, moving, reference_in, stated

NOW = 1_795_590_000  # Wednesday 2026-11-25 11:00 in Shanghai
WED = 1_796_194_800  # a week later, 11:00
SLOTS = tuple(Slot(WED + hours * 3600, WED + (hours + 1) * 3600, "med-1") for hours in (0, 4, 6))  # 11:00 15:00 17:00
SHOWN = (("law-1", "陈伟明", "lawyer"),)


def iso(moment: int, until: int = 0) -> str:
    from bot.booking.words import local

    return local(moment).isoformat() + (f"/{local(until).isoformat()}" if until else "")


def entity(text: str, name: str, words: str, value: Any) -> Entity:
    return Entity(name, value, text.index(words), text.index(words) + len(words))


def said(text: str, intent: str = "inform", *entities: tuple[str, str, Any], sure: float = 0.9) -> Said:
    return Said(text, intent, sure, tuple(entity(text, *found) for found in entities))


def draft(asked: str, purpose: str = "mediation", **facts: Any) -> Draft:
    return Draft("d1", purpose, facts, asked=asked, offered=SLOTS, shown=(("med-1", "林静"), ("med-2", "黄伟辉")))


@pytest.mark.parametrize(
    ("asked", "text", "intent", "facts"),
    [
        ("matter", "楼上漏水两年了没人管", "ask_law", {"story": "楼上漏水两年了没人管"}),
        ("matter", "邻居不讲理怎么办", "ask_law", {"story": "邻居不讲理怎么办"}),
        ("matter", "说不清", "nlu_fallback", {"matter": "other"}),
        ("mode", "打电话就行", "nlu_fallback", {"mode": "phone"}),
        ("mode", "去你们那里谈", "ask_location", None),
        ("area", "都可以", "affirm", {"area": "any"}),
        ("practitioner", "随便", "nlu_fallback", {"practitioner": "any"}),
        ("practitioner", "谁都行", "affirm", {"practitioner": "any"}),
        ("practitioner", "就约林静", "find_provider", {"practitioner": "med-1"}),
        ("practitioner", "黄调解员吧", "find_provider", {"practitioner": "med-2"}),
        ("practitioner", "约第二位", "book_mediation", {"practitioner": "med-2"}),
        ("slot", "哪个都行", "affirm", {"slot": SLOTS[0].__dict__}),
        ("slot", "最后那个", "nlu_fallback", {"slot": SLOTS[2].__dict__}),
        ("consent", "同意", "affirm", {"consent": True}),
        ("consent", "好的谢谢", "thank", {"consent": True}),
        ("contact", "对", "affirm", {"contact": True, "name": REMEMBERED, "phone": REMEMBERED}),
        ("contact", "换一个", "deny", {"contact": False}),
        ("name", "林秀英", "nlu_fallback", {"name": "林秀英"}),
        ("name", "我叫林秀英。", "inform", {"name": "林秀英"}),
        ("name", "不对，我叫林秀英", "deny", {"name": "林秀英"}),
        ("phone", "13800138000", "inform", {"phone": "+8613800138000"}),
        ("other_name", "隔壁老陈", "nlu_fallback", {"other_name": "隔壁老陈"}),
        ("other_name", "某某玩具厂", "nlu_fallback", {"other_name": "某某玩具厂"}),
        ("other_name", "不知道叫什么", "deny", {"other_name": ""}),
        ("other_phone", "没有他电话", "deny", {"other_phone": ""}),
        ("relation", "是我儿子", "inform", {"relation": "儿子"}),
        ("item", "立遗嘱", "ask_notary", {"item": "立遗嘱"}),
        ("confirm", "改一下", "change_booking", {"edit": True}),
        ("confirm", "不对", "deny", {"edit": True}),
        ("confirm", "电话写错了", "deny", {"field": "phone"}),
    ],
)
def test_citizen_answers_in_their_own_words(asked: str, text: str, intent: str, facts: dict[str, Any] | None) -> None:
    purpose = next(name for name, fields in FIELDS.items() if asked in fields)
    known = {"phone": "+8613900139000"} if asked == "confirm" else {}
    reading = read(said(text, intent), draft(asked, purpose, **known), NOW)
    assert dict(reading.facts) == facts if facts is not None else reading.meaning == "side"


@pytest.mark.parametrize(
    ("asked", "text", "intent"),
    [
        ("mode", "视频要下载软件吗", "ask_mediation"),
        ("matter", "调解要钱吗", "ask_mediation"),
        ("name", "公证处几点下班", "ask_hours"),
        ("name", "你是机器人吗", "bot_challenge"),
        ("phone", "司法所在哪里", "ask_location"),
        ("slot", "周四上午公证处上班吗", "ask_hours"),
        ("confirm", "调解协议有法律效力吗", "ask_mediation"),
        ("matter", "你好", "greet"),
        ("name", "谢谢", "thank"),
        ("other_name", "转人工", "talk_to_human"),
        ("matter", "药瓶就在我手边", "report_danger"),
        ("consent", "这个信息会给别人看吗", "manage_my_data"),
    ],
)
def test_citizen_asks_something_on_the_side(asked: str, text: str, intent: str) -> None:
    entities = (("time", "周四上午", iso(WED)),) if "周四" in text else ()
    assert read(said(text, intent, *entities), draft(asked), NOW).meaning == "side"


@pytest.mark.parametrize(
    ("asked", "text", "intent", "meaning"),
    [
        ("matter", "算了不办了", "stop", "leave"),
        ("name", "不约了", "deny", "leave"),
        ("slot", "改天再说吧", "nlu_fallback", "leave"),
        ("confirm", "取消", "cancel_booking", "leave"),
        ("confirm", "再见", "goodbye", "leave"),
        ("consent", "不同意", "deny", "declined"),
        ("confirm", "对的，就这样", "affirm", "confirmed"),
        ("confirm", "没问题", "nlu_fallback", "confirmed"),
        ("practitioner", "还有别人吗", "find_provider", "more"),
        ("slot", "这几个都没空", "deny", "later"),
        ("slot", "换一天", "change_booking", "later"),
        ("resume", "接着办", "apply_legal_aid", "go_on"),
        ("resume", "重新来", "nlu_fallback", "start_anew"),
        ("edit", "时间", "nlu_fallback", "reopen"),
        ("mode", "呃", "nlu_fallback", "unclear"),
    ],
)
def test_citizen_steers_the_dialogue(asked: str, text: str, intent: str, meaning: str) -> None:
    facts = {"slot": SLOTS[0].__dict__} if asked == "edit" else {}
    assert read(said(text, intent), draft(asked, **facts), NOW).meaning == meaning


@pytest.mark.parametrize("asked", ["practitioner", "slot", "consent", "name", "phone", "other_name", "confirm"])
def test_citizen_corrects_the_town_at_any_point(asked: str) -> None:
    text = "不对，是莲上"
    reading = read(said(text, "deny", ("area", "莲上", "440515103")), draft(asked, area="440515102"), NOW)
    assert reading.facts["area"] == "440515103"


@pytest.mark.parametrize("asked", ["name", "other_name", "confirm", "consent"])
def test_citizen_corrects_a_phone_at_any_point(asked: str) -> None:
    text = "电话写错了，是13600136000"
    reading = read(
        said(text, "deny", ("phone_number", "13600136000", "+8613600136000")), draft(asked, phone="+8613800138000"), NOW
    )
    assert reading.facts["phone"] == "+8613600136000"
    assert "name" not in reading.facts


def test_phone_of_the_other_side_is_told_apart_by_the_words_before_it() -> None:
    text = "我的电话13800138000，对方的电话是13900139000"
    numbers = (("phone_number", "13800138000", "+8613800138000"), ("phone_number", "13900139000", "+8613900139000"))
    assert stated(said(text, "inform", *numbers)) == {"phone": "+8613800138000", "other_phone": "+8613900139000"}


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("他叫林强，电话13900139001", {"other_name": "林强", "other_phone": "+8613900139001"}),
        ("我叫李强，电话13900139001", {"name": "李强", "phone": "+8613900139001"}),
        ("想调解邻居漏水的事，电话13900139001", {"phone": "+8613900139001"}),
        ("我叫他还钱，电话13900139001", {"phone": "+8613900139001"}),
        ("对方叫人来打我", {}),
    ],
)
def test_whose_name_and_phone_it_is_shows_in_the_words(text: str, facts: dict[str, str]) -> None:
    numbers = (("phone_number", "13900139001", "+8613900139001"),) if "139" in text else ()
    assert stated(said(text, "inform", *numbers)) == facts


def test_citizen_whose_name_holds_a_town_is_not_moved_there() -> None:
    reading = read(said("林莲下", "inform", ("area", "莲下", "440515102")), draft("name", area="440515103"), NOW)
    assert dict(reading.facts) == {"name": "林莲下"}


@pytest.mark.parametrize(
    ("asked", "text", "facts"),
    [
        ("name", "李建国13712345678", {"name": "李建国", "phone": "+8613712345678"}),
        ("other_name", "林某，电话13712345678", {"other_name": "林某", "other_phone": "+8613712345678"}),
        ("other_name", "伊叫阿强", {"other_name": "阿强"}),
    ],
)
def test_citizen_gives_a_name_and_a_phone_in_one_breath(asked: str, text: str, facts: dict[str, str]) -> None:
    numbers = (("phone_number", "13712345678", "+8613712345678"),) if "137" in text else ()
    assert dict(read(said(text, "inform", *numbers), draft(asked), NOW).facts) == facts


@pytest.mark.parametrize("text", ["改一下", "等一下", "行", "呵呵"])
def test_words_that_are_no_name_are_not_taken_for_one(text: str) -> None:
    assert "name" not in read(said(text, "nlu_fallback"), draft("name"), NOW).facts


def test_citizen_pushes_the_time_back_at_the_summary() -> None:
    reading = read(said("时间再往后推一天", "change_booking"), draft("confirm", slot=SLOTS[0].__dict__), NOW)
    assert (reading.meaning, dict(reading.facts)) == ("reopen", {"field": "slot"})


def test_hour_of_the_chosen_time_is_no_correction() -> None:
    message = said("十一点那个", "inform", ("time", "十一点", iso(NOW)))
    assert "when" not in read(message, draft("consent", slot=SLOTS[0].__dict__), NOW).facts


def test_citizen_refines_who_is_shown() -> None:
    reading = read(
        said("换个女的调解员", "find_provider", ("gender", "女的", "female")), draft("slot", practitioner="med-2"), NOW
    )
    assert dict(reading.facts) == {"gender": "female", "practitioner": None}


@pytest.mark.parametrize(
    ("text", "value", "picked"),
    [
        ("下午三点那个", iso(NOW + 4 * 3600), 1),
        ("三点", iso(NOW + 4 * 3600), 1),
        ("下周三上午", iso(WED - 3 * 3600, WED + 3600), 0),
        ("傍晚", iso(NOW + 6 * 3600, NOW + 8 * 3600), 2),
    ],
)
def test_citizen_picks_an_offered_time_by_saying_it(text: str, value: str, picked: int) -> None:
    words = text.removesuffix("那个")
    reading = read(said(text, "inform", ("time", words, value)), draft("slot"), NOW)
    assert reading.facts["slot"]["start"] == SLOTS[picked].start


def test_citizen_who_says_an_hour_that_is_not_offered_means_the_day_that_is() -> None:
    reading = read(said("十点", "inform", ("time", "十点", iso(NOW - 3600))), draft("slot"), NOW)
    assert reading.facts["when"] == [WED - 3600, WED - 3600]


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("25点", "", "utter_when_impossible"),
        ("2月31日", "", "utter_when_impossible"),
        ("昨天下午", iso(NOW - 86400, NOW - 80000), "utter_when_past"),
        ("今天", iso(NOW - 3600, NOW + 3600), "utter_when_too_soon"),
        ("明年国庆", iso(NOW + 300 * 86400, NOW + 307 * 86400), "utter_when_too_far"),
    ],
)
def test_impossible_time_is_told(text: str, value: str, problem: str) -> None:
    entities = (("time", text, value),) if value else ()
    assert read(said(text, "inform", *entities), draft("slot"), NOW).problem == problem


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("name", "哈" * 200),
        ("name", "😀😀"),
        ("name", "儿子"),
        ("phone", "+852 9123 4567"),
        ("phone", "12345"),
        ("id_number", "440515199001011234"),
        ("institution", "字" * 100),
    ],
)
def test_wrong_answer_gets_a_sentence_and_stays(asked: str, text: str) -> None:
    reading = read(said(text, "nlu_fallback"), draft(asked, "visit"), NOW)
    assert reading.meaning == "unclear"
    assert reading.problem


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("想约他下周三下午", "book_visit", ("consultation", "law-1")),
        ("想约他下周三下午", "inform", ("consultation", "law-1")),
        ("约陈伟明律师", "book_consultation", ("consultation", "law-1")),
        ("我想远程会见我儿子", "book_visit", ("visit", "")),
        ("下周三下午", "inform", ("", "")),
        ("想跟邻居调解漏水的事", "inform", ("mediation", "")),
        ("我想找人调解噪音的事", "ask_mediation", ("mediation", "")),
        ("调解要收费吗", "ask_mediation", ("", "")),
        ("我和他约定了还款", "inform", ("", "")),
    ],
)
def test_message_begins_a_booking_by_what_it_says(text: str, intent: str, expected: tuple[str, str]) -> None:
    assert purpose_of(said(text, intent), SHOWN) == expected


@pytest.mark.parametrize("intent", ["book_visit", "nlu_fallback"])
def test_wish_to_book_him_after_several_lawyers_begins_a_consultation_with_whom_still_asked(intent: str) -> None:
    lawyers = (("law-1", "陈伟明", "lawyer"), ("law-2", "林秀", "lawyer"))
    assert purpose_of(said("想约他下周三下午", intent), lawyers) == ("consultation", "")
    assert purpose_of(said("我想远程会见我儿子他在里面", "book_visit"), lawyers) == ("visit", "")
    mixed = (*lawyers, ("med-1", "黄强", "mediator"))
    assert purpose_of(said("想约他下周三下午", "nlu_fallback"), mixed) == ("", "")


def test_everything_said_at_once_is_taken() -> None:
    text = "下周三下午想跟邻居视频调解漏水的事，莲下的，我叫林秀英，13800138000"
    message = said(
        text,
        "book_mediation",
        ("time", "下周三下午", iso(WED, WED + 6 * 3600)),
        ("matter", "漏水", "neighbour"),
        ("mode", "视频", "video"),
        ("area", "莲下", "440515102"),
        ("person_name", "林秀英", "林秀英"),
        ("phone_number", "13800138000", "+8613800138000"),
    )
    facts = begun(message, Draft("d1", "mediation"), "", (), "", NOW)
    assert facts == {
        "when": [WED, WED + 6 * 3600],
        "matter": "neighbour",
        "story": "下周三下午想跟邻居视频调解漏水的事",
        "mode": "video",
        "area": "440515102",
        "name": "林秀英",
        "phone": "+8613800138000",
    }


def test_time_of_the_story_is_no_wish() -> None:
    message = said("去年他欠我钱，想调解", "book_mediation", ("time", "去年", iso(NOW - 400 * 86400, NOW - 40 * 86400)))
    assert "when" not in begun(message, Draft("d1", "mediation"), "", (), "", NOW)


def test_first_time_tells_which_appointment_and_the_second_when() -> None:
    message = said(
        "明天那个改到周四上午",
        "change_booking",
        ("time", "明天", iso(NOW, NOW + 1)),
        ("time", "周四上午", iso(WED, WED + 1)),
    )
    assert moving(message) == {"of": [NOW, NOW + 1], "when": [WED, WED + 1]}


@pytest.mark.parametrize(
    ("text", "found", "wish"),
    [
        ("换成电话", [("mode", "电话", "phone")], {"mode": "phone"}),
        ("明天那个改成视频吧", [("mode", "视频", "video")], {"mode": "video"}),
        ("想改用当面谈", [("mode", "当面", "on_site")], {"mode": "on_site"}),
        ("换个调解员", [], {"practitioner": "other"}),
        ("换一个女的调解员", [("gender", "女", "female")], {"practitioner": "other", "gender": "female"}),
        ("换个会讲潮汕话的", [("language", "潮汕话", "zh-teochew")], {}),
        ("能不能换别的律师", [], {"practitioner": "other"}),
        ("换成陈伟明律师", [("person_name", "陈伟明律师", "陈伟明律师")], {"who": "陈伟明律师"}),
        # About a number, a time, and the one who is there.
        ("我的电话号码要改一下", [("mode", "电话", "phone")], {}),
        ("换成另一个电话号码", [("mode", "电话", "phone")], {}),
        ("换个时间", [], {}),
        ("我跟陈伟明律师约的改到周四", [("person_name", "陈伟明律师", "陈伟明律师")], {}),
        ("打电话约的那个改到周四", [("mode", "电话", "phone")], {}),
    ],
)
def test_citizen_wishes_for_another_way_or_another_person(
    text: str, found: list[tuple[str, str, Any]], wish: dict[str, Any]
) -> None:
    assert changing(said(text, "change_booking", *found)) == wish


@pytest.mark.parametrize("text", ["YY-7K3M-Q9XD", "yy7k3mq9xd怎么样了", "查一下 7k3m-q9xd", "yy 7K3M q9xd"])
def test_reference_is_read_however_it_is_typed(text: str) -> None:
    assert reference_in(text) == "YY-7K3M-Q9XD"


@pytest.mark.parametrize("text", ["13800138000", "0754-8888-8888", "440515199001011234", "2026-11-25"])
def test_other_numbers_are_no_reference(text: str) -> None:
    assert reference_in(text) == ""


@pytest.mark.parametrize(
    "option",
    [
        "",
        ":",
        "slot:",
        "slot:1|2",
        "slot:a|b|c|d",
        "slot:²|2|x|",
        "edit:nothing",
        "name:林",
        "confirm",
        "x" * 400,
        "facts:1",
    ],
)
def test_forged_button_does_nothing(option: str) -> None:
    assert pointed(option).meaning in ("unclear", "confirmed", "facts")
    assert not {"name", "phone", "consent"} & pointed(option).facts.keys()


@given(
    st.text(max_size=60),
    st.sampled_from(sorted(READERS)),
    st.sampled_from(["inform", "deny", "affirm", "nlu_fallback", "ask_law", "greet", "stop"]),
    st.sampled_from(["mediation", "visit", "notary"]),
)
def test_no_message_breaks_the_reading(text: str, asked: str, intent: str, purpose: str) -> None:
    assert read(said(text, intent), draft(asked, purpose), NOW).meaning
