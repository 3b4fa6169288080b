"""How a push reaches the account: up to three deliveries, five seconds each, and what the phone shows at the end.

Source: developers.weixin.qq.com, "passive user reply message": no answer within five seconds drops the connection and sends
again; in practice three deliveries in all. An answer that is not one, or none at all, is shown as an apology.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.standin.account import Account
from tests.standin.bubbles import APOLOGY, Bubble
from tests.standin.passive import Asked, BadReply, read
from tests.standin.people import Person
from tests.standin.pushes import Delivery, Push, delivery
from tests.standin.weather import Weather

DELIVERIES, PATIENCE = 3, 5.0


@dataclass
class Exchange:
    """What became of one push.

    `replies`: what each answered delivery was answered, None for an acknowledgement. `seconds`: from the first delivery to
    the answer that counted. `failed`: the phone apologised, or would have.
    """

    push: Push
    replies: list[Bubble | None] = field(default_factory=list)
    deliveries: int = 0
    seconds: float = 0.0
    failed: str = ""


class Courier:
    """Carries pushes to one gateway.

    `delivery` makes each HTTP request; `defects` counts what no account should answer, by what was wrong.
    """

    def __init__(self, account: Account, weather: Weather) -> None:
        self.account = account
        self.weather = weather
        self.gateway = ""
        self.delivery: Callable[[Push, Account], Delivery] = delivery
        self.defects: Counter[str] = Counter()
        self._session: ClientSession | None = None

    async def carry(self, push: Push, person: Person) -> Exchange:
        """Deliver a push until it is answered, show what came, and return all of it."""
        exchange = Exchange(push)
        await asyncio.sleep(self.weather.delay(push))
        copies = [self._copy(exchange, person, number) for number in range(self.weather.copies(push))]
        await asyncio.gather(*copies)
        return exchange

    async def _copy(self, exchange: Exchange, person: Person, number: int) -> None:
        """Deliver one copy; the second of a doubled push has a retry chain of its own, as a stray one would."""
        try:
            bubble = await self._answered(exchange, self.weather.lost(exchange.push) if number == 0 else 0)
        except BadReply as error:
            self.defects[str(error)] += 1
            exchange.failed = str(error)
            if exchange.push.heeded:
                person.shows(Bubble("phone", APOLOGY))
            return
        # The same words to every delivery of a message are one answer; other words are a second one, and are seen.
        fresh = bubble is not None and bubble not in exchange.replies
        exchange.replies.append(bubble)
        if fresh and bubble is not None and person.following:
            person.shows(bubble)
        else:
            person.stir()

    async def _answered(self, exchange: Exchange, lost: int) -> Bubble | None:
        """Return what a chain of deliveries was answered. Raises BadReply for a bad answer, or when there was none."""
        began = time.monotonic()
        for attempt in range(DELIVERIES):
            exchange.deliveries += 1
            asked, body = await self._once(exchange.push)
            if body is not None and attempt >= lost:
                exchange.seconds = exchange.seconds or time.monotonic() - began
                return read(body, asked, self.account)
            if attempt + 1 < DELIVERIES:
                await asyncio.sleep(max(0.0, began + (attempt + 1) * PATIENCE * self.weather.pace - time.monotonic()))
        raise BadReply("no answer")

    async def _once(self, push: Push) -> tuple[Asked, bytes | None]:
        """Make one delivery; None when no answer came in time, or one that is not 200."""
        made = self.delivery(push, self.account)
        asked = Asked(push.openid, made.nonce, time.time(), push.identity)
        timeout = ClientTimeout(total=PATIENCE * self.weather.pace)
        headers = {"Content-Type": "text/xml"}
        try:
            async with self._open().post(
                self.gateway, params=made.query, data=made.body, headers=headers, timeout=timeout
            ) as response:
                return asked, await response.read() if response.status == 200 else None
        except (ClientError, OSError, TimeoutError):
            return asked, None

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(connector=TCPConnector(limit=0))
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
