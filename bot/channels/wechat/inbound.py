"""What a push means: one typed form for every message and event. Pure.

Source: developers.weixin.qq.com, "receiving messages", "receiving events", "custom menu events", "subscription messages";
which act opens how many customer-service messages: "customer service messages" there.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.channels.wechat.messages import Push, inside
from bot.conversation.model import Inbound, Kind, Media, Place
from bot.directory.hours import SHANGHAI

Trigger = Literal["message", "menu", "subscribe", "scan", "unsubscribe"]
CHANNEL = "wechat"
MESSAGES = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link", "file"})
# These are pushed when a button of the menu was tapped, and open customer-service messages as a tap does.
MENU_EVENTS = frozenset({"click", "scancode_push", "scancode_waitmsg"})
# Of citizens who took back what WeChat may tell of them, or have no account any more: to be let go, as who unfollows.
# Source: developers.weixin.qq.com, "authorized user information change"; the citizen is in OpenID.
AUTHORIZATION_EVENTS = frozenset({"user_authorization_revoke", "user_authorization_cancellation"})
# What devices and the desk of WeChat's own customer service send has ids as well.
NOT_SAID = ("device_", "hardware", "transfer_customer_service")
# What WeChat does not forward, a sticker for instance, it replaces by words of its own. Not documented; seen by others.
NOT_FORWARDED = re.compile(r"[【\[]收到不支持的消息类型[，,]暂时?无法显示[】\]]|\[Unsupported Message\]")
# What tells an entry of a subscription event from others of the same second.
ENTRY = ("TemplateId", "MsgID", "SubscribeStatusString", "ErrorStatus")
QR_PREFIX = "qrscene_"
# Scenes of ours are short; WeChat allows 64 characters.
MAX_SCENE = 64
# A push counts from its own time, unless its clock is further off than this.
CLOCK_SECONDS = 600
# WeChat tries for some 20 s and then no more: no push is older than this when it comes.
RETRIED_SECONDS = 60
# Taken back: more than anybody has ever allowed.
ALL_TAKEN_BACK = -10_000
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Permission:
    """What a citizen decided about subscription notices of a template: 1 more may be sent, or all are taken back."""

    template: str
    count: int


@dataclass(frozen=True)
class Outcome:
    """What became of a template message or subscription notice.

    `job` is the platform's id of it, which sending it may have returned; `template` that of a subscription notice, "" for
    a template message, whose event names none.
    """

    job: str
    delivered: bool
    reason: str
    template: str = ""


@dataclass(frozen=True)
class Arrival:
    """One push, read. `name` is its type ("text", "event/click"); `identity` tells it from every other push.

    `at` is when it happened. `said` goes into the conversation; without it there is nothing to answer. `menu_item` is the id of a tapped entry of a
    menu message. `trigger` is what the act does for the messages that may be sent on.
    """

    account: str
    openid: str
    name: str
    identity: str
    at: datetime
    known: bool
    trigger: Trigger | None = None
    said: Inbound | None = None
    menu_item: str = ""
    permissions: tuple[Permission, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def must_be_noted(self) -> bool:
        """Whether nobody said it and nobody will tell it again: who left, what they allow, what became of a notice."""
        told = self.trigger == "unsubscribe" or self.permissions or self.outcomes
        return self.said is None and bool(told)

    @property
    def user(self) -> str:
        """The citizen, as all of the program names them."""
        return f"{CHANNEL}:{self.openid}"


@dataclass(frozen=True)
class _Read:
    """What a reader finds in a push of its kind."""

    kind: Kind | None = None
    body: str = ""
    trigger: Trigger | None = None
    place: Place | None = None
    media: Media | None = None
    scene: str = ""
    menu_item: str = ""
    permissions: tuple[Permission, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


def read(push: Push, now: datetime) -> Arrival:
    """Return what a push means. What nobody knows is typed as such: a message of a citizen's, or to be acknowledged."""
    push = _of_citizen(push)
    kind, event, openid = push.get("MsgType").lower(), push.get("Event").lower(), push.get("FromUserName")
    reader = EVENTS.get(event) if kind == "event" else READERS.get(kind)
    found = reader(push) if reader else _unreadable(push) if _is_message(push, kind) else _Read()
    at, said = _at(push, now), None
    if found.kind and openid:
        said = Inbound(
            CHANNEL, openid, _message_id(push), found.kind, found.body, at, found.place, found.media, found.scene
        )
    return Arrival(
        push.get("ToUserName"), openid, f"event/{event}" if kind == "event" else kind, identity(push), at,
        reader is not None, found.trigger if openid else None, said, found.menu_item,
        found.permissions if openid else (), tuple(told for told in found.outcomes if openid and told.job),
    )  # fmt: skip


def _of_citizen(push: Push) -> Push:
    """Return a push with the citizen whom it is about as its sender, where WeChat's own account sent it."""
    if push.get("Event").lower() not in AUTHORIZATION_EVENTS:
        return push
    others = {name: value for name, value in push.fields.items() if name.lower() != "fromusername"}
    return replace(push, fields={**others, "FromUserName": push.get("OpenID")})


def _is_message(push: Push, kind: str) -> bool:
    """Whether a push of a kind that nobody knows was sent by a citizen: WeChat gives messages an id."""
    return bool(kind and push.get("MsgId")) and not kind.endswith("event") and not kind.startswith(NOT_SAID)


def with_payload(arrival: Arrival, payload: str) -> Arrival:
    """Return the arrival of a tapped menu entry as the payload that stands behind the entry."""
    return replace(arrival, said=arrival.said and replace(arrival.said, kind="payload", body=payload))


def identity(push: Push) -> str:
    """Return what tells this push from every other, and is the same when WeChat sends it again.

    A message by its id: with account and sender, since ids have met. An event by its time, its name and what it is about:
    the id in an event is that of a job, and two jobs may end in one second, also those of which an entry tells.
    """
    whose = (push.get("ToUserName"), push.get("FromUserName"))
    if not _is_event(push) and push.get("MsgId"):
        own: tuple[str, ...] = ("message", push.get("MsgId"))
    else:
        names = ("CreateTime", "MsgType", "Event", "EventKey", "MsgId", "Ticket", "Content", "MediaId")
        about = (inside(entry, name) for entry in _listed(push) for name in ENTRY)
        own = ("event", *(push.get(name) for name in names), *about)
    return "\x1f".join((*whose, *own))


def _is_event(push: Push) -> bool:
    """Whether a push is no message; a device's events have a type of their own."""
    return push.get("MsgType").lower().endswith("event")


def _message_id(push: Push) -> str:
    """Return the id under which a turn is done once: WeChat's own, or a digest where it has none."""
    own = push.get("MsgId")
    if not _is_event(push) and _PLAIN_ID.fullmatch(own):
        return own
    return "e" + hashlib.sha256(identity(push).encode("utf-8", "replace")).hexdigest()[:24]


def _at(push: Push, now: datetime) -> datetime:
    stamp = push.get("CreateTime")
    if not re.fullmatch(r"[0-9]{9,11}", stamp) or abs(int(stamp) - now.timestamp()) >= CLOCK_SECONDS:
        return now
    return max(min(datetime.fromtimestamp(int(stamp), SHANGHAI), now), now - timedelta(seconds=RETRIED_SECONDS))


def _text(push: Push) -> _Read:
    if NOT_FORWARDED.fullmatch(push.get("Content").strip()):
        return _unreadable(push)
    # A tapped entry of a menu message counts as a tap, not as a message of the citizen.
    item = push.get("bizmsgmenuid")
    return _Read("text", push.get("Content"), "menu" if item else "message", menu_item=item)


def _voice(push: Push) -> _Read:
    if words := push.get("Recognition").strip():
        return _Read("text", words, "message")
    media = Media(push.get("MediaId"), "voice", push.get("Format"))
    return _Read("voice", "voice", "message", media=media) if media.id else _unreadable(push)


def _image(push: Push) -> _Read:
    media = Media(push.get("MediaId"), "image")
    return _Read("photo", "image", "message", media=media) if media.id else _unreadable(push)


def _video(push: Push) -> _Read:
    media = Media(push.get("MediaId"), "video")
    return _Read("unsupported", push.get("MsgType").lower(), "message", media=media if media.id else None)


def _location(push: Push) -> _Read:
    place = _place(push.get("Location_X"), push.get("Location_Y"), push.get("Label"))
    return _Read("place", place.label, "message", place=place) if place else _unreadable(push)


def _place(latitude: str, longitude: str, label: str) -> Place | None:
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        return None
    good = math.isfinite(north) and math.isfinite(east) and abs(north) <= 90 and abs(east) <= 180
    return Place(north, east, label) if good else None


def _unreadable(push: Push) -> _Read:
    return _Read("unsupported", push.get("MsgType").lower(), "message")


def _subscribe(push: Push) -> _Read:
    key = push.get("EventKey")
    scene = key.removeprefix(QR_PREFIX)[:MAX_SCENE] if key.startswith(QR_PREFIX) else ""
    return _Read("follow", trigger="subscribe", scene=scene)


def _scan(push: Push) -> _Read:
    scene = push.get("EventKey").removeprefix(QR_PREFIX)[:MAX_SCENE]
    return _Read("scan", trigger="scan", scene=scene)


def _menu(push: Push) -> _Read:
    # The key of a button of our menu is a payload. Keys of another menu, and codes somebody scans, are not for us.
    key = push.get("EventKey")
    return _Read("payload" if key.startswith("/") else None, key, "menu")


def _left(_: Push) -> _Read:
    return _Read(trigger="unsubscribe")


def _asked(push: Push) -> _Read:
    """Read what was answered when we asked: "accept" allows one; "reject" and "ban" change nothing that was there."""
    return _Read(permissions=_permissions(push, "accept", 1))


def _changed(push: Push) -> _Read:
    """Read what was changed in the account's settings, where permissions can only be taken back."""
    return _Read(permissions=_permissions(push, "reject", ALL_TAKEN_BACK))


def _permissions(push: Push, status: str, count: int) -> tuple[Permission, ...]:
    return tuple(
        Permission(inside(node, "TemplateId"), count)
        for node in _listed(push)
        if inside(node, "TemplateId") and inside(node, "SubscribeStatusString").lower() == status
    )


def _sent(push: Push) -> _Read:
    return _Read(outcomes=tuple(_outcome(node) for node in _listed(push) if inside(node, "TemplateId")))


def _outcome(node: Mapping[str, Any]) -> Outcome:
    job, error, status, template = (inside(node, name) for name in ("MsgID", "ErrorCode", "ErrorStatus", "TemplateId"))
    return Outcome(job, error == "0", status, template)


def _listed(push: Push) -> list[Mapping[str, Any]]:
    """Return the entries of a subscription event: under a wrapper and List, or, in JSON, under List alone."""
    wrapper = push.get("Event").replace("_", "")
    return [*push.within(wrapper, "List"), *push.within("List")]


def _template(push: Push) -> _Read:
    status = push.get("Status")
    return _Read(outcomes=(Outcome(push.get("MsgID"), status.lower() == "success", status),))


def _noted(_: Push) -> _Read:
    return _Read()


READERS: dict[str, Callable[[Push], _Read]] = {
    "text": _text,
    "voice": _voice,
    "image": _image,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _unreadable,
    "file": _unreadable,
}
# Events that need no answer: a location is reported unasked; what a menu's camera or map button sends comes as a message too.
EVENTS: dict[str, Callable[[Push], _Read]] = {
    "subscribe": _subscribe,
    "unsubscribe": _left,
    **dict.fromkeys(AUTHORIZATION_EVENTS, _left),
    "scan": _scan,
    **dict.fromkeys(MENU_EVENTS, _menu),
    "subscribe_msg_popup_event": _asked,
    "subscribe_msg_change_event": _changed,
    "subscribe_msg_sent_event": _sent,
    "templatesendjobfinish": _template,
    **dict.fromkeys(
        (
            "view", "view_miniprogram", "location", "location_select", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
            "user_info_modified", "masssendjobfinish", "publishjobfinish", "kf_create_session", "kf_close_session", "kf_switch_session",
        ),
        _noted,
    ),
}  # fmt: skip
