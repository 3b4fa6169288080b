"""Which messages ask several things, and in which order they are answered."""

from __future__ import annotations

import pytest

from bot.understanding.questions import MOST, chosen, split


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("你好我想问下欠薪怎么办顺便你们几点下班", 2),
        ("调解收费吗？公证处在哪？", 2),
        ("押金不退怎么办\n另外约个律师", 2),
        ("我被公司开除了，想约个律师", 1),
        ("老婆跑了，孩子谁养，还有没有办法要回彩礼", 1),
        ("你们还有多久下班", 1),
        ("？？？", 1),
        ("在吗？", 1),
    ],
)
def test_a_message_is_cut_only_where_a_new_question_begins(text: str, pieces: int) -> None:
    assert len(split(text)) == pieces


def test_fifty_questions_are_cut_within_bounds() -> None:
    assert len(split("欠薪怎么办？" * 50)) <= 12


def _parse(name: str, confidence: float = 0.9) -> dict[str, object]:
    return {"intent": {"name": name, "confidence": confidence}, "text": name}


def test_the_most_urgent_question_is_answered_first() -> None:
    assert [p["text"] for p in chosen([_parse("ask_hours"), _parse("greet"), _parse("ask_law")])] == [
        "ask_law",
        "ask_hours",
    ]


def test_what_was_half_understood_is_no_question_of_its_own() -> None:
    assert len(chosen([_parse("ask_law"), _parse("ask_hours", 0.3)])) == 1


def test_no_more_than_three_answers() -> None:
    names = ("ask_law", "ask_hours", "ask_location", "learn_law", "calculate")
    assert len(chosen([_parse(name) for name in names])) == MOST
