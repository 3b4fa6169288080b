"""`chengfatong evaluate FILE.jsonl [--json]`: score the trained engine on messages that it has not seen.

A row is `{"text", "intent", "matter", "entities": [{"entity", "value"}]}`; a row without a field is left out of that
field's score. Entities count by name and value, each as often as it is said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.understanding.lean_rasa import settle, without_tensorflow
from bot.understanding.times import SHANGHAI
from bot.understanding.train import MODEL, models_folder, quiet

# More confusions than this are a table that nobody reads.
CONFUSIONS = 40
Row = dict[str, Any]


def score(rows: list[Row], parses: list[Row], seconds: list[float]) -> Row:
    """Return the figures of the contract; rates from 0 to 1, times in milliseconds."""
    pairs = [
        (r["intent"], (p.get("intent") or {}).get("name") or "nlu_fallback", p)
        for r, p in zip(rows, parses, strict=True)
        if r.get("intent")
    ]
    told = [(gold, _before_fallback(parse) if said == "nlu_fallback" else said) for gold, said, parse in pairs]
    matters = [(r["matter"], _matter(p)) for r, p in zip(rows, parses, strict=True) if r.get("matter")]
    wrong = Counter((gold, said) for gold, said in told if gold != said)
    ordered = sorted(seconds) or [0.0]
    return {
        "messages": len(rows),
        "intent_accuracy": _rate([gold == said for gold, said in told]),
        "intent_macro_f1": _macro_f1(told),
        "matter_accuracy": _rate([gold == said for gold, said in matters]),
        "entity_f1": _entity_f1(
            [(r["entities"], p) for r, p in zip(rows, parses, strict=True) if r.get("entities") is not None]
        ),
        "fallback_rate": _rate([said == "nlu_fallback" for _, said, _ in pairs]),
        "latency_ms_p50": round(1000 * ordered[len(ordered) // 2], 2),
        "latency_ms_p99": round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
        "confusions": [{"gold": g, "said": s, "count": n} for (g, s), n in wrong.most_common(CONFUSIONS)],
    }


def _before_fallback(parse: Row) -> str:
    """Return what a message was taken for before the threshold sent it to the fallback."""
    ranking = [r["name"] for r in parse.get("intent_ranking") or [] if r["name"] != "nlu_fallback"]
    return ranking[0] if ranking else "nlu_fallback"


def _matter(parse: Row) -> str | None:
    learnt = (parse.get("matter") or {}).get("value")
    said = next((e["value"] for e in parse.get("entities") or [] if e["entity"] == "matter"), None)
    return learnt or said


def _rate(hits: list[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def _f1(right: int, said: int, gold: int) -> float:
    return round(2 * right / (said + gold), 4) if said + gold else 0.0


def _macro_f1(told: list[tuple[str, str]]) -> float | None:
    gold, said = Counter(g for g, _ in told), Counter(s for _, s in told)
    right = Counter(g for g, s in told if g == s)
    scores = [_f1(right[name], said[name], gold[name]) for name in gold]
    return round(sum(scores) / len(scores), 4) if scores else None


def _entity_f1(pairs: list[tuple[list[Row], Row]]) -> dict[str, float]:
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    for wanted, parse in pairs:
        # A matter that was learnt, not said, stands nowhere in the text.
        found = [e for e in parse.get("entities") or [] if "start" in e]
        a, b = (Counter((e["entity"], canonical(e["entity"], e["value"])) for e in es) for es in (wanted, found))
        gold.update(name for name, _ in a.elements())
        said.update(name for name, _ in b.elements())
        right.update(name for name, _ in (a & b).elements())
    return {name: _f1(right[name], said[name], gold[name]) for name in sorted(gold)}


def canonical(entity: str, value: Any) -> str:
    """Return a value in the one form in which equal values are equal: 35000 and "35000.00", 38 and "38", a time's zone."""
    if isinstance(value, dict):
        return json.dumps({k: str(v) for k, v in value.items()}, sort_keys=True, ensure_ascii=False)
    said = str(value)
    try:
        if entity == "amount":
            return format(Decimal(said).normalize(), "f")
        if entity == "time":
            return "/".join(datetime.fromisoformat(part).astimezone(SHANGHAI).isoformat() for part in said.split("/"))
    except (ArithmeticError, ValueError):
        return said
    return said.upper() if entity == "reference" else said


def read(path: Path) -> list[Row]:
    """Read the rows. Raises ValueError naming the line that is wrong."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path.name}:{number}: is not JSON") from error
            if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                raise ValueError(f"{path.name}:{number}: has no text")
            rows.append(row)
    return rows


def parse_all(rows: list[Row]) -> tuple[list[Row], list[float]]:
    """Parse messages with the trained model; return the parses and the seconds each took.

    A row may say when it was written (`at`, ISO 8601); 明天 is then the day after that.
    """
    without_tensorflow()
    import rasa.core.processor
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    from bot.understanding.graph_runner import DirectGraphRunner

    rasa.core.processor.DaskGraphRunner = DirectGraphRunner
    agent = Agent()
    agent.load_model(str(models_folder() / MODEL))

    async def run() -> tuple[list[Row], list[float]]:
        parses, seconds = [], []
        await agent.processor.parse_message(UserMessage("你好"))
        settle()
        for row in rows:
            text, metadata = row["text"].lstrip("/") or " ", {"at": row["at"]} if row.get("at") else None
            began = time.perf_counter()
            # Typed text never is a payload: the gateway takes the slash away, and so does the score.
            parses.append(await agent.processor.parse_message(UserMessage(text, metadata=metadata)))
            seconds.append(time.perf_counter() - began)
        return parses, seconds

    return asyncio.run(run())


def main() -> int:
    """Score a file and print the figures, as JSON or for people."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    quiet()
    try:
        rows = read(given.file)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if not (models_folder() / MODEL).exists():
        print("No trained model; run `make run` first.", file=sys.stderr)
        return 3
    result = score(rows, *parse_all(rows))
    if given.json:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for name, value in result.items():
        if name == "confusions":
            print("\n".join(f"  {c['gold']} → {c['said']}: {c['count']}" for c in value))
        else:
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
