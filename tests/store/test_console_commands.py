"""`chengfatong staff …` against a real Valkey."""

from __future__ import annotations

import asyncio
import re

import pytest
from redis import Redis as PlainRedis
from redis.asyncio import Redis

from bot.booking import desk
from bot.booking.model import Appointment, Wish
from bot.cli import main
from bot.console.store import ConsoleStore
from bot.directory.store import DirectoryStore
from tests.keys import ENV
from tests.store.booking_world import AREAS, DISTRICT, LISTINGS, TOWN, open_desk


@pytest.fixture(autouse=True)
def _store(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CHENGFATONG_REDIS_URL": server, "CHENGFATONG_DISTRICT": DISTRICT, **ENV}.items():
        monkeypatch.setenv(name, value)

    async def fill() -> None:
        redis = Redis.from_url(server, decode_responses=True)
        await redis.flushdb()
        await DirectoryStore(redis, DISTRICT).replace(LISTINGS, AREAS, {}, None, "")
        await redis.aclose()

    asyncio.run(fill())


def staff(*arguments: str) -> int:
    return main(["staff", *arguments])


async def account(server: str, name: str) -> object:
    redis = Redis.from_url(server, decode_responses=True)
    try:
        return await ConsoleStore(redis, DISTRICT).account(name)
    finally:
        await redis.aclose()


def test_operator_adds_resets_and_disables_accounts_and_the_list_tells(capsys: pytest.CaptureFixture[str]) -> None:
    assert staff("add", "lin", "--role", "clerk") == 0
    printed = capsys.readouterr().out
    assert re.search(r"lin: (?:\w{4}-){2}\w{4}\n", printed)
    assert staff("add", "wu", "--role", "practitioner", "--listing", "p1") == 0
    assert staff("reset", "lin") == 0
    assert re.search(r"lin: (?:\w{4}-){2}\w{4}\n", capsys.readouterr().out)
    assert staff("disable", "wu") == 0
    capsys.readouterr()
    assert staff("list") == 0
    assert capsys.readouterr().out == "lin\tclerk\t\tfirst password\nwu\tpractitioner\tp1\tdisabled\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "lin", "--role", "clerk"), "already"),
        (("add", "Lin", "--role", "clerk"), "small letters"),
        (("add", "wu", "--role", "practitioner"), "--listing"),
        (("add", "wu", "--role", "practitioner", "--listing", "nobody"), "nobody"),
        (("add", "wu", "--role", "clerk", "--listing", "p1"), "--listing"),
        (("reset", "nobody"), "no account"),
        (("disable", "nobody"), "no account"),
        (("leave", "nobody", "2026-12-01", "2026-12-01", "--why", "holiday"), "nobody"),
        (("leave", "p1", "tomorrow", "2026-12-01", "--why", "holiday"), "tomorrow"),
        (("leave", "p1", "2026-12-02", "2026-12-01", "--why", "holiday"), "leave"),
    ],
)
def test_operator_who_asks_for_what_cannot_be_gets_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    staff("add", "lin", "--role", "clerk")
    capsys.readouterr()
    assert staff(*arguments) == 1
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_no_account_can_be_added_as_the_operator_itself() -> None:
    with pytest.raises(SystemExit):
        staff("add", "root", "--role", "operator")


def booked(server: str) -> Appointment:
    """Book the earliest mediation with p1, from now on."""

    async def book() -> Appointment:
        import time

        redis = Redis.from_url(server, decode_responses=True)
        opened = await open_desk(redis)
        now = int(time.time())
        wish = Wish("mediation", TOWN, practitioner="p1", citizen="c1", mode="video")
        slots = (await desk.times(opened, wish, now)).slots
        made = await desk.book(opened, wish, slots[0], now, "r")
        await redis.aclose()
        return made

    return asyncio.run(book())


def test_operator_prints_the_day_and_puts_leave_in(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import datetime

    from bot.directory.hours import SHANGHAI

    made = booked(server)
    day = datetime.fromtimestamp(made.start, SHANGHAI).date().isoformat()
    assert staff("today", "--day", day) == 0
    assert made.id in capsys.readouterr().out
    assert staff("leave", "p1", day, day, "--why", "training") == 0
    assert f"{made.id} 调解 改到" in capsys.readouterr().out
    assert staff("today", "--day", day) == 0
    assert "0个预约" in capsys.readouterr().out
    assert staff("audit") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[2:4] for line in lines] == [["cli", "leave_put"]]


def test_check_finds_no_fault_in_what_nobody_touched(capsys: pytest.CaptureFixture[str]) -> None:
    staff("add", "lin", "--role", "clerk")
    staff("reset", "lin")
    capsys.readouterr()
    assert staff("audit", "--check") == 0
    said = capsys.readouterr().out
    assert "2 entries, no fault" in said
    known = re.search(r"last hash (\w{64})", said)
    assert known
    assert staff("audit", "--check", "--known", known[1]) == 0


@pytest.mark.parametrize("harm", ["flip", "gap", "order", "cut", "anew"])
def test_check_finds_what_somebody_did_to_the_log_in_the_store(
    server: str, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    for step in (("add", "lin", "--role", "clerk"), ("reset", "lin"), ("disable", "lin"), ("reset", "lin")):
        staff(*step)
    capsys.readouterr()
    staff("audit", "--check")
    known = re.search(r"last hash (\w{64})", capsys.readouterr().out)
    assert known
    damage(server, harm)
    assert staff("audit", "--check", "--known", known[1]) == 1
    assert "fault" in capsys.readouterr().out


def damage(server: str, harm: str) -> None:
    """Do to the log what somebody with access to the store could."""
    redis = PlainRedis.from_url(server, decode_responses=True)
    log = f"{{{DISTRICT}}}:audit"
    entries = [fields for _, fields in redis.xrange(log)]
    if harm == "gap":
        redis.xdel(log, "2-0")
    elif harm == "cut":
        redis.xdel(log, "4-0")
    else:
        if harm == "flip":
            entries[1]["who"] = "lin"
        if harm == "order":
            entries[1], entries[2] = entries[2], entries[1]
        redis.delete(log)
        for n, fields in enumerate(entries[: 2 if harm == "anew" else None], 1):
            redis.xadd(log, fields, id=f"{n}-0")
    redis.close()
