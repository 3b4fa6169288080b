"""Citizens with every mix of permissions, quotas, unfollowings and wishes; a platform with its moods; and who holds both to it.

What is allowed is written here once more, by the platform's pages and the citizens' wishes, and not taken from bot.reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from bot.conversation.model import Reply
from bot.reach import service
from bot.reach.model import Means, Safe, Template
from bot.reach.ports import Said
from bot.reach.records import Job
from bot.reach.store import ReachStore
from bot.reach.words import NEUTRAL
from tests.store.reach_world import FIELDS, PLAIN, REMINDER, FakePlatform, Sent

HOUR, DAY = 3600, 86_400
# Reminder and change share a template, so that a change must leave the reminder its permission.
SHARED = Template(REMINDER, FIELDS)
MEANS = Means({"reminder": SHARED, "change": SHARED}, {"reminder": Template(PLAIN, FIELDS)})
# Reminders become due within this, so that some meet the night and some the day.
SPREAD = 6 * HOUR
# Of 100 calls so many go wrong in each way.
MOODS: tuple[tuple[int | str, int], ...] = (
    (-1, 6), (45009, 2), (45011, 2), (45015, 2), (45047, 2), (43101, 2), (43004, 1), (48001, 1), ("lost", 3), ("late", 3), ("html", 2)
)  # fmt: skip
UNDELIVERED = 0.05


@dataclass(frozen=True)
class Citizen:
    """One person with one reminder, and perhaps a change before it. Moments are seconds since the run began, below 0 for before.

    `spoke`, `clicked`: None for never. `used` of the quota went to the chat. `consents` are the platform's count and the
    ledger's. `left`: when they unfollowed and we heard of it; `gone`: they did, and we never heard.
    """

    number: int
    web: bool
    reads: bool
    spoke: int | None
    used: int
    clicked: int | None
    consents: tuple[int, int]
    left: int | None
    gone: bool
    safe: Safe
    changed: bool
    due: int

    @property
    def openid(self) -> str:
        """Who it is to the platform."""
        return f"o{self.number:05}"

    @property
    def user(self) -> str:
        """Who it is to us."""
        return f"web:{self.openid}" if self.web else f"wechat:{self.openid}"


def citizens(random: Random, count: int) -> list[Citizen]:
    """Draw citizens."""
    wishes = (Safe(), Safe(), Safe(), Safe(neutral=True), Safe(quiet=True), Safe(hours=(9, 17)), Safe(hours=(18, 21)))
    wishes += (Safe(neutral=True, hours=(9, 12)),)
    drawn = []
    for number in range(count):
        held = random.choice((0, 0, 1, 1, 2, 3))
        drawn.append(
            Citizen(
                number=number,
                web=random.random() < 0.1,
                reads=random.random() < 0.5,
                spoke=random.choice((None, -HOUR, -20 * HOUR, -47 * HOUR, -60 * HOUR)),
                used=random.choice((0, 0, 2, 5)),
                clicked=random.choice((None, None, -30, -2 * HOUR)),
                consents=(max(0, held + random.choice((0, 0, 0, -1, 1))), held),
                left=random.choice((None,) * 6 + (-HOUR,)),
                gone=random.random() < 0.05,
                safe=random.choice(wishes),
                changed=random.random() < 0.2,
                due=random.randrange(SPREAD),
            )
        )
    return drawn


@dataclass(frozen=True)
class BenchWords:
    """Words that every process makes alike: what an appointment's reference says is when it begins."""

    async def said(self, person: str, what: str, about: str, now: float) -> Said | None:
        """Return a text with the reference."""
        return Said(Reply(f"明天见陈律师，编号{about}。"), int(about.split("-")[1]), ahead=what != "reminder_day")

    async def read(self, person: str, notice: str) -> bool:
        """Whether the page showed it."""
        return notice.endswith("-1")


def reference(citizen: Citizen, began: int, what: str) -> str:
    """Return the reference of a citizen's appointment for a reminder, or of the one that is moved."""
    kind = "R" if what == "reminder_day" else "C"
    return f"{kind}{citizen.number:05}-{began + citizen.due + DAY}"


async def settle_in(store: ReachStore, platform: FakePlatform, people: Iterable[Citizen], began: int) -> None:
    """Let both sides know what has happened before the run."""
    for citizen in people:
        await service.ask_safe(store, store.person(citizen.user), citizen.safe)
        if citizen.web:
            continue
        known = platform.person(citizen.openid)
        await service.heard(store, citizen.user, "subscribe", began - 90 * HOUR)
        if citizen.spoke is not None:
            await service.heard(store, citizen.user, "message", began + citizen.spoke)
            known.speak(began + citizen.spoke)
            for _ in range(citizen.used):
                await service.take(store, citizen.user, began + citizen.spoke + 1)
            known.since_spoken = citizen.used
        if citizen.clicked is not None:
            await service.heard(store, citizen.user, "menu", began + citizen.clicked)
            known.touch(began + citizen.clicked)
        known.consents[REMINDER], held = citizen.consents
        await service.permitted(store, citizen.user, REMINDER, held, citizen.user, began - HOUR)
        if citizen.left is not None:
            await service.heard(store, citizen.user, "unsubscribe", began + citizen.left)
        known.follows = citizen.left is None and not citizen.gone


async def put_notices(store: ReachStore, people: Iterable[Citizen], began: int) -> list[str]:
    """Put each citizen's notices on their way, at the moments at which they are due; return their ids."""
    ids = []
    for citizen in people:
        for what, at in (("moved", citizen.due - HOUR), ("reminder_day", citizen.due)):
            if what == "moved" and not citizen.changed:
                continue
            number = f"{what[0]}{citizen.number}-{int(citizen.reads)}"
            about = reference(citizen, began, what)
            await store.put(Job(number, store.person(citizen.user), what, about, began + at))
            ids.append(number)
    return ids


@dataclass
class Moods:
    """Draws a mishap for a call."""

    random: Random
    drawn: Counter[str] = field(default_factory=Counter)

    def __call__(self, openid: str, way: str) -> int | str:
        """Return the mishap, "" for none."""
        at = self.random.uniform(0, 100)
        for mood, share in MOODS:
            at -= share
            if at < 0:
                self.drawn[str(mood)] += 1
                return mood
        self.drawn["fine"] += 1
        return ""


@dataclass(frozen=True)
class Run:
    """What a run left: the platform's journal, which of its entries it told not to have arrived, and the notices."""

    people: Sequence[Citizen]
    began: int
    journal: Sequence[Sent]
    undelivered: frozenset[int]
    jobs: dict[str, Job]


def faults(run: Run) -> list[str]:
    """Return what was not as promised, one line each."""
    found = []
    for citizen in run.people:
        for what in ("reminder_day", "moved") if citizen.changed else ("reminder_day",):
            job = run.jobs[f"{what[0]}{citizen.number}-{int(citizen.reads)}"]
            sent = [(at, entry) for at, entry in _sent(run, citizen) if _is_about(entry, citizen, run.began, what)]
            found += [f"{citizen.openid} {what}: {fault}" for fault in _faults(run, citizen, job, sent)]
    return found


def _sent(run: Run, citizen: Citizen) -> list[tuple[int, Sent]]:
    return [(at, entry) for at, entry in enumerate(run.journal) if entry.openid == citizen.openid]


def _is_about(entry: Sent, citizen: Citizen, began: int, what: str) -> bool:
    """Whether a message is a notice's. A neutral one says of nothing that it is about it: then it counts for both kinds."""
    if citizen.safe.neutral:
        return True
    return reference(citizen, began, what) in entry.text


def _faults(run: Run, citizen: Citizen, job: Job, sent: list[tuple[int, Sent]]) -> list[str]:
    live = [entry for at, entry in sent if at not in run.undelivered]
    most = 1 + int(citizen.changed) if citizen.safe.neutral else 1
    told = {
        f"sent {len(live)} times": len(live) > most,
        "neither sent nor listed": not live and job.state not in ("call", "page") and not _read(citizen, job),
        "called delivered, and nobody got it": job.state in ("accepted", "delivered") and not live and not citizen.web,
        f"sent and listed as {job.reason}": bool(live)
        and most == 1
        and job.state == "call"
        and job.reason != "unconfirmed",
        "sent to a phone that wants nothing": bool(sent) and citizen.safe.quiet,
        "sent after they unfollowed": bool(sent) and citizen.left is not None,
        "said what it is about": citizen.safe.neutral and any(_tells(entry) for _, entry in sent),
        "sent outside the hours asked for": any(not _in_hours(entry, citizen.safe) for _, entry in sent),
        "too late for a call": job.state == "call" and job.acted > job.by,
        "took the reminder's last permission": job.what == "moved" and _took_last(citizen, sent),
        f"left {job.state}": job.state in ("waiting", "busy", "sending", "unknown"),
    }
    return [fault for fault, so in told.items() if so]


def _read(citizen: Citizen, job: Job) -> bool:
    return citizen.web and citizen.reads and job.state == "delivered"


def _tells(entry: Sent) -> bool:
    if entry.way == "service":
        return entry.text != NEUTRAL.text
    return any(word in entry.text for word in ("R0", "C0", "陈", "预约"))


def _in_hours(entry: Sent, safe: Safe) -> bool:
    hour = (int(entry.at) // HOUR + 8) % 24
    return safe.hours is None or safe.hours[0] <= hour < safe.hours[1]


def _took_last(citizen: Citizen, sent: list[tuple[int, Sent]]) -> bool:
    return (
        not citizen.safe.neutral
        and citizen.consents[1] == 1
        and any(entry.way.startswith("subscription") for _, entry in sent)
    )
