"""Random conversations with the whole program: whatever is said or tapped after whatever, an answer comes.

Run: .venv/app/bin/python -m bench.walks [--walks 1000] [--turns 12] [--seed 1] [--models var/models]
A walker taps a button, of the last answer or further up on the screen, or says a line: a citizen's message, or one of the short replies that a form
waits for. A turn fails when the answer is an apology, none at all, or no HTTP 200. Each failure is printed with the way
that led there. `--control` lets the actions die after a third of the walks: the same judge must find that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from bench.ground import ROOT, ground
from bench.kills import PARTS, pid_of
from bench.program import program
from bench.wechat_check import SORRY
from bot.platform.processes import free_port

MESSAGES = [
    *(Path(__file__).parent / "said.txt").read_text("utf-8").split("\n")[:-1],
    *(json.loads(line)["text"] for line in (ROOT / "tests/evaluation/messages.jsonl").read_text("utf-8").splitlines()),
]
REPLIES = [
    "好的",
    "不用了",
    "同意",
    "不同意",
    "第二个",
    "最后一个",
    "继续",
    "然后呢",
    "为什么",
    "算了",
    "换一个",
    "都不是",
    "还有吗",
    "2",
    "随便",
    "改天",
    "明天上午",
    "下周三下午三点",
    "视频",
    "当面",
    "打电话",
    "林阿妹",
    "13800138000",
    "我妈",
    "我自己",
    "莲下",
    "凤翔街道",
    "女的",
    "会说潮汕话的",
    "六千",
    "三年半",
    "今年三月五号",
    "五万块",
    "不知道",
    "没有",
    "有",
    "取消",
    "改时间",
    "返回",
    "重新来",
    "我的预约",
    "转人工",
    "你是谁",
    "谢谢",
    "再见",
]
# How often a walker taps, taps a button that is long over, and answers shortly when something was asked.
TAPS, OLD, ANSWERS = 0.45, 0.2, 0.6
AT_ONCE = 16


@dataclass
class Walk:
    """One citizen's way, the buttons of the last answer that had any, and all that are still on the screen."""

    sender: str
    way: list[str] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)
    screen: list[dict[str, str]] = field(default_factory=list)

    def step(self, dice: random.Random) -> dict[str, str]:
        """Choose what to send next."""
        if self.buttons and dice.random() < TAPS:
            button = dice.choice(self.screen if dice.random() < OLD else self.buttons)
            self.way.append(f"[{button['title']}]")
            return {"payload": button["payload"]}
        said = dice.choice(REPLIES if self.buttons and dice.random() < ANSWERS else MESSAGES)
        self.way.append(said)
        return {"text": said}

    def fault(self, status: int, messages: list[dict[str, Any]]) -> str:
        """Take an answer; return what is wrong with it, "" for nothing."""
        buttons = [button for message in messages for button in message.get("buttons") or ()]
        self.buttons, self.screen = buttons or self.buttons, self.screen + buttons
        if status != 200:
            return f"HTTP {status}"
        if not any(message.get("text") or message.get("card") for message in messages):
            return "nothing said"
        return next((sorry for sorry in SORRY for message in messages if sorry in message["text"]), "")


async def walk(session: ClientSession, url: str, turns: int, seed: int) -> tuple[int, list[tuple[str, list[str]]]]:
    """Walk once; return how many turns, and (what was wrong, the way there) of those that failed."""
    dice, faults = random.Random(seed), []
    one = Walk(f"walker-{seed:010d}")
    for _ in range(turns):
        said = one.step(dice)
        try:
            async with session.post(url, json={"sender": one.sender, **said}) as response:
                answer = await response.json() if response.status == 200 else {}
                fault = one.fault(response.status, answer.get("messages", []))
        except (ClientError, TimeoutError) as error:
            fault = type(error).__name__
        if fault:
            faults.append((fault, one.way[:]))
    return turns, faults


async def walks(url: str, given: argparse.Namespace, var: Path) -> None:
    """Walk all of them, some at once, and print what came of it."""
    began, faults, seen = time.monotonic(), list[tuple[str, list[str]]](), 0
    gate = asyncio.Semaphore(AT_ONCE)
    async with ClientSession() as session:

        async def one(number: int) -> tuple[int, list[tuple[str, list[str]]]]:
            async with gate:
                if given.control and number == given.walks // 3:
                    os.kill(pid_of(var, PARTS["actions"]), signal.SIGKILL)
                return await walk(session, url, given.turns, given.seed * 1_000_000 + number)

        for turns, found in await asyncio.gather(*(one(number) for number in range(given.walks))):
            seen += turns
            faults += found
    for fault, way in faults[:20]:
        print(json.dumps({"fault": fault, "way": way}, ensure_ascii=False), flush=True)
    kinds = Counter(fault for fault, _ in faults)
    seconds = round(time.monotonic() - began, 1)
    row = {"walks": given.walks, "turns": seen, "seed": given.seed, "control": given.control, "seconds": seconds}
    print(json.dumps({**row, "faults": len(faults), "kinds": kinds}, ensure_ascii=False), flush=True)


def _errors(logs: Path) -> list[str]:
    """Return what the parts' logs say of errors, each once."""
    lines = (line for file in sorted(logs.glob("*.log")) for line in file.read_text("utf-8").splitlines())
    found = (json.loads(line) for line in lines if line.startswith("{") and '"error"' in line)
    return list(dict.fromkeys(json.dumps({**told, "at": ""}, ensure_ascii=False) for told in found))


def main() -> None:
    """Walk, and say on what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walks", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--models", type=Path, default=ROOT / "var" / "models")
    given = parser.parse_args()
    print(json.dumps(ground()), flush=True)
    with tempfile.TemporaryDirectory() as name:
        var, port = Path(name) / "var", free_port()
        var.mkdir()
        shutil.copytree(given.models, var / "models")
        with program(var, port, {}):
            asyncio.run(walks(f"http://127.0.0.1:{port}/api/chat", given, var))
        print(*_errors(var / "logs"), sep="\n", flush=True)


if __name__ == "__main__":
    main()
