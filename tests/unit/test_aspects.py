"""Questions about the answer just given, and questions with a subject of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.model import Reply
from bot.knowledge.aspects import aspect_of, told_further
from bot.knowledge.importer import read_doors, read_entries

DATA = Path(__file__).resolve().parents[2] / "data" / "knowledge"
DOORS = {door.number: door for door in reversed(read_doors(DATA / "doors.csv"))}
ENTRIES = read_entries(DATA)


@pytest.mark.parametrize(
    ("asked", "aspect"),
    [
        ("要带什么去", "papers"), ("那要准备哪些材料？", "papers"), ("需要什么证件", "papers"), ("带啥", "papers"),
        ("去哪里办", "where"), ("那我找谁呢", "where"), ("到哪里申请", "where"), ("哪里能办", "where"),
        ("有没有期限", "deadlines"), ("多久之内要去", "deadlines"), ("最晚什么时候", "deadlines"),
        ("法律怎么规定的", "law"), ("依据是什么", "law"),
    ],
)  # fmt: skip
def test_citizen_asks_further_about_the_answer(asked: str, aspect: str) -> None:
    assert aspect_of(asked) == aspect


@pytest.mark.parametrize(
    "asked",
    ["仲裁要带什么", "办公证要带什么材料", "法院在哪里", "找谁借钱", "老板找谁都没用", "服务中心几点上班", "他去哪里了不知道", "好的", "离婚有没有期限"],
)  # fmt: skip
def test_question_with_its_own_subject_is_none_about_the_answer(asked: str) -> None:
    assert aspect_of(asked) is None


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_what_is_told_further_is_the_entrys_own(entry: object) -> None:
    text = "".join(reply.text for reply in told_further(entry, "papers", DOORS))  # type: ignore[arg-type]
    assert all(paper in text for paper in entry.papers)  # type: ignore[attr-defined]
    assert bool(text) == bool(entry.papers)  # type: ignore[attr-defined]
    law = told_further(entry, "law", DOORS)  # type: ignore[arg-type]
    assert law[0].card is not None
    assert {field.label for field in law[0].card.fields} == {str(each) for each in entry.citations}  # type: ignore[attr-defined]
    where: list[Reply] = told_further(entry, "where", DOORS)  # type: ignore[arg-type]
    assert bool(where) == bool(entry.go_to)  # type: ignore[attr-defined]
