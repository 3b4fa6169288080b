"""`python -m tests.standin --port N --gateway URL`: the stand-in with its page, for the account in the environment.

`chengfatong run` starts it on a machine that has no account. It listens on loopback only.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

from aiohttp import web

from tests.standin.account import Account
from tests.standin.page import Page, local_only
from tests.standin.platform import Standin

# What somebody who tries reminders can be asked for; a real account's templates have ids of the platform's.
TEMPLATES = {"demo-reminder": "预约提醒", "demo-change": "预约变动", "demo-answer": "回复通知"}

DISTRICTS = Path(__file__).resolve().parents[2] / "data" / "directory"
# Enough to choose from; the field takes any other.
MOST_SUGGESTED = 30


def suggested(district: str) -> dict[str, str]:
    """Return what codes of a district's towns say, and the towns' names."""
    path = DISTRICTS / district / "areas.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as file:
        towns = {f"v_{row['code']}": row["name"] for row in csv.DictReader(file) if row["parent"] == district}
    return dict(list(towns.items())[:MOST_SUGGESTED])


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway", required=True, help="where the webhook is, like http://127.0.0.1:8080/wechat")
    given = parser.parse_args()

    async def application() -> web.Application:
        standin = Standin(Account.of(os.environ))
        standin.base = f"http://127.0.0.1:{given.port}"
        standin.courier.gateway = given.gateway
        standin.templates = dict(TEMPLATES)
        standin.suggested = suggested(os.environ.get("CHENGFATONG_DISTRICT", "440515"))
        page = Page(standin)
        app = standin.application(local_only)
        app.add_routes(page.routes())
        app.on_shutdown.append(page.close)
        return app

    web.run_app(application(), host="127.0.0.1", port=given.port, access_log=None, print=None, shutdown_timeout=1)


if __name__ == "__main__":
    main()
