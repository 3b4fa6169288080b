"""A story is read in windows, so that what stands in its middle is found as well."""

from __future__ import annotations

import numpy as np
import pytest

from bot.understanding.encoder import HEAD, TAIL, WINDOWS, Vector, windows
from bot.understanding.retrieval import Index, Written

STORY = "我今年六十八，老伴走了三年，一个人住在镇上。楼上天花板渗水，滴到我的床。儿子在深圳，一年回来一次。"
LEAK = Written(
    "leak", "neighbour", ("楼上漏水怎么办", "天花板渗水", "楼上滴水下来"), "谁家漏的谁家修。", ("先关总阀。",)
)
WAGES = Written(
    "wages", "labour", ("老板拖欠工资", "厂里不发工资", "工资三个月没发"), "工资该按月发。", ("打12333投诉。",)
)


@pytest.mark.parametrize("text", ["漏水", STORY, "没有标点" * 20, "，，，", "a b " * 30])
def test_windows_fit_the_encoder_and_leave_nothing_out(text: str) -> None:
    found = windows(text)
    assert all(len(window) <= HEAD + TAIL for window in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_very_long_story_keeps_its_beginning_and_its_end() -> None:
    found = windows("开头说的是这个。" + STORY * 9 + "到底该找谁？")
    assert len(found) == WINDOWS
    assert found[0].startswith("开头说的是这个")
    assert found[-1].endswith("到底该找谁？")


def test_short_message_is_one_window() -> None:
    assert windows("楼上漏水怎么办") == ["楼上漏水怎么办"]


def vectors(*texts: str) -> Vector:
    """Return a row a text: which characters it has, in a space where that is all the meaning there is."""
    rows = np.zeros((len(texts), 512), np.float32)
    for row, text in enumerate(texts):
        for char in text:
            rows[row, ord(char) % 512] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_story_that_names_its_trouble_in_the_middle_finds_the_entry() -> None:
    entries = (LEAK, WAGES)
    known = {text: vectors(text)[0] for entry in entries for text in entry.texts}
    index = Index(entries, known)
    assert index.rank(STORY, vectors(*windows(STORY)), {})[0].id == "leak"
