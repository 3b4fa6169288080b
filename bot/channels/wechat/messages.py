"""WeChat's bodies: XML or JSON in, passive reply XML out. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.channels.wechat.crypto import refused

# Illegal in XML 1.0, and yet users can send them.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Push:
    """One push: its top-level fields by lower-cased name, all text."""

    fields: dict[str, str]

    def get(self, name: str) -> str:
        """Return a field, "" when it is absent. Tag case varies (MsgId, MsgID)."""
        return self.fields.get(name.lower(), "")

    @property
    def dedup_basis(self) -> str:
        """What tells this push from every other: account, sender, time, and the message's or event's own name."""
        own = self.get("MsgId") if self.get("MsgType").lower() != "event" else self.get("Event") + self.get("EventKey")
        return "|".join((self.get("ToUserName"), self.get("FromUserName"), self.get("CreateTime"), own))


def parse(body: str) -> Push:
    """Read a body. Raises the refusal on what is neither; no DTD, no entities."""
    text = _ILLEGAL.sub("", body).strip()
    return Push(_from_json(text) if text.startswith("{") else _from_xml(text))


def _from_json(text: str) -> dict[str, str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused() from error
    if not isinstance(data, dict):
        raise refused()
    return {str(name).lower(): _text(value) for name, value in data.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_xml(text: str) -> dict[str, str]:
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise refused() from error
    # Only the message itself counts; the text of nested fields (a picture list) is nobody's words.
    return {child.tag.lower(): (child.text or "") for child in root}


def passive_text(push: Push, content: str, now: int) -> str:
    """Return the passive text reply to a push."""
    return (
        f"<xml><ToUserName>{_cdata(push.get('FromUserName'))}</ToUserName>"
        f"<FromUserName>{_cdata(push.get('ToUserName'))}</FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType>{_cdata('text')}</MsgType><Content>{_cdata(content)}</Content></xml>"
    )


def envelope(encrypted: str, msg_signature: str, timestamp: str, nonce: str) -> str:
    """Return the envelope of an encrypted reply."""
    return (
        f"<xml><Encrypt>{_cdata(encrypted)}</Encrypt><MsgSignature>{_cdata(msg_signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def _cdata(text: str) -> str:
    return "<![CDATA[" + _ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
