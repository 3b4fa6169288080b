"""Who may pass: finds the sign-in of a request, holds its form's token, and turns every refusal into a page.

A request that is refused and one for something that is not there get the same answer, so that nobody learns from a
refusal what there is.
"""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from bot.console.model import SESSION_SECONDS, Account, Right
from bot.console.pages import Pages
from bot.console.service import Message
from bot.console.sign_in import Door, token_of
from bot.errors import (
    ApplicationAbsent,
    ApplicationRefused,
    AppointmentAbsent,
    BadRequest,
    BookingRefused,
    LeaveRefused,
    RequestReused,
    SignInRefused,
    StoreUnavailable,
    TooManyTries,
    TransitionRefused,
    Unconfirmed,
)

COOKIE = "console"
REQUEST = re.compile(r"[0-9a-f]{32}")
# A form of ours has a handful of fields; more is somebody's experiment.
MOST_FIELDS = 20
REFUSED: dict[type[BookingRefused], str] = {
    TransitionRefused: "这个预约现在的状态办不了这一步，可能别人刚刚改过。请看看它现在的状态。",
    LeaveRefused: "这段时间不对：要在以后结束，结束要晚于开始，最长一年。",
    RequestReused: "这张表单已经用来办过别的事了，请刷新页面再办。",
}
STALE = "这一页放得太久了，没有办。请回到上一页刷新，再按一次。"
CHANGED = "这个预约刚刚被别人改过，请刷新页面再看。"
MOVED_ON = "这份申请现在的状态办不了这一步，可能别人刚刚改过。请看看它现在的状态。"
UNKNOWN = "系统没能确认办成没有。请回到上一页，把同一个按钮再按一次，不会办两遍。"
DOWN = "系统正在恢复，这一步没有办，请稍后再试。"


@dataclass(frozen=True)
class Visit:
    """One request of somebody who signed in. `alerts` are the danger messages that nobody has looked at, newest first."""

    request: web.Request
    account: Account
    session_id: str
    token: str
    now: int
    form: dict[str, str]
    alerts: Sequence[Message] = ()

    @property
    def key(self) -> str:
        """The form's idempotency key. Raises BadRequest when it has none of ours."""
        key = self.form.get("request", "")
        if not REQUEST.fullmatch(key):
            raise BadRequest(400, "request", "这张表单不完整，请刷新页面再试。")
        return key


Handler = Callable[[Visit], Awaitable[web.Response]]
Plain = Callable[[web.Request], Awaitable[web.Response]]


async def read_form(request: web.Request) -> dict[str, str]:
    """Return the fields of a posted form, each once; {} for anything else. Raises BadRequest."""
    if request.method != "POST":
        return {}
    text = (await request.read()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise BadRequest(400, "form", "这张表单看不懂，请刷新页面再试。") from error


def owns(form: dict[str, str], session_id: str) -> bool:
    """Whether a form was made for this browser."""
    return hmac.compare_digest(form.get("token", "").encode("utf-8", "replace"), token_of(session_id).encode())


class Gate:
    """Lets requests through to the pages behind it."""

    def __init__(
        self,
        door: Door,
        pages: Pages,
        alerts: Callable[[], Awaitable[Sequence[Message]]],
        clock: Callable[[], float],
        secure: bool,
    ) -> None:
        self._door = door
        self._pages = pages
        self._alerts = alerts
        self._clock = clock
        self._secure = secure

    def now(self) -> int:
        """Return the moment."""
        return int(self._clock())

    def behind(self, handler: Handler, right: Right | None = None, unchanged: bool = False) -> Plain:
        """Return a route that only a signed-in person reaches, with a right, after the first password is changed.

        `unchanged` lets them through before that.
        """

        async def handle(request: web.Request) -> web.Response:
            session_id = request.cookies.get(COOKIE, "")
            who = await self._door.who(session_id, self.now(), touch="watch" not in request.query)
            if who is None:
                return self.to("/console/login")
            account = who.account
            form = await read_form(request)
            if request.method not in ("GET", "HEAD") and not owns(form, session_id):
                return self._pages.told(403, STALE, account)
            if account.must_change and not unchanged:
                return self.to("/console/password")
            if right is not None and not account.may(right):
                return self._pages.absent(account)
            alerts = await self._alerts() if account.may("alerts") else ()
            visit = Visit(request, account, session_id, who.token, self.now(), form, alerts)
            return await self._answered(handler(visit), account)

        return self.safe(handle)

    def safe(self, handler: Plain) -> Plain:
        """Return a route that answers every refusal of ours with a page."""

        async def handle(request: web.Request) -> web.Response:
            return await self._answered(handler(request))

        return handle

    async def _answered(self, answer: Awaitable[web.Response], account: Account | None = None) -> web.Response:
        try:
            return await answer
        except (AppointmentAbsent, ApplicationAbsent):
            return self._pages.absent(account)
        except TooManyTries as many:
            told = self._pages.told(429, f"试得太多了，请过{math.ceil(many.seconds / 60)}分钟再来。", account)
            told.headers["Retry-After"] = str(many.seconds)
            return told
        except SignInRefused:
            return self.to("/console/login")
        except BookingRefused as refused:
            return self._pages.told(409, REFUSED.get(type(refused), CHANGED), account)
        except ApplicationRefused:
            return self._pages.told(409, MOVED_ON, account)
        except BadRequest as bad:
            return self._pages.told(bad.status, bad.detail, account)
        except StoreUnavailable as down:
            return self._pages.told(503, UNKNOWN if isinstance(down, Unconfirmed) else DOWN, account)

    def to(self, path: str) -> web.Response:
        """Return the answer that leads elsewhere."""
        return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})

    def give_cookie(self, request: web.Request, answer: web.Response, session_id: str) -> None:
        """Put a cookie into an answer that no script reads and no other site's request carries."""
        answer.set_cookie(
            COOKIE,
            session_id,
            path="/console",
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=self._secure or request.secure,
        )
