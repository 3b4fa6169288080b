"""Calls as WeChat makes them, for tests and benches."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bot.channels.wechat import crypto

TOKEN, APP_ID = "tok", "wxapp"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
# Beside the clone, or beside the folder of a second working copy.
FOLDERS = [above / "shared" / "data" / "wechat" for above in Path(__file__).resolve().parents[2:4]]


def samples(name: str) -> list[dict[str, Any]]:
    """Return the published samples that lie beside the clone; [] with a loud warning when they do not."""
    path = next((folder / name for folder in FOLDERS if (folder / name).exists()), None)
    if path is None:
        warnings.warn(f"{name} is missing: WeChat's shared samples were not tried", stacklevel=2)
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return rows


def query(nonce: str = "n1", at: float | None = None, token: str = TOKEN) -> dict[str, str]:
    """Return the signed parameters of a call."""
    timestamp = str(int(time.time() if at is None else at))
    return {"timestamp": timestamp, "nonce": nonce, "signature": crypto.signature(token, timestamp, nonce)}


def push(kind: str = "text", user: str = "oUser1", msg_id: str = "1", at: int = 1700000000, **fields: str) -> str:
    """Return a push in XML; `fields` come after the common ones, and an empty `msg_id` leaves the id out."""
    common = {"ToUserName": "gh_1", "FromUserName": user, "MsgType": kind, **fields}
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in common.items())
    number = f"<MsgId>{msg_id}</MsgId>" if msg_id else ""
    return f"<xml>{inner}<CreateTime>{at}</CreateTime>{number}</xml>"


def text(content: str, msg_id: str = "1", user: str = "oUser1", **fields: str) -> str:
    """Return a text message."""
    return push("text", user, msg_id, Content=content, **fields)


def event(name: str, key: str = "", user: str = "oUser1", at: int = 1700000000, **fields: str) -> str:
    """Return an event."""
    return push("event", user, "", at, Event=name, EventKey=key, **fields)


def subscription(name: str, *entries: Mapping[str, str], user: str = "oUser1", at: int = 1700000000) -> str:
    """Return an event about subscription notices ("popup", "change", "sent") with its entries."""
    fields = ("".join(f"<{key}>{value}</{key}>" for key, value in entry.items()) for entry in entries)
    listed = "".join(f"<List>{each}</List>" for each in fields)
    wrapper = f"SubscribeMsg{name.capitalize()}Event"
    body = event(f"subscribe_msg_{name}_event", user=user, at=at)
    return body.replace("</xml>", f"<{wrapper}>{listed}</{wrapper}></xml>")


def sealed(body: str, key: str = KEY, app_id: str = APP_ID, nonce: str = "n1") -> tuple[dict[str, str], str]:
    """Return parameters and ciphertext of an encrypted call."""
    asked, ciphertext = query(nonce), crypto.encrypt(body, key, app_id)
    signed = crypto.signature(TOKEN, asked["timestamp"], nonce, ciphertext)
    return {**asked, "encrypt_type": "aes", "msg_signature": signed}, ciphertext


def opened(body: str, nonce: str = "n1") -> str:
    """Return what an encrypted reply says, its signature checked."""
    said = fields_of(body)
    assert said["Nonce"] == nonce
    crypto.check(said["MsgSignature"], TOKEN, said["TimeStamp"], said["Nonce"], said["Encrypt"])
    return crypto.decrypt(said["Encrypt"], KEY, APP_ID)


def fields_of(body: str) -> Mapping[str, str]:
    """Return the top-level texts of a reply in XML or JSON."""
    if body.startswith("{"):
        return {name: str(value) for name, value in json.loads(body).items()}
    return {child.tag: child.text or "" for child in ElementTree.fromstring(body)}


def content_of(body: str) -> str:
    """Return the text of a reply, "" for none."""
    return "" if body in ("success", "") else fields_of(body).get("Content", "")
