"""Danger is recognised by rules: nothing going on is missed, daily talk is let through."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.danger import BESIDE, PATTERNS, UNLESS, danger_kind, is_danger, replies

FIXTURES = Path(__file__).parent / "fixtures"
DANGER = (FIXTURES / "danger.txt").read_text("utf-8").splitlines()
CALM = (FIXTURES / "not_danger.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("text", DANGER)
def test_citizen_in_danger_is_never_missed(text: str) -> None:
    assert is_danger(text)
    first = replies(text)[0]
    assert first.text[1:5].startswith(("打110", "打120", "打119"))
    assert first.card is not None
    assert first.card.fields[0].href in ("tel:110", "tel:120", "tel:119")


@pytest.mark.parametrize("text", CALM)
def test_citizen_with_an_everyday_question_is_not_alarmed(text: str) -> None:
    assert not is_danger(text)


@pytest.mark.parametrize(
    "text",
    [
        # WeChat's recognition ends everything with a full stop.
        "救命。", "他打我。", "我不想活了。", "着火了。",
        "就命", "就命啊。", "九命呀", "旧名！", "我想自沙。", "我要跳搂。", "我吃了农要。", "煤气中读了。", "有人要打使我。",
        "他要撒了我。", "我不响活了。",
    ],
)  # fmt: skip
def test_citizen_who_dictates_a_cry_is_not_missed(text: str) -> None:
    assert is_danger(text)


@pytest.mark.parametrize(
    "text",
    [
        "法院就命令他还钱。", "我就名字写错了", "他的旧名叫陈大文。", "旧名和新名不一样要公证吗", "九命怪猫是谁写的",
        "他来自沙溪镇", "各自沙发各自搬", "果农要交税吗", "书中读到的法律对吗", "服务员把汤撒了我一身能索赔吗",
        "店里跳漏水了", "不像活动说的那样能退钱吗",
    ],
)  # fmt: skip
def test_citizen_whose_words_only_sound_like_a_cry_is_not_alarmed(text: str) -> None:
    assert not is_danger(text)


def test_answer_to_danger_has_no_menu() -> None:
    for text in DANGER:
        assert all(not reply.buttons for reply in replies(text))


def test_every_pattern_says_why_it_is_there() -> None:
    assert all(pattern.reason for pattern in PATTERNS)


def test_every_condition_belongs_to_a_pattern() -> None:
    reasons = [pattern.reason for pattern in PATTERNS]
    assert len(set(reasons)) == len(reasons)
    assert {*BESIDE, *UNLESS} <= {*reasons}


@pytest.mark.parametrize("bit", ["要", "说要来", "拿刀", "被孩子", "老公", "跟着", "火"])
def test_long_message_is_read_at_once(bit: str) -> None:
    started = time.perf_counter()
    danger_kind((bit * 1000)[:1000])
    assert time.perf_counter() - started < 1


@given(
    st.text(),
    st.sampled_from(DANGER),
    st.lists(st.sampled_from(["", " ", "\u3000", "\u200b", "\u200d", "\ufeff", "\n", "…"])),
)
def test_any_text_is_read_and_gaps_between_characters_hide_nothing(text: str, line: str, gaps: list[str]) -> None:
    danger_kind(text)
    gaps += [""] * len(line)
    spaced = "".join(character + gap for character, gap in zip(line, gaps, strict=False))
    assert danger_kind(spaced) == danger_kind(line)
