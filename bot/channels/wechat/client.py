"""What we ask of WeChat's platform, one function a call.

Source of paths and bodies: developers.weixin.qq.com, the page of each call.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.channels.wechat.bases import pictures_base
from bot.channels.wechat.codes import NO_MENU, QUOTA_SPENT, TOKEN_REFUSED, TYPING_NOT_SHOWN
from bot.channels.wechat.token import Shared
from bot.channels.wechat.vault import Vault
from bot.channels.wechat.wire import Download, Wire
from bot.errors import NotPermitted, PlatformBusy, PlatformDown, WeChatError
from bot.platform.settings import Settings

__all__ = ["Download", "OAuthUser", "Platform", "QrCode"]
# WeChat's "busy" passes within a second. Each wait is drawn between half of it and the whole, so that processes part.
BUSY_WAITS = (0.3, 0.9)
# No further try begins after this: who sends a notice waits four seconds, and the last try needs its own time.
PATIENCE_SECONDS = 1.5
# A temporary code's longest life, as documented.
LONGEST_CODE_SECONDS = 30 * 24 * 3600
# No secret of WeChat's lives longer, whatever an answer says.
LONGEST_LIFE = 7200
T = TypeVar("T")


@dataclass(frozen=True)
class OAuthUser:
    """Who opened a page in WeChat. `snapshot`: somebody who only looks at a preview, of whom the openid is nobody's."""

    openid: str
    snapshot: bool


@dataclass(frozen=True)
class QrCode:
    """A code: `ticket` gets its picture, `url` is what the picture says."""

    ticket: str
    url: str


class Platform:
    """WeChat's API for one account. Every call raises the subclasses of WeChatError that bot/errors.py names.

    PlatformBusy says that surely nothing was done, PlatformDown that nobody knows.
    """

    def __init__(self, wire: Wire, app_id: str, secret: str, vaults: Callable[[str], Vault] | None = None) -> None:
        self._wire = wire
        self._app_id = app_id
        self._secret = secret
        self._token = Shared(self._new_token, vaults and vaults("token"), time.time)
        self._ticket = Shared(self._new_ticket, vaults and vaults("ticket"), time.time)

    @classmethod
    def of(cls, settings: Settings, vaults: Callable[[str], Vault] | None = None) -> Platform:
        """Return the platform of the settings. Without `vaults` the token is this process's own."""
        base = settings.wechat_api_base
        wire = Wire(base, settings.wechat_proxy, pictures_base(base))
        return cls(wire, settings.wechat_app_id, settings.wechat_app_secret, vaults)

    def __repr__(self) -> str:
        """Never show the secret."""
        return f"Platform({self._app_id})"

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def send(self, openid: str, message: Mapping[str, Any]) -> None:
        """Send a customer-service message; `message` has no `touser`."""
        await self._do("/cgi-bin/message/custom/send", {"touser": openid, **message})

    async def typing(self, openid: str, on: bool) -> None:
        """Show, or stop showing, that an answer is being written. That WeChat does not show it now is no error."""
        command = "Typing" if on else "CancelTyping"
        try:
            await self._post("/cgi-bin/message/custom/typing", {"touser": openid, "command": command})
        except WeChatError as error:
            if error.code not in TYPING_NOT_SHOWN:
                raise

    async def subscription_notice(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        """Send a notice for which the citizen gave a one-time permission; return its id, "" for none."""
        return await self._notice("/cgi-bin/message/subscribe/bizsend", openid, template_id, data, {"page": url})

    async def template(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> str:
        """Send a template message and return its id."""
        return await self._notice("/cgi-bin/message/template/send", openid, template_id, data, {"url": url})

    async def _notice(
        self, path: str, openid: str, template_id: str, data: Mapping[str, str], more: Mapping[str, str]
    ) -> str:
        values = {name: {"value": value} for name, value in data.items()}
        body = {"touser": openid, "template_id": template_id, "data": values}
        found = await self._do(path, body | {name: value for name, value in more.items() if value})
        return str(found.get("msgid") or "")

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu."""
        await self._do("/cgi-bin/menu/create", menu)

    async def menu(self) -> dict[str, Any] | None:
        """Return the account's menu as the platform keeps it, None for none."""
        try:
            found = await self._get("/cgi-bin/menu/get", {})
        except WeChatError as error:
            if error.code == NO_MENU:
                return None
            raise
        return _menu(found)

    async def media(self, media_id: str) -> Download:
        """Return a voice message or a picture that a citizen has sent; WeChat keeps it for three days."""

        async def ask(token: str) -> Download:
            return await self._wire.download("/cgi-bin/media/get", {"access_token": token, "media_id": media_id})

        return await self._with_token(ask)

    async def user_of(self, code: str) -> OAuthUser:
        """Return who opened a page, by the code with which WeChat sent the phone there. A code is good once."""
        query = {"appid": self._app_id, "secret": self._secret, "code": code, "grant_type": "authorization_code"}
        found = await self._patiently(lambda: self._wire.get("/sns/oauth2/access_token", query))
        return OAuthUser(_text(found, "openid"), str(found.get("is_snapshotuser") or 0) != "0")

    async def ticket(self) -> str:
        """Return the ticket with which pages of ours may use WeChat's scripts."""
        # First the token, so that the ticket's lease is not spent on waiting for it.
        await self._token_now()
        return await self._ticket.get()

    async def qr_code(self, scene: str, seconds: int | None) -> QrCode:
        """Make a QR code that says `scene`: for so many seconds, at most 30 days, or for good (100,000 an account)."""
        body: dict[str, Any] = {"action_name": "QR_LIMIT_STR_SCENE" if seconds is None else "QR_STR_SCENE"}
        body["action_info"] = {"scene": {"scene_str": scene}}
        if seconds is not None:
            body["expire_seconds"] = min(max(seconds, 60), LONGEST_CODE_SECONDS)
        found = await self._post("/cgi-bin/qrcode/create", body)
        return QrCode(_text(found, "ticket"), _text(found, "url"))

    async def picture(self, code: QrCode) -> Download:
        """Return a code's picture."""
        return await self._wire.picture(code.ticket)

    async def _do(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for something to be done. An answer that does not say that it was is none."""
        found = await self._post(path, body)
        if found.get("errcode") is None:
            raise PlatformDown(0, "an answer without errcode")
        return found

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._with_token(lambda token: self._wire.post(path, {"access_token": token}, body))

    async def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return await self._with_token(lambda token: self._wire.get(path, {**query, "access_token": token}))

    async def _with_token(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """Ask with the token; once more with another when it is refused."""
        token = await self._token_now()
        try:
            return await self._patiently(lambda: ask(token))
        except NotPermitted as error:
            if error.code not in TOKEN_REFUSED:
                raise
        another = await self._token_now(token)
        return await self._patiently(lambda: ask(another))

    async def _token_now(self, refused: str = "") -> str:
        try:
            return await self._token.get(refused)
        except PlatformDown as down:
            # Whatever became of the question for a token: what needed the token was not asked.
            raise PlatformBusy(down.code, f"no token: {down.reason}") from None

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and again a little later while the platform is busy."""
        began = time.monotonic()
        for longest in BUSY_WAITS:
            try:
                return await ask()
            except PlatformBusy as busy:
                wait = longest * random.uniform(0.5, 1)  # noqa: S311 - protects nothing
                if busy.code == QUOTA_SPENT or time.monotonic() - began + wait > PATIENCE_SECONDS:
                    raise
            await asyncio.sleep(wait)
        return await ask()

    async def _new_token(self, force: bool) -> tuple[str, float]:
        body: dict[str, Any] = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        if force:
            body["force_refresh"] = True
        found = await self._patiently(lambda: self._wire.post("/cgi-bin/stable_token", {}, body))
        return _text(found, "access_token"), _seconds(found)

    async def _new_ticket(self, _: bool) -> tuple[str, float]:
        found = await self._get("/cgi-bin/ticket/getticket", {"type": "jsapi"})
        return _text(found, "ticket"), _seconds(found)


def _text(found: Mapping[str, Any], name: str) -> str:
    """Return a text that an answer must have. Raises PlatformDown."""
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise PlatformDown(0, f"an answer without {name}")
    return value


def _seconds(found: Mapping[str, Any]) -> float:
    """Return how long a secret is good, as a number or in a text. Raises PlatformDown."""
    with suppress(ValueError):
        if (seconds := float(str(found.get("expires_in")))) > 0:
            return min(seconds, LONGEST_LIFE)
    raise PlatformDown(0, "an answer without expires_in")


def _menu(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a menu that has the form of one. Raises PlatformDown."""
    tops = _buttons(found.get("menu"), "button")
    for top in tops:
        _buttons(top, "sub_button")
    return {"button": tops}


def _buttons(inside: Any, name: str) -> list[dict[str, Any]]:
    buttons = (inside.get(name) or []) if isinstance(inside, dict) else None
    if not isinstance(buttons, list) or not all(isinstance(button, dict) for button in buttons):
        raise PlatformDown(0, f"a menu without {name}")
    return buttons
