"""The fault run in small: every part is killed once or more, and nothing that was promised is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRONG = ("lost", "doubled", "unexplained", "stuck", "torn", "notices_lost", "notices_twice", "nameless")


@pytest.mark.timeout(600)
def test_no_citizen_loses_anything_when_every_part_is_killed() -> None:
    command = [sys.executable, "-m", "bench.faults", "--calls", "72", "--seed", "3"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert {name: figures[name] for name in WRONG} == dict.fromkeys(WRONG, 0)
    assert figures["acknowledged"]["book"] > 20
    assert figures["notices"].get("reminder_quarter", 0) > 5
    assert {"store", "gateway", "actions", "worker-1", "worker-2"} <= figures["killed"].keys()
