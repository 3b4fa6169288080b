"""A start on a machine without an account: it has a phone, the phone works, and both stop without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from bot.platform.processes import free_port
from tests.live import ROOT, _parts


def post(address: str) -> None:
    request = urllib.request.Request(address, b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 202


def greeting(page: str) -> tuple[str, list[str]]:
    """Read the screen until somebody has answered; return what it shows and the names in the account's menu."""
    with urllib.request.urlopen(f"{page}phones/1/events", timeout=30) as lines:
        for line in lines:
            state = json.loads(line.removeprefix(b"data: ")) if line.startswith(b"data: ") else {}
            if state.get("bubbles"):
                names = [sub["name"] for top in state["menu"] for sub in top.get("sub_button", [top])]
                return state["bubbles"][0]["text"], names
    raise AssertionError("nothing came")


# A second engine starts beside that of the other tests.
@pytest.mark.timeout(240)
def test_operator_without_an_account_gets_a_phone_that_is_answered_and_goes_with_the_rest(tmp_path: Path) -> None:
    trained = Path(os.environ.get("CHENGFATONG_TEST_VAR", ROOT / "var" / "test")) / "models"
    if trained.is_dir():
        (tmp_path / "models").symlink_to(trained)
    env = {name: value for name, value in os.environ.items() if not name.startswith("WECHAT_")}
    env |= {"CHENGFATONG_VAR": str(tmp_path), "CHENGFATONG_PORT": str(free_port()), "CHENGFATONG_HOST": "127.0.0.1"}
    command = [sys.executable, "-m", "bot.cli", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        found, said = None, []
        while found is None and (line := process.stdout.readline()):
            said.append(line)
            found = re.search(r"demo phone: (http://127\S+)", line)
        if found is None:
            pytest.fail("no phone was printed:\n" + "".join(said))
        post(f"{found[1]}phones/1/follow")
        text, menu = greeting(found[1])
        assert "澄法通" in text
        assert "约调解" in menu
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert _parts(tmp_path) == []
