"""What the engine reads out of a citizen's words."""

from __future__ import annotations

from typing import Any

import pytest

Parse = Any


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("莲下镇有会讲潮汕话的调解员吗", "area", "440515102"),
        ("莲下镇有会讲潮汕话的调解员吗", "language", "zh-teochew"),
        ("莲下镇有会讲潮汕话的调解员吗", "provider_type", "mediator"),
        ("程洋冈村的法律顾问是谁", "area", "440515102216"),
        ("程洋冈村的法律顾问是谁", "provider_type", "village_adviser"),
        ("東里司法所電話", "area", "440515105"),
        ("有沒有女律師", "gender", "female"),
        ("想视频谈", "mode", "video"),
        ("我的电话138 0013 8000", "phone_number", "+8613800138000"),
        ("他欠我十二万块", "amount", "120000"),
        ("欠了3万5", "amount", "35000"),
        ("民法典第1043条说什么", "law_article", {"law": "民法典", "article": 1043}),
        ("下周三下午两点半", "time", "2026-12-02T14:30+08:00"),
        ("国庆节司法所上班吗", "time", "2027-10-01T00:00+08:00/2027-10-08T00:00+08:00"),
        ("我叫陈小明", "person_name", "陈小明"),
        ("找一下杨纯惠", "person_name", "杨纯惠"),
        ("老板欠薪", "matter", "labour"),
    ],
)
def test_engine_reads_the_entity(parse: Parse, text: str, entity: str, value: Any) -> None:
    assert value in [e["value"] for e in parse(text)["entities"] if e["entity"] == entity]


def test_village_of_an_ambiguous_name_is_asked_back_unless_its_town_is_named(parse: Parse) -> None:
    def areas(text: str) -> list[dict[str, Any]]:
        return [e for e in parse(text)["entities"] if e["entity"] == "area"]

    assert len(areas("南社有调委会吗")[0]["candidates"]) == 2
    assert [e["value"] for e in areas("东里镇南社的调委会")] == ["440515105219"]


@pytest.mark.parametrize("text", ["那个律所几点关门", "刚才说的这家公证处在哪", "有没有律所"])
def test_pointing_at_a_place_is_not_its_name(parse: Parse, text: str) -> None:
    assert [e for e in parse(text)["entities"] if e["entity"] == "organization_name"] == []


@pytest.mark.parametrize("text", ["三点意见要说", "一点都不好", "欠薪三个月", "借条过了三年", "打12348", "给我12.5万"])
def test_engine_reads_no_time_where_there_is_none(parse: Parse, text: str) -> None:
    assert [e for e in parse(text)["entities"] if e["entity"] == "time"] == []


@pytest.mark.parametrize(
    "text",
    ["字" * 10_000, "😀😀😀", "'; DROP TABLE users; --", "<script>alert(1)</script>", "\x00\x1b\u202e\u200b你好", "\ud800坏", "。。。？？", "hello how are you", "{{[[%s"],
)  # fmt: skip
def test_engine_answers_odd_input_without_an_exception(parse: Parse, text: str) -> None:
    parsed = parse(text)
    assert parsed["intent"]["name"]


def test_danger_ranks_above_everything(parse: Parse) -> None:
    assert parse("请问公证处在哪，他正在打我")["intent"]["name"] == "report_danger"


def test_direct_runner_gives_the_same_answers_as_dask(agent: Any, parse: Parse, model: Any) -> None:
    import rasa.core.processor
    from rasa.core.agent import Agent
    from rasa.engine.runner.dask import DaskGraphRunner

    ours = rasa.core.processor.DaskGraphRunner
    rasa.core.processor.DaskGraphRunner = DaskGraphRunner
    try:
        theirs = Agent()
        theirs.load_model(str(model))
    finally:
        rasa.core.processor.DaskGraphRunner = ours
    import asyncio

    from rasa.core.channels.channel import UserMessage

    for text in ("莲下镇有会讲潮汕话的调解员吗", "你好", "老板跑了工资没给", "/greet", "下周三公证处开吗", "啊啊啊"):
        message = UserMessage(text, metadata={"at": "2026-11-23T10:00:00+08:00"})
        assert asyncio.run(theirs.processor.parse_message(message)) == parse(text)


@pytest.mark.parametrize("text", ["明天呢", "元旦呢", "那周六", "莲下镇", "13800000000", "在东里", "明天下午三点吧"])
def test_nothing_but_a_fact_is_inform(parse: Parse, text: str) -> None:
    assert parse(text)["intent"]["name"] == "inform"


@pytest.mark.parametrize("text", ["明天开门吗", "约明天", "莲下镇有哪些调解员", "取消明天的"])
def test_a_fact_inside_a_request_does_not_hide_the_request(parse: Parse, text: str) -> None:
    assert parse(text)["intent"]["name"] != "inform"


def test_wish_for_a_woman_in_teochew_is_a_fact(parse: Parse) -> None:
    parsed = parse("姿娘的好")
    assert [e["value"] for e in parsed["entities"] if e["entity"] == "gender"] == ["female"]
    assert parsed["intent"]["name"] == "inform"
