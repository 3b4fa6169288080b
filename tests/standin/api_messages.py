"""Messages that an account sends by itself: customer service, typing, templates, subscriptions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.standin.api_bodies import part, read_object
from tests.standin.bubbles import Bubble, card_bubble, menu_bubble, text_bubble
from tests.standin.codes import answer
from tests.standin.passive import MAX_TEXT_BYTES
from tests.standin.people import TYPING_AFTER, TYPING_SECONDS, Person
from tests.standin.pushes import Push
from tests.standin.tokens import Refused

if TYPE_CHECKING:
    from tests.standin.platform import Standin

# The longest value of a subscription message by the kind in its name (thing1, phrase3 …), in characters, as documented.
LONGEST = {"thing": 20, "phrase": 5, "name": 10, "phone_number": 17}
LONGEST_OTHER = 32
_running: set[asyncio.Task[Any]] = set()


async def custom_send(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/message/custom/send."""
    body = await read_object(request)
    person = standin.follower(str(body.get("touser", "")))
    bubble = _bubble(standin, body)
    if code := person.allowances.take(standin.clock()):
        raise Refused(code)
    person.shows(bubble)
    return answer(0)


def _bubble(standin: Standin, body: dict[str, Any]) -> Bubble:
    kind = body.get("msgtype")
    if kind not in ("text", "msgmenu", "news", "image", "voice", "miniprogrampage"):
        raise Refused(40008)
    inner = part(body, kind)
    if kind == "text":
        return text_bubble(_short(inner.get("content")), "service")
    if kind == "msgmenu":
        return menu_bubble(_menu(inner))
    if kind == "news":
        return _news(inner)
    standin.media.get(str(inner.get("media_id") or inner.get("thumb_media_id")))
    return Bubble("account", f"[{kind}]", "service")


def _short(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise Refused(44004)
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise Refused(45002)
    return text


def _menu(inner: dict[str, Any]) -> dict[str, Any]:
    entries = inner.get("list")
    if not isinstance(entries, list) or not entries:
        raise Refused(47001)
    if not all(isinstance(e, dict) and e.get("id") and str(e.get("content", "")).strip() for e in entries):
        raise Refused(47001)
    _short("\n".join([str(inner.get("head_content", "")), *(e["content"] for e in entries)]))
    return inner


def _news(inner: dict[str, Any]) -> Bubble:
    articles = inner.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refused(44004)
    if len(articles) != 1:
        raise Refused(45008)
    article = {str(name): str(value) for name, value in articles[0].items()}
    if not article.get("title") or not article.get("url", "").startswith(("http://", "https://")):
        raise Refused(47001)
    return card_bubble(article, "service")


async def typing(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/message/custom/typing."""
    body, now = await read_object(request), standin.clock()
    person = standin.follower(str(body.get("touser", "")))
    if body.get("command") not in ("Typing", "CancelTyping"):
        raise Refused(45072)
    if now - person.last_heard > TYPING_AFTER:
        raise Refused(45080)
    on = body["command"] == "Typing"
    if on and person.typing_until > now:
        raise Refused(45081)
    person.typing_until = now + TYPING_SECONDS if on else float("-inf")
    person.stir()
    return answer(0)


async def template_send(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/message/template/send; what became of it comes as an event."""
    body = await read_object(request)
    person = standin.follower(str(body.get("touser", "")))
    job = standin.job_id()
    person.shows(_notice(standin, body, "template"))
    _later(standin, person, {"Event": "TEMPLATESENDJOBFINISH", "MsgID": job, "Status": "success"})
    return {**answer(0), "msgid": job}


async def subscribe_send(standin: Standin, request: web.Request) -> dict[str, Any]:
    """Answer cgi-bin/message/subscribe/bizsend: one message for each permission that was given."""
    body = await read_object(request)
    person = standin.follower(str(body.get("touser", "")))
    notice = _notice(standin, body, "subscription")
    if person.permissions[body["template_id"]] < 1:
        raise Refused(43101)
    person.permissions[body["template_id"]] -= 1
    person.shows(notice)
    result = {"TemplateId": body["template_id"], "MsgID": standin.job_id(), "ErrorCode": 0, "ErrorStatus": "success"}
    _later(standin, person, {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": result}})
    return answer(0)


def _notice(standin: Standin, body: dict[str, Any], way: str) -> Bubble:
    template = body.get("template_id")
    if not isinstance(template, str) or not template or (standin.templates and template not in standin.templates):
        raise Refused(40037)
    values = {name: inner.get("value") for name, inner in part(body, "data").items() if isinstance(inner, dict)}
    if not values or not all(isinstance(value, str) and value for value in values.values()):
        raise Refused(47003)
    if way == "subscription" and any(len(value) > _longest(name) for name, value in values.items()):
        raise Refused(47003)
    text = "\n".join([standin.templates.get(template, "服务通知"), *values.values()])
    return Bubble("notice", text, way, url=str(body.get("url") or body.get("page") or ""))


def _longest(name: str) -> int:
    return LONGEST.get(name.rstrip("0123456789"), LONGEST_OTHER)


def _later(standin: Standin, person: Person, fields: dict[str, Any]) -> None:
    """Push what became of a notice, after the answer to the call is out."""
    push = Push(person.openid, "event", int(standin.clock()), fields, heeded=False)
    task = asyncio.create_task(standin.carry(push))
    _running.add(task)
    task.add_done_callback(_running.discard)
