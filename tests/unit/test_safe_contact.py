"""Which words ask for safe contact, which do not, and what is promised for them."""

from __future__ import annotations

import json

import pytest

from bot.citizens.model import PURPOSES
from bot.conversation import danger
from bot.conversation.payloads import tapped as payload_of
from bot.reach.asking import HOURS, OFFER, kept, question, tapped, wish_of, with_wish
from bot.reach.model import Safe
from bot.reach.words import NEUTRAL

WISHES = {
    "quiet": [
        "不要发提醒到我手机",
        "别给我手机发消息",
        "请不要再给我发短信了",
        "别往我手机上发通知",
        "不要联系我",
        "千万别给我发提醒，会被看到",
        "不要把提醒发到我手机上",
    ],
    "neutral": [
        "别提是什么事",
        "提醒里别写是什么事",
        "消息里不要写律师两个字",
        "通知不要写和谁",
        "发消息的时候别说是离婚的事",
        "别让我老公看到提醒",
        "别让他知道我在问",
        "短信写含糊一点",
    ],
    "day": ["只能白天联系我", "晚上不要联系我", "请在上班时间打电话给我", "夜里别打电话给我"],
    "morning": ["只能上午联系我", "最好早上打给我"],
    "afternoon": ["请下午再打电话给我"],
    "evening": ["只能晚上找我"],
    "off": ["恢复提醒", "正常提醒我吧", "照常发通知"],
}  # fmt: skip
OTHERS = [
    "银行天天给我发短信，怎么让他们别发",
    "催收的一直打电话，不要再联系我了可以告吗",
    "老板说不要联系我了，工资还没给",
    "帮我约明天上午的律师",
    "我想晚上去见律师可以吗",
    "取消预约",
    "提醒我带什么材料",
    "我明天什么时候去",
    "对方不要调解了怎么办",
    "不要写借条可以吗",
    "他不想离婚",
    "你们白天几点开门",
    "只能上午去办公证吗",
    "能不能先不说名字",
    "我不要律师",
    "怎么联系我的律师",
]


@pytest.mark.parametrize(("wish", "text"), [(wish, text) for wish, texts in WISHES.items() for text in texts])
def test_citizen_is_understood_who_asks_for_safe_contact(wish: str, text: str) -> None:
    assert wish_of(text) == wish


@pytest.mark.parametrize("text", OTHERS)
def test_citizen_who_asks_for_something_else_is_not_taken_for_it(text: str) -> None:
    assert wish_of(text) is None


@pytest.mark.parametrize("texts", WISHES.values())
def test_wish_is_no_danger_message(texts: list[str]) -> None:
    assert not any(danger.is_danger(text) for text in texts)


@pytest.mark.parametrize("wish", ["neutral", "quiet", *HOURS])
def test_citizen_is_asked_and_told_what_is_kept_before_anything_is(wish: str) -> None:
    asked = question(wish)  # type: ignore[arg-type]
    assert PURPOSES["safe_contact"].sentence in asked.text
    yes, no = (tapped(payload_of(button.payload)) for button in asked.buttons)
    assert yes == (wish, True)
    assert no == ("no", False)
    assert with_wish(Safe(), wish).asked  # type: ignore[arg-type]


def test_offer_keeps_nothing_by_itself() -> None:
    assert [tapped(payload_of(button.payload)) for button in OFFER.buttons] == [
        ("neutral", False),
        ("quiet", False),
        ("day", False),
    ]


def test_wishes_add_up_and_end_together() -> None:
    safe = with_wish(with_wish(with_wish(Safe(), "neutral"), "day"), "morning")
    assert safe == Safe(neutral=True, hours=(9, 12))
    assert Safe.from_json(json.loads(json.dumps(safe.to_json()))) == safe
    assert with_wish(safe, "off") == Safe()


@pytest.mark.parametrize("payload", ["/safe_contact", '/safe_contact{"wish": "party"}', "/safe_contact{", "/greet"])
def test_payload_that_is_no_wish_is_none(payload: str) -> None:
    assert tapped(payload) is None


def test_neutral_text_tells_nothing() -> None:
    for word in ("预约", "律师", "调解", "法律", "公证", "援助", "点", "编号", "司法"):
        assert word not in NEUTRAL.text
    assert NEUTRAL.buttons == ()
    assert "恢复提醒" in kept("neutral").text
