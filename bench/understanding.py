"""Ours against Rasa's own default Chinese pipeline: same lines, same folds, same run, one after the other.

Run: .venv/engine/bin/python -m bench.understanding [--lines 1000] [--folds 1]
Each fold holds out whole voices, as `make evaluate` does. DIET took over half an hour for 3,000 lines, so both sides get the
same sample of them; a last row per fold shows ours with all lines that the fold leaves.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bot.understanding.cross_validate import Line, folds, lines

ROOT = Path(__file__).resolve().parents[1]
RIVAL = """
recipe: default.v1
language: zh
assistant_id: rival
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - name: DIETClassifier
    epochs: 100
"""
SEED = 7


def write(found: list[Line], numbers: list[int], file: Path) -> None:
    """Write lines as Rasa's training data, matters in the blocks' metadata."""
    blocks: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for number in numbers:
        line = found[number]
        blocks[line.intent, line.matter, line.voice].append(line.text)
    with file.open("w", encoding="utf-8") as out:
        out.write('version: "3.1"\nnlu:\n')
        for (intent, matter, voice), texts in blocks.items():
            about = f"voice: {voice}" if matter == "none" else f"voice: {voice}, matter: {matter}"
            out.write(
                f"- intent: {intent}\n  metadata: {{{about}}}\n  examples: |\n"
                + "".join(f"    - {text}\n" for text in texts)
            )


def work(side: str, folder: Path) -> dict[str, float | str | None]:
    """Train and ask one side in this process; return its row."""
    from bot.understanding import lean_rasa
    from bot.understanding.train import quiet

    quiet()
    if side == "ours":
        lean_rasa.without_tensorflow()
        lean_rasa.trust_our_lines()
    from rasa.model_training import train_nlu

    config = ROOT / "config.yml"
    if side == "rival":
        config = folder / "rival.yml"
        config.write_text(RIVAL, "utf-8")
    began = time.monotonic()
    train_nlu(str(config), str(folder / "nlu.yml"), str(folder), fixed_model_name=side)
    trained = time.monotonic() - began
    row = ask(side, folder / f"{side}.tar.gz", folder / "held.jsonl")
    return {"side": side, "train_s": round(trained), **row}


def ask(side: str, model: Path, held: Path) -> dict[str, float | str | None]:
    """Parse the held-out lines with a trained model."""
    import rasa.core.processor
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    from bot.understanding.evaluate import asyncio, score
    from bot.understanding.graph_runner import DirectGraphRunner

    if side == "ours":
        rasa.core.processor.DaskGraphRunner = DirectGraphRunner
    agent = Agent()
    agent.load_model(str(model))
    rows = [json.loads(line) for line in held.read_text("utf-8").splitlines()]
    parses, seconds = [], []

    async def run() -> None:
        await agent.processor.parse_message(UserMessage("你好"))
        for row in rows:
            began = time.perf_counter()
            parses.append(await agent.processor.parse_message(UserMessage(row["text"])))
            seconds.append(time.perf_counter() - began)

    asyncio.run(run())
    figures = score(rows, parses, seconds)
    names = ("messages", "intent_accuracy", "intent_macro_f1", "latency_ms_p50", "latency_ms_p99")
    matter = figures["matter_accuracy"] if side == "ours" else None
    rss = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {**{name: figures[name] for name in names}, "matter_accuracy": matter, "train_and_serve_rss_mib": rss}


def main() -> None:
    """Print one JSON line a side and fold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--folds", type=int, default=1)
    parser.add_argument("--worker", nargs=2, metavar=("SIDE", "FOLDER"))
    given = parser.parse_args()
    if given.worker:
        print("ROW " + json.dumps(work(given.worker[0], Path(given.worker[1]))))
        return
    found = lines(ROOT / "data" / "nlu")
    chance = random.Random(SEED)
    for fold, (learn, held) in enumerate(list(folds(found))[: given.folds]):
        some = chance.sample(learn, min(given.lines, len(learn)))
        for side, numbers in (("rival", some), ("ours", some), ("ours", learn)):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                write(found, numbers, folder / "nlu.yml")
                asked = [
                    {"text": line.text, "intent": line.intent, "matter": None if line.matter == "none" else line.matter}
                    for line in (found[number] for number in held)
                ]
                (folder / "held.jsonl").write_text("\n".join(json.dumps(a, ensure_ascii=False) for a in asked), "utf-8")
                command = [sys.executable, "-m", "bench.understanding", "--worker", side, name]
                # Rasa would remember an earlier training and report that it took no time.
                env = {**os.environ, "CHENGFATONG_VAR": name, "RASA_CACHE_DIRECTORY": f"{name}/cache"}
                done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            row = next((line[4:] for line in done.stdout.splitlines() if line.startswith("ROW ")), None)
            if row is None:
                sys.exit(done.stderr[-2000:])
            print(json.dumps({"fold": fold, "lines": len(numbers), **json.loads(row)}), flush=True)


if __name__ == "__main__":
    main()
