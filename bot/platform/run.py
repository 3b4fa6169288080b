"""`chengfatong run`: train, start every part, import the directory, say where it is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

from bot.errors import ChengfatongError, SettingError
from bot.platform.demo_phone import demo_phone, wanted
from bot.platform.keyfile import make_keys
from bot.platform.processes import ENGINE_PYTHON, Program, free_port, gateway_url, only_one, require_port, stages
from bot.platform.settings import ROOT, Settings
from bot.platform.supervisor import supervise


def main(settings: Settings) -> None:
    """Run everything until SIGINT or SIGTERM.

    Without keys in the settings, those of `var/keys` are used, and made at the first start.
    """
    began = time.monotonic()
    require_port(settings.host, settings.port)
    if not ENGINE_PYTHON.exists():
        raise SettingError("The engine's environment (Python 3.10) is missing; run `make run`, which makes it.")
    with only_one(settings):
        settings = make_keys(settings)
        train(settings)
        phone = demo_phone(free_port(), gateway_url(settings)) if wanted(settings) else None
        parts = stages(settings, phone)

        async def between(number: int) -> None:
            if number == 0:
                await _import_directory(settings, parts[0][0])
            if phone and number == len(parts) - 1:
                await _push_menu(parts[0][0])

        def ready() -> None:
            shown = f"[{settings.host}]" if ":" in settings.host else settings.host
            print(f"Ready: http://{shown}:{settings.port} ({time.monotonic() - began:.1f} s)", flush=True)
            if phone:
                print(f"WeChat on a demo phone: {phone.url}/", flush=True)

        asyncio.run(supervise(parts, settings.var / "logs", lambda line: print(line, flush=True), ready, between))


def train(settings: Settings) -> None:
    """Train the engine; the trainer itself skips what is already trained."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [ENGINE_PYTHON, "-m", "bot.understanding.train"],
        env={**os.environ, "CHENGFATONG_VAR": str(settings.var)},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise ChengfatongError(f"Training failed: {lines[-1][:300]}")


async def _import_directory(settings: Settings, part: Program) -> None:
    """Import the district's own files when they have changed since the last time."""
    command = (sys.executable, "-m", "bot.cli", "directory", "import", "--if-changed", str(settings.data))
    process = await asyncio.create_subprocess_exec(*command, env=part.env, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code:
        raise ChengfatongError(f"The directory in {settings.data} was not imported; correct it and start again.")


async def _push_menu(part: Program) -> None:
    """Put the account's menu on the demo phone. A phone without it is still one."""
    command = (sys.executable, "-m", "bot.cli", "wechat", "menu", "push")
    quiet = subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, env=part.env, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code:
        print("The demo phone has no menu: `chengfatong wechat menu push` failed.", flush=True)
