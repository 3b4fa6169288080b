"""Which typed words pick a button that was offered."""

from __future__ import annotations

import pytest

from bot.conversation.model import Button
from bot.conversation.payloads import picked

OFFERED = (Button("陈某详情", "/a"), Button("林某详情", "/b"), Button("转人工", "/c"))


@pytest.mark.parametrize("said", ["2", "２", "2.", "2号", "第2个", "第二个", "就第二个吧", "第二位", "选2", "林某详情"])
def test_citizen_can_pick_the_second_however_it_is_said(said: str) -> None:
    assert picked(said, OFFERED) == "/b"


@pytest.mark.parametrize(
    "said", ["二", "0", "4", "第四个", "2个月", "两个", "2万", "第二天", "20", "一个人", "3点", ""]
)
def test_other_words_pick_nothing(said: str) -> None:
    assert picked(said, OFFERED) is None


TIMES = tuple(Button(f"12月{day}日", f'/inform{{"option": "slot:{day}|9|p|"}}') for day in (1, 2, 3))


@pytest.mark.parametrize("said", ["3号", "3号吧", "就3号", "1号的"])
def test_citizen_who_is_asked_for_a_time_means_the_day_of_the_month(said: str) -> None:
    assert picked(said, TIMES) is None


@pytest.mark.parametrize("said", ["3", "第3个", "第三个", "第3号", "3。"])
def test_citizen_who_is_asked_for_a_time_still_picks_by_number(said: str) -> None:
    assert picked(said, TIMES) == TIMES[2].payload


@pytest.mark.parametrize("said", ["林某详情。", "转人工！"])
def test_citizen_who_dictates_a_title_gets_it_with_its_full_stop(said: str) -> None:
    assert picked(said, OFFERED) in ("/b", "/c")


COUNTS = (Button("1个", "/one"), Button("2个", "/two"), Button("没有", "/none"), Button("先不算了", "/stop"))


@pytest.mark.parametrize(
    ("said", "payload"),
    [("1", "/one"), ("2个", "/two"), ("3", None), ("4", None), ("第三个", "/none"), ("没有", "/none")],
)
def test_number_is_the_count_where_the_choices_are_counts(said: str, payload: str | None) -> None:
    assert picked(said, COUNTS) == payload
    lines = (Button("一个，留下2个", "/two"), Button("没有", "/none"))
    assert picked("2", lines) == "/two"
    assert picked("1", lines) is None
