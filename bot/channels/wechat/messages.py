"""WeChat's bodies, XML or JSON, as fields; and what is answered, as XML or JSON. Pure.

Source: developers.weixin.qq.com, "receiving messages", "passive reply" and "message push". A body's format is what the
platform's page was set to; an envelope in JSON is answered in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import BadRequest

# Illegal in XML 1.0, and yet users can send them, plain or as a reference.
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_OTHER_WRITING = re.compile(rb"""\s*<\?xml\b[^>]*\bencoding\s*=\s*["'](?!utf-?8)""", re.I)
# WeChat nests four deep; a bomb of nested tags nests thousands.
MAX_DEPTH = 16
# Identifiers are padded in some accounts' pushes; a citizen's own words keep their spaces.
WORDS = ("content", "recognition")


def malformed() -> BadRequest:
    """Return the one refusal of a body that is no push, with nothing told about why."""
    return BadRequest(400, "wechat", "refused")


@dataclass(frozen=True)
class Push:
    """One push. `fields` is its whole tree: texts, objects, and lists for repeated siblings; JSON values as they came.

    `stripped` counts the illegal characters that were taken out.
    """

    fields: Mapping[str, Any]
    is_json: bool = False
    stripped: int = field(default=0, compare=False)

    @cached_property
    def _by_name(self) -> dict[str, Any]:
        # The first of two spellings wins, and a spelling with a value wins over an empty one.
        found: dict[str, Any] = {}
        for name, value in self.fields.items():
            if not found.get(name.lower()):
                found[name.lower()] = value
        return found

    def get(self, name: str) -> str:
        """Return a top-level text, "" when it is absent or no text. Tag case varies (MsgId, MsgID)."""
        value = as_text(self._by_name.get(name.lower()))
        return value if name.lower() in WORDS else value.strip()

    def within(self, *names: str) -> list[Mapping[str, Any]]:
        """Return the objects at the end of a path; one that stands alone is a list of one, a missing one none."""
        found: list[Any] = [self.fields]
        for name in names:
            found = [value for node in found for value in _each(node, name)]
        return [node for node in found if isinstance(node, Mapping)]


def inside(node: Mapping[str, Any], name: str) -> str:
    """Return a text of an object, whatever the case of its name, without outer white space."""
    found = (as_text(value).strip() for key, value in node.items() if key.lower() == name.lower())
    return next(filter(None, found), "")


def as_text(value: Any) -> str:
    """Return a leaf as text: numbers as they were written, "" for what is no leaf, of several the first that says something."""
    if isinstance(value, list):
        return next((text for item in value if (text := as_text(item))), "")
    if value is None or isinstance(value, Mapping | bool):
        return ""
    return str(value)


def _each(node: Any, name: str) -> list[Any]:
    if not isinstance(node, Mapping):
        return []
    value = next((value for key, value in node.items() if key.lower() == name.lower()), None)
    return value if isinstance(value, list) else [] if value is None else [value]


def parse(body: str | bytes) -> Push:
    """Read a body. Raises BadRequest (400) on what is no push; no DTD, no entities, no deep nesting."""
    said = _decoded(body) if isinstance(body, bytes) else body
    text, stripped = ILLEGAL.subn("", said.lstrip("\ufeff"))
    text = text.strip()
    as_json = text.startswith(("{", "[", '"'))
    if as_json:
        fields, more = _from_json(text)
    else:
        text, more = _without_illegal_references(text)
        fields = _from_xml(text)
    push = Push(fields, as_json, stripped + more)
    # What has a type names its account; where the name is missing, more may be.
    if not fields or (push.get("MsgType") and not any(name.lower() == "tousername" for name in fields)):
        raise malformed()
    return push


def _decoded(body: bytes) -> str:
    """Return a body as text. Half a character costs that character; of another writing than UTF-8 nothing would be left."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        if _OTHER_WRITING.match(body):
            raise malformed() from None
        return body.decode("utf-8", "replace")


def _without_illegal_references(text: str) -> tuple[str, int]:
    found = 0

    def kept(match: re.Match[str]) -> str:
        nonlocal found
        code = int(match[1], 16) if match[1] else int(match[2])
        if code <= 0x10FFFF and not ILLEGAL.match(chr(code)):
            return match[0]
        found += 1
        return ""

    return (_REFERENCE.sub(kept, text), found) if "&#" in text else (text, 0)


def _from_json(text: str) -> tuple[dict[str, Any], int]:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise malformed() from error
    if not isinstance(data, dict):
        raise malformed()
    count = [0]
    cleaned = _cleaned(data, count, 0)
    return cleaned, count[0]


def _cleaned(value: Any, count: list[int], depth: int) -> Any:
    """Return a JSON value without the characters that an escape brought in. Raises BadRequest on deep nesting."""
    if depth > MAX_DEPTH:
        raise malformed()
    if isinstance(value, str):
        text, found = ILLEGAL.subn("", value)
        count[0] += found
        return text
    if isinstance(value, list):
        return [_cleaned(item, count, depth + 1) for item in value]
    if isinstance(value, dict):
        return {ILLEGAL.sub("", name): _cleaned(item, count, depth + 1) for name, item in value.items()}
    return value


def _from_xml(text: str) -> dict[str, Any]:
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError) as error:
        raise malformed() from error
    tree = _tree(root, 0)
    if not isinstance(tree, dict):
        raise malformed()
    return tree


def _tree(element: Element, depth: int) -> Any:
    """Return an element's text exactly, or its children by name, repeated ones as a list."""
    if depth > MAX_DEPTH:
        raise malformed()
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, value = child.tag.rpartition("}")[2], _tree(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def clean(text: str) -> str:
    """Return a text without what no XML may hold."""
    return ILLEGAL.sub("", text)


def passive(push: Push, message: Mapping[str, Any], now: int) -> str:
    """Return a message, in the form that customer-service messages have, as the passive reply to a push.

    A text, or news with one article. In an account set to JSON the reply has the same fields in JSON.
    """
    fields: dict[str, Any] = {
        "ToUserName": push.get("FromUserName"),
        "FromUserName": push.get("ToUserName"),
        "CreateTime": now,
        "MsgType": message["msgtype"],
        **_content(message),
    }
    return json.dumps(fields, ensure_ascii=False) if push.is_json else f"<xml>{_xml(fields)}</xml>"


def _content(message: Mapping[str, Any]) -> dict[str, Any]:
    if message["msgtype"] == "news":
        article = message["news"]["articles"][0]
        names = {"Title": "title", "Description": "description", "PicUrl": "picurl", "Url": "url"}
        item = {name: article.get(own, "") for name, own in names.items()}
        return {"ArticleCount": 1, "Articles": {"item": item}}
    return {"Content": clean(message["text"]["content"])}


def envelope(encrypted: str, msg_signature: str, timestamp: str, nonce: str, as_json: bool = False) -> str:
    """Return the envelope of an encrypted reply."""
    fields = {"Encrypt": encrypted, "MsgSignature": msg_signature, "TimeStamp": int(timestamp), "Nonce": nonce}
    return json.dumps(fields) if as_json else f"<xml>{_xml(fields)}</xml>"


def _xml(fields: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _xml(value)
    return str(value) if isinstance(value, int) else cdata(value)


def cdata(text: str) -> str:
    """Return a text as CDATA, whatever is in it."""
    return "<![CDATA[" + clean(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
