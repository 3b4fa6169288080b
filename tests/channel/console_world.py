"""What the console's tests share: the real gateway over a real Valkey, staff of each role, and appointments in each state."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.booking import desk as booking
from bot.booking.model import Appointment, Wish
from bot.bootstrap import bootstrap, console_of
from bot.channels.server import create_app
from bot.citizens import service as citizens
from bot.console.audit import DONE, Entry, faults
from bot.console.model import ROLES, Account, Deed, Session
from bot.console.service import Console
from bot.console.sign_in import token_of
from bot.conversation.engine import Engine
from bot.inbox import service as inbox
from bot.inbox.model import Item
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Application, Ask
from bot.platform.settings import load
from bot.reach.records import Job
from tests.keys import ENV
from tests.photos import DRAWING
from tests.store.booking_world import DISTRICT, NOW, TOWN, open_desk

# The routes for applications → who may use them; the practitioner's own calendar is none of it.
_CLERKS = ("clerk", "supervisor")
AID = {
    "GET /console/aid/{number}": _CLERKS,
    "POST /console/aid/{number}/contact": _CLERKS,
    "POST /console/aid/{number}/review": _CLERKS,
    "POST /console/aid/{number}/ask": _CLERKS,
    "POST /console/aid/{number}/withdraw": _CLERKS,
    "POST /console/aid/{number}/grant": ("supervisor",),
    "POST /console/aid/{number}/refuse": ("supervisor",),
    "POST /console/aid/{number}/reopen": ("supervisor",),
}
ABSENT = "26-ZZZZ-ZZZZ"
# Opens to no password, at a thousandth of the real cost.
NO_PASSWORD = f"scrypt$4$8$1${b64encode(bytes(16)).decode()}${b64encode(bytes(32)).decode()}"
# Nobody else's words or numbers look like these.
NAME, PHONE, STORY = "示例林小梅", "+8610000000001", "楼上漏水到我家客厅"


class SilentEngine(Engine):
    """Is never asked."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "t")


@dataclass
class World:
    """The gateway, its parts, and a clock that stands still until a test moves it."""

    client: TestClient
    console: Console
    redis: Redis
    now: int = NOW
    made: int = 0

    async def account(self, role: str, listing: str = "", **more: Any) -> Account:
        """Make an account without the cost of a password."""
        listing = listing or ("p1" if ROLES[role].own else "")  # type: ignore[index]
        account = Account(more.pop("name", role), role, NO_PASSWORD, listing, **more)  # type: ignore[arg-type]
        await self._note("account_added", self.console.store.keep_account(account))
        return account

    async def sign_in(self, account: Account) -> str:
        """Give the client's browser a sign-in, and return its form token."""
        self.made += 1
        session_id = f"session-{account.name}-{self.made}"
        session = Session(account.name, account.version, self.now, self.now)
        await self._note("signed_in", self.console.store.begin_session(session_id, session))
        self.client.session.cookie_jar.clear()
        self.client.session.cookie_jar.update_cookies({"console": session_id}, self.client.make_url("/console"))
        return token_of(session_id)

    async def _note(self, act: str, effect: Any) -> None:
        self.made += 1
        await self.console.store.record(
            Deed("test", "operator", act, "x", f"made {self.made}"), DONE, self.now, [effect]
        )

    async def book(self, kind: str = "mediation", practitioner: str = "p1", citizen: str = "c1") -> Appointment:
        """Book the earliest time for a citizen who gave a name, a phone and a story."""
        self.made += 1
        wish = Wish(kind, TOWN, practitioner=practitioner, citizen=citizen, applicant=f"A{citizen}", mode="on_site")
        slots = (await booking.times(self.console.desk, wish, NOW)).slots
        made = await booking.book(self.console.desk, wish, slots[0], NOW, f"book {self.made}")
        await citizens.agree(self.console.citizens, citizen, "booking", NOW)
        details = {"name": NAME, "phone": PHONE, "story": STORY}
        await citizens.keep_case(self.console.citizens, citizen, made.id, details)
        return made

    async def in_state(self, state: str, practitioner: str = "p1") -> Appointment:
        """Return an appointment in a state. Beyond pending, the clock then stands at its start: sign in afterwards."""
        kind = "mediation" if state == "pending" else "consultation"
        practitioner = practitioner if kind == "mediation" else "law"
        made = await self.book(kind, practitioner)
        if state != "pending":
            self.now = made.start
        path = {"arrived": ["arrived"], "fulfilled": ["arrived", "fulfilled"], "noshow": ["noshow"]}
        for n, step in enumerate(path.get(state, [])):
            await booking.advance(self.console.desk, made.id, step, "staff", "t", self.now, f"{made.id} {n}")  # type: ignore[arg-type]
        if state == "cancelled":
            await booking.cancel(self.console.desk, made.id, "staff", "t", self.now, f"{made.id} c")
        return await booking.for_staff(self.console.desk, made.id)

    async def application(self, state: str = "submitted", citizen: str = "c1") -> Application:
        """Hand an application for legal aid in, and bring it to a state."""
        self.made += 1
        await citizens.agree(self.console.citizens, citizen, "legal_aid", NOW)
        fields = {"name": NAME, "phone": PHONE, "story": STORY}
        ask = Ask("citizen", citizen, self.now, f"apply {self.made}")
        store = self.console.applications
        made = await legal_aid.hand_in(store, self.console.citizens, "wages", "likely_yes", fields, ask)
        decided = {name: ("under_review", name) for name in ("granted", "refused")}
        for step in decided.get(state, () if state == "submitted" else (state,)):
            papers = ("identity",) if step == "papers_missing" else ()
            step_by = Ask("staff", "t", self.now, f"{made.id} {step}")
            made = await legal_aid.advance(store, made.id, step, step_by, papers)  # type: ignore[arg-type]
        return made

    async def state(self, appointment: Appointment) -> str:
        return (await booking.for_staff(self.console.desk, appointment.id)).state

    async def alert(self, text: str = "他拿着刀在门口") -> str:
        """Leave a danger message, and return its reference."""
        item = Item("alert", "web:sender-0001", text, "2026-11-23T09:00:00+08:00")
        return await inbox.leave(self.console.inbox, item)

    async def to_call(self, about: str = ABSENT, citizen: str = "c1", what: str = "moved") -> str:
        """Put a notice onto the list for a call, and return its number."""
        self.made += 1
        job = Job(f"{self.made}-0", citizen, what, about, self.now, "call", reason="unconfirmed", by=self.now + 3600)
        await self.console.reach.put(job)
        return job.id

    async def photo(self, content: bytes = DRAWING) -> str:
        """Leave a photo, and return its reference."""
        return await inbox.leave_photo(self.console.inbox, "wechat:o1", "2026-11-23T09:00:00+08:00", content)

    async def entries(self) -> list[Entry]:
        """Return what the log tells of deeds at the desk."""
        return [entry async for entry in self.console.store.entries() if entry.who != "test"]

    async def get(self, path: str) -> tuple[int, str]:
        answer = await self.client.get(path, allow_redirects=False)
        return answer.status, await answer.text()

    async def post(self, path: str, token: str, **fields: str) -> tuple[int, str]:
        """Send a form as the page would, with a fresh key unless one is given."""
        self.made += 1
        form = {"token": token, "request": f"{self.made:032x}", **fields}
        answer = await self.client.post(path, data=form, allow_redirects=False)
        return answer.status, await answer.text(errors="replace")


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's first form with an idempotency key."""
    form = next(part for part in page.split("<form")[1:] if 'name="request"' in part)
    return dict(re.findall(r'name="(token|request)" value="(\w+)"', form))


@asynccontextmanager
async def opened(redis: Redis, public_url: str = "") -> AsyncIterator[World]:
    settings = load({"CHENGFATONG_REDIS_URL": "redis://127.0.0.1:1", "CHENGFATONG_PUBLIC_URL": public_url, **ENV})
    clock: dict[str, World] = {}
    parts = bootstrap(settings, redis=redis, engine=SilentEngine(), clock=lambda: clock["world"].now)
    desk = await open_desk(redis)
    console = console_of(redis, DISTRICT, parts.keyring, desk)
    app = create_app(replace(parts, desk=desk, console=console))
    async with TestClient(TestServer(app)) as client:
        clock["world"] = World(client, console, redis)
        yield clock["world"]


async def sound(world: World) -> bool:
    """Whether nothing is missing from the audit log, and nothing was changed in it."""
    entries = [entry async for entry in world.console.store.entries()]
    return faults(entries, await world.console.store.newest_number()) == []
