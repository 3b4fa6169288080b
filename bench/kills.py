"""Kill -9 each part in turn while citizens chat: what they saw, and how soon it was back.

Run: .venv/app/bin/python -m bench.kills [--seconds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from bench.turns import QUESTIONS, ROOT, ours

# Each part by words of its command line that no other part has.
PARTS = {
    "engine": "bot.understanding.server",
    "actions": "bot.cli\0actions",
    "worker": "bot.cli\0worker",
    "store": "valkey-server",
    "gateway": "bot.cli\0gateway",
}
CLIENTS = 4
PAUSE_SECONDS = 0.1
DANGER = "他正在打我"
SORRY = {"出了点问题": "sorry, 12348", "没接上": "say it again"}
Turn = tuple[float, str, float]


def pid_of(var: Path, words: str) -> int:
    """Return the process that runs for this var folder with these words in its command."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # Valkey writes its title over its environment, so it is known by the folder that it works in.
            ours = str(var).encode() in (entry / "environ").read_bytes() or (entry / "cwd").readlink().is_relative_to(
                var
            )
            if ours and words in (entry / "cmdline").read_text():
                return int(entry.name)
        except OSError:
            continue
    raise RuntimeError(f"{words!r} is not running")


def _kind(status: int, text: str) -> str:
    if status != 200:
        return f"http {status}"
    return next((kind for words, kind in SORRY.items() if words in text), "answered")


async def _ask(session: ClientSession, base: str, sender: str, text: str) -> str:
    try:
        async with session.post(f"{base}/api/chat", json={"sender": sender, "text": text}) as response:
            return _kind(response.status, await response.text())
    except (ClientError, OSError, TimeoutError) as error:
        return f"no answer ({type(error).__name__})"


async def _chat(base: str, until: float, number: int, danger: bool) -> list[Turn]:
    turns: list[Turn] = []
    async with ClientSession(timeout=ClientTimeout(15)) as session:
        while (began := time.monotonic()) < until:
            text = DANGER if danger else QUESTIONS[len(turns) % len(QUESTIONS)]
            kind = await _ask(session, base, f"kills{number:04d}{len(turns) // 12:06d}", text)
            turns.append((began, kind, time.monotonic() - began))
            await asyncio.sleep(PAUSE_SECONDS)
    return turns


async def kill(base: str, var: Path, part: str, seconds: float) -> dict[str, object]:
    """Kill one part two seconds into the chat; return what was seen and the seconds until all was well."""
    until = time.monotonic() + seconds
    chats = [asyncio.create_task(_chat(base, until, n, danger=n == 0)) for n in range(CLIENTS + 1)]
    await asyncio.sleep(2)
    killed = time.monotonic()
    os.kill(pid_of(var, PARTS[part]), signal.SIGKILL)
    danger, *others = [await chat for chat in chats]
    turns = [turn for chat in others for turn in chat]
    bad = [began + took for began, kind, took in turns if kind != "answered"]
    return {
        "killed": part,
        "saw": dict(Counter(kind for _, kind, _ in turns)),
        "in_danger_saw": dict(Counter(kind for _, kind, _ in danger)),
        "slowest_ms": round(1000 * max(took for _, _, took in turns)),
        "all_well_after_s": round(max(bad) - killed, 1) if bad else 0.0,
    }


def main() -> None:
    """Print one JSON line a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        var = Path(name) / "var"
        var.mkdir()
        shutil.copytree(ROOT / "var" / "models", var / "models")
        with ours(var) as (base, _):
            for part in PARTS:
                print(json.dumps(asyncio.run(kill(base, var, part, given.seconds)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
