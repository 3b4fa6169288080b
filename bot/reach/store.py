"""The ledger in Valkey. Every change that two processes could make at once is one step of reach.lua.

`{district}:reach:person:<person>`   hash: openid (sealed), followed, windows, permissions; ends by itself
`{district}:reach:safe:<person>`     what a citizen asked for about how to be contacted, JSON, sealed
`{district}:reach:offered:<person>`  that safe contact was offered to somebody in danger
`{district}:reach:of:<person>`       sorted set of one person's jobs, by when they were told
`{district}:reach:job:<notice>`      hash: one notice on its way (bot.reach.records.Job)
`{district}:reach:due`               sorted set of jobs by when something is to be done about them
`{district}:reach:calls`             sorted set of jobs for a call, by the last moment at which it is of use
`{district}:reach:message:<way>:<id>` which job a message of the platform's belongs to, or what became of it, a week
`{district}:reach:pushes:<person>`   set of pushes whose permission was counted, as long as they may be tried again
`{district}:reach:leaving`           sorted set of people who unfollowed, until what need not be kept is erased
`{district}:reach:pause`             "<until>:<failures>": the platform did not answer, and is left alone for a while
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.citizens.model import RETENTION, person_of
from bot.citizens.rotation import reseal
from bot.errors import StoreUnavailable
from bot.platform.disk import disk_of
from bot.platform.store import atomically, key, store_errors
from bot.reach.model import NOBODY_ASKED, Route, Safe, Standing, Window
from bot.reach.records import Job, State

SCRIPT = Path(__file__).with_name("reach.lua").read_text("utf-8")
KEPT, OUTCOME, SAFE = (RETENTION[row].seconds for row in ("reach", "outcome", "safe_contact"))
# The platform tells of a delivery within seconds; a week covers an outage of ours.
MESSAGE_SECONDS = 7 * 86_400
# A push that could not be done with is tried again until then.
PUSH_SECONDS = RETENTION["wechat"].seconds
# A command on one key, to be made in the step of another room: ("HSET", key, …).
Effect = Sequence[str]


class ReachStore:
    """Keeps who can be reached and what was sent. A PersonalData room."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring) -> None:
        self._redis = redis
        self._disk = disk_of(redis)
        self._district = district
        self._keyring = keyring

    def _key(self, *parts: str) -> str:
        return key(self._district, "reach", *parts)

    def person(self, user: str) -> str:
        """Return the pseudonym of a channel's user."""
        return person_of(self._keyring.secret, user)

    async def _step(
        self, op: str, person: str = "-", job: str = "-", note: str = "message:-", durable: bool = True, **told: Any
    ) -> str:
        keys = (
            self._key("person", person),
            self._key("job", job),
            self._key("due"),
            self._key("calls"),
            self._key(note),
            self._key("leaving"),
        )
        particulars = json.dumps({"person": person, "id": job, **told})
        async with store_errors():
            if not durable:
                return str(await self._redis.eval(SCRIPT, len(keys), *keys, op, particulars))
            call = ("EVAL", SCRIPT, len(keys), *keys, op, particulars)
            answer, on_disk = await self._disk.run(keys[0], call)
            if isinstance(answer, Exception):
                raise answer
        # None is a server without an append-only file: the operator's choice.
        if on_disk is False:
            raise StoreUnavailable("the write did not reach the disk in time")
        return str(answer)

    async def renew(self, user: str, trigger: str, window: Window, now: float) -> None:
        """Keep a window that an act of the citizen's opened, and the address to answer to."""
        told: dict[str, Any] = {"trigger": trigger, "left": window.left, "until": window.until}
        told["openid"] = self._sealed(user)
        # Once a message, and the next one tells it again: not worth the wait for the disk.
        await self._step("renew", self.person(user), durable=False, now=int(now), keep=KEPT, **told)

    def _sealed(self, user: str) -> str:
        address = place(self._key("person", self.person(user)), "openid")
        return self._keyring.seal(user.removeprefix("wechat:"), address)

    async def left(self, person: str, now: float, unfollowed: bool = True) -> None:
        """Forget all ways to a citizen; `unfollowed` also lets go what need not be kept of them."""
        await self._step("left", person, now=int(now), keep=KEPT, unfollowed=unfollowed)

    async def take(self, person: str, now: float, count: int = 1) -> bool:
        """Spend customer-service messages of every open window, all or none. False: there are not so many."""
        # Forgotten, the platform refuses one message, and says so.
        return await self._step("take", person, durable=False, now=int(now), count=count) == "ok"

    async def close_windows(self, person: str) -> None:
        """Forget the windows: the platform counts otherwise."""
        await self._step("close_windows", person)

    async def permit(self, user: str, template: str, count: int, push: str, at: float) -> None:
        """Add permissions of a template, once for each push, and keep the address if there is none."""
        person = self.person(user)
        told: dict[str, Any] = {"template": template, "count": count, "openid": self._sealed(user), "push": push}
        told |= {"now": int(at), "keep": KEPT, "keep_pushes": PUSH_SECONDS}
        await self._step("permit", person, note=f"pushes:{person}", **told)

    async def take_back(self, person: str, template: str) -> None:
        """Forget the permissions of a template."""
        await self._step("take_back", person, template=template)

    async def standing(self, person: str) -> Standing:
        """Return how a person can be reached; the windows may be over."""
        async with store_errors():
            kept: Any = await self._redis.hgetall(self._key("person", person))
        windows = {
            name.partition(":")[2]: Window(int(left), int(kept.get(f"until:{name.partition(':')[2]}", 0)))
            for name, left in kept.items()
            if name.startswith("left:")
        }
        may = {name.removeprefix("may:"): int(count) for name, count in kept.items() if name.startswith("may:")}
        followed = kept.get("followed") == "1"
        return Standing(bool(kept), followed, windows, may, await self.safe(person))

    async def address(self, person: str) -> str | None:
        """Return a person's openid; None when there is none, or it cannot be opened."""
        name = self._key("person", person)
        async with store_errors():
            token: Any = await self._redis.hget(name, "openid")
        return self._keyring.opened(token, place(name, "openid")) if token else None

    async def keep_safe(self, person: str, safe: Safe) -> None:
        """Keep what a person asked for; nothing asked for erases it."""
        name = self._key("safe", person)
        if not safe.asked:
            await atomically(self._redis, ("DEL", name), frees=True)
            return
        await atomically(
            self._redis, ("SET", name, self._keyring.seal(json.dumps(safe.to_json()), place(name)), "EX", SAFE)
        )

    async def safe(self, person: str) -> Safe:
        """Return what a person asked for, and keep it on: it is in use. What cannot be opened counts as the most careful."""
        name = self._key("safe", person)
        async with store_errors():
            token: Any = await self._redis.getex(name, ex=SAFE)
        if not token:
            return NOBODY_ASKED
        text = self._keyring.opened(token, place(name))
        return Safe.from_json(json.loads(text)) if text else Safe(neutral=True, quiet=True)

    async def offer_once(self, person: str) -> bool:
        """Note that safe contact was offered to a person. False: it was before, or they have it."""
        if (await self.safe(person)).asked:
            return False
        async with store_errors():
            return bool(await self._redis.set(self._key("offered", person), "1", nx=True, ex=KEPT))

    def enqueue(self, job: Job) -> list[Effect]:
        """Return the commands that put a notice on its way, or on the list for a call, in the step that tells it."""
        name, of = self._key("job", job.id), self._key("of", job.person)
        fields = [part for pair in job.to_fields().items() for part in pair]
        index, score = ("calls", job.by) if job.state == "call" else ("due", job.at)
        return [
            ("HSET", name, *fields),
            ("EXPIRE", name, str(OUTCOME)),
            ("ZADD", self._key(index), str(score), job.id),
            ("ZADD", of, str(job.at), job.id),
            ("EXPIRE", of, str(OUTCOME)),
        ]

    async def put(self, job: Job) -> None:
        """Put a notice on its way that no other room tells."""
        await atomically(self._redis, *self.enqueue(job))

    async def due(self, now: float, count: int) -> list[Job]:
        """Return jobs about which something is to be done, the longest due first."""
        async with store_errors():
            ids: Any = await self._redis.zrange(
                self._key("due"), "-inf", f"{now:.0f}", byscore=True, offset=0, num=count
            )
        return await self._jobs(ids, "due")

    async def calls(self, count: int) -> list[Job]:
        """Return jobs for a call, the most urgent first."""
        async with store_errors():
            ids: Any = await self._redis.zrange(self._key("calls"), 0, count - 1)
        return await self._jobs(ids, "calls")

    async def of(self, person: str, count: int) -> list[Job]:
        """Return a person's jobs, the newest first."""
        async with store_errors():
            ids: Any = await self._redis.zrange(self._key("of", person), 0, count - 1, desc=True)
        return await self._jobs(ids)

    async def job(self, number: str) -> Job | None:
        """Return one job."""
        found = await self._jobs([number])
        return found[0] if found else None

    async def _jobs(self, ids: Sequence[str], index: str = "") -> list[Job]:
        """Return jobs; one whose time is over leaves the index that still names it."""
        async with store_errors():
            async with self._redis.pipeline(transaction=False) as pipe:
                for number in ids:
                    pipe.hgetall(self._key("job", number))
                found: Any = await pipe.execute() if ids else []
            gone = [number for number, fields in zip(ids, found, strict=True) if not fields.get("id")]
            if gone and index:
                await self._redis.zrem(self._key(index), *gone)
        return [Job.from_fields(fields) for fields in found if fields.get("id")]

    async def reserve(self, job: Job, route: Route, now: float, check: float, leave: int) -> str:
        """Take a job for sending by a way and pay for it: "ok", "spent", or "gone" when another has it.

        `check` is when to look what became of it, `leave` how many permissions of the template must be left.
        """
        pays = {"service": "window", "subscription": route.template}.get(route.way, "")
        told: dict[str, Any] = {
            "tries": job.tries,
            "way": route.name,
            "pays": pays,
            "leave": leave,
            "check": int(check),
            "by": job.by,
        }
        return await self._step("reserve", job.person, job.id, now=int(now), **told)

    async def settle(
        self,
        job: Job,
        states: frozenset[State],
        now: float,
        fields: Mapping[str, str | int],
        due: float = 0,
        message: str = "",
        refund: str = "",
        undelivered: Mapping[str, str] | None = None,
    ) -> bool:
        """Write fields of a job that is in one of `states` and was not sent since it was read. False: it is otherwise.

        `due` is when to look at it again, 0 for never. `undelivered` are the fields if the platform has told already that
        the message did not arrive.
        """
        changed = {name: str(value) for name, value in fields.items()}
        told: dict[str, Any] = {
            "from": sorted(states),
            "tries": job.tries,
            "set": changed,
            "due": int(due),
            "by": int(fields.get("by", job.by)),
            "message": message,
            "keep_message": MESSAGE_SECONDS,
            "undelivered": dict(undelivered or {}),
            "refund": refund,
        }
        note = f"message:{job.way.partition(':')[0]}:{message}"
        return await self._step("settle", job.person, job.id, note, now=int(now), **told) != "gone"

    async def fate(self, kind: str, message: str, fate: str) -> str:
        """Return the job of a message that went by a kind of way, or keep what became of it until its job is known."""
        return await self._step("fate", note=f"message:{kind}:{message}", fate=fate, keep_message=MESSAGE_SECONDS)

    def call_made(self, number: str) -> list[Effect]:
        """Return the commands that note that somebody was called."""
        return [("ZREM", self._key("calls"), number), ("HSET", self._key("job", number), "state", "called")]

    async def leaving(self, count: int) -> list[str]:
        """Return people who unfollowed and of whom something may still be kept."""
        async with store_errors():
            found: Any = await self._redis.zrange(self._key("leaving"), 0, count - 1)
        return [str(person) for person in found]

    async def gone(self, person: str) -> None:
        """Note that a person who unfollowed was let go."""
        async with store_errors():
            await self._redis.zrem(self._key("leaving"), person)

    async def pause(self) -> tuple[int, int]:
        """Return until when the platform is left alone, and how often in a row it did not answer; (0, 0): it answers."""
        async with store_errors():
            kept: Any = await self._redis.get(self._key("pause"))
        until, _, failures = (kept or "0:0").partition(":")
        return int(until), int(failures)

    async def pauses(self, until: float, failures: int) -> None:
        """Leave the platform alone until a moment; no failure: it answers."""
        async with store_errors():
            if failures:
                await self._redis.set(self._key("pause"), f"{until:.0f}:{failures}", ex=86_400)
            else:
                await self._redis.delete(self._key("pause"))

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what is kept of a person, readable."""
        standing, address = await self.standing(person), await self.address(person)
        jobs = [{"what": job.what, "about": job.about, "state": job.state} for job in await self.of(person, 0)]
        kept: dict[str, Any] = {"openid": address, "permissions": dict(standing.permissions), "sent": jobs}
        if standing.safe.asked:
            kept["safe_contact"] = standing.safe.to_json()
        return {name: value for name, value in kept.items() if value}

    async def erase_of(self, person: str) -> int:
        """Erase it, and return how many things are gone."""
        async with store_errors():
            ids: Any = await self._redis.zrange(self._key("of", person), 0, -1)
        own = (self._key(kind, person) for kind in ("person", "safe", "offered", "pushes"))
        names = [*own, *(self._key("job", each) for each in ids)]
        indexes = [("ZREM", self._key(index), each) for index in ("due", "calls") for each in ids]
        gone = [("DEL", self._key("of", person)), ("ZREM", self._key("leaving"), person)]
        deletes = [("DEL", name) for name in names]
        answers = await atomically(self._redis, *deletes, *indexes, *gone, frees=True)
        return sum(int(each) for each in answers[: len(names)])

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one."""
        return await reseal(self._redis, self._keyring, self._key("person", "*"), self._key("safe", "*"))
