"""The action server: rasa-sdk's executor behind aiohttp, on loopback, with a token.

rasa-sdk's own server has no token check; the executor is the part of it that knows Rasa's protocol.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.ask_hours import ActionAskHours
from actions.ask_law import ActionAskLaw
from actions.ask_location import ActionAskLocation
from actions.booking_form import ActionAskBooking, ActionBeginBooking, ValidateBookingForm
from actions.calculate import ActionAskCalculated, ActionCalculate, ValidateCalculateForm
from actions.fallback import ActionDefaultFallback, ActionFallback
from actions.find_provider import ActionFindProvider
from actions.learn_law import ActionLearnLaw
from actions.legal_aid import ActionAskAid, ActionAskLegalAid, ActionBeginLegalAid, ValidateLegalAidForm
from actions.my_bookings import ActionMyBookings
from actions.my_data import ActionMyData
from actions.notary import ActionAskNotary
from actions.parts import Parts
from actions.people import (
    ActionKeepFeedback,
    ActionKeepMessage,
    ActionReportDanger,
    ActionTalkToHuman,
    ValidateLeaveMessageForm,
)
from actions.today import ActionToday
from actions.unasked import (
    ActionAffirm,
    ActionBotChallenge,
    ActionGreet,
    ActionInform,
    ActionOutOfScope,
    ActionStop,
)
from actions.where_to_go import ActionWhereToGo
from bot.areas.importer import read_areas
from bot.bootstrap import desk_of, page_links, personal_data
from bot.citizens import marks
from bot.citizens.keyring import keyring_of
from bot.citizens.store import CitizenStore
from bot.directory.holidays import ChineseCalendar
from bot.directory.store import DirectoryStore
from bot.errors import SettingError
from bot.inbox.store import InboxStore
from bot.knowledge.corpus import statutes
from bot.knowledge.importer import read_doors
from bot.knowledge.library import Library, library
from bot.knowledge.reading import Reading, index_of
from bot.knowledge.store import KnowledgeStore
from bot.legal_aid.importer import read_standard
from bot.legal_aid.store import ApplicationStore
from bot.notary.importer import read_matters
from bot.platform.logs import configure
from bot.platform.serving import serve
from bot.platform.settings import ROOT, Settings
from bot.platform.store import connect
from bot.reach.store import ReachStore

# An action call carries at most the last 50 events of a conversation; 1 MiB is ten times what those need.
MAX_BODY = 1024**2
ACTIONS = (
    ActionFindProvider,
    ActionAskHours,
    ActionAskLocation,
    ActionWhereToGo,
    ActionToday,
    ActionCalculate,
    ValidateCalculateForm,
    ActionAskCalculated,
    ActionAskLaw,
    ActionLearnLaw,
    ActionBeginBooking,
    ValidateBookingForm,
    ActionAskBooking,
    ActionMyBookings,
    ActionMyData,
    ActionGreet,
    ActionAffirm,
    ActionStop,
    ActionInform,
    ActionOutOfScope,
    ActionBotChallenge,
    ActionAskLegalAid,
    ActionBeginLegalAid,
    ValidateLegalAidForm,
    ActionAskAid,
    ActionAskNotary,
    ActionTalkToHuman,
    ValidateLeaveMessageForm,
    ActionKeepMessage,
    ActionKeepFeedback,
    ActionReportDanger,
    ActionFallback,
    ActionDefaultFallback,
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("actions")


def create_app(parts: Parts, token: str, ping: Callable[[], Awaitable[Any]]) -> web.Application:
    """Return the action server's application; `ping` proves that the store answers."""
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action(parts))

    @web.middleware
    async def authorised(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if request.path == "/webhook" and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return web.json_response({"error": "a token is needed"}, status=401)
        return await handler(request)

    async def webhook(request: web.Request) -> web.Response:
        return await _run(executor, await request.json())

    async def readyz(_: web.Request) -> web.Response:
        await ping()
        return web.json_response({"ready": True})

    app = web.Application(client_max_size=MAX_BODY, middlewares=[authorised])
    app.add_routes([web.post("/webhook", webhook), web.get("/readyz", readyz)])
    return app


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> web.Response:
    """Run one action call and answer in the shape that Rasa's RemoteAction reads."""
    try:
        result = await executor.run(call)
    except ActionExecutionRejection as rejection:
        return web.json_response({"error": str(rejection), "action_name": rejection.action_name}, status=400)
    except ActionNotFoundException as missing:
        return web.json_response({"error": str(missing), "action_name": missing.action_name}, status=404)
    except Exception as error:
        log.error("action failed", extra={"action": call.get("next_action")}, exc_info=error)
        return web.json_response({"error": "the action failed"}, status=500)
    return web.json_response(result.model_dump() if result else None)


async def bootstrap(settings: Settings) -> tuple[Parts, Any]:
    """Open the actions' parts. Return them with the store's client, so that it can be pinged and closed."""
    redis = connect(settings.redis_url or "redis://127.0.0.1:6379")
    keyring = keyring_of(settings)
    books, reading = await asyncio.to_thread(_open_books, settings)
    parts = Parts(
        directory=DirectoryStore(redis, settings.district),
        inbox=InboxStore(redis, settings.district, keyring),
        areas=read_areas(settings.data / "areas.csv"),
        calendar=ChineseCalendar(),
        doors=read_doors(ROOT / "data" / "knowledge" / "doors.csv"),
        keyring=keyring,
        citizens=CitizenStore(redis, settings.district, keyring),
        personal=personal_data(redis, settings.district, keyring),
        applications=ApplicationStore(redis, settings.district),
        standard=read_standard(ROOT / "data" / "legal_aid" / f"{settings.district}.csv"),
        notary=read_matters(ROOT / "data" / "notary" / "matters.yml"),
        desk=desk_of(settings, redis),
        library=books,
        answers=KnowledgeStore(redis, settings.district),
        reading=reading,
        links=page_links(settings, keyring),
        reach=ReachStore(redis, settings.district, keyring),
    )
    return parts, redis


def _open_books(settings: Settings) -> tuple[Library, Reading]:
    """Read the entries and, at the first start with these statutes, index them: nobody's question waits for it."""
    books = library()
    _ = books.entries
    return books, Reading(index_of(statutes(), settings.var / "cache"))


def main(settings: Settings) -> None:
    """Serve until SIGTERM, on the address of CHENGFATONG_ACTIONS_URL."""
    if not settings.token:
        raise SettingError("CHENGFATONG_TOKEN must be set: the engine and the actions share it.")
    configure()
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)  # It tells of each action that it registers.
    address = urlsplit(settings.actions_url)

    async def app() -> web.Application:
        parts, redis = await bootstrap(settings)
        application = create_app(parts, settings.token, redis.ping)
        application.cleanup_ctx.append(partial(marks.guard, redis, settings.district, parts.keyring))
        application.on_cleanup.append(lambda _: redis.aclose())
        return application

    serve(app(), settings.actions_host, address.port)
