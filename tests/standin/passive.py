"""What an account may answer to a push: read as strictly as the platform reads it. Pure.

Source: developers.weixin.qq.com, "passive user reply message"; the sealed envelope in "encryption".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tests.standin.account import Account
from tests.standin.bubbles import Bubble, card_bubble, text_bubble
from tests.standin.cipher import Broken, sign, unseal

# Not documented; measured by others: beyond it the phone says that the account is out of service.
MAX_TEXT_BYTES = 2048
KINDS = ("text", "image", "voice", "video", "music", "news", "transfer_customer_service")
# A reply's clock may be this many seconds from ours.
SKEW = 600


class BadReply(Exception):
    """A reply that the platform does not take; the phone shows its apology. The message is one of a few fixed words."""


@dataclass(frozen=True)
class Asked:
    """What a reply must fit: who asked, with which nonce, at what time, and the push's identity."""

    openid: str
    nonce: str
    now: float
    identity: str


def read(body: bytes, asked: Asked, account: Account) -> Bubble | None:
    """Return the bubble of a reply, or None for "success" and nothing. Raises BadReply."""
    if body in (b"", b"success"):
        return None
    root = _xml(body)
    if root.find("Encrypt") is not None:
        root = _xml(_opened(root, asked, account).encode())
    elif account.mode == "safe":
        raise BadReply("plain in safe mode")
    return _bubble(root, asked, account)


def _xml(body: bytes) -> Element:
    try:
        root: Element = fromstring(body.decode(), forbid_dtd=True)
    except UnicodeDecodeError as error:
        raise BadReply("not UTF-8") from error
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadReply("JSON" if _is_json(body) else "not XML") from error
    if root.tag != "xml":
        raise BadReply("not <xml>")
    return root


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _opened(root: Element, asked: Asked, account: Account) -> str:
    if account.mode == "plain":
        raise BadReply("sealed in plain mode")
    sealed, signature, stamp, nonce = (
        root.findtext(name) or "" for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
    )
    if nonce != asked.nonce:
        raise BadReply("another nonce")
    if not stamp.isdigit() or abs(int(stamp) - asked.now) > SKEW:
        raise BadReply("a wrong time stamp")
    if signature != sign(account.token, stamp, nonce, sealed):
        raise BadReply("a wrong signature")
    try:
        return unseal(sealed, account.key, account.app_id)
    except Broken as error:
        raise BadReply("a seal that does not open") from error


def _bubble(root: Element, asked: Asked, account: Account) -> Bubble | None:
    kind = root.findtext("MsgType") or ""
    if (root.findtext("ToUserName"), root.findtext("FromUserName")) != (asked.openid, account.name):
        raise BadReply("sender and receiver not swapped")
    if not (root.findtext("CreateTime") or "").isdigit():
        raise BadReply("no time in whole seconds")
    if kind not in KINDS:
        raise BadReply("an unknown type")
    if kind == "text":
        return _text(root.findtext("Content") or "", asked)
    if kind == "news":
        return _news(root, asked)
    if kind == "transfer_customer_service":
        return None
    return Bubble("account", f"[{kind}]", "passive", answers=asked.identity)


def _text(content: str, asked: Asked) -> Bubble:
    if not content.strip():
        raise BadReply("an empty text")
    if len(content.encode()) > MAX_TEXT_BYTES:
        raise BadReply("a text over 2048 bytes")
    return text_bubble(content, "passive", asked.identity)


def _news(root: Element, asked: Asked) -> Bubble:
    items = root.findall("Articles/item")
    if len(items) != 1 or root.findtext("ArticleCount") != "1":
        raise BadReply("not exactly one article")
    return card_bubble({field.tag.lower(): field.text or "" for field in items[0]}, "passive", asked.identity)
