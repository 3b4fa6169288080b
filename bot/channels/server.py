"""The gateway: every public route on one aiohttp server."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from bot.booking import web as booking_web
from bot.booking import web_wechat
from bot.booking.page import Pages, environment
from bot.bootstrap import Parts, bootstrap
from bot.channels import wechat
from bot.channels.problems import problems
from bot.channels.web import assets
from bot.channels.web import routes as web_routes
from bot.channels.wechat import web_jssdk
from bot.channels.wechat.bases import visitors_base
from bot.channels.wechat.client import Platform
from bot.channels.wechat.oauth import States
from bot.citizens import marks
from bot.citizens.model import person_of
from bot.console import web as console_web
from bot.directory import web as directory_web
from bot.errors import ChengfatongError
from bot.knowledge import web as knowledge_web
from bot.knowledge.library import library
from bot.notices import web as notices_web
from bot.platform.logs import configure
from bot.platform.serving import serve
from bot.platform.settings import Settings
from bot.reach.ledger import Ledger

# A message has at most a thousand characters. WeChat's webhook has a limit of its own.
MAX_BODY = 64 * 1024
# The readiness of the parts is asked by a balancer every few seconds, by a flood thousands of times: once a second is true enough.
READY_SECONDS = 1.0
PARTS = web.AppKey("parts", Parts)


def create_app(parts: Parts) -> web.Application:
    """Return the gateway's application."""
    # Nobody sends compressed bodies; aiohttp would unpack them, or say what it lacks for that, before anything is checked.
    app = web.Application(client_max_size=MAX_BODY, middlewares=[problems], handler_args={"auto_decompress": False})
    app[PARTS] = parts
    app.add_routes(
        [web.get("/healthz", _healthz), web.get("/readyz", _Readiness(parts).answer), web.get("/metrics", _metrics)]
    )
    app.add_routes(web_routes.routes(parts.conversation, parts.areas.county.name))
    app.add_routes(assets.routes())
    app.add_routes(directory_web.routes(parts.directory))
    app.add_routes(knowledge_web.routes(library(), parts.areas.county.name, assets.version(), parts.clock))
    app.add_routes(notices_web.routes(parts.notices, partial(person_of, parts.keyring.secret)))
    app.add_routes(booking_web.routes(_pages(parts)))
    app.add_routes(console_web.routes(parts.console, parts.areas.county.name, _https(parts), parts.clock))
    if parts.settings.wechat:
        wechat.install(
            app,
            wechat.Webhook.of(
                parts.conversation,
                parts.redis,
                parts.settings,
                parts.keyring,
                parts.clock,
                platform=parts.platform,
                ledger=Ledger(parts.reach),
            ),
        )
    if parts.platform:
        app.add_routes(_wechat_pages(parts, parts.platform))

    async def close(_: web.Application) -> None:
        await parts.close()

    app.on_cleanup.append(close)
    return app


def _pages(parts: Parts) -> Pages:
    return Pages(
        desk=parts.desk,
        citizens=parts.citizens,
        reach=parts.reach,
        keyring=parts.keyring,
        personal=parts.personal,
        applications=parts.console.applications,
        sessions=parts.sessions,
        links=parts.links,
        clock=parts.clock,
        district=parts.areas.county.name,
        version=assets.version(),
        templates=environment(),
    )


def _wechat_pages(parts: Parts, platform: Platform) -> list[web.AbstractRouteDef]:
    """Return what our pages have to do with WeChat: its menu opens them, and they may use its scripts."""
    settings = parts.settings
    states = States(parts.keyring.derive("wechat-oauth"))
    door = web_wechat.Door(platform, states, settings.wechat_app_id, visitors_base(settings.wechat_api_base))
    signs = web_jssdk.routes(platform, settings.wechat_app_id, settings.public_url, parts.clock)
    return [*web_wechat.routes(_pages(parts), door), *signs]


def _https(parts: Parts) -> bool:
    """Whether people come by https. No header of a proxy is believed: anybody could send it."""
    return parts.settings.public_url.startswith("https://")


async def _healthz(_: web.Request) -> web.Response:
    return web.json_response({"alive": True})


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Readiness:
    """Whether every part answers, asked at most once in READY_SECONDS."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._at = 0.0
        self._parts_up: dict[str, bool] = {}

    async def answer(self, _: web.Request) -> web.Response:
        if time.monotonic() - self._at > READY_SECONDS:
            self._parts_up, self._at = await self._ask(), time.monotonic()
        return web.json_response(self._parts_up, status=200 if all(self._parts_up.values()) else 503)

    async def _ask(self) -> dict[str, bool]:
        engine, actions, store = await asyncio.gather(
            self._parts.engine.ready(),
            self._parts.engine.answers(f"{self._parts.settings.actions_url}/readyz"),
            self._store(),
        )
        return {"engine": engine, "actions": actions, **store}

    async def _store(self) -> dict[str, bool]:
        try:
            await self._parts.redis.ping()
            return {"store": True, "directory": bool(await self._parts.directory.live(fresh=True))}
        except (RedisError, ChengfatongError, OSError):
            return {"store": False, "directory": False}


def main(settings: Settings) -> None:
    """Serve until SIGTERM."""
    configure()

    async def app() -> web.Application:
        parts = bootstrap(settings)
        application = create_app(parts)
        application.cleanup_ctx.append(partial(marks.guard, parts.redis, settings.district, parts.keyring))
        return application

    serve(app(), settings.host, settings.port)
