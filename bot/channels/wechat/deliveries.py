"""Which pushes came, whose turn it is, and what is still to be said: in Valkey, so that all gateways see the same.

`{district}:wechat:push:<person>:<push>`    hash: state (deliveries.lua names the states), tries
`{district}:wechat:in:<person>:<push>`      the push itself, sealed, until it is answered
`{district}:wechat:answer:<person>:<push>`  its reply, sealed, for deliveries that come again
`{district}:wechat:line:<line>`             list: a citizen's pushes that are not answered yet, in order
`{district}:wechat:lead:<line>`             the process that answers them now, for a few seconds at a time
`{district}:wechat:rest:<line>`             what is answered and not yet seen, sealed
`{district}:wechat:menus:<person>`          the payloads behind the menus on the screen, sealed
`{district}:wechat:waiting`                 sorted set: lines with work left, by when somebody last worked on them
`{district}:wechat:uncollected`             sorted set: replies that no delivery has taken yet, by when to send them otherwise
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.citizens.keyring import Keyring, place
from bot.citizens.model import RETENTION, person_of
from bot.citizens.rotation import ROUND, reseal
from bot.platform.store import atomically, key, store_errors

# A process that works renews its lead; after this long without, it is taken for dead.
LEAD_MS = 3000
# Longer than a signed call is believed (10 minutes), so that a captured one finds its push.
SEEN_SECONDS = 900
# WeChat sends again within 15 s; a delivery that comes later than this is answered with nothing.
ANSWER_SECONDS = 120
# Nobody waits for the answer to a message of yesterday.
WAITING_SECONDS = RETENTION["wechat"].seconds
# When WeChat has given up delivering, and a reply that was not taken must go another way.
UNCOLLECTED_SECONDS = 20
# Menus further up the screen than this are answered as typed words.
MENUS_KEPT = 8
URGENT = "-urgent"
# A sweep looks at so many; a gateway that starts in the middle of a rush finds what is left within seconds.
AT_ONCE = 500
SCRIPT = (Path(__file__).parent / "deliveries.lua").read_text("utf-8")


@dataclass(frozen=True)
class Lead:
    """A line as its new leader finds it: the name of the first push, "" for none, and what is still to be said."""

    head: str
    rest: Any


class Deliveries:
    """The store of the webhook. All raise StoreUnavailable. `owner` names this process among the gateways."""

    def __init__(self, redis: Redis, district: str, keyring: Keyring, owner: str = "") -> None:
        self._redis = redis
        self._district = district
        self._keyring = keyring
        self._owner = owner

    def line_of(self, user: str, urgent: bool = False) -> str:
        """Return the name of a citizen's line; what is urgent has its own, and waits for nothing."""
        return person_of(self._keyring.secret, user) + (URGENT if urgent else "")

    def digest_of(self, identity: str) -> str:
        """Return a push's name; hashed with the secret, so that no sender can be tried out on the keys."""
        text = f"push:{identity}".encode("utf-8", "replace")
        return hmac.new(self._keyring.secret, text, hashlib.sha256).hexdigest()[:32]

    def _key(self, *parts: str) -> str:
        return key(self._district, "wechat", *parts)

    def _of(self, kind: str, line: str, digest: str) -> str:
        return self._key(kind, line.removesuffix(URGENT), digest)

    async def _step(self, step: str, keys: Sequence[str], *arguments: str | int | float) -> Any:
        async with store_errors():
            return await self._redis.eval(SCRIPT, len(keys), *keys, step, *map(str, arguments))

    def _sealed(self, name: str, value: Any) -> str:
        return self._keyring.seal(json.dumps(value, ensure_ascii=False), place(name)) if value else ""

    async def _opened(self, name: str) -> Any:
        async with store_errors():
            return self._unsealed(name, await self._redis.get(name))

    def _unsealed(self, name: str, token: Any) -> Any:
        text = self._keyring.opened(token, place(name)) if token else None
        return json.loads(text) if text else None

    async def arrive(self, line: str, digest: str, push: Mapping[str, Any], now: float) -> str:
        """Put a push into its line, unless it is there or was; return "new", or the state it is in."""
        inbound = self._of("in", line, digest)
        keys = (self._of("push", line, digest), inbound, self._key("line", line), self._key("waiting"))
        sealed = self._sealed(inbound, push)
        return str(await self._step("arrive", keys, digest, sealed, line, now, WAITING_SECONDS))

    async def lead(self, line: str) -> Lead | None:
        """Take the lead of a line; None when another process has it. Nobody else answers it until we leave, or die."""
        rest = self._key("rest", line)
        keys = (self._key("lead", line), self._key("line", line), rest)
        found = await self._step("lead", keys, self._owner, LEAD_MS)
        return Lead(str(found[0]), self._unsealed(rest, found[1])) if found else None

    async def renew(self, line: str, now: float) -> bool:
        """Keep the lead; return whether it was still ours."""
        keys = (self._key("lead", line), self._key("waiting"))
        return bool(await self._step("renew", keys, self._owner, LEAD_MS, line, now))

    async def leave(self, line: str) -> str:
        """Return the name of the next push in line; or give up the lead and return "", also when it is ours no more."""
        keys = (self._key("lead", line), self._key("line", line), self._key("waiting"))
        return str(await self._step("leave", keys, self._owner, line) or "")

    async def open(self, line: str, digest: str) -> tuple[Any, int] | None:
        """Return the first push in line and how often it was tried, now included; None when it was erased meanwhile."""
        inbound = self._of("in", line, digest)
        keys = (self._of("push", line, digest), inbound, self._key("line", line))
        found = await self._step("open", keys, digest)
        return (self._unsealed(inbound, found[0]), int(found[1])) if found else None

    async def commit(self, line: str, digest: str, answer: Any, after: Any, late: Any, now: float) -> str:
        """Keep a push's reply and what is still to be said: `after` the reply, or `late`, when it came too late for one.

        Returns the state: "answered" or "pushed"; "lost" when somebody else has the lead, "erased" when the push is gone.
        """
        kept, rest = self._of("answer", line, digest), self._key("rest", line)
        keys = (
            self._key("lead", line), self._of("push", line, digest), self._of("in", line, digest), kept,
            self._key("line", line), rest, self._key("uncollected"),
        )  # fmt: skip
        return str(
            await self._step(
                "commit", keys, self._owner, digest, self._sealed(kept, answer),
                self._sealed(rest, after), self._sealed(rest, late), f"{line} {digest}", now + UNCOLLECTED_SECONDS,
                ANSWER_SECONDS, SEEN_SECONDS, WAITING_SECONDS,
            )
        )  # fmt: skip

    async def move(self, line: str, digest: str, old: str, new: str) -> str:
        """Put a push from one state into another if it is in it; return the state it was in, "" when it is gone."""
        keys = (self._of("push", line, digest), self._key("uncollected"))
        return str(await self._step("move", keys, old, new, f"{line} {digest}"))

    async def state(self, line: str, digest: str) -> str:
        """Return the state of a push, "" when it is gone."""
        async with store_errors():
            state: Any = await self._redis.hget(self._of("push", line, digest), "state")
        return str(state or "")

    async def collect(self, line: str, digest: str, here: bool) -> tuple[str, Any]:
        """Return the state of a push and its reply; `here` says that whoever asks takes the reply to WeChat."""
        kept = self._of("answer", line, digest)
        keys = (self._of("push", line, digest), kept, self._key("uncollected"))
        state, sealed = await self._step("collect", keys, int(here), f"{line} {digest}")
        return str(state), self._unsealed(kept, sealed)

    async def answer(self, line: str, digest: str) -> Any:
        """Return the reply as it was kept, None when its time is over."""
        return await self._opened(self._of("answer", line, digest))

    async def rest(self, line: str) -> Any:
        """Return what is still to be said, None for nothing."""
        return await self._opened(self._key("rest", line))

    async def keep_rest(self, line: str, rest: Any) -> bool:
        """Keep what is still to be said; return whether we had the lead, without which nothing is kept."""
        name = self._key("rest", line)
        keys = (self._key("lead", line), name)
        return bool(await self._step("rest", keys, self._owner, self._sealed(name, rest), WAITING_SECONDS))

    async def keep_menu(self, line: str, token: str, payloads: Sequence[str]) -> None:
        """Remember what stands behind the entries of a menu."""
        name = self._key("menus", line.removesuffix(URGENT))
        menus = [menu for menu in await self._opened(name) or [] if menu[0] != token]
        sealed = self._sealed(name, [*menus, [token, list(payloads)]][-MENUS_KEPT:])
        async with store_errors():
            await self._redis.set(name, sealed, ex=RETENTION["screen"].seconds)

    async def behind(self, line: str, item: str) -> str:
        """Return the payload behind an entry of a menu that this citizen was sent, "" for any other id."""
        token, _, number = item.partition(".")
        menus = dict(await self._opened(self._key("menus", line.removesuffix(URGENT))) or ())
        payloads = menus.get(token, ())
        return payloads[int(number)] if number.isdecimal() and int(number) < len(payloads) else ""

    async def left_alone(self, now: float) -> list[str]:
        """Return lines with work left on which nobody works."""
        async with store_errors():
            found = await self._redis.zrangebyscore(
                self._key("waiting"), "-inf", now - LEAD_MS / 1000, start=0, num=AT_ONCE
            )
        return [str(line) for line in found]

    async def uncollected(self, now: float) -> list[tuple[str, str]]:
        """Return (line, push) of replies that WeChat did not come for."""
        async with store_errors():
            found = await self._redis.zrangebyscore(self._key("uncollected"), "-inf", now, start=0, num=AT_ONCE)
        return [(line, digest) for line, digest in (str(member).split(" ") for member in found)]

    async def forget(self, line: str, digest: str) -> None:
        """Drop a reply from the list of those that WeChat did not come for."""
        async with store_errors():
            await self._redis.zrem(self._key("uncollected"), f"{line} {digest}")

    async def export_of(self, person: str) -> dict[str, Any]:
        """Return what a citizen sent that is not answered yet, and what they have not seen of the answers."""
        found = [await self._opened(name) for name in await self._names(person) if self._is_kept(name)]
        kept = [value for value in found if value]
        return {"waiting": kept} if kept else {}

    def _is_kept(self, name: str) -> bool:
        return name.startswith(tuple(self._key(kind) + ":" for kind in ("in", "answer", "rest", "menus")))

    async def erase_of(self, person: str) -> int:
        """Erase it."""
        names = await self._names(person)
        listed = [("ZREM", self._key("waiting"), line) for line in (person, person + URGENT)]
        async with store_errors():
            members = await self._redis.zrange(self._key("uncollected"), 0, -1)
        listed += [("ZREM", self._key("uncollected"), str(m)) for m in members if str(m).startswith(person)]
        if names:
            await atomically(self._redis, *listed, *(("DEL", name) for name in names), frees=True)
        return len(names)

    async def let_go(self, person: str) -> int:
        """Erase what is left of somebody who unfollowed; whoever is back already, and being answered, keeps it."""
        async with store_errors():
            back = await self._redis.exists(self._key("lead", person))
        return 0 if back else await self.erase_of(person)

    async def _names(self, person: str) -> list[str]:
        # Most of it lives for minutes: not worth a list, and a look through the keys when somebody asks.
        pattern = self._key("*", person + "*")
        async with store_errors():
            return [str(name) async for name in self._redis.scan_iter(match=pattern, count=ROUND)]

    async def reseal(self) -> Counter[str]:
        """Put what older keys sealed under the current one."""
        return await reseal(self._redis, self._keyring, *(self._key(kind, "*") for kind in ("in", "rest", "menus")))
