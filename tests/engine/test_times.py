"""Time words as citizens say them, seen from Monday 2026-11-23, 10:00."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.times import find_times

NOW = datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=8)))


def day(first: str, after: str) -> str:
    return f"{first}T00:00+08:00/{after}T00:00+08:00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("现在", "2026-11-23T10:00+08:00"),
        ("今天", day("2026-11-23", "2026-11-24")),
        ("明早", "2026-11-24T06:00+08:00/2026-11-24T12:00+08:00"),
        ("后天下午", "2026-11-25T12:00+08:00/2026-11-25T18:00+08:00"),
        ("大后天", day("2026-11-26", "2026-11-27")),
        ("周六", day("2026-11-28", "2026-11-29")),
        ("礼拜天", day("2026-11-29", "2026-11-30")),
        ("下周三", day("2026-12-02", "2026-12-03")),
        ("下周三下午两点半", "2026-12-02T14:30+08:00"),
        ("这个周末", day("2026-11-28", "2026-11-30")),
        ("月底", day("2026-11-26", "2026-12-01")),
        ("国庆", day("2027-10-01", "2027-10-08")),
        ("元旦", day("2027-01-01", "2027-01-02")),
        ("春节", day("2027-02-06", "2027-02-13")),
        ("除夕", day("2027-02-05", "2027-02-06")),
        ("10月8号", day("2027-10-08", "2027-10-09")),
        ("10/8", day("2027-10-08", "2027-10-09")),
        ("12.5", day("2026-12-05", "2026-12-06")),
        ("12.5 14:00", "2026-12-05T14:00+08:00"),
        ("十二月五日", day("2026-12-05", "2026-12-06")),
        ("下个月3号", day("2026-12-03", "2026-12-04")),
        ("两点半", "2026-11-23T14:30+08:00"),
        ("九点", "2026-11-24T09:00+08:00"),
        ("晚上八点", "2026-11-23T20:00+08:00"),
        ("明天上午9点一刻", "2026-11-24T09:15+08:00"),
        ("十点到十一点", "2026-11-24T10:00+08:00/2026-11-24T11:00+08:00"),
        ("3天后", day("2026-11-26", "2026-11-27")),
        ("半个钟头后", "2026-11-23T10:30+08:00"),
        ("2027年1月1日", day("2027-01-01", "2027-01-02")),
        ("昨天", day("2026-11-22", "2026-11-23")),
    ],
)
def test_citizen_is_understood_when_saying_a_time(text: str, value: str) -> None:
    assert [span.value for span in find_times(f"我想{text}过去", NOW)] == [value]


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_exception_and_the_words_are_where_they_are_said(text: str) -> None:
    for span in find_times(text, NOW):
        assert text[span.start : span.end] == span.text


@given(st.from_regex(r"[一二三四五六七八九十下上周月号点半到明后天年初国庆\d./: -]{1,20}", fullmatch=True))
def test_time_like_noise_never_raises(text: str) -> None:
    find_times(text, NOW)
