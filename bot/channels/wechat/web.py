"""GET and POST /wechat."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis

from bot.channels.wechat import crypto
from bot.channels.wechat.answering import Answering
from bot.channels.wechat.deliveries import Deliveries
from bot.channels.wechat.leading import Leaders
from bot.channels.wechat.messages import passive
from bot.channels.wechat.ports import Ledger, NoLedger, Platform
from bot.channels.wechat.sealing import Call, Seal, call_of
from bot.channels.wechat.sending import Sender
from bot.channels.wechat.turns import Talks, Turns
from bot.citizens.keyring import Keyring
from bot.errors import StoreUnavailable
from bot.platform.logs import pseudonym
from bot.platform.settings import Settings

# The longest message and its encrypted copy have about 20 KiB.
MAX_BODY = 128 * 1024
SUCCESS = "success"
log = logging.getLogger("wechat")


@dataclass(frozen=True)
class Webhook:
    """The webhook's parts, put together."""

    seal: Seal
    answering: Answering
    leaders: Leaders
    deliveries: Deliveries
    clock: Callable[[], float]

    @classmethod
    def of(
        cls,
        conversation: Talks,
        redis: Redis,
        settings: Settings,
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
        platform: Platform | None = None,
        ledger: Ledger | None = None,
    ) -> Webhook:
        """Put the parts together. `platform` is used with WECHAT_STRATEGY=service only."""
        service = settings.wechat_strategy == "service"
        if service and platform is None:
            log.warning("WECHAT_STRATEGY=service answers passively: there is no way to send")
        ledger = ledger or NoLedger()
        deliveries = Deliveries(redis, settings.district, keyring, secrets.token_hex(8))
        sender = Sender(platform if service else None, ledger, deliveries, clock)
        turns = Turns(conversation, deliveries, ledger, sender, settings.public_url, clock)
        leaders = Leaders(deliveries, turns, sender, clock)
        answering = Answering(deliveries, leaders, turns, sender, clock)
        return cls(seal_of(settings, clock), answering, leaders, deliveries, clock)


def seal_of(settings: Settings, clock: Callable[[], float]) -> Seal:
    """Return what opens and closes the account's calls."""
    keys = (settings.wechat_encoding_aes_key, settings.wechat_encoding_aes_key_previous)
    known = tuple(key for key in keys if key)
    return Seal(settings.wechat_mode, settings.wechat_token, settings.wechat_app_id, known, clock)


def install(app: web.Application, webhook: Webhook) -> None:
    """Add the webhook's routes, and its sweep for as long as the application runs."""

    async def verify(request: web.Request) -> web.Response:
        """Answer the platform's check of this address with its echostr."""
        call, echoes = _call(request), request.query.getall("echostr", [])
        webhook.seal.signed(call)
        if len(echoes) != 1:
            raise crypto.refused()
        return web.Response(text=echoes[0])

    async def receive(request: web.Request) -> web.Response:
        """Verify, decrypt, answer. Nothing of the body is read before the signature holds."""
        call = _call(request)
        webhook.seal.signed(call)
        webhook.seal.allowed(call)
        return await _answered(webhook, call, request)

    async def running(_: web.Application) -> None:
        await webhook.leaders.open()

    async def stopped(_: web.Application) -> None:
        await webhook.leaders.close()

    app.add_routes([web.get("/wechat", verify), web.post("/wechat", receive)])
    app.on_startup.append(running)
    app.on_shutdown.append(stopped)


async def _answered(webhook: Webhook, call: Call, request: web.Request) -> web.Response:
    push, encrypted = webhook.seal.opened(call, await _body(request))
    if push.stripped:
        user = pseudonym(f"wechat:{push.get('FromUserName')}")
        log.info("illegal characters were taken out", extra={"user": user, "reason": str(push.stripped)})
    try:
        message = await webhook.answering.reply(
            push, lambda: request.transport is None or request.transport.is_closing()
        )
    except StoreUnavailable as error:
        log.warning("not noted, and not acknowledged", extra={"reason": type(error.__cause__).__name__})
        return web.Response(status=503)
    if message is None:
        return web.Response(text=SUCCESS)
    answer = passive(push, message, int(webhook.clock()))
    if encrypted:
        answer = webhook.seal.closed(answer, call.nonce, push.is_json)
    return web.Response(text=answer, content_type="application/json" if push.is_json else "text/xml")


def _call(request: web.Request) -> Call:
    return call_of({name: request.query.getall(name) for name in request.query})


async def _body(request: web.Request) -> bytes:
    """Return the body. Raises 413 as soon as it is known to be too long."""
    if (request.content_length or 0) > MAX_BODY:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY, request.content_length or 0)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise web.HTTPRequestEntityTooLarge(MAX_BODY, len(body))
    return bytes(body)
