"""Find a Chromium for the page tests, or install the system's. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """Return the browser's path, or nothing."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def install() -> None:
    """Install the system's Chromium where this user may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("browser: installing the system's Chromium …", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603


def main(arguments: list[str]) -> int:
    """Make sure of a browser; with --path, only print where it is."""
    if "--path" in arguments:
        print(find())
        return 0
    if not find():
        install()
    if find():
        return 0
    print("browser: NO CHROMIUM HERE: tests/browser IS NOT RUN; install chromium and repeat.", file=sys.stderr)
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
