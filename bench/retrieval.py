"""How often the right entry is found, beside BM25 alone and the encoder alone: same questions, same run.

Run: .venv/engine/bin/python -m bench.retrieval     (after a training; needs the model and its index)
tests/evaluation/questions.jsonl and questions_blind.jsonl were written by two authors who saw what the entries answer and none
of their question variants; 90 and 60 of their questions have no entry. The thresholds were chosen on the first, nothing on
the second. `also` names entries that answer as well. The matter is the one that the engine guesses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np

from bot.knowledge.answers import CHOICES, POSSIBLE, SURE
from bot.platform.settings import ROOT
from bot.understanding import encoder as encoders
from bot.understanding.encoder import Vector
from bot.understanding.entries import ENCODER, FILE
from bot.understanding.evaluate import parse_all
from bot.understanding.normalise import normalise
from bot.understanding.retrieval import Index
from bot.understanding.train import models_folder, quiet

QUESTIONS = ("questions.jsonl", "questions_blind.jsonl")
Ranking = Callable[[str, np.ndarray, dict[str, float]], list[tuple[str, float]]]


def ours(index: Index) -> Ranking:
    """Return the product's own ranking."""
    return lambda text, vectors, matters: [(r.id, r.probability) for r in index.rank(text, vectors, matters)]


def encoder_alone(index: Index) -> Ranking:
    """Return the ranking by the nearest variant's meaning, nothing learnt."""

    def rank(text: str, vectors: np.ndarray, matters: dict[str, float]) -> list[tuple[str, float]]:
        near = np.maximum.reduceat(index._variants @ index._centred(vectors).T, index._starts).mean(1)
        return [(index.ids[i], float(near[i])) for i in np.argsort(-near)[:8]]

    return rank


def bm25_alone(index: Index) -> Ranking:
    """Return the ranking by BM25 over all that an entry says, nothing learnt."""

    def rank(text: str, vectors: np.ndarray, matters: dict[str, float]) -> list[tuple[str, float]]:
        scores, _ = index._said.of(text)
        return [(index.ids[i], float(scores[i])) for i in np.argsort(-scores)[:8]]

    return rank


def main() -> None:
    """Print one JSON line a file and way of ranking."""
    quiet()
    index: Index = joblib.load(models_folder() / FILE)
    encoder = encoders.load(ENCODER)
    for file in QUESTIONS:
        rows = [json.loads(line) for line in (ROOT / "tests" / "evaluation" / file).read_text("utf-8").splitlines()]
        parses, _ = parse_all(rows)
        asked = [
            Asked(row, text := normalise(row["text"]), encoder.encode_all(encoders.windows(text)), matters_of(parse))
            for row, parse in zip(rows, parses, strict=True)
        ]
        for name, rank in (
            ("ours", ours(index)),
            ("BM25 alone", bm25_alone(index)),
            ("encoder alone", encoder_alone(index)),
        ):
            found = measured(asked, rank)
            row = {"file": file, "ranking": name, **found_of(found)}
            print(json.dumps(row | (abstention(found) if name == "ours" else {}), ensure_ascii=False), flush=True)


@dataclass(frozen=True)
class Asked:
    """A question with all that a ranking needs."""

    row: dict[str, Any]
    text: str
    vectors: Vector
    matters: dict[str, float]


@dataclass(frozen=True)
class Found:
    """What a ranking gave: the ids in order, their probabilities, and which of the ids are right (none for no entry)."""

    ids: list[str]
    probabilities: list[float]
    right: frozenset[str]
    seconds: float

    @property
    def place(self) -> int:
        """Where the first right one stands, from 1; 0 for nowhere."""
        return next((number for number, entry in enumerate(self.ids, 1) if entry in self.right), 0)


def matters_of(parse: dict[str, Any]) -> dict[str, float]:
    """Return the guessed matter and how sure the engine is of it."""
    guessed = parse.get("matter")
    return {str(guessed["value"]): float(guessed["confidence"])} if guessed else {}


def measured(asked: list[Asked], rank: Ranking) -> list[Found]:
    """Rank all questions."""
    found = []
    for one in asked:
        began = time.perf_counter()
        ranked = rank(one.text, one.vectors, one.matters)
        seconds = time.perf_counter() - began
        right = frozenset([one.row["entry"], *one.row.get("also", ())]) - {None}
        found.append(Found([entry for entry, _ in ranked], [p for _, p in ranked], right, seconds))
    return found


def found_of(found: list[Found]) -> dict[str, float]:
    """Return how often the right entry was found, and how fast."""
    places = [one.place for one in found if one.right]
    return {
        "questions": len(found),
        "answerable": len(places),
        "recall@1": round(sum(place == 1 for place in places) / len(places), 3),
        "recall@5": round(sum(1 <= place <= 5 for place in places) / len(places), 3),
        "mrr": round(sum(1 / place for place in places if place) / len(places), 3),
        "ms_p50": round(sorted(one.seconds for one in found)[len(found) // 2] * 1000, 2),
    }


def abstention(found: list[Found]) -> dict[str, float]:
    """Return what is answered at once, what is offered as a choice of three, and what nobody should have answered."""
    open_, none = [one for one in found if one.right], [one for one in found if not one.right]
    at_once = [one for one in open_ if one.probabilities[0] >= SURE]
    offered = [one for one in open_ if POSSIBLE <= one.probabilities[0] < SURE]
    among = [one for one in offered if 1 <= one.place <= CHOICES and one.probabilities[one.place - 1] >= POSSIBLE]
    return {
        "answered_at_once": round(len(at_once) / len(open_), 3),
        "of_these_right": round(sum(one.place == 1 for one in at_once) / max(1, len(at_once)), 3),
        "offered_three": round(len(offered) / len(open_), 3),
        "of_these_among_the_three": round(len(among) / max(1, len(offered)), 3),
        "unanswerable_answered_at_once": round(sum(one.probabilities[0] >= SURE for one in none) / len(none), 3),
        "unanswerable_offered": round(sum(POSSIBLE <= one.probabilities[0] < SURE for one in none) / len(none), 3),
    }


if __name__ == "__main__":
    main()
