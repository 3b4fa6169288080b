"""An embedded store whose append-only file was cut or damaged: what the operator reads, and what is still there."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.errors import ChengfatongError
from bot.platform import commands
from bot.platform.contents import open_bytes
from bot.platform.embedded import opened, running
from bot.platform.processes import embedded_store
from bot.platform.settings import Settings, load
from bot.platform.store_log import ONE_COMMAND
from bot.platform.supervisor import PartFailed, supervise

WRITES = 40
SEED = 7
CUT = "an unfinished command at the end, {} bytes of appendonly.aof.1.incr.aof, was cut off"


def settings_of(folder: Path) -> Settings:
    return load({"CHENGFATONG_VAR": str(folder)})


def tail(folder: Path) -> Path:
    return next((folder / "store" / "appendonlydir").glob("*.incr.aof"))


async def both(redis: Redis, number: int) -> None:
    """Write two keys in one step, as a booking does."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(f"{{440515}}:a:{number}", "示例" * number).set(f"{{440515}}:b:{number}", "示例" * number)
        await pipe.execute()


async def write_all(folder: Path) -> list[int]:
    ends = []
    async with opened(settings_of(folder)) as url, open_bytes(url) as redis:
        for number in range(WRITES):
            await both(redis, number)
            ends.append(tail(folder).stat().st_size)
        await commands.back_up(settings_of(folder), folder / "backup")
        await redis.delete("{440515}:backup:last")
    return ends


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A store that was stopped, a backup of it, and where in its file each confirmed write ends."""
    folder = tmp_path_factory.mktemp("written")
    return folder, asyncio.run(write_all(folder))


@asynccontextmanager
async def started(
    folder: Path, capsys: pytest.CaptureFixture[str], lines: int
) -> AsyncIterator[tuple[list[str], set[str]]]:
    """Start the store, and tell what it said (waiting for that many lines) and holds."""
    capsys.readouterr()
    said: list[str] = []
    async with opened(settings_of(folder)) as url, open_bytes(url) as redis:
        names = set(await redis.keys("*"))
        async with asyncio.timeout(10):  # the log is read beside, and may come a moment after the store answers
            while len(said) < lines:
                await asyncio.sleep(0.02)
                said += capsys.readouterr().out.splitlines()
        yield said, names


def kept(count: int) -> set[str]:
    return {f"{{440515}}:{letter}:{n}" for n in range(count) for letter in "ab"}


def points(ends: list[int]) -> list[int]:
    """The last write cut in its first, middle and last byte, then random points of the tail."""
    chance = random.Random(SEED)  # noqa: S311 - places in a file, no secrets
    last = [ends[-2] + 1, (ends[-2] + ends[-1]) // 2, ends[-1] - 1]
    return [*last, ends[-2], *(chance.randrange(ends[3], ends[-1]) for _ in range(6))]


@pytest.mark.parametrize("number", range(10))
async def test_store_starts_and_says_how_much_was_cut_when_a_write_was_half_done(
    written: tuple[Path, list[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    source, ends = written
    shutil.copytree(source, tmp_path / "var")
    at = points(ends)[number]
    os.truncate(tail(tmp_path / "var"), at)
    whole = sum(end <= at for end in ends)
    cut = at - ends[whole - 1]
    async with started(tmp_path / "var", capsys, lines=bool(cut)) as (said, names):
        assert names == kept(whole)
        assert [CUT.format(cut) in line for line in said] == [True] * bool(cut)


def _overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


@pytest.mark.parametrize("damage", ["middle", "zeros at the end", "base", "missing"])
async def test_operator_can_read_what_to_do_when_the_store_is_damaged(
    written: tuple[Path, list[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    source, ends = written
    var = tmp_path / "var"
    shutil.copytree(source, var)
    if damage == "middle":
        _overwrite(tail(var), ends[WRITES // 2], bytes(8))
    elif damage == "zeros at the end":
        _overwrite(tail(var), tail(var).stat().st_size, bytes(512))
    elif damage == "base":
        base = next((var / "store" / "appendonlydir").glob("*.base.rdb"))
        os.truncate(base, base.stat().st_size - 9)
    else:
        tail(var).unlink()
    with pytest.raises(PartFailed, match=r"are damaged.*chengfatong restore FILE") as caught:
        await commands.back_up(settings_of(var), tmp_path / "c")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "c").exists()
    (var / "store" / "appendonlydir").rename(tmp_path / "elsewhere")
    await commands.restore(settings_of(var), var / "backup", over=False)
    async with started(var, capsys, lines=0) as (_, names):
        assert names == kept(WRITES) | {"{440515}:backup:last"}


async def test_operator_is_warned_when_more_is_cut_than_one_command(
    written: tuple[Path, list[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, ends = written
    shutil.copytree(source, tmp_path / "var")
    async with opened(settings_of(tmp_path / "var")) as url, open_bytes(url) as redis:
        await redis.set("{440515}:large", "x" * 2 * ONE_COMMAND)
    # A length that reaches over the file's end looks like a cut, and takes all that follows with it.
    path = tail(tmp_path / "var")
    content = path.read_bytes()
    at = content.index(b"*3\r\n", ends[9])
    path.write_bytes(content[:at] + b"*3\r\n$999999999\r\n" + content[at + 8 :])
    size = path.stat().st_size
    async with started(tmp_path / "var", capsys, lines=1) as (said, names):
        assert names == kept(10)
        assert len(said) == 1
        assert f"the last {size - ends[9]} bytes" in said[0]
        assert "more than one unfinished command" in said[0]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_operator_reads_of_a_cut_when_the_program_starts_and_when_the_store_comes_back(
    written: tuple[Path, list[int]], tmp_path: Path
) -> None:
    source, ends = written
    var = tmp_path / "var"
    shutil.copytree(source, var)
    os.truncate(tail(var), ends[-1] - 5)
    settings = settings_of(var)
    program, _ = embedded_store(settings)
    said: list[str] = []
    up = asyncio.Event()
    running_all = asyncio.create_task(supervise([[program]], var / "logs", said.append, up.set))
    await asyncio.wait_for(up.wait(), 10)
    first = CUT.format(ends[-1] - 5 - ends[-2])
    await until(lambda: first in said[-1])
    assert [line for line in said if first not in line] == ["store is ready"]
    url = await running(settings)
    assert url is not None
    async with open_bytes(url) as redis:
        pid = (await redis.info("server"))["process_id"]
    os.kill(pid, signal.SIGKILL)
    await until(lambda: "starting it again" in said[-1])
    os.truncate(tail(var), ends[-2] - 7)
    second = CUT.format(ends[-2] - 7 - ends[-3])
    await until(lambda: second in said[-1])
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running_all, 10)


async def test_second_start_cannot_use_the_same_files(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with opened(settings):
        (tmp_path / "store" / "valkey.conf").unlink()  # as when the first one has only begun to start
        with pytest.raises(ChengfatongError, match="Another start"):
            async with opened(settings):
                pass
