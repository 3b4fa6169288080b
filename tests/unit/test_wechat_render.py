"""Answers as WeChat's messages: cut where a reader would, tappable where it can be, never over the limit."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.render import CONTINUE, MORE, SAY, Part, card_text, parts_of, text_message, with_more
from bot.channels.wechat.rest import Rest, asks_for_more, left_of, rest_from_json
from bot.channels.wechat.split import LINK, MAX_BYTES, pieces
from bot.channels.wechat.turns import answer_of
from bot.conversation.model import Button, Card, Field, Reply

BASE = "https://falv.example.cn"
FAMILY, FLAG, SKIN, ACCENT = "👨‍👩‍👧‍👦", "🇨🇳", "👍🏽", "e\u0301\u0323"
LAW = Card("婚姻", (Field("《民法典》第一千零七十九条", "看原文", "/law/1"),))


def content(part: Part) -> str:
    return str(part.passive["text"]["content"])


@given(st.text(max_size=3000), st.integers(100, MAX_BYTES))
def test_pieces_fit_and_lose_nothing_but_outer_space(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(0 < len(piece.encode("utf-8", "replace")) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(LINK.sub(lambda m: m[0], text).split())


SIGNS = st.sampled_from([FAMILY, FLAG, SKIN, ACCENT, "1️⃣", "字", "한국", "각", "กำ", "न्दी"])


@given(st.lists(SIGNS, min_size=60, max_size=400), st.integers(100, 200))
def test_pieces_never_begin_in_the_middle_of_a_sign(signs: list[str], limit: int) -> None:
    for piece in pieces("".join(signs), limit)[1:]:
        assert not unicodedata.category(piece[0]).startswith("M")
        assert piece[0] != "\u200d"
        assert not "\U0001f3fb" <= piece[0] <= "\U0001f3ff"
        flags = len(piece) - len(piece.lstrip("🇨🇳"))
        assert flags % 2 == 0


@given(
    st.lists(
        st.sampled_from(["说明。", '<a href="https://falv.example.cn/law/1">第一条</a>', "，", "很长" * 30]),
        max_size=80,
    )
)
def test_pieces_never_break_a_link(parts: list[str]) -> None:
    text = "".join(parts)
    found = pieces(text, 300)
    assert sum(piece.count("<a ") for piece in found) == text.count("<a ")
    for piece in found:
        assert piece.count("<a ") == piece.count("</a>") == len(LINK.findall(piece))


def test_link_longer_than_a_message_is_shown_as_words() -> None:
    assert pieces(f'<a href="{"x" * 300}">看这里</a>', 100) == ["看这里"]


def test_long_answer_is_cut_after_sentences() -> None:
    found = pieces("这一句正好有二十个字，用来看看在哪里断开。" * 60)
    assert len(found) > 1
    assert all(piece.endswith("。") for piece in found)


@pytest.mark.parametrize(
    ("sentence", "end"),
    [
        ("他说：“你的钱我下个月就还给你。”我等了很久很久也没有等到。", "。”"),
        ("他说：“你的钱我下个月就还给你。”", "。”"),
        ("（这一条在第二款里面有写，可以自己去看。）《另外一条！》", "）》"),
        ('他说"你的钱我下个月就还给你。"', '。"'),
        ("真的吗？！这是怎么一回事情呢……", "！…"),
        ("Please bring your papers with you at once. They are needed for the case. ", "."),
    ],
)
def test_piece_ends_with_the_sentence_and_its_closing_marks(sentence: str, end: str) -> None:
    for limit in range(200, 260):
        found = pieces(sentence * 20, limit)
        assert {piece[-1] for piece in found} <= set(end) | {"。"}
        assert not {piece[0] for piece in found} & set("”）》！…")
        assert not [piece for piece in found if piece.count('"') % 2]


def test_address_and_numbers_stay_whole() -> None:
    address = "https://falv.example.cn/law?id=1079;part=2&from=chat:menu"
    for limit in range(150, 250):
        found = pieces(f"可以看这里{address}里面写着赔偿 12,000,000 元要在 10:30 以前付清的规定" * 20, limit)
        assert sum(piece.count(address) for piece in found) == 20
        assert sum(piece.count("12,000,000") for piece in found) == 20
        assert sum(piece.count("10:30") for piece in found) == 20
    assert all(piece.endswith("元") for piece in pieces("1,234,567.89元" * 100, 100))


def test_row_begins_with_its_number() -> None:
    found = pieces("".join(f"{n}. 第{n}步要做的事情是这样的，请看清楚" for n in range(200)), 300)
    assert not [piece for piece in found if piece.endswith(".")]


@given(st.text(max_size=4000), st.lists(st.text(min_size=1, max_size=60), max_size=30), st.sampled_from(["", "m1"]))
def test_no_message_passes_wechats_limit_or_is_empty(text: str, titles: list[str], menu: str) -> None:
    replies = [Reply(text, tuple(Button(t, "/x") for t in titles), Card("卡", (Field("电话", "12348"),)))]
    parts = parts_of(replies, BASE, menu)
    assert parts
    for part in parts:
        said = with_more(part.passive)
        assert 0 < len(said["text"]["content"].encode()) <= MAX_BYTES
        json.dumps(part.message, ensure_ascii=False).encode()


@pytest.mark.parametrize("said", ["", "  \n ", "\x07", "\u3000"])
@pytest.mark.parametrize("menu", ["", "m1"])
def test_answer_of_nothing_but_space_says_something(said: str, menu: str) -> None:
    (part,) = parts_of([Reply(said)], BASE, menu)
    assert content(part) == SAY


def test_choices_are_numbers_to_type_where_nothing_can_be_sent_besides() -> None:
    (part,) = parts_of([Reply("要约吗", (Button("约调解", "/a"), Button("转人工", "/b")))], BASE)
    assert content(part) == "要约吗\n\n回复数字：\n1. 约调解\n2. 转人工"


def test_choices_are_a_menu_to_tap_where_messages_can_be_sent() -> None:
    question, menu = parts_of([Reply("要约吗", (Button("约调解", "/a"), Button("转人工", "/b")))], BASE, "m1")
    assert content(question) == "要约吗"
    assert menu.message == {
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "点下面的，或者直接说：",
            "list": [{"id": "m1.0", "content": "约调解"}, {"id": "m1.1", "content": "转人工"}],
            "tail_content": "",
        },
    }
    assert "2. 转人工" in content(menu)


def test_card_that_opens_one_page_becomes_news() -> None:
    text, news = parts_of([Reply("可以离婚。", card=LAW)], BASE, "m1")
    assert content(text) == "可以离婚。"
    (article,) = news.message["news"]["articles"]
    assert (article["title"], article["url"]) == ("婚姻", f"{BASE}/law/1")


@pytest.mark.parametrize(
    "fields",
    [
        (Field("电话", "12348", "tel:12348"), Field("地址", "看", "/p")),
        (Field("甲", "看", "/1"), Field("乙", "看", "/2")),
        (Field("电话", "12348"),),
        (Field("外面", "看", "https://elsewhere.example"),),
    ],
)
def test_card_with_a_number_to_call_or_several_pages_stays_text(fields: tuple[Field, ...]) -> None:
    (part,) = parts_of([Reply("看这个", card=Card("所", fields))], BASE, "m1")
    assert content(part) == "看这个\n\n" + card_text(Card("所", fields), BASE)


def test_card_that_is_the_whole_answer_is_news_in_the_passive_reply_too() -> None:
    (part,) = parts_of([Reply(card=LAW)], BASE)
    assert part.message["msgtype"] == "news"


def test_illegal_characters_of_an_answer_reach_nobody() -> None:
    (part, menu) = parts_of([Reply("甲\x1d乙", (Button("丙\x00", "/a"),))], BASE, "m1")
    assert content(part) == "甲乙"
    assert menu.message["msgmenu"]["list"][0]["content"] == "丙"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("继续", True),
        ("“继续”", True),
        ("继续。", True),
        ("繼續", True),
        ("继续说", True),
        ("继续上次的预约", False),
        ("", False),
        ("继续" * 20, False),
    ],
)
def test_word_that_fetches_the_rest_is_known(text: str, wanted: bool) -> None:
    assert asks_for_more(text) is wanted


def test_long_answer_on_a_passive_account_says_how_to_see_the_rest() -> None:
    parts = parts_of([Reply("这是一句话。" * 300)], BASE)
    answer = answer_of(parts, Rest("o"), fresh=False)
    assert answer.first is not None
    assert answer.first["text"]["content"].endswith(MORE)
    assert CONTINUE in MORE
    assert len(answer.after.parts) == len(parts) - 1


def test_what_is_left_survives_the_store() -> None:
    rest = Rest("o", left_of([Part(text_message("甲")), Part(text_message("乙"), "丙")], True, True, False))
    assert rest_from_json(json.loads(json.dumps(rest.to_json()))) == rest
