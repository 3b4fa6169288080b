"""The whole program under a bench: started as an operator starts it, ready when it says so, stopped at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.ground import ROOT


@contextmanager
def program(var: Path, port: int, env: Mapping[str, str]) -> Iterator[None]:
    """Run it on loopback with an embedded store of its own. Raises RuntimeError when it does not start."""
    own = {"CHENGFATONG_VAR": str(var), "CHENGFATONG_PORT": str(port), "CHENGFATONG_HOST": "127.0.0.1"}
    everything = {**os.environ, **own, **env}
    everything.pop("CHENGFATONG_REDIS_URL", None)
    command = [sys.executable, "-m", "bot.cli", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env=everything, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        if not any(line.startswith("Ready") for line in process.stdout):
            raise RuntimeError("the program did not start")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
