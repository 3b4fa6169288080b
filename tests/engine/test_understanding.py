"""How well the trained engine reads messages by authors whose lines it never saw.

tests/evaluation was written by an author who did not look at data/nlu; nothing there may ever become training data.
The limits are what the project promises, not what was reached: docs/evaluation.md has the figures.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.understanding.evaluate import read, score

EVALUATION = Path(__file__).resolve().parents[1] / "evaluation"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def figures(parse: Callable[..., Row]) -> Row:
    rows = read(EVALUATION / "messages.jsonl")
    return score(rows, [parse(row["text"], row["at"]) for row in rows], [0.0] * len(rows))


def test_intents_and_matters_of_unseen_messages_are_read(figures: Row) -> None:
    assert figures["messages"] >= 300
    assert figures["intent_accuracy"] >= 0.95, figures["confusions"]
    assert figures["intent_macro_f1"] >= 0.95, figures["confusions"]
    assert figures["matter_accuracy"] >= 0.90


@pytest.mark.parametrize(
    ("entity", "least"),
    [
        ("area", 0.95), ("language", 0.95), ("gender", 0.95), ("phone_number", 0.95), ("reference", 0.9),
        ("law_article", 0.9), ("amount", 0.9), ("provider_type", 0.9), ("time", 0.85), ("matter", 0.8), ("mode", 0.65),
        ("person_name", 0.65),
    ],
)  # fmt: skip
def test_entities_of_unseen_messages_are_read(figures: Row, entity: str, least: float) -> None:
    assert figures["entity_f1"][entity] >= least


@pytest.mark.parametrize("file", ["danger.jsonl", "danger_blind.jsonl"])
def test_danger_in_unseen_messages_is_seen(parse: Callable[..., Row], file: str) -> None:
    rows = [json.loads(line) for line in (EVALUATION / file).read_text("utf-8").splitlines()]
    told = [(row["danger"], parse(row["text"])["intent"]["name"] == "report_danger", row["text"]) for row in rows]
    danger = [found for gold, found, _ in told if gold]
    calm = [text for gold, found, text in told if found and not gold]
    assert len(danger) >= 150
    assert sum(danger) / len(danger) >= 0.93
    # The calm lines were written to sound like danger; on ordinary messages it is one in hundreds.
    assert len(calm) / sum(not gold for gold, _, _ in told) <= 0.1, calm


def test_several_matters_are_told_from_none(parse: Callable[..., Row]) -> None:
    assert parse("老板拖欠我工资三个月")["matter"]["confidence"] > 0.8
    assert parse("莲下镇有会讲潮汕话的调解员吗")["matter"]["confidence"] < 0.3
