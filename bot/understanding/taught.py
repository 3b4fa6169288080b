"""The entries' wordings as training lines: how citizens ask about the law, with the matter that it is about.

A wording that another flow answers as well (where to go, a sum, a visit) is that flow's: it teaches nothing here, and neither
does one that stands among another intent's lines, as calls for help do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ruamel.yaml import YAML

from bot.conversation.danger import is_danger
from bot.knowledge.entry import Entry
from bot.knowledge.importer import read_entries
from bot.platform.settings import ROOT

NLU, KNOWLEDGE = ROOT / "data" / "nlu", ROOT / "data" / "knowledge"
# What other flows answer, and what Rasa would read as markup.
OTHERS = re.compile(
    r"找谁|(?:去|到|在|着去)(?:哪|底)|哪里|哪个|谁管|归谁|多少|怎么算|几倍|几点|公证|援助|法援|调解|会见|见面|探监|12\d{3}|110|[\[\]{}()]"
)


def taught(entries: Iterable[Entry], elsewhere: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (matter, entry's id, wording) of what teaches. `elsewhere` are the lines that mean something already."""
    for entry in entries:
        for text in entry.questions:
            if not (OTHERS.search(text) or text in elsewhere or is_danger(text)):
                yield entry.matter, entry.id, text


def write(file: Path) -> None:
    """Write the lines as Rasa reads them. An entry is a voice of its own: how sure to be is learnt on entries held out."""
    blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
    for matter, entry, text in taught(read_entries(KNOWLEDGE), frozenset(_written())):
        blocks[matter, entry].append(text)
    nlu = [
        {
            "intent": "ask_law",
            "metadata": {"matter": matter, "voice": entry},
            "examples": "".join(f"- {text}\n" for text in texts),
        }
        for (matter, entry), texts in blocks.items()
    ]
    YAML().dump({"version": "3.1", "nlu": nlu}, file)


def _written() -> Iterator[str]:
    for path in sorted(NLU.rglob("*.yml")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip().startswith("- "):
                yield line.strip()[2:]
