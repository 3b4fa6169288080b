from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.platform import setup


def make(venv: Path, version: str) -> None:
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    (venv / "bin" / "python").touch()
    (venv / "pyvenv.cfg").write_text(f"version_info = {version}\n")


def test_second_start_can_skip_what_is_done_but_not_what_changed(tmp_path: Path) -> None:
    requirements = tmp_path / "app.txt"
    requirements.write_text("a==1\n")
    venv = tmp_path / "app"
    make(venv, "3.12.1")
    assert not setup.is_done(venv, requirements)
    (venv / "stamp").write_text("older\n" + setup.stamp(venv, requirements))
    assert setup.is_done(venv, requirements)
    make(venv, "3.13.0")
    assert not setup.is_done(venv, requirements)
    make(venv, "3.12.1")
    requirements.write_text("a==2\n")
    assert not setup.is_done(venv, requirements)


def test_set_up_cannot_begin_on_a_full_disk() -> None:
    with pytest.raises(setup.SetupError, match="GB free"):
        setup.require_space(1024**3)


def test_set_up_can_find_pyenvs_real_python_and_not_its_shim(tmp_path: Path) -> None:
    real = tmp_path / ".pyenv" / "versions" / "3.10.13" / "bin" / "python3.10"
    real.parent.mkdir(parents=True)
    real.touch()
    found = list(setup.candidates((3, 10), {"PATH": "/x/shims:/y"}, tmp_path))
    assert found[1:] == [real, Path("/y/python3.10")]


def test_set_up_cannot_take_a_python_of_another_version() -> None:
    assert setup.probe(Path(sys.executable), sys.version_info[:2]) == sys.executable
    assert setup.probe(Path(sys.executable), (3, 9)) is None


@pytest.mark.parametrize(
    ("output", "advice"),
    [("x\nNo space left on device", "disk is full"), ("ensurepip is not available", "python3-venv"), ("e", "network")],
)
def test_operator_can_read_one_line_when_a_step_fails(output: str, advice: str) -> None:
    line = setup.explain("engine: downloading", output)
    assert advice in line
    assert "\n" not in line
