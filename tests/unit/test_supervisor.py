from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.errors import SettingError
from bot.platform.processes import Program, require_port
from bot.platform.supervisor import BACKOFF_LAST, Child, PartFailed, supervise

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"


def fake(folder: Path, name: str, code: str = "") -> Program:
    """A part that appends its pid to a file and sleeps; ready once the file is there."""
    mark = folder / name
    line = f"import os, time; {code} open({str(mark)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"

    async def ready() -> bool:
        return mark.exists()

    return Program(name, (sys.executable, "-c", line), ready)


def pids(folder: Path, name: str) -> list[int]:
    return [int(line) for line in (folder / name).read_text().split()] if (folder / name).exists() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_operator_can_start_in_order_and_stop_all_even_stubborn_parts(tmp_path: Path) -> None:
    said: list[str] = []
    up = asyncio.Event()
    stages = [[fake(tmp_path, "store")], [fake(tmp_path, "engine", STUBBORN), fake(tmp_path, "actions")]]
    running = asyncio.create_task(supervise(stages, tmp_path / "logs", said.append, up.set))
    await asyncio.wait_for(up.wait(), 15)
    assert [line.split()[0] for line in said] == ["store", "engine", "actions"]
    everyone = [pid for name in ("store", "engine", "actions") for pid in pids(tmp_path, name)]
    began = time.monotonic()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    assert time.monotonic() - began < 10
    assert not any(alive(pid) for pid in everyone)


async def test_citizen_can_go_on_after_a_part_was_killed(tmp_path: Path) -> None:
    up = asyncio.Event()
    running = asyncio.create_task(supervise([[fake(tmp_path, "store")]], tmp_path / "logs", lambda _: None, up.set))
    await asyncio.wait_for(up.wait(), 15)
    os.kill(pids(tmp_path, "store")[0], signal.SIGKILL)
    await until(lambda: len(pids(tmp_path, "store")) == 2)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(running, 10)
    assert not any(alive(pid) for pid in pids(tmp_path, "store"))


async def test_operator_can_read_why_a_part_stopped_at_start(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    broken = Program("engine", (sys.executable, "-c", "raise SystemExit('the model is broken')"), never)
    with pytest.raises(PartFailed, match="engine stopped at start: the model is broken"):
        await supervise([[fake(tmp_path, "store")], [broken]], tmp_path / "logs", lambda _: None, lambda: None)
    assert not any(alive(pid) for pid in pids(tmp_path, "store"))


def test_part_that_keeps_dying_cannot_be_restarted_without_pause(tmp_path: Path) -> None:
    child = Child(fake(tmp_path, "engine"), tmp_path)
    child._started = time.monotonic()
    waits = [child.take_wait() for _ in range(8)]
    assert waits == [0.5, 1, 2, 4, 8, 16, BACKOFF_LAST, BACKOFF_LAST]
    child._started -= 61
    assert child.take_wait() == 0.5


async def test_part_cannot_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; sys.path.insert(0, 'tests/unit');"
        "from test_supervisor import fake; from bot.platform.supervisor import supervise;"
        f"p = Path({str(tmp_path)!r});"
        "asyncio.run(supervise([[fake(p, 'store')]], p / 'logs', print, lambda: None))"
    )
    outer = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
    await until(lambda: bool(pids(tmp_path, "store")))
    outer.kill()
    outer.wait()
    await until(lambda: not alive(pids(tmp_path, "store")[0]), 5)


def test_operator_can_read_which_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SettingError, match=r"CHENGFATONG_PORT") as caught:
            require_port("127.0.0.1", other.getsockname()[1])
    assert "\n" not in str(caught.value)


def test_operator_can_read_in_one_line_which_setting_is_wrong() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run"],
        env={**os.environ, "CHENGFATONG_PORT": "eighty"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "chengfatong: CHENGFATONG_PORT must be a port between 1 and 65535, not 'eighty'.\n"
