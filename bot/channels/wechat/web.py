"""GET and POST /wechat."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from redis.asyncio import Redis

from bot.channels.wechat import crypto
from bot.channels.wechat.messages import Push, envelope, parse, passive_text
from bot.channels.wechat.render import text_of
from bot.channels.wechat.store import Deliveries
from bot.citizens.keyring import Keyring
from bot.conversation.model import Inbound, Kind
from bot.conversation.service import Conversation
from bot.directory.hours import SHANGHAI
from bot.errors import BadRequest, StoreUnavailable
from bot.platform.logs import pseudonym
from bot.platform.metrics import SECONDS, TURNS
from bot.platform.settings import Settings

# WeChat hangs up after 5 s, the way through the network included.
BUDGET_SECONDS = 4.5
# How far WeChat's clock and ours may be apart; a captured request is worthless after that.
WINDOW_SECONDS = 600
# A held delivery looks this often whether the first one has finished.
POLL_SECONDS = 0.1
SUCCESS = "success"
log = logging.getLogger("wechat")


def routes(
    conversation: Conversation, redis: Redis, settings: Settings, keyring: Keyring
) -> Sequence[web.AbstractRouteDef]:
    """Return the webhook's routes."""
    webhook = _Webhook(conversation, Deliveries(redis, settings.district, keyring), settings)
    return [web.get("/wechat", webhook.verify), web.post("/wechat", webhook.receive)]


class _Webhook:
    def __init__(self, conversation: Conversation, deliveries: Deliveries, settings: Settings) -> None:
        self._conversation = conversation
        self._deliveries = deliveries
        self._settings = settings
        self._running: set[asyncio.Task[str]] = set()
        if settings.wechat_strategy == "service":
            log.warning("WECHAT_STRATEGY=service answers passively until customer-service messages are built")

    async def verify(self, request: web.Request) -> web.Response:
        """Answer the platform's check of this address with its echostr."""
        echo = _one(request, "echostr")
        self._signed(request)
        return web.Response(text=echo)

    async def receive(self, request: web.Request) -> web.Response:
        """Verify, decrypt, answer. Nothing of the body is read before the signature holds."""
        encrypted = _one(request, "encrypt_type", "raw") == "aes"
        if self._settings.wechat_mode == "safe" and not encrypted:
            raise crypto.refused()  # a plain body in safe mode is a downgrade
        self._signed(request)
        push = self._opened(request, await request.text()) if encrypted else parse(await request.text())
        answer = await self._answered(push)
        if answer == SUCCESS or not encrypted:
            return _xml(answer)
        return _xml(self._sealed(answer, _one(request, "nonce")))

    def _signed(self, request: web.Request) -> None:
        timestamp, nonce = _one(request, "timestamp"), _one(request, "nonce")
        crypto.check(_one(request, "signature"), self._settings.wechat_token, timestamp, nonce)
        if not timestamp.isdigit() or abs(time.time() - int(timestamp[:12])) > WINDOW_SECONDS:
            raise crypto.refused()

    def _opened(self, request: web.Request, body: str) -> Push:
        """Return the decrypted push; only the encrypted copy counts. The key before the present one still opens."""
        ciphertext = parse(body).get("Encrypt")
        timestamp, nonce = _one(request, "timestamp"), _one(request, "nonce")
        crypto.check(_one(request, "msg_signature"), self._settings.wechat_token, timestamp, nonce, ciphertext)
        settings = self._settings
        keys = [key for key in (settings.wechat_encoding_aes_key, settings.wechat_encoding_aes_key_previous) if key]
        for key in keys:
            try:
                return parse(crypto.decrypt(ciphertext, key, settings.wechat_app_id))
            except BadRequest:
                continue
        raise crypto.refused()

    def _sealed(self, answer: str, nonce: str) -> str:
        settings, timestamp = self._settings, str(int(time.time()))
        sealed = crypto.encrypt(answer, settings.wechat_encoding_aes_key, settings.wechat_app_id)
        return envelope(sealed, crypto.signature(settings.wechat_token, timestamp, nonce, sealed), timestamp, nonce)

    async def _answered(self, push: Push) -> str:
        """Return the passive reply; a redelivery waits for the first delivery's and gets the same."""
        inbound = _inbound(push)
        if inbound is None:
            return SUCCESS
        try:
            mine = await self._deliveries.claim(push.dedup_basis)
        except StoreUnavailable:
            mine = True  # Without the store a redelivery is answered anew: twice the same words do no harm.
        if not mine:
            TURNS.labels("wechat", "repeated").inc()
            return await self._awaited(push)
        task = asyncio.create_task(self._work(push, inbound))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=BUDGET_SECONDS)
        if done:
            return task.result()
        # Held until WeChat hangs up and sends again: the next delivery picks the answer up.
        return await self._awaited(push)

    async def _work(self, push: Push, inbound: Inbound) -> str:
        began = time.perf_counter()
        try:
            content = text_of(await self._conversation.reply_to(inbound), self._settings.public_url)
            answer = passive_text(push, content, int(time.time()))
        except Exception as error:
            log.error("turn failed", extra={"error": type(error).__name__})
            answer = SUCCESS
        try:
            await self._deliveries.keep(push.dedup_basis, answer)
        except StoreUnavailable:
            log.warning("an answer could not be kept for redelivery")
        elapsed = time.perf_counter() - began
        SECONDS.labels("wechat").observe(elapsed)
        log.info("turn", extra={"channel": "wechat", "user": pseudonym(inbound.user), "ms": round(elapsed * 1000, 1)})
        return answer

    async def _awaited(self, push: Push) -> str:
        """Wait for the first delivery's answer as long as WeChat waits for us."""
        until = time.monotonic() + BUDGET_SECONDS
        while time.monotonic() < until:
            try:
                if answer := await self._deliveries.answer(push.dedup_basis):
                    return answer
            except StoreUnavailable:
                break
            await asyncio.sleep(POLL_SECONDS)
        return SUCCESS


def _inbound(push: Push) -> Inbound | None:
    """Return the citizen's message, or None for what is only acknowledged."""
    kind, body = _kind(push)
    user = push.get("FromUserName")
    if kind is None or not user:
        return None
    return Inbound("wechat", user, push.get("MsgId"), kind, body, datetime.now(SHANGHAI))


def _kind(push: Push) -> tuple[Kind | None, str]:
    message_type = push.get("MsgType").lower()
    if message_type == "text":
        return "text", push.get("Content")
    if message_type == "voice" and push.get("Recognition"):
        return "text", push.get("Recognition")
    if message_type == "event":
        return ("follow", "") if push.get("Event").lower() == "subscribe" else (None, "")
    if message_type in ("image", "voice", "video", "shortvideo", "location", "link", "file"):
        return "unsupported", message_type
    return None, ""


def _one(request: web.Request, name: str, default: str | None = None) -> str:
    """Return a query parameter that is there once. Raises the refusal otherwise."""
    values = request.query.getall(name, [] if default is None else [default])
    if len(values) != 1:
        raise crypto.refused()
    return values[0]


def _xml(body: str) -> web.Response:
    return web.Response(text=body, content_type="text/plain" if body == SUCCESS else "text/xml")
