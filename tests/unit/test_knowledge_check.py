"""`chengfatong knowledge check`: what an editor can get wrong is caught before a citizen reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.knowledge.check import check
from bot.knowledge.corpus import Corpus, standing, statutes
from bot.knowledge.entry import entry_from

TODAY = date(2026, 11, 25)
GOOD: dict[str, Any] = {
    "id": "mediation-free",
    "questions": ["调解要钱吗", "找人民调解收费不", "村里调解员要给红包吗", "调解一次多少钱"],
    "conclusion": "人民调解不收钱。",
    "steps": ["先找村里的调解委员会说清楚什么事、对方是谁。"],
    "go_to": ["mediation_committee", "12348"],
    "citations": ["人民调解法第4条"],
    "next": ["book_mediation"],
    "reviewed": "2026-11-25",
    "reviewer": "编辑",
}


def faults(*entries: dict[str, Any]) -> str:
    corpus = Corpus(statutes(), TODAY)
    read = [entry_from(data, "neighbour") for data in entries]
    return "\n".join(check(read, lambda c: standing(corpus, c), ["mediation_committee", "12348"], TODAY))


def test_good_entry_passes() -> None:
    assert faults(GOOD) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"citations": ["人民调解法第400条"]}, "unknown_article"),
        ({"citations": ["农村土地承包法第10条"]}, "repealed"),
        ({"citations": ["《中华人民共和国医疗保障法》第3条"]}, "future"),
        ({"citations": ["婚姻法第32条"]}, "unknown_law"),
        ({"citations": ["大家都知道"]}, "cannot read"),
        ({"citations": []}, "no citation"),
        ({"reviewed": "2027-01-01"}, "lies ahead"),
        ({"reviewed": "2024-01-01"}, "days ago"),
        ({"reviewed": "昨天"}, "not a date"),
        ({"reviewer": ""}, "no reviewer"),
        ({"conclusion": "根据相关规定，不收钱。"}, "相关规定"),
        ({"conclusion": "这官司一定能赢。"}, "一定能赢"),
        ({"conclusion": "不收钱" * 50}, "characters"),
        ({"steps": ["先" * 70]}, "a sentence of 70"),
        ({"questions": ["调解要钱吗"]}, "different questions"),
        ({"go_to": ["99999"]}, "99999"),
        ({"next": ["buy_shoes"]}, "buy_shoes"),
        ({"authorities": [{"name": "诉讼费用交纳办法", "article": "第13条", "dated": "2030-01-01"}]}, "lies ahead"),
        ({"concluson": "不收钱"}, "unknown field"),
    ],
)
def test_planted_fault_is_told(change: dict[str, Any], told: str) -> None:
    assert told in faults({**GOOD, **change})


def test_question_that_two_entries_answer_is_told() -> None:
    other = {**GOOD, "id": "other", "questions": ["调解要不要钱啊", "找人民调解收费不", "甲乙丙丁", "戊己庚辛"]}
    assert "is asked in" in faults(GOOD, other)


def test_id_used_twice_is_told() -> None:
    assert "stands in" in faults(GOOD, {**GOOD, "questions": ["子丑寅卯", "辰巳午未", "申酉戌亥", "天地玄黄"]})


@pytest.mark.parametrize("written", ["村集体劳动争议调解仲裁法第5条", "深圳民法典第1043条"])
def test_editor_hears_of_a_law_that_is_only_the_tail_of_what_was_written(written: str) -> None:
    assert any(written in problem for problem in entry_from({"citations": [written]}, "labour").problems)
