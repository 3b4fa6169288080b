"""`python -m bot.understanding.server`: the engine. Rasa's agent behind our one channel, on loopback."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.citizens.keyring import keyring_of
from bot.errors import SettingError
from bot.platform.settings import ROOT, load
from bot.understanding.lean_rasa import (
    fill_texts_alone,
    rules_of_meaning_alone,
    settle,
    trust_our_actions,
    without_tensorflow,
)
from bot.understanding.train import MODEL, models_folder, quiet

EXIT_BROKEN_MODEL = 3
EXIT_NO_TOKEN = 2
EXIT_SETTING = 4


def load_agent(model: Path) -> Any:
    """Return Rasa's agent with our graph runner, tracker store and connection to the actions.

    Raises whatever Rasa raises on a broken model.
    """
    without_tensorflow()
    import rasa.core.processor
    from rasa.core.agent import Agent
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints

    from bot.understanding.action_endpoint import KeepAliveEndpoint
    from bot.understanding.graph_runner import DirectGraphRunner

    rasa.core.processor.DaskGraphRunner = DirectGraphRunner
    trust_our_actions()
    fill_texts_alone()
    rules_of_meaning_alone()
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    agent = Agent(
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        action_endpoint=KeepAliveEndpoint.like(endpoints.action),
    )
    agent.load_model(str(model))
    settle()
    return agent


def own_store(agent: Any) -> Any:
    """Return our tracker store, out of the wrappers that Rasa puts around it."""
    store = agent.tracker_store
    while not hasattr(store, "turn"):
        store = store._tracker_store
    return store


def create_app(agent: Any, entries: Any = None) -> Any:
    """Return the Sanic application with the channel of credentials.yml and the health checks.

    `entries` finds the editors' answers to a question (bot.understanding.entries.Entries).
    """
    import rasa.core.channels.channel
    from rasa.core.run import create_http_input_channels
    from sanic import Sanic, response

    from bot.understanding.channel import MAX_BODY

    app = Sanic("engine", configure_logging=False)
    app.ctx.agent, app.ctx.entries, app.ctx.turns = agent, entries, own_store(agent)
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.REQUEST_MAX_SIZE = MAX_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"
    channels = create_http_input_channels(None, str(ROOT / "credentials.yml"))
    rasa.core.channels.channel.register(channels, app, route="/webhooks/")

    @app.get("/healthz")
    async def healthz(_: Any) -> Any:
        return response.json({"alive": True})

    @app.get("/readyz")
    async def readyz(_: Any) -> Any:
        ready = agent.is_ready()
        return response.json({"ready": ready}, 200 if ready else 503)

    return app


def main() -> int:
    """Serve until SIGTERM on the address of CHENGFATONG_ENGINE_URL."""
    quiet()
    os.environ.setdefault("CHENGFATONG_DISTRICT", "440515")
    if not os.environ.get("CHENGFATONG_TOKEN"):
        print(
            "CHENGFATONG_TOKEN must be set: without it anybody on this machine could use the engine.", file=sys.stderr
        )
        return EXIT_NO_TOKEN
    try:
        keyring_of(load())
    except SettingError as error:
        print(error, file=sys.stderr)
        return EXIT_SETTING
    model = models_folder() / MODEL
    if not model.exists():
        print(f"No trained model in {model.parent}; run `make run`, which trains one.", file=sys.stderr)
        return EXIT_BROKEN_MODEL
    try:
        agent = load_agent(model)
    except Exception as error:
        print(
            f"The model {model.name} cannot be loaded ({type(error).__name__}); delete it and start again.",
            file=sys.stderr,
        )
        return EXIT_BROKEN_MODEL
    address = urlsplit(os.environ.get("CHENGFATONG_ENGINE_URL", "http://127.0.0.1:5005"))
    host = os.environ.get("CHENGFATONG_ENGINE_HOST", "127.0.0.1")
    from bot.understanding.entries import Entries

    create_app(agent, Entries.load(models_folder())).run(host=host, port=address.port, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
