"""Start the parts, wait for each, restart one that dies, stop them all and leave no process."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.errors import ChengfatongError
from bot.platform.processes import Heed, Program
from bot.platform.settings import ROOT

# The engine loads its model in a few seconds; a minute and a half on a slow disk is still a start, not a hang.
READY_SECONDS = 90.0
# Every part has to be gone 10 s after the first signal; two rounds of this (parts, then store) leave time for SIGKILL.
STOP_SECONDS = 4.0
BACKOFF_FIRST, BACKOFF_LAST, HEALTHY_SECONDS = 0.5, 30.0, 60.0
# Two files of this size a part: enough for days, never a full disk.
LOG_BYTES = 5 * 1024**2
# Of a part that prints without ever ending its line, no more than this is kept in memory.
LONGEST_LINE = 1024**2
PR_SET_PDEATHSIG = 1


class PartFailed(ChengfatongError):
    """A part could not be started; the message is one line that says what to do."""


class Child:
    """One part: its process, its log, and how long to wait before it is started again."""

    def __init__(self, program: Program, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.restarts = 0
        self.heard: list[str] = []
        self.process: asyncio.subprocess.Process | None = None
        self._started = 0.0
        self._backoff = BACKOFF_FIRST
        self._pump: asyncio.Task[None] | None = None
        # Until the part is ready its lines wait: a start that fails is told in one line.
        self._say: Callable[[str], None] = self.heard.append

    async def start(self) -> None:
        """Start the process in its own session, tied to this process's life."""
        self._started = time.monotonic()
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self.program.command,
                env=self.program.env or None,
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),
            )
        except OSError as error:
            raise PartFailed(f"{self.program.name} cannot be started ({error}); run `make run` again.") from error
        if self.process.stdout is not None:
            self._pump = asyncio.create_task(_copy(self.process.stdout, self.log, self._tell(self.program.watch())))

    async def until_ready(self) -> None:
        """Wait until the part answers; raise PartFailed when it ends or stays silent."""
        deadline = time.monotonic() + READY_SECONDS
        while not await self.program.ready():
            if self.process is None or self.process.returncode is not None:
                raise PartFailed(f"{self.program.name} stopped at start: {await self._last_words()} (see {self.log})")
            if time.monotonic() > deadline:
                raise PartFailed(f"{self.program.name} is not ready after {READY_SECONDS:.0f} s; see {self.log}")
            await asyncio.sleep(0.1)

    def speak(self, say: Callable[[str], None]) -> None:
        """Say what the log told so far, and from now on each line as it comes."""
        self._say = say
        for line in self.heard:
            say(line)

    async def keep(self, say: Callable[[str], None]) -> None:
        """Restart the process whenever it ends, with back-off."""
        while True:
            if self.process is not None:
                code = await self.process.wait()
                self._kill(signal.SIGKILL)
                say(f"{self.program.name} ended ({code}); starting it again in {self.next_wait():g} s")
            await asyncio.sleep(self.take_wait())
            self.restarts += 1
            try:
                await self.start()
            except PartFailed as error:
                self.process = None
                say(str(error))

    def next_wait(self) -> float:
        """Return the seconds before the next start; a minute of health forgives what was before."""
        return BACKOFF_FIRST if time.monotonic() - self._started > HEALTHY_SECONDS else self._backoff

    def take_wait(self) -> float:
        """Return the seconds to wait, and double them for the next time."""
        wait = self.next_wait()
        self._backoff = min(wait * 2, BACKOFF_LAST)
        return wait

    async def stop(self) -> None:
        """End the process and its group: politely, then not."""
        if self.process is not None:
            self._kill(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
            self._kill(signal.SIGKILL)
            await self.process.wait()
        if self._pump is not None:
            self._pump.cancel()

    def _kill(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def _tell(self, heed: Heed) -> Callable[[str], None]:
        def tell(line: str) -> None:
            if text := heed(line):
                self._say(f"{self.program.name}: {text}")

        return tell

    async def _last_words(self) -> str:
        if self._pump is not None:
            await asyncio.wait([self._pump], timeout=1)
        if self.heard:
            return self.heard[-1].removeprefix(f"{self.program.name}: ")
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return lines[-1].strip()[:300] if lines else "it said nothing"


async def supervise(
    stages: list[list[Program]],
    logs: Path,
    say: Callable[[str], None],
    ready: Callable[[], None],
    between: Callable[[int], Awaitable[None]] | None = None,
) -> None:
    """Run the stages until SIGINT or SIGTERM. `between` runs after each stage is ready; `ready` when all are.

    Raises PartFailed when a part cannot be started; nothing is left running either way.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    started: list[list[Child]] = []
    keepers: list[asyncio.Task[None]] = []
    work = asyncio.create_task(_start_all(stages, logs, started, keepers, say, between))
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
            ready()
            await stop
    finally:
        await _end([work, stop, *keepers])
        for stage in reversed(started):
            await asyncio.gather(*(child.stop() for child in stage))


async def _start_all(
    stages: list[list[Program]],
    logs: Path,
    started: list[list[Child]],
    keepers: list[asyncio.Task[None]],
    say: Callable[[str], None],
    between: Callable[[int], Awaitable[None]] | None,
) -> None:
    for number, stage in enumerate(stages):
        children = [Child(program, logs) for program in stage]
        started.append(children)
        for child in children:
            await child.start()
        for child in children:
            await child.until_ready()
            say(f"{child.program.name} is ready")
            child.speak(say)
        if between is not None:
            await between(number)
    for stage_children in started:
        keepers += [asyncio.create_task(child.keep(say)) for child in stage_children]


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(stream: asyncio.StreamReader, path: Path, tell: Callable[[str], None]) -> None:
    """Append what a part prints to its log, begin a new file when it is full, and show each line to `tell`."""
    rest = b""
    while chunk := await stream.read(65536):
        with suppress(OSError):  # a full disk costs log lines, never the part
            _append(path, chunk)
        *lines, rest = (rest + chunk)[-LONGEST_LINE:].split(b"\n")
        for line in lines:
            tell(line.decode("utf-8", "replace"))


def _append(path: Path, chunk: bytes) -> None:
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as log:
        log.write(chunk)


def _die_with_parent(parent: int) -> Callable[[], None]:
    """Ask the kernel to end the child when the supervisor ends, even by kill -9."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask
