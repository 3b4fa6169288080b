"""What the processes of a running program use: memory and processor time, read off the kernel."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from bench.kills import PARTS, pid_of
from bench.wechat_check import slope

MEASURED = ("gateway", "engine", "actions", "store")
EVERY = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Watch:
    """Samples of each part over a run."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._began, self._own = time.monotonic(), time.process_time()
        self._memory: dict[str, list[tuple[float, float]]] = {part: [] for part in MEASURED}
        self._spent: dict[tuple[str, int], tuple[float, float]] = {}
        self._pids: dict[str, int] = {}

    async def run(self) -> None:
        """Take a sample a second, until cancelled."""
        while True:
            for part in MEASURED:
                self._sample(part)
            await asyncio.sleep(EVERY)

    def _sample(self, part: str) -> None:
        try:
            pid = self._pids.get(part) or pid_of(self._var, PARTS[part])
            self._pids[part] = pid
            stat = (Path("/proc") / str(pid) / "stat").read_text().rpartition(") ")[2].split()
            megabytes = int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * 4096 / 1e6
        except (OSError, RuntimeError):
            self._pids.pop(part, None)  # it was killed, and its successor is looked for at the next sample
            return
        spent = (int(stat[11]) + int(stat[12])) / _TICKS
        first, _ = self._spent.get((part, pid), (spent, spent))
        self._spent[part, pid] = (first, spent)
        self._memory[part].append((time.monotonic() - self._began, megabytes))

    def figures(self) -> dict[str, dict[str, float]]:
        """Return, for each part, memory at the start and the end, its slope, and processor time; ours last."""
        seconds = time.monotonic() - self._began
        found: dict[str, dict[str, float]] = {}
        for part, samples in self._memory.items():
            if samples:
                spent = sum(last - first for (name, _), (first, last) in self._spent.items() if name == part)
                found[part] = {
                    "mb_first": round(samples[0][1]),
                    "mb_last": round(samples[-1][1]),
                    "mb_a_minute": slope(samples),
                    "cpu_s": round(spent, 2),
                    "of_a_core": round(spent / seconds, 2),
                }
        own = time.process_time() - self._own
        found["bench"] = {"cpu_s": round(own, 2), "of_a_core": round(own / seconds, 2)}
        return found
