"""The whole program, started once for a session through the supervisor, as an operator starts it.

Its WeChat account is one of the stand-in's, in safe mode. A conftest.py imports the fixtures:
`from tests.live import live, live_var, wechat`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.platform.processes import free_port
from tests.standin import Account, Standin
from tests.standin.hand import Threaded, threaded

ROOT = Path(__file__).resolve().parents[1]


def _parts(var: Path) -> list[str]:
    """Return the processes whose environment names this var folder: the supervisor's children, however deep."""
    wanted = f"CHENGFATONG_VAR={var}\0".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture(scope="session")
def live_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's folder: store files, keys, logs."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="session")
def wechat() -> Iterator[Threaded]:
    """WeChat's platform, with an account that the program serves."""
    with threaded(Standin(Account.drawn("safe"))) as platform:
        yield platform


@pytest.fixture(scope="session")
def live(live_var: Path, wechat: Threaded) -> Iterator[str]:
    """Yield the base URL; at the end nothing may be left running."""
    var = live_var
    trained = Path(os.environ.get("CHENGFATONG_TEST_VAR", ROOT / "var" / "test")) / "models"
    if trained.is_dir():
        (var / "models").symlink_to(trained)
    port = free_port()
    env = {**os.environ, "CHENGFATONG_VAR": str(var), "CHENGFATONG_PORT": str(port), "CHENGFATONG_HOST": "127.0.0.1"}
    env |= wechat.standin.account.settings(wechat.standin.base)
    wechat.standin.courier.gateway = f"http://127.0.0.1:{port}/wechat"
    env.pop("CHENGFATONG_REDIS_URL", None)
    command = [sys.executable, "-m", "bot.cli", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ready:"):
            break
    else:
        pytest.fail("the program did not start:\n" + "".join(said))
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert _parts(var) == []
