"""`python -m bot.understanding.train`: train the engine's model, unless what it learns from has not changed."""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from bot.platform.settings import ROOT
from bot.understanding import taught
from bot.understanding.entries import build
from bot.understanding.lean_rasa import trust_our_lines, without_tensorflow

MODEL = "chengfatong.tar.gz"
# Rasa's names of events; anything else may be a citizen's words.
EVENT = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")


def models_folder() -> Path:
    """Return the folder of trained models under CHENGFATONG_VAR."""
    return (ROOT / (os.environ.get("CHENGFATONG_VAR") or "var")).resolve() / "models"


def inputs() -> Iterator[Path]:
    """Yield every file that the model depends on."""
    district = os.environ.get("CHENGFATONG_DISTRICT") or "440515"
    yield from (ROOT / "config.yml", ROOT / "domain.yml", ROOT / "requirements" / "engine.txt")
    yield ROOT / "data" / "directory" / district / "areas.csv"
    learnt = (
        ("data/nlu", "*.yml"),
        ("data/knowledge", "*.yml"),
        ("data/rules", "*.yml"),
        ("bot/understanding", "*.py"),
    )
    for folder, pattern in learnt:
        yield from sorted((ROOT / folder).rglob(pattern))


def fingerprint() -> str:
    """Return a hash of the inputs' names and contents."""
    digest = hashlib.sha256()
    for path in inputs():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def train(out: Path) -> bool:
    """Train into a folder; return whether there was anything to do.

    Raises whatever Rasa raises on bad data; the model that was there stays until the new one is whole.
    """
    stamp = out / "fingerprint"
    wanted = fingerprint()
    if (out / MODEL).exists() and stamp.exists() and stamp.read_text() == wanted:
        return False
    out.mkdir(parents=True, exist_ok=True)
    without_tensorflow()
    trust_our_lines()
    from rasa.model_training import train as train_rasa

    lines = out / "taught.yml"
    taught.write(lines)
    result = train_rasa(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(ROOT / "data" / "nlu"), str(ROOT / "data" / "rules"), str(lines)],
        output=str(out),
        fixed_model_name="new",
        force_training=True,
    )
    lines.unlink()
    if result.code != 0 or not result.model:
        raise RuntimeError("Rasa refused the training data; see the lines above.")
    Path(result.model).replace(out / MODEL)
    stamp.write_text(wanted)
    return True


def main() -> int:
    """Train and say how long it took; one line on an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=models_folder())
    quiet()
    began = time.monotonic()
    out = parser.parse_args().out
    try:
        if train(out):
            print(f"engine: trained in {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        if build(out):
            print(f"answers: indexed in {time.monotonic() - began:.0f} s", flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", file=sys.stderr)
        return 1
    return 0


def quiet() -> None:
    """Silence what neither an operator nor a log needs: telemetry, deprecations, progress bars, TensorFlow's banner."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    # Rasa's libraries switch the filters back on; what they would print are their own deprecations.
    warnings.showwarning = lambda *_, **__: None
    logging.getLogger().setLevel(logging.ERROR)
    # Rasa writes whole messages and slots into its log, at an error with a picture of all variables; none may reach a file.
    structlog.configure([bare], structlog.make_filtering_bound_logger(logging.ERROR))


def bare(_: Any, level: str, told: Mapping[str, Any]) -> str:
    """Return what a log gets of Rasa's events: the name, and the kind of error."""
    name, error = str(told.get("event")), sys.exc_info()[0]
    return f"{level} {name if EVENT.fullmatch(name) else 'in Rasa'} {error.__name__ if error else ''}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
