"""The appointment book in Valkey. Every change is one call of a function in book.lua.

`{district}:booking:appointment:<id>`      one appointment as JSON
`{district}:booking:calendar:<role>:<id>`  sorted set of what takes an actor's time, by start (book.lua tells the form)
`{district}:booking:agenda`, `:of:<person>`  sorted sets of appointments' ids by start: everybody's, and one person's
`{district}:booking:leaves:<actor>`        sorted set of leaves as JSON, by end
`{district}:booking:conflicts:<id>`        set of whom a practitioner has advised, and against whom (bot.booking.model)
`{district}:booking:idempotency:<digest>`  digest of a command's body and its answer, kept for IDEMPOTENCY_SECONDS
`{district}:booking:timers`                sorted set of "<id>:<timer>" by when it is due (bot.booking.timers)
`{district}:booking:events`, `:sequence`   stream of every change, and its counter
`{district}:notices`                       stream of what people must be told, read by bot.notices
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as TimedOut

from bot.booking.model import (
    KINDS,
    LONGEST,
    NAMED,
    TAKES_TIME,
    Appointment,
    Ask,
    Interval,
    Leave,
    Role,
    State,
    conflicts,
    learnt,
    local_day,
    nameless,
)
from bot.booking.refusals import refusal
from bot.booking.timers import TIMERS, timers
from bot.errors import StoreUnavailable, Unconfirmed
from bot.platform.along import Along
from bot.platform.disk import disk_of
from bot.platform.store import key, store_errors

LIBRARY = Path(__file__).with_name("book.lua")
# WeChat sends a message again within seconds, and a citizen taps again within the day.
IDEMPOTENCY_SECONDS = 86_400
# A hold that was never confirmed is kept, without a name, as long as the answers that mention it.
LAPSED_SECONDS = IDEMPOTENCY_SECONDS
# The staff's acts are told by name in the events; a citizen's or the other side's are told by role alone.
STAFF: frozenset[Role] = frozenset({"staff", "practitioner"})


@dataclass(frozen=True)
class Act:
    """A change of the book: who asks for it, and what must be so for it.

    `sources` are the states that the appointment may be in. `body` is what the ask's idempotency key stands for; without
    a key, `timer` guards against a second time: it must be due, and the change takes it away. `notices` are for the
    appointment's citizen. `closed` says that nobody can book the new time; an earlier answer still stands. `along` is the
    staff's log's entry of it.
    """

    event: str
    ask: Ask
    sources: frozenset[State] = frozenset()
    body: Mapping[str, Any] | None = None
    timer: str = ""
    notices: tuple[str, ...] = ()
    closed: bool = False
    along: Along | None = None


def actors(appointment: Appointment) -> dict[str, str]:
    """Return role → id of those whose time an appointment takes; nobody's when it waits in a list or is given back.

    A place is not busy for being asked for: its rooms are.
    """
    if appointment.state == "waitlist" or appointment.state not in TAKES_TIME:
        return {}
    person = "" if KINDS[appointment.kind].by_place else appointment.practitioner
    named = {"practitioner": person, "room": appointment.room, "citizen": appointment.citizen}
    return {role: who for role, who in named.items() if who}


class BookingStore:
    """Reads the book, and changes it step by step.

    Every change raises a BookingRefused when a check fails (nothing was written), LogOvertaken when its entry of the log
    must be made anew (nor then), StoreUnavailable when it surely did not happen, Unconfirmed when it may have happened: the same command with the same idempotency key finds out.
    """

    def __init__(self, redis: Redis, district: str) -> None:
        self._redis = redis
        self._disk = disk_of(redis)
        self._district = district
        self._loaded = False

    def _key(self, *parts: str) -> str:
        return key(self._district, "booking", *parts)

    def _calendars(self, who: Iterable[tuple[str, str]]) -> list[str]:
        return [self._key("calendar", role, actor) for role, actor in who]

    async def claim(self, new: Appointment, act: Act) -> Appointment:
        """Keep a new appointment. Return it as kept, by this call or an earlier one."""
        return await self._change(None, new, act, another_time=True)

    async def move(self, old: Appointment, new: Appointment, act: Act) -> Appointment:
        """Give an appointment another time; when that cannot be had, it keeps the old one."""
        return await self._change(old, new, act, another_time=True)

    async def change(self, old: Appointment, new: Appointment, act: Act) -> Appointment:
        """Keep an appointment as it shall be, at the time that it has."""
        return await self._change(old, new, act, another_time=False)

    async def _change(self, old: Appointment | None, new: Appointment, act: Act, another_time: bool) -> Appointment:
        took = actors(old) if old else {}
        takes = actors(new)
        lapsed = old is not None and (old.state, new.state) == ("proposed", "cancelled")
        command = {
            **self._asked(old, new, act, another_time),
            "roles": list(takes),
            "old_roles": list(took),
            "learnt": learnt(new),
            "notices": act.notices if new.citizen else (),
            "timers": self._timers(old, new, act, another_time),
            "expires": LAPSED_SECONDS if lapsed else 0,
        }
        keys = self._keys(old or new, new, act.ask.request) + self._calendars([*takes.items(), *took.items()])
        kept = nameless(new) if lapsed else new
        answer = _read(await self._run("change", keys, act, command, kept.to_json(), nameless(new).to_json()))
        return replace(answer, citizen=new.citizen, applicant=new.applicant, respondent=new.respondent)

    def _asked(self, old: Appointment | None, new: Appointment, act: Act, another_time: bool) -> dict[str, Any]:
        """Return what the function checks."""
        command = {**self._told(act), "fresh": old is None, "another_time": another_time, "closed": act.closed}
        if old:
            command |= {"sources": sorted(act.sources), "revision": old.revision}
            command |= {"who": act.ask.who, "named": act.ask.by in NAMED}
        if act.timer:
            command["timer"] = f"{new.id}:{act.timer}"
        if another_time:
            command |= {"day": list(local_day(new.start)), "daily_limit": KINDS[new.kind].daily_limit}
            command["conflicts"] = conflicts(new.kind, new.applicant, new.respondent)
        return command

    @staticmethod
    def _timers(old: Appointment | None, new: Appointment, act: Act, another_time: bool) -> dict[str, int]:
        """Return the timers that the change sets, 0 for those that it takes away.

        What only tells takes away itself; what stays where it is stays hit by a leave.
        """
        if old == new and act.timer:
            return {act.timer: 0}
        wanted = timers(new, act.ask.now)
        stays_hit = not another_time and new.state in TAKES_TIME
        return {name: wanted.get(name, 0) for name in TIMERS if not (name == "leave" and stays_hit)}

    def _keys(self, old: Appointment, new: Appointment, request: str) -> list[str]:
        return [
            self._key("idempotency", _digest(request)),
            self._key("appointment", new.id),
            self._key("sequence"),
            self._key("events"),
            self._key("timers"),
            self._key("conflicts", new.practitioner),
            key(self._district, "notices"),
            self._key("agenda"),
            self._key("of", old.citizen),
        ]

    @staticmethod
    def _told(act: Act) -> dict[str, Any]:
        return {
            "event": act.event,
            "by": act.ask.by,
            "staff": act.ask.who if act.ask.by in STAFF else "",
            "now": act.ask.now,
            "longest": LONGEST,
            "recorded": bool(act.ask.request),
            "kept_for": IDEMPOTENCY_SECONDS,
        }

    async def forget(self, old: Appointment, act: Act) -> None:
        """Remove an appointment and all that points to it."""
        took = actors(old)
        command = {**self._asked(old, old, act, False), "old_roles": list(took), "timers": dict.fromkeys(TIMERS, 0)}
        await self._run("forget", self._keys(old, old, "") + self._calendars(took.items()), act, command, {})

    async def put_leave(self, leave: Leave, who: Sequence[tuple[str, str]], forgotten: int, act: Act) -> list[str]:
        """Let a leave take the time of (role, id)s. Return the ids of the appointments that stand in it.

        What was over at `forgotten` is dropped from their calendars.
        """
        command = {**self._told(act), **_leave_command(leave, len(who)), "forgotten": forgotten}
        return (await self._run("leave", self._leave_keys(leave, who, act), act, command, asdict(leave))).split()

    async def end_leave(self, leave: Leave, who: Sequence[tuple[str, str]], act: Act) -> None:
        """Give the time of a leave back."""
        command = {**self._told(act), **_leave_command(leave, len(who))}
        await self._run("return", self._leave_keys(leave, who, act), act, command, asdict(leave))

    def _leave_keys(self, leave: Leave, who: Sequence[tuple[str, str]], act: Act) -> list[str]:
        names = ("sequence", "events", "timers")
        fixed = [self._key("idempotency", _digest(act.ask.request)), self._key("leaves", leave.actor)]
        return [*fixed, *(self._key(name) for name in names), *self._calendars(who)]

    async def _run(
        self,
        step: str,
        keys: Sequence[str],
        act: Act,
        command: Mapping[str, Any],
        document: Mapping[str, Any],
        answer: Mapping[str, Any] | None = None,
    ) -> str:
        """Take one step and see its writes to the disk; load the library first, and again when the server lost it."""
        digest = _digest(json.dumps([step, act.body], sort_keys=True))
        if act.along:
            keys, command = [*keys, act.along.log], {**command, "along": act.along.command()}
        texts = (_text(command), _text(document), _text(answer or {}))
        call = ("FCALL", f"booking_{step}", len(keys), *keys, digest, *texts)
        if not self._loaded:
            await self.load()
        result, on_disk = await self._send(keys[0], call)
        if isinstance(result, ResponseError) and "not found" in str(result).lower():
            await self.load()
            result, on_disk = await self._send(keys[0], call)
        if isinstance(result, Exception):
            raise StoreUnavailable(str(result)) from result
        outcome, text, *detail = result
        if outcome == "refused":
            raise refusal(text, *detail)
        if not on_disk:
            raise Unconfirmed("the store did not confirm that the change is on disk")
        return str(text)

    async def _send(self, name: str, call: tuple[Any, ...]) -> tuple[Any, bool | None]:
        try:
            answer, on_disk = await self._disk.run(name, call)
            if isinstance(answer, (TimedOut, Disconnected)):
                raise answer
            return answer, on_disk
        except (TimedOut, Disconnected) as error:
            raise Unconfirmed(str(error)) from error
        except RedisError as error:
            raise StoreUnavailable(str(error)) from error

    async def load(self) -> None:
        """Put this version's function library into the server, in the place of any other."""
        async with store_errors():
            await self._redis.function_load(LIBRARY.read_text("utf-8"), replace=True)
        self._loaded = True

    async def appointment(self, appointment_id: str) -> Appointment | None:
        """Return one appointment."""
        async with store_errors():
            text: Any = await self._redis.get(self._key("appointment", appointment_id))
        return _read(text) if text else None

    async def between(self, within: Interval) -> list[Appointment]:
        """Return the appointments that start within an interval, by start."""
        async with store_errors():
            ids: Any = await self._redis.zrangebyscore(self._key("agenda"), within.start, f"({within.end}")
        return await self._appointments(ids)

    async def ended_before(self, moment: int, count: int) -> list[Appointment]:
        """Return the first appointments of which nothing is left at a moment."""
        async with store_errors():
            ids: Any = await self._redis.zrangebyscore(self._key("agenda"), "-inf", moment, start=0, num=count)
        return [kept for kept in await self._appointments(ids) if kept.end <= moment]

    async def of(self, person: str) -> list[Appointment]:
        """Return a person's appointments, by start."""
        async with store_errors():
            ids: Any = await self._redis.zrange(self._key("of", person), 0, -1)
        return await self._appointments(ids)

    async def _appointments(self, ids: Sequence[str]) -> list[Appointment]:
        if not ids:
            return []
        async with store_errors():
            texts: Any = await self._redis.mget([self._key("appointment", number) for number in ids])
        return [_read(text) for text in texts if text]

    async def busy(
        self, who: Sequence[tuple[str, str]], within: Interval, now: int, but: str = ""
    ) -> list[list[Interval]]:
        """Return, for each (role, id), what takes their time within an interval, leave too; holds that are over do not.

        `but` is the id of an appointment that is to move, and therefore takes none.
        """
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for name in self._calendars(who):
                pipe.zrangebyscore(name, within.start - LONGEST, f"({within.end}")
            answers = await pipe.execute()
        return [[taken for member in members if (taken := _taken(member, now, but))] for members in answers]

    async def due(self, now: int, count: int) -> list[tuple[str, str, int]]:
        """Return (appointment's id, timer, when it was due), the longest due first."""
        async with store_errors():
            found: Any = await self._redis.zrangebyscore(
                self._key("timers"), "-inf", now, start=0, num=count, withscores=True
            )
        return [(*member.rsplit(":", 1), int(at)) for member, at in found]

    async def on_leave(self, appointment: Appointment) -> bool:
        """Whether an appointment stands where its practitioner or its room is on leave."""
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for name in self._calendars(actors(appointment).items()):
                pipe.zrangebyscore(name, appointment.start - LONGEST, f"({appointment.until}")
            answers = await pipe.execute()
        members = [member.split(":") for found in answers for member in found]
        return any(kind == "leave" and int(until) > appointment.start for _, until, _, kind, _ in members)

    async def drop_timer(self, appointment_id: str, timer: str) -> None:
        """Take away a timer that means nothing any more."""
        async with store_errors():
            await self._redis.zrem(self._key("timers"), f"{appointment_id}:{timer}")

    async def leaves(self, actor: str, after: int) -> list[Leave]:
        """Return an actor's leaves that end after a moment, by end."""
        async with store_errors():
            texts: Any = await self._redis.zrangebyscore(self._key("leaves", actor), f"({after}", "+inf")
        return [Leave(**json.loads(text)) for text in texts]

    async def conflicted(self, practitioners: Sequence[str], members: Sequence[str]) -> set[str]:
        """Return those in whose set of conflicts one of the members stands."""
        if not members or not practitioners:
            return set()
        async with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for who in practitioners:
                pipe.smismember(self._key("conflicts", who), list(members))
            answers = await pipe.execute()
        return {who for who, found in zip(practitioners, answers, strict=True) if any(found)}


def pieces(leave: Leave) -> list[tuple[int, int]]:
    """Return a leave cut into parts that the overlap check, which looks LONGEST back, cannot miss."""
    return [(start, min(start + LONGEST, leave.end)) for start in range(leave.start, leave.end, LONGEST)]


def _leave_command(leave: Leave, calendars: int) -> dict[str, Any]:
    span = {"id": leave.id, "start": leave.start, "until": leave.end}
    return {**span, "pieces": pieces(leave), "calendars": calendars}


def _taken(member: str, now: int, but: str) -> Interval | None:
    start, until, hold_until, _, appointment_id = member.split(":", 4)
    free = 0 < int(hold_until) <= now or appointment_id == but
    return None if free else Interval(int(start), int(until))


def _read(text: str) -> Appointment:
    return Appointment.from_json(json.loads(text))


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
