"""What the entries' question variants must be: enough, and apart from the questions that the ranking is measured with."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable

import pytest

from bot.knowledge.importer import read_entries
from bot.platform.settings import ROOT

ENTRIES = read_entries(ROOT / "data" / "knowledge")
QUESTIONS = [question for entry in ENTRIES for question in entry.questions]
NOBODY = (ROOT / "data" / "knowledge" / "nobody.txt").read_text("utf-8").splitlines()[1:]
# Shorter ones are what anybody types: 醉驾判几年.
SHORTEST = 7
# Two questions that share this much of their triples of characters are one question.
NEAR = 0.75


def _triples(text: str) -> frozenset[str]:
    bare = re.sub(r"[\s\W]+", "", text)
    return frozenset(bare[i : i + 3] for i in range(len(bare) - 2)) if len(bare) >= SHORTEST else frozenset()


def test_every_entry_is_asked_in_ten_ways() -> None:
    assert [entry.id for entry in ENTRIES if len(set(entry.questions)) < 10] == []


def _near(questions: Iterable[str], held_texts: Iterable[str]) -> list[str]:
    """Return those of the questions that are one of the held texts, a few characters apart."""
    held = [_triples(text) for text in held_texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, triples in enumerate(held):
        for triple in triples:
            holders[triple].append(number)
    near = []
    for question in questions:
        mine = _triples(question)
        met = {number for triple in mine for number in holders[triple]}
        if any(2 * len(mine & held[number]) >= NEAR * (len(mine) + len(held[number])) for number in met):
            near.append(question)
    return near


def _asked(file: str) -> list[str]:
    rows = (ROOT / "tests" / "evaluation" / file).read_text("utf-8").splitlines()
    return [json.loads(row)["text"] for row in rows]


@pytest.mark.parametrize("file", ["questions.jsonl", "questions_blind.jsonl"])
def test_evaluation_questions_stay_apart_from_the_variants(file: str) -> None:
    assert _near(QUESTIONS, _asked(file)) == []


@pytest.mark.parametrize("file", ["questions.jsonl", "questions_blind.jsonl"])
def test_evaluation_questions_stay_apart_from_what_nobody_answers(file: str) -> None:
    assert _near(NOBODY, _asked(file)) == []


def test_no_entry_answers_what_is_listed_as_answered_by_nobody() -> None:
    assert _near(NOBODY, QUESTIONS) == []
