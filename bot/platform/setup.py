"""Make the two environments. Standard library only: the machine's own python3 runs `-m bot.platform.setup`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
# The engine's environment takes 2.4 GB and the installer's cache as much again while it unpacks.
FREE_BYTES = 5 * 1024**3
# environment: (wanted Pythons, best first; its files, the smaller first: a later one holds all of an earlier one)
ENVIRONMENTS = {
    "engine": (((3, 10),), ("engine.txt", "engine-dev.txt"), "about 0.7 GB"),
    "app": (((3, 12), (3, 13), (3, 14)), ("app.txt", "dev.txt"), "about 0.1 GB"),
}


class SetupError(Exception):
    """Set-up cannot go on; the message is one line that says what to do."""


def main(arguments: list[str]) -> int:
    """Set up for `run` (default) or `test`; return the exit code."""
    try:
        prepare(test=arguments == ["test"])
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = "the disk is full; free some space" if error.errno == 28 else str(error)
        print(f"set-up: {reason}, then run the same command again.", file=sys.stderr)
        return 1
    return 0


def prepare(test: bool) -> None:
    """Create what is missing; what is stamped as done is skipped."""
    todo = [name for name in ENVIRONMENTS if not is_done(VENV / name, requirement(name, test))]
    if todo:
        require_space(shutil.disk_usage(ROOT).free)
        uv = installer()
        for name in todo:
            create(uv, name, test)
    link_command()


def require_space(free: int) -> None:
    """Refuse to begin what the disk cannot hold."""
    if free < FREE_BYTES:
        raise SetupError(
            f"needs {FREE_BYTES >> 30} GB free on the disk of {ROOT}, there are {free >> 30} GB; free some."
        )


def requirement(name: str, test: bool) -> Path:
    """Return the hashed requirement file of an environment."""
    return ROOT / "requirements" / ENVIRONMENTS[name][1][test]


def stamp(venv: Path, requirements: Path) -> str:
    """Return what proves that an environment was made from these very requirements by this Python."""
    config = venv / "pyvenv.cfg"
    version = [line for line in config.read_text("utf-8").splitlines() if line.startswith("version")]
    return hashlib.sha256(requirements.read_bytes() + "".join(version).encode()).hexdigest()


def is_done(venv: Path, requirements: Path) -> bool:
    """Whether the environment already holds these requirements, or a set that includes them."""
    written = venv / "stamp"
    if not (written.is_file() and (venv / "bin" / "python").exists() and (venv / "pyvenv.cfg").is_file()):
        return False
    return stamp(venv, requirements) in written.read_text("utf-8").split()


def installer() -> Path:
    """Install the pinned uv into its own environment, once."""
    venv = VENV / "tools"
    pinned = ROOT / "requirements" / "uv.txt"
    uv = venv / "bin" / "uv"
    if not (uv.exists() and is_done(venv, pinned)):
        step("installer: downloading uv (20 MB)", [sys.executable, "-m", "venv", "--clear", str(venv)])
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        step("installer: installing uv", [*pip, "--require-hashes", "-r", str(pinned)])
        (venv / "stamp").write_text(stamp(venv, pinned), "utf-8")
    return uv


def create(uv: Path, name: str, test: bool) -> None:
    """Make one environment and install its hashed requirements."""
    wanted, files, size = ENVIRONMENTS[name]
    venv = VENV / name
    chosen = requirement(name, test)
    if not (venv / "bin" / "python").exists():
        step(f"{name}: making the environment", [str(uv), "venv", "-q", "--python", python(uv, wanted), str(venv)])
    (venv / "stamp").unlink(missing_ok=True)
    sync = [str(uv), "pip", "sync", "-q", "--require-hashes", "--python", str(venv / "bin" / "python"), str(chosen)]
    step(f"{name}: downloading {count(chosen)} packages ({size}) and installing them", sync)
    held = files[: files.index(chosen.name) + 1]
    (venv / "stamp").write_text("\n".join(stamp(venv, ROOT / "requirements" / file) for file in held), "utf-8")


def count(requirements: Path) -> int:
    """Return how many packages a requirement file pins."""
    return sum(
        "==" in line and not line.startswith((" ", "#")) for line in requirements.read_text("utf-8").splitlines()
    )


def python(uv: Path, wanted: tuple[tuple[int, int], ...]) -> str:
    """Find a Python of one of these versions, or let uv download the first."""
    for version in wanted:
        for candidate in candidates(version, os.environ, Path.home()):
            found = probe(candidate, version)
            if found:
                return found
    name = ".".join(map(str, wanted[0]))
    step(f"Python {name}: not found here, downloading it (30 MB)", [str(uv), "python", "install", "-q", name])
    shown = subprocess.run([str(uv), "python", "find", "-q", name], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    found = probe(Path(shown.stdout.strip()), wanted[0]) if shown.stdout.strip() else None
    if not found:
        raise SetupError(
            f"Python {name} is missing; install it (for example `pyenv install {name}`) and run this again."
        )
    return found


def candidates(version: tuple[int, int], environ: Mapping[str, str], home: Path) -> Iterable[Path]:
    """Return where a Python may be: this one, pyenv's real ones (never its shims), the system's, uv's own."""
    name = ".".join(map(str, version))
    yield Path(sys.executable)
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{name}.*/bin/python{name}"), reverse=True)
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder and "shims" not in folder:
            yield Path(folder) / f"python{name}"
    yield from sorted(home.glob(f".local/share/uv/python/cpython-{name}.*/bin/python{name}"), reverse=True)


def probe(candidate: Path, version: tuple[int, int]) -> str | None:
    """Return the interpreter's real path when it runs and is of this version."""
    if not candidate.is_file():
        return None
    code = "import sys, ctypes, ssl, venv; print(*sys.version_info[:2], sys.executable)"
    try:
        shown = subprocess.run([candidate, "-c", code], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    major, minor, path = [*shown.stdout.strip().split(" ", 2), "", "", ""][:3]
    return path if (major, minor) == (str(version[0]), str(version[1])) else None


def step(title: str, command: list[str]) -> None:
    """Run one step with one progress line; a failure becomes one line that says what to do."""
    print(f"{title} …", end=" ", flush=True)
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    print(f"{time.monotonic() - began:.1f} s", flush=True)
    if done.returncode:
        raise SetupError(explain(title, done.stderr or done.stdout))


def explain(title: str, output: str) -> str:
    """Turn an installer's output into one line."""
    if "No space left" in output:
        return "the disk is full; free some space and run the same command again."
    if "ensurepip" in output:
        return "python3 cannot make environments; install the system's python3-venv package and run this again."
    lines = [line.strip() for line in output.splitlines() if line.strip() and "warning" not in line.lower()]
    reason = " ".join(lines[-3:])[:300] or "no reason given"
    return f"{title.split(':')[0]} failed ({reason}); check the network and run this again."


def link_command() -> None:
    """Put the `chengfatong` command into the app's environment."""
    link = VENV / "app" / "bin" / "chengfatong"
    if not link.is_symlink():
        link.symlink_to(ROOT / "chengfatong")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
