"""What the staff ask and tell about applications for legal aid: one function a use case, as in service.py."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from bot.citizens import service as citizens
from bot.citizens.model import mask_name, mask_phone
from bot.console.aid_acts import AID_ACTS
from bot.console.audit import DONE
from bot.console.model import Account, Deed
from bot.console.service import Console, noted
from bot.legal_aid import service as legal_aid
from bot.legal_aid.application import Application, Ask
from bot.platform.along import Along


@dataclass(frozen=True)
class AidRow:
    """An application as the list shows it; `name` and `phone` are masked, "" when they were erased."""

    application: Application
    name: str
    phone: str


async def waiting(console: Console) -> list[AidRow]:
    """Return what the staff must do something about, the longest waiting first."""
    found = await legal_aid.open_applications(console.applications)
    return list(await asyncio.gather(*(_row(console, application) for application in found)))


async def one(console: Console, number: str) -> AidRow:
    """Return one application that was handed in. Raises ApplicationAbsent."""
    return await _row(console, await legal_aid.for_staff(console.applications, number))


async def _row(console: Console, application: Application) -> AidRow:
    given = await citizens.case(console.citizens, application.citizen, application.id)
    name, phone = given.get("name", ""), given.get("phone", "")
    return AidRow(application, mask_name(name) if name else "", mask_phone(phone) if phone else "")


async def opened(console: Console, account: Account, number: str, now: int) -> dict[str, str]:
    """Return what the citizen gave in the clear, once it is on disk who asked for it. Every look is a deed of its own."""
    row = await one(console, number)
    deed = Deed(account.name, account.role, "aid_shown", number, secrets.token_hex(16))
    await console.store.record(deed, DONE, now)
    return await citizens.case(console.citizens, row.application.citizen, number)


async def act(
    console: Console, account: Account, name: str, number: str, papers: tuple[str, ...], request: str, now: int
) -> Application:
    """Do one of AID_ACTS to an application. Raises ApplicationRefused; ValueError for papers that the act does not take."""
    chosen = AID_ACTS[name]
    await one(console, number)
    ask = Ask("staff", account.name, now, f"console:{account.name}:{request}")

    async def effect(along: Along) -> Application:
        # From the act's own states only: the application's table also knows what others may do.
        return await legal_aid.advance(console.applications, number, chosen.after, ask, papers, chosen.before, along)

    deed = Deed(account.name, account.role, f"aid_{name}", number, request, ",".join(papers))
    return await noted(console.store, deed, effect, now)
