"""Whole turns a second, ours against Rasa's default Chinese pipeline, same data, same questions, same run.

Run: .venv/app/bin/python -m bench.turns [--seconds 8] [--rate 50]
Ours is the whole program (gateway, engine, actions, store) through POST /api/chat and /wechat. The rival is Rasa's own
server with JiebaTokenizer, CountVectors, DIET and TED on our training data and rules, through its REST channel, with the
same action server behind it. Both sides have the machine to themselves in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from bench.ground import ROOT, ground
from bench.program import program
from bot.platform.processes import free_port

QUESTIONS = (
    "上华镇有哪些女调解员", "隆都司法所几点上班", "公证处的地址告诉我", "公司拖欠工资三个月没给", "你好呀", "有没有懂婚姻的律师",
    "明天下午服务中心开门吗", "邻居漏水怎么处理", "这种事要打什么热线", "多谢你", "申请法律援助要准备啥", "溪南镇的法律顾问",
)  # fmt: skip
DEFAULT = """
recipe: default.v1
language: zh
assistant_id: rival
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - name: DIETClassifier
    epochs: 100
  - name: FallbackClassifier
    threshold: 0.3
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
    core_fallback_action_name: action_default_fallback
  - name: TEDPolicy
    epochs: 100
"""
STORY = """
version: "3.1"
stories:
  - story: small talk
    steps: [{intent: greet}, {action: utter_greet}, {intent: thank}, {action: utter_thank}]
"""
Send = Callable[[ClientSession, str, str], Awaitable[None]]


def figures(name: str, clients: int, times: list[float], elapsed: float) -> dict[str, float | str | int]:
    """Return one row of the table; times in milliseconds."""
    ordered = sorted(times)
    return {
        "what": name,
        "clients": clients,
        "turns_per_s": round(len(times) / elapsed, 1),
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
    }


async def closed_loop(name: str, send: Send, clients: int, seconds: float) -> dict[str, float | str | int]:
    """Let each client send its next message when the last one is answered."""
    times: list[float] = []
    async with ClientSession(timeout=ClientTimeout(30), connector=TCPConnector(limit=0)) as session:
        await send(session, f"warm{clients:04d}", QUESTIONS[0])
        end = time.perf_counter() + seconds

        async def client(number: int) -> None:
            turn = number
            while time.perf_counter() < end:
                began = time.perf_counter()
                # A new citizen every twelve messages, so that no conversation grows out of all proportion.
                await send(session, f"bench{clients:02d}{number:04d}{turn // 12:06d}", QUESTIONS[turn % len(QUESTIONS)])
                times.append(time.perf_counter() - began)
                turn += 1

        began = time.perf_counter()
        await asyncio.gather(*(client(number) for number in range(clients)))
        return figures(name, clients, times, time.perf_counter() - began)


async def open_loop(name: str, send: Send, rate: int, seconds: float) -> dict[str, float | str | int]:
    """Send at a fixed rate whatever happens; time counts from the intended moment."""
    times: list[float] = []
    async with ClientSession(timeout=ClientTimeout(60), connector=TCPConnector(limit=0)) as session:
        start = time.perf_counter() + 0.2

        async def one(number: int) -> None:
            due = start + number / rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
            await send(session, f"open{number:08d}", QUESTIONS[number % len(QUESTIONS)])
            times.append(time.perf_counter() - due)

        await asyncio.gather(*(one(number) for number in range(int(rate * seconds))))
        return figures(f"{name} at {rate}/s", 0, times, time.perf_counter() - start)


def chat(base: str) -> Send:
    """Return a sender through POST /api/chat."""

    async def send(session: ClientSession, sender: str, text: str) -> None:
        async with session.post(f"{base}/api/chat", json={"sender": sender, "text": text}) as response:
            answer = await response.json()
            assert response.status == 200, answer
            assert "出了点问题" not in answer["messages"][0]["text"], "the engine was down"

    return send


def wechat(base: str) -> Send:
    """Return a sender through the webhook in plain mode."""
    counter = iter(range(10**9))

    async def send(session: ClientSession, sender: str, text: str) -> None:
        stamp = str(int(time.time()))
        signature = hashlib.sha1("".join(sorted(["bench", stamp, "n"])).encode()).hexdigest()  # noqa: S324
        body = (
            f"<xml><ToUserName>gh</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{stamp}</CreateTime>"
            f"<MsgType>text</MsgType><Content>{text}</Content><MsgId>{next(counter)}</MsgId></xml>"
        )
        url = f"{base}/wechat?signature={signature}&timestamp={stamp}&nonce=n"
        async with session.post(url, data=body.encode()) as response:
            assert "Content" in await response.text()

    return send


def rest(base: str) -> Send:
    """Return a sender through Rasa's own REST channel."""

    async def send(session: ClientSession, sender: str, text: str) -> None:
        async with session.post(f"{base}/webhooks/rest/webhook", json={"sender": sender, "message": text}) as response:
            assert response.status == 200
            assert await response.json() is not None

    return send


@contextmanager
def ours(var: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Run the whole program; yield its address and the environment of its engine."""
    port = free_port()
    with program(var, port, {"WECHAT_TOKEN": "bench", "WECHAT_MODE": "plain"}):
        yield f"http://127.0.0.1:{port}", _engine_env(var)


def _engine_env(var: Path) -> dict[str, str]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            raw = (entry / "environ").read_bytes()
            if (
                f"CHENGFATONG_VAR={var}\0".encode() in raw
                and b"bot.understanding.server" in (entry / "cmdline").read_bytes()
            ):
                return dict(pair.split("=", 1) for pair in raw.decode().split("\0") if "=" in pair)
        except OSError:
            continue
    raise RuntimeError("the engine is not running")


def prepare_rival(folder: Path) -> float:
    """Train Rasa's default pipeline on our data; return the seconds it took."""
    shutil.copytree(ROOT / "data" / "nlu", folder / "data" / "nlu")
    shutil.copytree(ROOT / "data" / "rules", folder / "data" / "rules")
    (folder / "data" / "stories.yml").write_text(STORY, "utf-8")
    (folder / "config.yml").write_text(DEFAULT, "utf-8")
    # Its forms and slots are ours; nothing is taken away from it but our components.
    shutil.copy(ROOT / "domain.yml", folder / "domain.yml")
    began = time.monotonic()
    rasa = ROOT / ".venv" / "engine" / "bin" / "rasa"
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with (folder / "train.log").open("w") as log:
        subprocess.run(
            [rasa, "train", "--fixed-model-name", "rival"], cwd=folder, env=env, stdout=log, stderr=log, check=True
        )
    return time.monotonic() - began


@contextmanager
def rival(folder: Path, engine_env: dict[str, str]) -> Iterator[str]:
    """Run Rasa's own server with the action server that is running."""
    port = free_port()
    (folder / "credentials.yml").write_text("rest:\n", "utf-8")
    headers = f'{{Authorization: "Bearer {engine_env["CHENGFATONG_TOKEN"]}"}}'
    actions = f"action_endpoint:\n  url: {engine_env['CHENGFATONG_ACTIONS_URL']}/webhook\n  headers: {headers}\n"
    (folder / "endpoints.yml").write_text(actions, "utf-8")
    rasa = ROOT / ".venv" / "engine" / "bin" / "rasa"
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "ERROR"}
    command = [rasa, "run", "-m", "models/rival.tar.gz", "-p", str(port), "-i", "127.0.0.1"]
    with (folder / "run.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    asyncio.run(_answers(f"http://127.0.0.1:{port}/", process))
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


async def _answers(url: str, process: subprocess.Popen[bytes]) -> None:
    async with ClientSession() as session:
        while process.poll() is None:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except OSError:
                await asyncio.sleep(0.5)
    raise RuntimeError("Rasa's server did not start")


def long_conversation(base: str, messages: int, pairs: int = 30) -> dict[str, float | str]:
    """Return the median turn after this many messages of one conversation against the 10th of others.

    Measured in pairs, one after the other: the machine's own mood between the start and the end of a long run is larger
    than what is looked for.
    """

    async def run() -> tuple[list[float], list[float]]:
        send, long, short = wechat(base), [], []
        async with ClientSession() as session:
            for _ in range(messages):
                await send(session, "long-conversation", QUESTIONS[4])
            for pair in range(pairs):
                for _ in range(9):
                    await send(session, f"short-conversation-{pair}", QUESTIONS[4])
                for sender, times in ((f"short-conversation-{pair}", short), ("long-conversation", long)):
                    began = time.perf_counter()
                    await send(session, sender, QUESTIONS[4])
                    times.append(time.perf_counter() - began)
        return long, short

    last, tenth = (sorted(times)[pairs // 2] for times in asyncio.run(run()))
    return {
        "what": f"message {messages} against message 10, {pairs} pairs",
        "ratio": round(last / tenth, 2),
        "ms": round(1000 * last, 1),
    }


def main() -> None:
    """Print one JSON line a row, the ratio last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--without-rival", action="store_true")
    given = parser.parse_args()
    print(json.dumps(ground()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        var = folder / "var"
        var.mkdir()
        trained = ROOT / "var" / "models"
        if trained.exists():
            shutil.copytree(trained, var / "models")
        if not given.without_rival:
            print(json.dumps({"rival_trained_in_s": round(prepare_rival(folder), 1)}), flush=True)
        best: dict[int, float] = {}
        with ours(var) as (base, engine_env):
            for name_, send in (("ours /api/chat", chat(base)), ("ours /wechat", wechat(base))):
                for clients in (1, 16, 64):
                    row = asyncio.run(closed_loop(name_, send, clients, given.seconds))
                    print(json.dumps(row), flush=True)
                    if name_ == "ours /api/chat":
                        best[clients] = float(row["turns_per_s"])
            print(
                json.dumps(asyncio.run(open_loop("ours /api/chat", chat(base), given.rate, given.seconds))), flush=True
            )
            print(json.dumps(long_conversation(base, 1000)), flush=True)
            if given.without_rival:
                return
            with rival(folder, engine_env) as other:
                for clients in (1, 16, 64):
                    row = asyncio.run(closed_loop("rival REST", rest(other), clients, given.seconds))
                    print(json.dumps(row), flush=True)
                    print(
                        json.dumps(
                            {"clients": clients, "ours_over_rival": round(best[clients] / float(row["turns_per_s"]), 2)}
                        ),
                        flush=True,
                    )


if __name__ == "__main__":
    main()
