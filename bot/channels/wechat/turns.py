"""One push answered: the ledger told, the conversation asked, the answer cut into WeChat's messages."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bot.channels.wechat.deliveries import Deliveries
from bot.channels.wechat.inbound import Arrival, with_payload
from bot.channels.wechat.ports import Ledger
from bot.channels.wechat.render import SORRY, Message, Part, parts_of, with_more
from bot.channels.wechat.rest import Answer, Left, Rest, asks_for_more, left_of
from bot.channels.wechat.sending import Sender
from bot.conversation.model import Inbound, Reply
from bot.errors import BadRequest, StoreUnavailable

# A menu click opens three customer-service messages, a message five: an answer never needs more than this many.
MOST_SENT = 3
log = logging.getLogger("wechat")


class Talks(Protocol):
    """The conversation, as the webhook needs it."""

    async def reply_to(self, inbound: Inbound) -> list[Reply]:
        """Return what to say. Raises BadRequest for a payload that no button of ours sends."""


class Turns:
    """Makes the answer to a push. `base` is the address of our pages."""

    def __init__(
        self,
        conversation: Talks,
        deliveries: Deliveries,
        ledger: Ledger,
        sender: Sender,
        base: str,
        clock: Callable[[], float],
    ) -> None:
        self._conversation = conversation
        self._deliveries = deliveries
        self._ledger = ledger
        self._sender = sender
        self._base = base
        self._clock = clock

    async def answer(self, arrival: Arrival, line: str, rest: Rest) -> Answer:
        """Return how to answer a push; `rest` is what its citizen has not seen yet. Raises StoreUnavailable."""
        await self._note(arrival)
        if arrival.said is None:
            return Answer(None, rest, rest)
        if arrival.said.kind == "text" and rest.parts and asks_for_more(arrival.said.body):
            return _more(rest, self._sender.open)
        if arrival.menu_item and (payload := await self._deliveries.behind(line, arrival.menu_item)):
            arrival = with_payload(arrival, payload)
        replies = await self._said(arrival.said if arrival.said else None)
        if self._sender.open and (sent := await self._sent(replies, arrival, line, rest)):
            return sent
        return answer_of(parts_of(replies, self._base), rest, fresh=False, begins=self._sender.open)

    async def alone(self, arrival: Arrival) -> Message | None:
        """Return the first message of an answer, made without the store."""
        if arrival.said is None:
            return None
        return parts_of(await self._said(arrival.said), self._base)[0].passive

    async def _said(self, inbound: Inbound | None) -> list[Reply]:
        if inbound is None:
            return []
        try:
            return await self._conversation.reply_to(inbound)
        except BadRequest as refused:
            return [Reply(refused.detail)]
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("turn failed", exc_info=error)
            return [Reply(SORRY)]

    async def _sent(self, replies: list[Reply], arrival: Arrival, line: str, rest: Rest) -> Answer | None:
        """Return an answer whose further messages we may send, or None when they would be too many."""
        menu = secrets.token_hex(3)
        parts = parts_of(replies, self._base, menu)
        if len(parts) - 1 > MOST_SENT:
            return None
        if parts[1:] and not await self._ledger.take(arrival.user, self._clock(), len(parts) - 1):
            return None
        buttons = [button.payload for reply in replies for button in reply.buttons]
        if buttons:
            await self._deliveries.keep_menu(line, menu, buttons)
        behind = self._deliveries.digest_of(arrival.identity)
        return answer_of(parts, rest, fresh=True, behind=behind)

    async def _note(self, arrival: Arrival) -> None:
        """Tell the ledger. That it cannot write keeps nobody from an answer; without one, the push stays in line."""
        at = arrival.at.timestamp()
        try:
            if arrival.trigger:
                await self._ledger.heard(arrival.user, arrival.trigger, at)
            push = self._deliveries.digest_of(arrival.identity)
            for number, permission in enumerate(arrival.permissions):
                template, count = permission.template, permission.count
                await self._ledger.permitted(arrival.user, template, count, f"{push}:{number}", at)
            for outcome in arrival.outcomes:
                await self._ledger.came_of(arrival.user, outcome, self._clock())
        except StoreUnavailable:
            if arrival.must_be_noted:
                raise


def answer_of(parts: list[Part], rest: Rest, fresh: bool, behind: str = "", begins: bool = False) -> Answer:
    """Return how parts leave: the first by the passive reply to the push `behind`; `fresh`: we may send the others.

    Too late for a reply, `fresh` parts are all sent, of which one is not paid for yet; else the first alone if it `begins`.
    """
    kept = rest.but_late()
    after = replace(rest, parts=(*kept, *left_of(parts[1:], late=False, fresh=fresh, paid=True, behind=behind)))
    first = left_of(parts[:1], late=True, fresh=fresh or begins, paid=False)
    late = replace(rest, parts=(*kept, *first, *left_of(parts[1:], late=True, fresh=fresh, paid=fresh)))
    passive = parts[0].passive
    waits = any(left.state != "fresh" for left in after.parts)
    return Answer(with_more(passive) if waits else passive, after, late)


def _more(rest: Rest, sends: bool) -> Answer:
    """Return the next part of what is left. Asked for too late for a reply, it is sent, or left as it was."""
    left = replace(rest, parts=rest.parts[1:])
    first = rest.parts[0].part.passive
    again: tuple[Left, ...] = (replace(rest.parts[0], late=True, state="fresh" if sends else "kept"), *rest.parts[1:])
    return Answer(with_more(first) if left.parts else first, left, replace(rest, parts=again))
