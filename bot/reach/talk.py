"""Safe contact in the chat: asked for, agreed to, kept; offered once after a danger message."""

from __future__ import annotations

from dataclasses import dataclass

from bot.citizens import service as citizens
from bot.citizens.service import CitizenStore
from bot.conversation.model import Inbound, Reply
from bot.reach import asking, service
from bot.reach.store import ReachStore
from bot.reach.wishes import Wish, wish_of

PURPOSE = "safe_contact"


@dataclass(frozen=True)
class SafeTalk:
    """Answers before the engine is asked. Everything raises StoreUnavailable: then nothing was kept."""

    store: ReachStore
    people: CitizenStore

    async def answer(self, inbound: Inbound) -> list[Reply] | None:
        """Return the answer to a wish about how to be contacted, None for any other message."""
        person = self.store.person(f"{inbound.channel}:{inbound.user}")
        if inbound.kind == "payload":
            tap = asking.tapped(inbound.body)
            return await self._tapped(person, *tap, int(inbound.at.timestamp())) if tap else None
        wish = wish_of(inbound.body) if inbound.kind == "text" else None
        return await self._asked(person, wish) if wish else None

    async def _asked(self, person: str, wish: Wish) -> list[Reply] | None:
        if wish == "off":
            # Only who asked for it has something to end; for all others it is another matter.
            if not (await service.safe_of(self.store, person)).asked:
                return None
            return await self._keep(person, wish, 0)
        return [asking.question(wish)]

    async def _tapped(self, person: str, wish: Wish, sure: bool, at: int) -> list[Reply]:
        if wish == "no":
            return [asking.kept(wish)]
        return await self._keep(person, wish, at) if sure or wish == "off" else [asking.question(wish)]

    async def _keep(self, person: str, wish: Wish, at: int) -> list[Reply]:
        await keep(self.store, self.people, person, wish, at)
        return [asking.kept(wish)]

    async def offer(self, inbound: Inbound) -> Reply | None:
        """Return the offer to somebody in danger, once."""
        person = self.store.person(f"{inbound.channel}:{inbound.user}")
        return asking.OFFER if await self.store.offer_once(person) else None


async def keep(store: ReachStore, people: CitizenStore, person: str, wish: Wish, at: int) -> None:
    """Keep one more wish with consent, or end them all ("off")."""
    safe = asking.with_wish(await service.safe_of(store, person), wish)
    if safe.asked:
        await citizens.agree(people, person, PURPOSE, at)
    await service.ask_safe(store, person, safe)
    if not safe.asked:
        await citizens.withdraw(people, person, PURPOSE)
