"""WeChat at a fixed rate through the stand-in, safe mode, the engine really answering: each message once, none lost.

Run: .venv/app/bin/python -m bench.wechat [--rate 100] [--seconds 300] [--kills 3] [--control]
Open loop: a message leaves when it is due, whatever happened to those before; times count from that moment. Of the
messages 5 % lose their first answer on the way, so that the platform sends again after five seconds, 5 % are delivered
twice at once, and 2 % are no messages at all. `--kills` kills the gateway that often, evenly spread; it is the supervisor
that starts it again. `--control` gives each delivery of a message an id of its own, which is what a gateway without
de-duplication sees: the same checker must find doubles. `--ladder 40,60,80` prints what each rate gives.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from bench.ground import ROOT, ground
from bench.kills import PARTS, pid_of
from bench.processes import Watch
from bench.program import program
from bench.wechat_check import SORRY, Sent, is_doubled, is_lost, judge, quantile, says, windows
from bot.bootstrap import TrackerLines
from bot.citizens.keyring import keyring_of
from bot.platform.keyfile import with_keys
from bot.platform.processes import free_port, store_url
from bot.platform.settings import load
from bot.platform.store import connect
from tests.standin import Account, Bubble, Standin
from tests.standin.pushes import Delivery, Push, delivery

SAID = (Path(__file__).parent / "said.txt").read_text("utf-8").split("\n")[:-1]
LOST, DOUBLED, MALFORMED = 0.05, 0.05, 0.02
# A citizen's next message comes when everything that may still follow the last one has come: three deliveries take 15 s.
GAP_SECONDS = 20
# The engine keeps the last turns of a conversation; so many messages of one citizen it surely has at the end.
ROUNDS = 3
# What was answered late follows by itself: the run is over when no phone got anything for so long.
QUIET_SECONDS, MOST_AFTER_SECONDS = 25, 300
# The last digit of a message's id is the delivery's, so that --control can tell them apart.
DELIVERY_DIGIT = 10


@dataclass
class Load:
    """One run's messages, and how the odd ones were answered. `control`: each delivery gets an id of its own."""

    standin: Standin
    rate: float
    seconds: float
    seed: int
    control: bool = False
    sent: list[Sent] = field(default_factory=list)
    malformed: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Send everything when it is due, and wait for the end of it."""
        dice, start = random.Random(self.seed), time.monotonic() + 0.5
        rounds: dict[str, list[str]] = {}
        async with ClientSession(timeout=ClientTimeout(10)) as session, asyncio.TaskGroup() as group:
            for number in range(int(self.rate * self.seconds)):
                due = start + number / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if dice.random() < MALFORMED:
                    group.create_task(self._garbage(session, dice.randrange(6)))
                else:
                    group.create_task(self._message(self._next(number, dice, rounds), due))

    def _next(self, number: int, dice: random.Random, rounds: dict[str, list[str]]) -> Sent:
        """Return the next message: citizens take turns, each says three different things, then come others."""
        at_once = max(1, int(self.rate * GAP_SECONDS))
        openid = f"oBench{number // (at_once * ROUNDS):06d}x{number % at_once:08d}"
        texts = rounds.setdefault(openid, dice.sample(SAID, ROUNDS))
        identity = str(self.standin.job_id() * DELIVERY_DIGIT)
        sent = Sent(identity, openid, texts.pop())
        chance = dice.random()
        sent.lost, sent.doubled = chance < LOST, LOST <= chance < LOST + DOUBLED
        self.sent.append(sent)
        return sent

    async def _message(self, sent: Sent, due: float) -> None:
        phone, person = self.standin.phone(sent.openid), self.standin.people[sent.openid]
        now, began = self.standin.clock(), time.monotonic()
        person.heard("message", now)
        person.shows(Bubble("me", sent.text))
        push = Push(phone.openid, "text", int(now), {"Content": sent.text}, sent.identity)
        exchange = await self.standin.courier.carry(replace_marks(push, sent), person)
        sent.late, sent.seconds = began - due, began - due + exchange.seconds
        sent.deliveries, sent.failed = exchange.deliveries, exchange.failed

    async def _garbage(self, session: ClientSession, which: int) -> None:
        """Send what is no message of the platform's."""
        push = Push("oGarbage", "text", int(time.time()), {"Content": "您好"}, self.standin.message_id())
        good = delivery(push, self.standin.account)
        query, body = _garbled(good, which)
        try:
            async with session.post(self.standin.courier.gateway, params=query, data=body) as response:
                self.malformed[str(response.status)] += 1
        except (ClientError, OSError, TimeoutError) as error:
            self.malformed[type(error).__name__] += 1


def replace_marks(push: Push, sent: Sent) -> Push:
    """Mark a push for the weather: whether its first answer is lost, whether it is delivered twice."""
    return replace(push, marks=frozenset(name for name in ("lost", "doubled") if getattr(sent, name)))


def _garbled(good: Delivery, which: int) -> tuple[dict[str, str], bytes]:
    """Return one of six things that are no message: cut, other bytes, a bomb, a wrong signature, a plain body, nothing."""
    if which == 0:
        return good.query, good.body[: len(good.body) // 2]
    if which == 1:
        return good.query, os.urandom(200)
    if which == 2:
        return good.query, b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
    if which == 3:
        return {**good.query, "signature": "0" * 40}, good.body
    if which == 4:
        return {name: value for name, value in good.query.items() if name != "encrypt_type"}, b"<xml></xml>"
    return good.query, b""


def numbered(account: Account) -> Callable[[Push, Account], Delivery]:
    """Return what makes deliveries that no gateway can know to be one message."""
    numbers: Counter[str] = Counter()

    def made(push: Push, _: Account) -> Delivery:
        numbers[push.id] += 1
        return delivery(replace(push, id=str(int(push.id) + numbers[push.id])), account)

    return made


async def taken(var: Path, openids: set[str]) -> dict[str, Counter[str]]:
    """Return what the engine took, by the message's identity: its texts, and how often each."""
    settings = with_keys(load({"CHENGFATONG_VAR": str(var)}))
    redis = connect(store_url(settings))
    lines = TrackerLines(redis, settings.district, keyring_of(settings))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for openid in openids:
        name = lines.key(f"wechat:{openid}")
        for event in lines.open(name, await redis.lrange(name, 0, -1)):
            if event["event"] == "user" and str(event.get("message_id")).isdigit():
                found[str(int(event["message_id"]) // DELIVERY_DIGIT * DELIVERY_DIGIT)][event["text"]] += 1
    await redis.aclose()
    return found


async def settled(standin: Standin) -> float:
    """Wait until nothing more comes to any phone; return how many seconds something did."""
    began = last = time.monotonic()
    seen = 0
    while time.monotonic() - last < QUIET_SECONDS and time.monotonic() - began < MOST_AFTER_SECONDS:
        await asyncio.sleep(0.2)
        now = sum(len(person.screen) for person in standin.people.values())
        last, seen = (time.monotonic(), now) if now != seen else (last, seen)
    return round(last - began, 1)


async def killing(var: Path, times: int, seconds: float) -> list[float]:
    """Kill the gateway evenly over a run; return the moments."""
    moments = []
    for _ in range(times):
        await asyncio.sleep(seconds / (times + 1))
        os.kill(pid_of(var, PARTS["gateway"]), signal.SIGKILL)
        moments.append(round(time.monotonic(), 1))
    return moments


@contextlib.asynccontextmanager
async def beside(work: Awaitable[object]) -> AsyncIterator[None]:
    """Let something go on beside a block."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def measured(standin: Standin, var: Path, given: argparse.Namespace, rate: float) -> dict[str, object]:
    """Run one load and return its row."""
    load_, watch = Load(standin, rate, given.seconds, given.seed, given.control), Watch(var)
    standin.people.clear()
    standin.courier.defects.clear()
    async with beside(watch.run()), beside(killing(var, given.kills, given.seconds)):
        await load_.run()
        after = await settled(standin)
    parts = watch.figures()
    by_citizen = itertools.groupby(sorted(load_.sent, key=lambda s: (s.openid, s.identity)), lambda s: s.openid)
    for openid, messages in by_citizen:
        windows(standin.people[openid].screen, list(messages))
    verdict = judge(load_.sent, await taken(var, {sent.openid for sent in load_.sent}))
    for sent in [sent for sent in load_.sent if is_doubled(sent) or is_lost(sent) or says(sent, *SORRY)][:5]:
        print(f"{sent}", file=sys.stderr)
    straight = [sent.seconds for sent in load_.sent if not sent.lost and not sent.failed]
    return {
        "rate": rate, "seconds": given.seconds, "kills": given.kills, "control": given.control, "seed": given.seed,
        **verdict.as_json(), "answers_after_the_last_message_s": after,
        "p50_ms": quantile(straight, 0.5), "p99_ms": quantile(straight, 0.99), "slowest_ms": quantile(straight, 1),
        "left_late_p99_ms": quantile((sent.late for sent in load_.sent), 0.99),
        "lost_on_purpose": sum(s.lost for s in load_.sent), "doubled_on_purpose": sum(s.doubled for s in load_.sent),
        "deliveries": sum(sent.deliveries for sent in load_.sent),
        "by_service": sum(not any(b.way == "passive" for b in s.seen) for s in load_.sent),
        "malformed": dict(load_.malformed), "defects": dict(standin.courier.defects), "cpu_ms_a_message": {name: round(1000 * part["cpu_s"] / len(load_.sent), 1) for name, part in parts.items()},
        "parts": parts,
    }  # fmt: skip


async def run(given: argparse.Namespace, var: Path) -> None:
    """Print one JSON line a rate."""
    standin = Standin(Account.drawn())
    standin.weather.lost = lambda push: int("lost" in push.marks)
    standin.weather.copies = lambda push: 2 if "doubled" in push.marks else 1
    if given.control:
        standin.courier.delivery = numbered(standin.account)
    port = free_port()
    standin.courier.gateway = f"http://127.0.0.1:{port}/wechat"
    async with standin.serving():
        started = program(var, port, standin.account.settings(standin.base))
        await asyncio.to_thread(started.__enter__)
        try:
            best = 0.0
            for rate in given.ladder or [given.rate]:
                row = await measured(standin, var, given, rate)
                print(json.dumps(row, ensure_ascii=False), flush=True)
                if row["good"] and float(str(row["p99_ms"])) < 1000:
                    best = max(best, rate)
            print(json.dumps({"highest_rate_answered_once_with_p99_under_1_s": best}), flush=True)
        finally:
            await asyncio.to_thread(started.__exit__, None, None, None)


def main() -> None:
    """Measure, and say on what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--ladder", type=lambda text: [float(rate) for rate in text.split(",")], default=[])
    parser.add_argument("--models", type=Path, default=ROOT / "var" / "models")
    given = parser.parse_args()
    print(json.dumps(ground()), flush=True)
    with tempfile.TemporaryDirectory() as name:
        var = Path(name) / "var"
        var.mkdir()
        shutil.copytree(given.models, var / "models")
        asyncio.run(run(given, var))


if __name__ == "__main__":
    main()
