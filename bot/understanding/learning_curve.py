"""The learning curve: how well voices that were held out are read, by how many lines were learnt. Would more lines help?

Run: .venv/engine/bin/python -m bot.understanding.learning_curve [--draw docs/images/learning-curve.svg]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bot.platform.settings import ROOT
from bot.understanding.cross_validate import Held, Line, ask, folds, lines, ready, train

PARTS = (0.25, 0.5, 0.75, 1.0)
SEED = 0
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 60, 40
# The drawing's lowest and highest accuracy.
FLOOR, CEILING = 0.8, 1.0
Point = tuple[int, float]


def measured(found: Sequence[Line]) -> Iterator[Point]:
    """Yield (lines learnt, accuracy on the first fold's held-out voices), for growing parts of the other voices' lines."""
    learn, held = next(folds(found))
    order = np.random.default_rng(SEED).permutation(learn).tolist()
    for part in PARTS:
        some = sorted(order[: int(part * len(order))])
        into = Held([], [], [], [], [], 0)
        ask(found, held, "intent", train(found, some, "intent"), into)
        yield len(some), float(np.mean([g == s for g, s in zip(into.gold, into.said, strict=True)]))


def drawn(points: Sequence[Point]) -> str:
    """Return the curve as SVG."""
    most = points[-1][0]

    def x(count: int) -> float:
        return LEFT + (WIDTH - LEFT - 60) * count / most

    def y(accuracy: float) -> float:
        return (HEIGHT - BOTTOM) - (HEIGHT - BOTTOM - 20) * (accuracy - FLOOR) / (CEILING - FLOOR)

    grid = "".join(
        f'<path d="M{LEFT} {y(level):.0f}H{WIDTH - 20}" stroke="#ddd"/><text x="8" y="{y(level) + 5:.0f}">{level:.2f}</text>'
        for level in np.linspace(FLOOR, CEILING, 5)
    )
    line = " ".join(f"{x(count):.0f},{y(accuracy):.0f}" for count, accuracy in points)
    marks = "".join(
        f'<circle cx="{x(count):.0f}" cy="{y(accuracy):.0f}" r="4" fill="#07c160"/>'
        f'<text x="{x(count) - 20:.0f}" y="{y(accuracy) - 10:.0f}">{accuracy:.3f}</text>'
        f'<text x="{x(count) - 20:.0f}" y="{HEIGHT - 14}">{count:,}</text>'
        for count, accuracy in points
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="14">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{grid}'
        f'<polyline points="{line}" fill="none" stroke="#07c160" stroke-width="2"/>{marks}</svg>\n'
    )


def main() -> int:
    """Print the points as they come, then draw them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draw", type=Path, help="an SVG file to write")
    given = parser.parse_args()
    ready()
    points = []
    for count, accuracy in measured(lines(ROOT / "data" / "nlu")):
        print(f"{count} lines: {accuracy:.4f}", flush=True)
        points.append((count, accuracy))
    if given.draw:
        given.draw.write_text(drawn(points), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
