"""How often the right entry is found, beside BM25 alone and the encoder alone: same questions, same run.

Run: .venv/engine/bin/python -m bench.retrieval     (after a training; needs the model and its index)
tests/evaluation/questions.jsonl was written by an author who saw what the entries answer and none of their question variants;
90 of its questions have no entry. The matter is the one that the engine guesses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import joblib
import numpy as np

from bot.platform.settings import ROOT
from bot.understanding import encoder as encoders
from bot.understanding.entries import ENCODER, FILE
from bot.understanding.evaluate import parse_all
from bot.understanding.normalise import normalise
from bot.understanding.retrieval import Index
from bot.understanding.train import models_folder, quiet

QUESTIONS = ROOT / "tests" / "evaluation" / "questions.jsonl"
ANSWERED, OFFERED = 0.5, 0.15
Ranking = Callable[[str, np.ndarray, dict[str, float]], list[tuple[str, float]]]


def ours(index: Index) -> Ranking:
    """Return the product's own ranking."""
    return lambda text, vector, matters: [(r.id, r.probability) for r in index.rank(text, vector, matters)]


def encoder_alone(index: Index) -> Ranking:
    """Return the ranking by the nearest variant's meaning, nothing learnt."""

    def rank(text: str, vector: np.ndarray, matters: dict[str, float]) -> list[tuple[str, float]]:
        near = np.maximum.reduceat(index._variants @ index._centred(vector[None, :])[0], index._starts)
        return [(index.ids[i], float(near[i])) for i in np.argsort(-near)[:8]]

    return rank


def bm25_alone(index: Index) -> Ranking:
    """Return the ranking by BM25 over all that an entry says, nothing learnt."""

    def rank(text: str, vector: np.ndarray, matters: dict[str, float]) -> list[tuple[str, float]]:
        scores, _ = index._said.of(text)
        return [(index.ids[i], float(scores[i])) for i in np.argsort(-scores)[:8]]

    return rank


def main() -> None:
    """Print one JSON line a way of ranking."""
    quiet()
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    parses, _ = parse_all(rows)
    index: Index = joblib.load(models_folder() / FILE)
    encoder = encoders.load(ENCODER)
    asked = [
        (row, normalise(row["text"]), {str(m["value"]): float(m["confidence"])} if (m := parse.get("matter")) else {})
        for row, parse in zip(rows, parses, strict=True)
    ]
    for name, rank in (
        ("ours", ours(index)),
        ("BM25 alone", bm25_alone(index)),
        ("encoder alone", encoder_alone(index)),
    ):
        ranks, seconds, sure = [], [], []
        for row, text, matters in asked:
            vector = encoder.encode(text)
            began = time.perf_counter()
            found = rank(text, vector, matters)
            seconds.append(time.perf_counter() - began)
            ids = [entry for entry, _ in found]
            sure.append((row["entry"], ids, found[0][1]))
            if row["entry"]:
                ranks.append(ids.index(row["entry"]) + 1 if row["entry"] in ids else 0)
        row_of = {
            "ranking": name,
            "questions": len(rows),
            "answerable": len(ranks),
            "recall@1": round(sum(r == 1 for r in ranks) / len(ranks), 3),
            "recall@5": round(sum(1 <= r <= 5 for r in ranks) / len(ranks), 3),
            "mrr": round(sum(1 / r for r in ranks if r) / len(ranks), 3),
            "ms_p50": round(sorted(seconds)[len(seconds) // 2] * 1000, 2),
        }
        print(json.dumps(row_of | (_abstention(sure) if name == "ours" else {}), ensure_ascii=False), flush=True)


def _abstention(sure: list[tuple[str | None, list[str], float]]) -> dict[str, float]:
    """Return what is answered at once, what is offered as a choice of three, and what nobody should have answered."""
    open_ = [(entry, ids, p) for entry, ids, p in sure if entry]
    none = [p for entry, _, p in sure if not entry]
    at_once = [(entry, ids) for entry, ids, p in open_ if p >= ANSWERED]
    offered = [(entry, ids) for entry, ids, p in open_ if OFFERED <= p < ANSWERED]
    return {
        "answered_at_once": round(len(at_once) / len(open_), 3),
        "of_these_right": round(sum(entry == ids[0] for entry, ids in at_once) / max(1, len(at_once)), 3),
        "offered_three": round(len(offered) / len(open_), 3),
        "of_these_among_the_three": round(sum(entry in ids[:3] for entry, ids in offered) / max(1, len(offered)), 3),
        "unanswerable_answered_at_once": round(sum(p >= ANSWERED for p in none) / len(none), 3),
        "unanswerable_offered": round(sum(OFFERED <= p < ANSWERED for p in none) / len(none), 3),
    }


if __name__ == "__main__":
    main()
