"""How often one of the three nearest articles is one that the entry itself cites, and how long index and look-up take.

`.venv/app/bin/python -m bench.reading` asks questions of the entries as if they had never been answered. The laws that are
preferred are those of all entries of the matter, so the figure for a question that nobody has written about is lower.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

from bot.knowledge.corpus import statutes
from bot.knowledge.library import library
from bot.knowledge.reading import Reading, index_of

ASKED = 400


def main() -> None:
    """Print the figures."""
    books, corpus = library(), library().corpus(date.today())
    questions = [(entry, question) for entry in books.entries.values() for question in entry.questions]
    asked = random.Random(1).sample(questions, ASKED)
    with tempfile.TemporaryDirectory() as cache:
        began = time.perf_counter()
        reading = Reading(index_of(statutes(), Path(cache)))
        print(f"index built in {time.perf_counter() - began:.1f} s")
    for what in ("", "by matter"):
        hits, times = 0, []
        for entry, question in asked:
            weigh = books.weigh(entry.matter if what else "")
            began = time.perf_counter()
            found = reading.nearest(question, corpus, weigh)
            times.append(1000 * (time.perf_counter() - began))
            own = {(c.law, c.article, c.suffix) for c in entry.citations}
            hits += any((c.law, c.article, c.suffix) in own for c, _ in found)
        times.sort()
        print(
            f"{what or 'all laws alike'}: {hits / ASKED:.0%} cited; "
            f"p50 {statistics.median(times):.1f} ms, p95 {times[int(0.95 * ASKED)]:.1f} ms"
        )


if __name__ == "__main__":
    main()
