"""Which words ask for safe contact, which do not, and what is promised for them."""

from __future__ import annotations

import json

import pytest

from bot.citizens.model import PURPOSES
from bot.conversation import danger
from bot.conversation.payloads import tapped as payload_of
from bot.reach.asking import HOURS, OFFER, kept, question, tapped, with_wish
from bot.reach.model import Safe
from bot.reach.wishes import wish_of
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
        "不要给我打电话",
        "请你们以后千万不要再给我打电话了",
        "别打电话给我，他在旁边",
        "唔好打俾我",
        "能不能别打电话到我手机上",
        "我不希望你们打电话过来",
        "我老公天天翻手机，别往我手机上打电话",
        "别打电话来了 会被婆婆听到",
        "微信上别发了",
        "公众号就别再给我发消息了吧",
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
        "不要让我老公看到",
        "别让他知道",
        "千万别被我婆婆发现了，她会生气",
        "勿让家里人看见",
        "唔好俾佢知道",
        "我不想让他们知道",
        "他不能知道",
        "你好，你们别让他家里人晓得好吗，谢谢",
        "别让我妈看到聊天记录",
        "不要告诉家里人我来过",
        "你们别跟我老公说",
    ],
    "day": ["只能白天联系我", "晚上不要联系我", "请在上班时间打电话给我", "夜里别打电话给我", "他在家的时候不要给我打电话", "麻烦白天联系我"],
    "morning": ["只能上午联系我", "最好早上打给我", "你们上午再给我打电话吧"],
    "afternoon": ["请下午再打电话给我", "下午再打给我", "那就下午联系我"],
    "evening": ["只能晚上找我", "晚上再联系我，白天他在"],
    "which": ["只能打电话联系我", "只能发短信联系我", "只能给我打电话", "请只用短信通知我"],
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
    "他别让我打电话给娘家",
    "老板不要我了",
    "我不想让法院知道",
    "别让他跑了",
    "他不要给我打电话",
    "他说不要打电话给我了",
    "律师说下午再打给我",
    "不要打我",
    "他晚上别打我就好",
    "别打电话给我老公",
    "怎么才能不让他知道我有存款",
    "离婚能不能别让他知道我的存款",
    "催收短信太多，不要给我打电话",
    "不要给我打折",
    "我下午再联系你们",
    "明天下午再打给我",
    "请打电话给我",
    "请给我打电话",
    "只能打电话报警吗",
    "他只能打电话联系我",
    "别让孩子知道我们离婚了怎么说",
    "他不知道",
    "嘘 别打电话来 会响",
    "求求你别打电话过来 他会听见 他刚打了我",
    "我想订一份肠粉 地址你们有的 要快 不要打电话 送到就直接敲门",
    "别打电话，不方便",
    "我不要打电话，改面谈",
    "别打电话来了 电话咨询那个给我退",
    "聊天记录帮我清掉,别让别人看见",
    "我想离婚，不想让他知道",
    "跳下去了，别让他知道",
    "别跟他说那么多，直接起诉可以吗",
    "公司说不要告诉别人工资",
    "不能让他看孩子吗",
    "他不能看孩子",
    "微信上发的借条有用吗",
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


def test_citizen_who_names_a_way_that_cannot_be_kept_to_is_shown_what_can() -> None:
    assert question("which") == OFFER


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
