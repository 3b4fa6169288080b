"""What data/nlu must be: enough, truly different, apart from the evaluation files."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"affirm", "deny", "stop", "greet", "goodbye", "thank", "help", "bot_challenge", "inform", "out_of_scope"}
# Shorter lines are alike by nature (好的, 明天).
SHORTEST = 7
# Lines of one intent that share this much of the shorter one's triples of characters say the same thing twice.
NEAR = 0.75


def _lines() -> list[tuple[str, str, str, str]]:
    """Return (intent, matter, voice, text) of each line."""
    found = []
    for path in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for block in YAML(typ="safe").load(path.read_text("utf-8"))["nlu"]:
            about = block["metadata"]
            texts = (line[2:] for line in block["examples"].splitlines() if line.startswith("- "))
            found += [(block["intent"], about.get("matter", ""), about["voice"], text) for text in texts]
    return found


LINES = _lines()


def _bare(text: str) -> str:
    return re.sub(r"[\s\W]+", "", text) or text


def test_there_are_enough_lines_of_everything() -> None:
    intents = Counter(intent for intent, _, _, _ in LINES)
    matters = Counter(matter for intent, matter, _, _ in LINES if intent == "ask_law")
    assert len(LINES) >= 8000
    assert all(count >= (120 if name in SMALL else 300) for name, count in intents.items()), intents
    assert len(matters) == 15
    assert min(matters.values()) >= 60


def test_no_line_stands_twice() -> None:
    counts = Counter(_bare(text) for _, _, _, text in LINES)
    assert [text for text, count in counts.items() if count > 1] == []


def test_lines_are_no_near_copies_of_each_other() -> None:
    near: list[str] = []
    by_intent: dict[str, list[set[str]]] = defaultdict(list)
    for intent, _, _, text in LINES:
        bare = _bare(text)
        if len(bare) >= SHORTEST:
            by_intent[intent].append({bare[i : i + 3] for i in range(len(bare) - 2)})
    for rows in by_intent.values():
        holders: dict[str, list[int]] = defaultdict(list)
        for number, triples in enumerate(rows):
            shared = Counter(other for triple in triples for other in holders[triple])
            if any(count >= NEAR * min(len(triples), len(rows[other])) for other, count in shared.items()):
                near.append("".join(sorted(triples)))
            for triple in triples:
                holders[triple].append(number)
    assert near == []


@pytest.mark.parametrize("file", sorted((ROOT / "tests" / "evaluation").glob("*.jsonl")), ids=lambda file: file.stem)
def test_evaluation_files_stay_apart_from_training_lines(file: Path) -> None:
    known = {_bare(text) for _, _, _, text in LINES if len(_bare(text)) >= SHORTEST}
    rows = file.read_text("utf-8").splitlines()
    held = {_bare(json.loads(row)["text"]) for row in rows}
    assert known & held == set()
