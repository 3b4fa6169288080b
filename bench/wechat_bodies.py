"""Calls that WeChat would never make, for bench.wechat_fuzz and its test: signed, and wrong in every other way."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.channels.wechat import crypto

TOKEN, APP_ID = "tok", "wxapp"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
LARGEST = 128 * 1024
IN_XML = tuple(
    f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser]]></FromUserName>"
    f"<CreateTime>1700000000</CreateTime>{rest}</xml>".encode()
    for rest in (
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[公司拖欠工资三个月没给]]></Content><MsgId>22923519871373703</MsgId>",
        "<MsgType>voice</MsgType><MediaId>m</MediaId><Format>amr</Format><Recognition>莲下的调解员</Recognition><MsgId>2</MsgId>",
        "<MsgType>image</MsgType><PicUrl>http://p</PicUrl><MediaId>m</MediaId><MsgId>3</MsgId>",
        "<MsgType>location</MsgType><Location_X>23.1</Location_X><Location_Y>116.7</Location_Y><Label>莲下镇</Label><MsgId>4</MsgId>",
        "<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_12</EventKey><Ticket>t</Ticket>",
        "<MsgType>event</MsgType><Event>CLICK</Event><EventKey>/greet</EventKey>",
        "<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>9</MsgID><Status>success</Status>",
        "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List>"
        "<TemplateId>T</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>",
        "<MsgType>event</MsgType><Event>unsubscribe</Event>",
    )
)  # fmt: skip
IN_JSON = (
    b'{"ToUserName": "gh_1", "FromUserName": "oUser", "CreateTime": 1700000000, "MsgType": "text", "Content": "\xe7\x9a\x84", '
    b'"MsgId": 22923519871373703}',
    b'{"ToUserName": "gh_1", "FromUserName": "oUser", "CreateTime": "1", "MsgType": "event", "Event": "subscribe_msg_sent_event",'
    b' "List": [{"TemplateId": "T", "MsgID": "1", "ErrorCode": "0"}]}',
)  # fmt: skip
SAMPLES = IN_XML + IN_JSON
NAMES = (
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Event",
    "EventKey",
    "Content",
    "MsgId",
    "List",
    "Encrypt",
    "x",
)
KINDS = ("text", "voice", "image", "location", "event", "hologram", "", "Event", "link")


@dataclass(frozen=True)
class Fuzzed:
    """One call: what kind of wrong it is, its parameters and its body."""

    kind: str
    query: dict[str, str]
    body: bytes


def calls(seed: int, number: int, clock: Callable[[], float]) -> Iterator[Fuzzed]:
    """Yield calls, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(number):
        kind = chance.choices(tuple(MAKERS), weights=[weight for _, weight in MAKERS.values()])[0]
        body = MAKERS[kind][0](chance)
        if kind == "crypto":
            yield _encrypted(chance, body, clock())
        else:
            yield Fuzzed(kind, _query(chance, clock()), body)


def _query(chance: random.Random, now: float) -> dict[str, str]:
    """Return parameters: mostly signed and in time, so that the body is read."""
    stamp, nonce = str(int(now) - (chance.choice((0, 5, 500)) if chance.random() < 0.98 else 605)), _word(chance)
    query = {"timestamp": stamp, "nonce": nonce, "signature": crypto.signature(TOKEN, stamp, nonce)}
    if chance.random() < 0.02:
        query[chance.choice(tuple(query))] = chance.choice(("", "0", "²", "x" * 500, "\x00", "好"))
    if chance.random() < 0.02:
        del query[chance.choice(tuple(query))]
    return query


def _encrypted(chance: random.Random, plain: bytes, now: float) -> Fuzzed:
    """Return a call whose encryption is wrong somewhere; the signature over it is mostly right."""
    query = {**_query(chance, now), "encrypt_type": "aes"}
    text = plain.decode("utf-8", "replace")
    key = chance.choice((KEY, KEY, KEY, "Z" * 43))
    sealed = crypto.encrypt(
        text, key, chance.choice((APP_ID, APP_ID, APP_ID, APP_ID, "wxother", "")), chance.randbytes(16)
    )
    raw = bytearray(base64.b64decode(sealed))
    match chance.randrange(6):
        case 0:
            raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
        case 1:
            raw = raw[: chance.randrange(len(raw))]
        case 2:
            raw = bytearray(chance.randbytes(chance.randrange(0, 512)))
        case 3:
            raw += chance.randbytes(chance.randrange(1, 40))
        case _:
            pass
    sealed = base64.b64encode(raw).decode()
    if chance.random() < 0.2:
        sealed = chance.choice(("", "=", "====", sealed[:-1], sealed + "A", "好" * 9, sealed * 3, "\n" + sealed))
    parts = (TOKEN, query.get("timestamp", ""), query.get("nonce", ""), sealed.strip())
    query["msg_signature"] = crypto.signature(*parts) if chance.random() < 0.9 else "0" * 40
    body = chance.choice((f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>", json.dumps({"Encrypt": sealed})))
    return Fuzzed("crypto", query, body.encode())


def mutated(chance: random.Random) -> bytes:
    """Return a sample with one to eight things done to its bytes."""
    body = bytearray(chance.choice(SAMPLES))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        body = CHANGES[chance.randrange(len(CHANGES))](chance, body) or bytearray(b"<")
    return bytes(body[:LARGEST])


def _at(chance: random.Random, body: bytearray) -> int:
    return chance.randrange(len(body) + 1)


def _flip(chance: random.Random, body: bytearray) -> bytearray:
    body[chance.randrange(len(body))] = chance.randrange(256)
    return body


def _drop(chance: random.Random, body: bytearray) -> bytearray:
    at = _at(chance, body)
    return body[:at] + body[at + chance.randint(1, 20) :]


def _add(chance: random.Random, body: bytearray) -> bytearray:
    at = _at(chance, body)
    return body[:at] + chance.choice(ODD) + body[at:]


def _double(chance: random.Random, body: bytearray) -> bytearray:
    at, to = sorted((_at(chance, body), _at(chance, body)))
    return body[:to] + body[at:to] * chance.randint(1, 4) + body[to:]


def _swap(chance: random.Random, body: bytearray) -> bytearray:
    return body.replace(chance.choice(NAMES).encode(), chance.choice(NAMES).encode(), chance.randint(1, 3))


def _splice(chance: random.Random, body: bytearray) -> bytearray:
    other = bytearray(chance.choice(SAMPLES))
    return body[: _at(chance, body)] + other[_at(chance, other) :]


CHANGES: tuple[Callable[[random.Random, bytearray], bytearray], ...] = (_flip, _drop, _add, _double, _swap, _splice)
ODD = (
    b"\x00", b"\x1d", b"\xff\xfe", b"\xed\xa0\x80", b"]]>", b"<![CDATA[", b"&#x1d;", b"&#99999999;", b"&lt;", b"&x;", b"<!--", b"-->",
    b"<?x?>", b'<!DOCTYPE a>', "\u202e".encode(), "👨‍👩‍👧".encode(), b"9" * 400, b"\\ud800", b'"', b"{", b"}", b"[]", b"null", b"1e999", b"<Encrypt>QUJD</Encrypt>",
)  # fmt: skip


def grown(chance: random.Random) -> bytes:
    """Return random XML, well formed or nearly."""

    def element(depth: int) -> str:
        name = chance.choice(NAMES)
        if depth > 4 or chance.random() < 0.5:
            inner = chance.choice((chance.choice(KINDS), _word(chance), f"<![CDATA[{_word(chance)}]]>", "1700000000"))
        else:
            inner = "".join(element(depth + 1) for _ in range(chance.randint(0, 5)))
        mark = ' a="1"' if chance.random() < 0.05 else ""
        return f"<{name}{mark}>{inner}</{name if chance.random() < 0.98 else 'y'}>"

    return f"<xml>{''.join(element(0) for _ in range(chance.randint(0, 12)))}</xml>".encode()


def grown_json(chance: random.Random) -> bytes:
    """Return random JSON with the names that WeChat uses."""

    def value(depth: int) -> object:
        choice = chance.randrange(8 if depth < 5 else 5)
        if choice < 5:
            return (None, True, chance.getrandbits(80), _word(chance), chance.choice(KINDS))[choice]
        if choice == 5:
            return [value(depth + 1) for _ in range(chance.randint(0, 4))]
        return {chance.choice(NAMES): value(depth + 1) for _ in range(chance.randint(0, 8))}

    fields = {chance.choice(NAMES): value(0) for _ in range(chance.randint(0, 12))}
    return json.dumps({"ToUserName": "gh", "MsgType": chance.choice(KINDS), **fields}).encode()


def bomb(chance: random.Random) -> bytes:
    """Return a body made to cost time or memory."""
    size = chance.randint(1000, LARGEST // 8)
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    made = chance.choice(
        (
            lambda: f"<!DOCTYPE x [{entities}]><xml><MsgType>&e8;</MsgType></xml>",
            lambda: f'<!DOCTYPE x [<!ENTITY a "{"a" * size}">]><xml><MsgType>{"&a;" * 100}</MsgType></xml>',
            lambda: '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/"><xml><ToUserName>g</ToUserName></xml>',
            lambda: "<a>" * size,
            lambda: "<xml>" + "<a>" * size + "</a>" * size + "</xml>",
            lambda: "<xml>" + "<a/>" * size + "</xml>",
            lambda: "<xml " + " ".join(f'a{n}="1"' for n in range(size // 8)) + "/>",
            lambda: "[" * size,
            lambda: '{"a":' * size,
            lambda: '{"ToUserName": "g", "MsgId": ' + "9" * size + "}",
            lambda: f"<xml><ToUserName>g</ToUserName><MsgType>text</MsgType><Content>{'&#x1d;' * size}</Content></xml>",
            lambda: (
                f"<xml><ToUserName>g</ToUserName><MsgType>text</MsgType><Content>{'<![CDATA[]]>' * size}</Content></xml>"
            ),
            lambda: "<" * size,
            lambda: "&" * size,
            lambda: "\x00" * LARGEST,
            lambda: "x" * (LARGEST + chance.randint(-2, 2000)),
        )
    )()
    return made.encode()[: LARGEST + 4000]


def noise(chance: random.Random) -> bytes:
    """Return random bytes."""
    return chance.randbytes(chance.randint(0, 2000))


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(string.printable[:62] + "好话。") for _ in range(chance.randint(1, 24)))


MAKERS: dict[str, tuple[Callable[[random.Random], bytes], int]] = {
    "mutation": (mutated, 40),
    "xml": (grown, 20),
    "json": (grown_json, 10),
    "bomb": (bomb, 3),
    "noise": (noise, 7),
    "crypto": (mutated, 20),
}
