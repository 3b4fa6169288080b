"""The two ways to an access token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.standin.api_bodies import read_object
from tests.standin.tokens import Refused

if TYPE_CHECKING:
    from tests.standin.platform import Standin


async def stable_token(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/stable_token."""
    asked = await read_object(request)
    _known(standin, asked.get("grant_type"), asked.get("appid"), asked.get("secret"))
    token, seconds = standin.mint.stable(standin.clock(), asked.get("force_refresh") is True)
    return {"access_token": token, "expires_in": seconds}


async def token(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/token."""
    asked = request.query
    _known(standin, asked.get("grant_type"), asked.get("appid"), asked.get("secret"))
    fresh, seconds = standin.mint.ordinary(standin.clock())
    return {"access_token": fresh, "expires_in": seconds}


def _known(standin: Standin, grant: str | None, app_id: str | None, secret: str | None) -> None:
    if grant != "client_credential":
        raise Refused(40002)
    if app_id != standin.account.app_id:
        raise Refused(40013)
    if secret != standin.account.secret:
        raise Refused(40125)
