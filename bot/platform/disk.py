"""The promise that a write is on disk: this server's and, when it has replicas, that of one of them as well."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import PipelineCommand
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import MovedError, RedisError
from redis.exceptions import TimeoutError as TimedOut

# How long a write may take to reach the disk before the citizen is told that it could not be kept.
FSYNC_TIMEOUT_MS = 2000
# Shorter than a connection waits for an answer: a primary that lost its replica must be heard to say so.
REPLICA_TIMEOUT_MS = 800
# Replicas come and go with an operator's hand; a lost one is noticed at the first write that it does not confirm.
REPLICAS_SECONDS = 30.0


class Disk:
    """Runs writing commands and sees to it that they stay."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._replicas = 0
        self._asked_at = float("-inf")

    async def run(self, name: str, call: Sequence[Any]) -> tuple[Any, bool | None]:
        """Run one command that writes to a key's slot. Return its answer, or its error, and whether it is on disk.

        None: the server keeps no append-only file. WAITAOF counts one connection's writes, hence must follow them on it;
        a command that the cluster sends elsewhere is therefore sent whole again.
        """
        if time.monotonic() - self._asked_at > REPLICAS_SECONDS:
            await self._ask(name)
        answer, confirmed = await self._send(name, call)
        if isinstance(answer, MovedError):
            await self._redis.aclose()  # a cluster's client learns the cluster anew when it is used again
            answer, confirmed = await self._send(name, call)
        if isinstance(confirmed, RedisError) and "appendonly" in str(confirmed):
            return answer, None
        return answer, await self._enough(name, confirmed)

    async def _send(self, name: str, call: Sequence[Any]) -> tuple[Any, Any]:
        replicas = min(self._replicas, 1)
        # A replica tells of its disk when it is asked, else once a second; asked at once, it has not written yet.
        # Once it has told that it has the write, its disk (appendfsync always) has it too: ask again then.
        waits = [("WAIT", replicas, REPLICA_TIMEOUT_MS)] if replicas else []
        calls = [tuple(call), *waits, ("WAITAOF", 1, replicas, FSYNC_TIMEOUT_MS)]
        if isinstance(self._redis, RedisCluster):
            answers = await self._on_owner(name, calls)
        else:
            async with self._redis.pipeline(transaction=False) as pipe:
                for one in calls:
                    pipe.execute_command(*one)
                answers = await pipe.execute(raise_on_error=False)
        return answers[0], answers[-1]

    async def _on_owner(self, name: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send commands to the server of a key's slot over one connection.

        The cluster client's own pipeline would send the write again after a failover, and ask another server for its disk.
        """
        node = (await self._node(name))["target_nodes"]
        sent = [PipelineCommand(number, *call) for number, call in enumerate(calls)]
        try:
            await node.execute_pipeline(sent)
        except (Disconnected, TimedOut):
            await self._redis.aclose()  # whoever owns the slot now is learnt when the client is used again
            raise
        if any(isinstance(one.result, (Disconnected, TimedOut)) for one in sent):
            await self._redis.aclose()
        if isinstance(sent[0].result, (Disconnected, TimedOut)):
            raise sent[0].result
        return [one.result for one in sent]

    async def _enough(self, name: str, confirmed: object) -> bool:
        if not isinstance(confirmed, (list, tuple)) or int(confirmed[0]) < 1:
            return False
        if self._replicas and int(confirmed[1]) < 1:
            await self._ask(name)
        return not self._replicas or int(confirmed[1]) >= 1

    async def _ask(self, name: str) -> None:
        """Ask the server of a key how many replicas follow it."""
        told: dict[str, Any] = await self._redis.info("replication", **await self._node(name))
        self._replicas, self._asked_at = int(told.get("connected_slaves", 0)), time.monotonic()

    async def _node(self, name: str) -> dict[str, Any]:
        """Return how to name the server of a key to a cluster's client, nothing for a single server."""
        if not isinstance(self._redis, RedisCluster):
            return {}
        await self._redis.initialize()
        return {"target_nodes": self._redis.get_node_from_key(name)}


_DISKS: WeakKeyDictionary[Redis, Disk] = WeakKeyDictionary()


def disk_of(redis: Redis) -> Disk:
    """Return the one Disk of a client, which remembers how many replicas there are."""
    return _DISKS.setdefault(redis, Disk(redis))
