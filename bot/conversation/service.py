"""One turn of a conversation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.conversation import danger
from bot.conversation.engine import Engine
from bot.conversation.model import MAX_TEXT, Button, Card, Field, Inbound, Reply
from bot.conversation.payloads import picked, tapped, typed
from bot.conversation.photos import meant
from bot.conversation.senses import NOT_HEARD, Senses
from bot.conversation.store import ConversationStore
from bot.errors import EngineUnavailable, StoreUnavailable
from bot.platform.metrics import DANGER, INTENTS, TURNS

HOTLINE = Card("公共法律服务热线", (Field("电话", "12348", "tel:12348"),))
EMPTY = [Reply("您还没写字呢。遇到什么事，直接说就行。")]
TOO_LONG = [Reply(f"这段话太长了（最多{MAX_TEXT}字），我看不完。请挑最要紧的几句再发一次。")]
UNSUPPORTED = [Reply("这个我看不懂。请打字告诉我，或者用手机键盘上的语音输入；文件可以拍成照片发来。")]
# Dangers in which another person may hold the phone.
WATCHED = ("violence", "confined")
# The numbers to call must not wait for an offer.
OFFER_SECONDS = 0.5
NOT_KEPT = [Reply("对不起，我这边出了点问题，没能记下来，请过几秒再说一次。")]
DOWN = [Reply("对不起，我这边出了点问题，暂时答不上来，请过一会儿再发一次。急的话直接打12348。", card=HOTLINE)]
SILENT = [Reply("对不起，这句我没接上。请过几秒再发一次。", (Button("转人工", "/talk_to_human"),))]


class SafeContact(Protocol):
    """Answers wishes about how to be contacted (bot.reach.talk); everything raises StoreUnavailable."""

    async def answer(self, inbound: Inbound) -> list[Reply] | None:
        """Return the answer to such a wish, None for any other message."""

    async def offer(self, inbound: Inbound) -> Reply | None:
        """Return the offer to somebody in danger, once."""


class Conversation:
    """Answers one message after the other; one turn at a time for each citizen.

    `alert` puts a danger message before the staff, `senses` read what is neither typed nor tapped, `safe` answers wishes
    about how to be contacted.
    """

    def __init__(
        self,
        engine: Engine,
        store: ConversationStore,
        alert: Callable[[Inbound], Awaitable[None]],
        senses: Senses,
        safe: SafeContact | None = None,
    ) -> None:
        self._engine = engine
        self._senses = senses
        self._store = store
        self._safe = safe
        self._put_before_staff = alert
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}

    async def reply_to(self, inbound: Inbound) -> list[Reply]:
        """Return what to say. Never empty; a broken part is told, not thrown.

        Raises BadRequest for a payload that no button of ours sends.
        """
        inbound = await self._senses.heard(inbound)
        if inbound.kind == "text":
            inbound = replace(inbound, body=typed(inbound.body))
            if danger.is_danger(inbound.body[:MAX_TEXT]):
                return await self._danger(inbound)
        if (early := _early(inbound)) is not None:
            return early
        if inbound.kind == "payload":
            tapped(inbound.body)
        async with self._one_at_a_time(f"{inbound.channel}:{inbound.user}"):
            return await self._turn(inbound)

    async def _turn(self, inbound: Inbound) -> list[Reply]:
        again, offered = list[Reply](), tuple[Button, ...]()
        with contextlib.suppress(StoreUnavailable):
            again, offered = await self._store.before(inbound)
        if again and inbound.message_id:
            TURNS.labels(inbound.channel, "repeated").inc()
            return again
        message = _meant(inbound, offered)
        if (safe := await self._safe_contact(message)) is not None:
            return await self._keep(inbound, safe)
        sensed = await self._senses.sensed(message)
        if sensed.then is None:
            TURNS.labels(inbound.channel, "answered").inc()
            return await self._keep(inbound, sensed.replies)
        try:
            understood = await self._engine.ask(sensed.then)
        except EngineUnavailable:
            TURNS.labels(inbound.channel, "engine_down").inc()
            return [*sensed.replies, *DOWN]
        TURNS.labels(inbound.channel, "answered").inc()
        INTENTS.labels(understood.intent or "none").inc()
        if understood.intent == "report_danger" and inbound.kind == "text":
            await self._alert(inbound)  # What the rules missed and the model saw.
        return await self._keep(inbound, (*sensed.replies, *(understood.replies or SILENT)))

    async def _safe_contact(self, message: Inbound) -> list[Reply] | None:
        try:
            return await self._safe.answer(message) if self._safe else None
        except StoreUnavailable:
            return NOT_KEPT

    async def _keep(self, inbound: Inbound, said: Sequence[Reply]) -> list[Reply]:
        replies = list(said)
        # "2" picks from the question at the end, not from an answer on the side above it.
        buttons = tuple(button for reply in reversed(replies) for button in reply.buttons)
        with contextlib.suppress(StoreUnavailable):
            await self._store.keep(inbound, buttons, replies)
        return replies

    async def _danger(self, inbound: Inbound) -> list[Reply]:
        """Answer before anything else is asked; a broken store must not delay the number to call."""
        TURNS.labels(inbound.channel, "danger").inc()
        await self._alert(inbound)
        return [*danger.replies(inbound.body), *await self._offer_safe(inbound)]

    async def _offer_safe(self, inbound: Inbound) -> list[Reply]:
        """Offer safe contact where somebody may look at the phone; it comes last, and only if the store is quick."""
        if self._safe is None or danger.danger_kind(inbound.body[:MAX_TEXT]) not in WATCHED:
            return []
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(OFFER_SECONDS):
                if offer := await self._safe.offer(inbound):
                    await self._store.keep(inbound, offer.buttons, [])
                    return [offer]
        return []

    async def _alert(self, inbound: Inbound) -> None:
        DANGER.inc()
        with contextlib.suppress(StoreUnavailable):
            await self._put_before_staff(inbound)

    @contextlib.asynccontextmanager
    async def _one_at_a_time(self, user: str) -> AsyncIterator[None]:
        """Hold back a citizen's next message until the last one is answered; forget the lock when nobody waits."""
        lock, waiting = self._turns.get(user, (asyncio.Lock(), 0))
        self._turns[user] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._turns[user]
            if waiting == 1:
                del self._turns[user]
            else:
                self._turns[user] = (lock, waiting - 1)


def _meant(inbound: Inbound, offered: tuple[Button, ...]) -> Inbound:
    """Return the message as it is meant: a typed number, title or yes picks a button."""
    if inbound.kind == "text" and (payload := picked(inbound.body, offered) or meant(inbound.body, offered)):
        return replace(inbound, kind="payload", body=payload)
    return inbound


def _early(inbound: Inbound) -> list[Reply] | None:
    """Return the answer to what needs no engine."""
    if inbound.kind == "unsupported":
        return UNSUPPORTED
    if inbound.kind == "voice":
        return [NOT_HEARD]
    if inbound.kind == "text" and not inbound.body:
        return EMPTY
    if inbound.kind == "text" and len(inbound.body) > MAX_TEXT:
        return TOO_LONG
    return None
