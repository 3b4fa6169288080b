"""WeChat's bodies as fields, on our own bodies and, where they lie beside the clone, on published ones."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.inbound import read
from bot.channels.wechat.messages import Push, parse, passive
from bot.channels.wechat.render import text_message
from bot.directory.hours import SHANGHAI
from bot.errors import BadRequest
from tests.wechat import fields_of, samples, text

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI)
INBOUND = samples("inbound_samples.json")
OUTBOUND = samples("outbound_samples.json")
TOP = ("ToUserName", "FromUserName", "MsgType", "Event", "EventKey", "MsgId", "Content")


@pytest.mark.parametrize("sample", [s for s in INBOUND if not s.get("expect_error")], ids=lambda s: s["name"])
def test_published_push_is_read_whole(sample: dict[str, Any]) -> None:
    found, expected = parse(sample["body"]), sample["expected"]
    assert dict(found.fields) == expected["fields"]
    for name in TOP:
        assert found.get(name) == expected.get(name, "")
    assert found.get("CreateTime") == str(expected.get("CreateTime", ""))


@pytest.mark.parametrize("sample", [s for s in INBOUND if s.get("expect_error")], ids=lambda s: s["name"])
def test_published_push_that_is_none_is_refused(sample: dict[str, Any]) -> None:
    if sample.get("lenient_ok"):
        assert parse(sample["body"]).get("Content") == " c"
        return
    with pytest.raises(BadRequest) as refusal:
        parse(sample["body"])
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "sample", [s for s in INBOUND if (s.get("expected") or {}).get("MsgType")], ids=lambda s: s["name"]
)
def test_published_push_is_told_from_every_other_and_found_again(sample: dict[str, Any]) -> None:
    expected = sample["expected"]
    first, again = (read(parse(sample["body"]), NOW) for _ in range(2))
    assert first == again
    assert (first.account, first.openid) == (expected["ToUserName"], expected["FromUserName"])
    for value in (expected["MsgId"],) if expected["dedup_basis"] == "msg_id" else (str(expected["CreateTime"]),):
        assert value in first.identity
    if first.said:
        assert first.said.user == expected["FromUserName"]


@pytest.mark.parametrize("sample", [s for s in OUTBOUND if s.get("fields")], ids=lambda s: s["name"])
def test_text_reply_has_the_published_form(sample: dict[str, Any]) -> None:
    fields = sample["fields"]
    if fields["MsgType"] != "text":
        return
    made = passive(
        Push({"ToUserName": fields["FromUserName"], "FromUserName": fields["ToUserName"]}),
        text_message(fields["Content"]), int(fields["CreateTime"]),
    )  # fmt: skip
    assert parse(made).fields == {name: value for name, value in fields.items() if name != "FuncFlag"}


@pytest.mark.parametrize(
    "sample", [s for s in OUTBOUND if (s.get("fields") or {}).get("ArticleCount") == "1"], ids=lambda s: s["name"]
)
def test_news_reply_has_the_published_form(sample: dict[str, Any]) -> None:
    fields = sample["fields"]
    item = fields["Articles"]["item"]
    names = {"title": "Title", "description": "Description", "picurl": "PicUrl", "url": "Url"}
    article = {own: item[name] for own, name in names.items()}
    made = passive(
        Push({"ToUserName": fields["FromUserName"], "FromUserName": fields["ToUserName"]}),
        {"msgtype": "news", "news": {"articles": [article]}}, int(fields["CreateTime"]),
    )  # fmt: skip
    assert parse(made).fields == {name: value for name, value in fields.items() if name not in ("FuncFlag", "Content")}


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_any_body_is_read_or_refused_with_400(body: str | bytes) -> None:
    try:
        read(parse(body), NOW)
    except BadRequest as refusal:
        assert (refusal.status, refusal.detail) == (400, "refused")


def test_fields_are_found_whatever_the_case_of_their_tags_and_the_space_around_their_values() -> None:
    found = parse("<XML><tousername> gh </tousername><MSGTYPE> <![CDATA[text]]> </MSGTYPE><MsgID>\n9\n</MsgID></XML>")
    assert (found.get("ToUserName"), found.get("MsgType"), found.get("MsgId")) == ("gh", "text", "9")


def test_first_of_two_tags_that_says_something_wins() -> None:
    found = parse(
        "<xml><ToUserName></ToUserName><ToUserName>g</ToUserName><Content>甲</Content><Content>乙</Content></xml>"
    )
    assert (found.get("ToUserName"), found.get("Content")) == ("g", "甲")


def test_words_in_another_writing_are_refused_rather_than_lost() -> None:
    body = '<?xml version="1.0" encoding="gb2312"?><xml><ToUserName>g</ToUserName><Content>你好离婚</Content></xml>'
    with pytest.raises(BadRequest):
        parse(body.encode("gb18030"))
    assert parse(body.encode()).get("Content") == "你好离婚"


def test_namespace_hides_no_field() -> None:
    assert parse('<xml xmlns="urn:x"><ToUserName>gh</ToUserName></xml>').get("ToUserName") == "gh"


def test_words_keep_their_own_space() -> None:
    assert parse(text("  好 ")).get("Content") == "  好 "


def test_repeated_siblings_are_a_list_and_one_alone_is_read_the_same_way() -> None:
    one = parse("<xml><ToUserName>g</ToUserName><A><List><T>1</T></List></A></xml>")
    two = parse("<xml><ToUserName>g</ToUserName><A><List><T>1</T></List><List><T>2</T></List></A></xml>")
    assert one.within("a", "list") == [{"T": "1"}]
    assert two.within("A", "List") == [{"T": "1"}, {"T": "2"}]


def test_id_beyond_double_precision_keeps_every_digit() -> None:
    body = '{"ToUserName": "g", "FromUserName": "o", "MsgType": "text", "Content": "好", "MsgId": 22923519871373703123}'
    assert parse(body).get("MsgId") == "22923519871373703123"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<xml><ToUserName>g</ToUserName><Content><![CDATA[a\x1db]]></Content></xml>", 1),
        ("<xml><ToUserName>g</ToUserName><Content>a&#x1d;&#0;b</Content></xml>", 2),
        ('{"ToUserName": "g", "Content": "a\\u001d\\ud800b"}', 2),
    ],
)
def test_illegal_characters_are_taken_out_and_counted(body: str, count: int) -> None:
    found = parse(body)
    assert (found.get("Content"), found.stripped) == ("ab", count)


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><ToUserName>&b;</ToUserName></xml>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><ToUserName>g</ToUserName></xml>',
        "<xml>" + "<a>" * 40 + "</a>" * 40 + "</xml>",
        "<a>" * 30_000,
        "[" * 60_000,
        '{"a":' * 30_000,
        '{"ToUserName": ' + "9" * 5000 + "}",
        "<xml>&undefined;</xml>",
        "<xml/>",
        "<xml>words</xml>",
        "null",
        "{}",
    ],
)
def test_bomb_or_rubbish_is_refused(body: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(body)
    assert refusal.value.status == 400


@given(st.text(max_size=200))
def test_any_reply_is_well_formed_and_says_what_it_should(content: str) -> None:
    asked = Push({"ToUserName": "g", "FromUserName": "o"})
    said = fields_of(passive(asked, text_message("甲" + content + "]]>乙"), 1))["Content"]
    assert said.startswith("甲")
    assert said.endswith("]]>乙")


def test_account_set_to_json_is_answered_in_json() -> None:
    asked = parse('{"ToUserName": "gh", "FromUserName": "o", "MsgType": "text"}')
    said = json.loads(passive(asked, text_message("好"), 7))
    assert said == {
        "ToUserName": "o", "FromUserName": "gh", "CreateTime": 7, "MsgType": "text", "Content": "好",
    }  # fmt: skip
