"""Which of the entries' wordings teach the classifier what a question about the law is."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.knowledge.entry import Entry, entry_from
from bot.understanding.taught import taught, write


def entry(*questions: str) -> Entry:
    """Return an entry that is asked so."""
    return entry_from({"id": "labour-dismissed", "questions": list(questions), "reviewed": "2026-11-25"}, "labour")


def test_wording_teaches_the_matter_of_its_entry() -> None:
    assert list(taught([entry("被裁了")], frozenset())) == [("labour", "labour-dismissed", "被裁了")]


@pytest.mark.parametrize(
    "text", ["被裁了找谁", "赔偿金怎么算", "去哪里告老板", "打12333有用吗", "他拿刀要杀我", "[被裁](x)了", "老板堵门"]
)
def test_what_means_something_else_as_well_teaches_nothing(text: str) -> None:
    assert list(taught([entry(text)], frozenset({"老板堵门"}))) == []


def test_lines_are_written_as_rasa_reads_them_and_none_is_another_intents(tmp_path: Path) -> None:
    write(tmp_path / "taught.yml")
    blocks = YAML(typ="safe").load((tmp_path / "taught.yml").read_text("utf-8"))["nlu"]
    matters: dict[str, int] = defaultdict(int)
    for block in blocks:
        assert block["intent"] == "ask_law"
        lines = block["examples"].splitlines()
        assert all(line.startswith("- ") for line in lines)
        matters[block["metadata"]["matter"]] += len(lines)
    assert len(matters) == 15
    assert min(matters.values()) > 100
