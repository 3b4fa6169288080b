"""What the platform posts to an account: bodies, signatures, envelopes. Pure."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from tests.standin.account import Account
from tests.standin.cipher import seal, sign


@dataclass(frozen=True)
class Push:
    """One message or event of a person.

    `heeded`: whether the phone apologises when the account does not answer it. `marks` are for whoever makes the weather.
    """

    openid: str
    kind: str
    at: int
    fields: dict[str, Any]
    id: str = ""
    heeded: bool = True
    marks: frozenset[str] = frozenset()

    @property
    def identity(self) -> str:
        """What all deliveries of this push have in common."""
        return self.id or f"{self.openid}|{self.at}|{self.fields.get('Event')}|{self.fields.get('EventKey', '')}"


@dataclass(frozen=True)
class Delivery:
    """One HTTP request: its query, its body, and the nonce that a reply must repeat."""

    query: dict[str, str]
    body: bytes
    nonce: str


def xml(push: Push, account: Account) -> str:
    """Return the plain body of a push."""
    fields = {"ToUserName": account.name, "FromUserName": push.openid, "CreateTime": push.at, "MsgType": push.kind}
    fields |= push.fields | ({"MsgId": int(push.id)} if push.id else {})
    return f"<xml>{_tags(fields)}</xml>"


def _tags(fields: dict[str, Any]) -> str:
    return "".join(f"<{name}>{_content(value)}</{name}>" for name, value in fields.items())


def _content(value: Any) -> str:
    if isinstance(value, dict):
        return _tags(value)
    if isinstance(value, int | float):
        return str(value)
    return "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def delivery(push: Push, account: Account) -> Delivery:
    """Return the next delivery of a push: every one has a time stamp, a nonce and a seal of its own."""
    stamp, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
    query = {"signature": sign(account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": push.openid}
    plain = xml(push, account)
    if account.mode == "plain":
        return Delivery(query, plain.encode(), nonce)
    sealed = seal(plain, account.key, account.app_id)
    query |= {"encrypt_type": "aes", "msg_signature": sign(account.token, stamp, nonce, sealed)}
    copy = plain.removeprefix("<xml>").removesuffix("</xml>") if account.mode == "compatible" else ""
    head = copy or f"<ToUserName><![CDATA[{account.name}]]></ToUserName>"
    return Delivery(query, f"<xml>{head}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode(), nonce)
