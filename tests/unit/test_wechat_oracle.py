"""A thousand generated messages, read by us and by wechatpy, which others have used for years. A development dependency only."""

from __future__ import annotations

import importlib
import os
import random
import string
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.channels.wechat import crypto
from bot.channels.wechat.inbound import Arrival, read
from bot.channels.wechat.messages import cdata, envelope, parse, passive
from bot.channels.wechat.render import text_message
from bot.directory.hours import SHANGHAI
from tests.wechat import APP_ID, KEY, TOKEN

# An environment that was set up has it; elsewhere these tests are passed over, and in CI they never are.
wechatpy: Any = importlib.import_module("wechatpy") if "CI" in os.environ else pytest.importorskip("wechatpy")
MESSAGES = 1000
WORDS = "莲下镇的调解员在哪里，欠薪怎么办？离婚ABC 123!<>&\"'[]{}😀👨‍👩‍👧\n\té"


def words(chance: random.Random, most: int = 40) -> str:
    """Return words that both readers keep; wechatpy's takes white space off the ends."""
    return "".join(chance.choice(WORDS) for _ in range(chance.randint(1, most))).strip() or "好"


def ident(chance: random.Random) -> str:
    return "".join(chance.choice(string.ascii_letters + string.digits + "_-") for _ in range(chance.randint(6, 28)))


def text(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "text", "Content": words(chance, 300)}


def voice(chance: random.Random) -> dict[str, str]:
    said = {"Recognition": words(chance)} if chance.random() < 0.5 else {}
    return {"MsgType": "voice", "MediaId": ident(chance), "Format": "amr", **said}


def image(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "image", "PicUrl": "http://p/" + ident(chance), "MediaId": ident(chance)}


def video(chance: random.Random) -> dict[str, str]:
    kind = chance.choice(["video", "shortvideo"])
    return {"MsgType": kind, "MediaId": ident(chance), "ThumbMediaId": ident(chance)}


def location(chance: random.Random) -> dict[str, str]:
    x, y = f"{chance.uniform(-90, 90):.6f}", f"{chance.uniform(-180, 180):.6f}"
    return {"MsgType": "location", "Location_X": x, "Location_Y": y, "Scale": "15", "Label": words(chance)}


def link(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "link", "Title": words(chance), "Description": words(chance), "Url": "http://u/" + ident(chance)}


def follow(chance: random.Random) -> dict[str, str]:
    scene = {"EventKey": "qrscene_" + ident(chance), "Ticket": ident(chance)} if chance.random() < 0.5 else {}
    return {"MsgType": "event", "Event": "subscribe", **scene}


def scan(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "event", "Event": "SCAN", "EventKey": ident(chance), "Ticket": ident(chance)}


def click(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "event", "Event": "CLICK", "EventKey": "/" + ident(chance)}


def left(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "event", "Event": "unsubscribe"}


def job(chance: random.Random) -> dict[str, str]:
    status = chance.choice(["success", "failed:user block", "failed: system failed"])
    return {
        "MsgType": "event",
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": str(chance.getrandbits(60)),
        "Status": status,
    }


def unknown(chance: random.Random) -> dict[str, str]:
    return {"MsgType": "hologram", "Thing": words(chance)}


KINDS: tuple[Callable[[random.Random], dict[str, str]], ...] = (
    text, text, text, voice, image, video, location, link, follow, scan, click, left, job, unknown,
)  # fmt: skip


def body_of(fields: dict[str, str], chance: random.Random) -> str:
    gap = chance.choice(["", "\n", "\n  ", "\t"])
    inner = gap.join(f"<{name}>{cdata(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{gap}{inner}{gap}</xml>"


def made(seed: int) -> tuple[dict[str, str], str]:
    """Return the fields and the body of one message."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    fields = {"ToUserName": "gh_" + ident(chance), "FromUserName": "o" + ident(chance)}
    fields |= {"CreateTime": str(chance.randint(1_000_000_000, 1_800_000_000)), **chance.choice(KINDS)(chance)}
    if fields["MsgType"] != "event":
        fields["MsgId"] = str(chance.getrandbits(63))
    return fields, body_of(fields, chance)


def agree(ours: Arrival, theirs: Any) -> None:
    """Assert that both read the same out of a message."""
    assert (ours.account, ours.openid) == (theirs.target, theirs.source)
    said, kind = ours.said, theirs.type
    if kind == "unknown":
        assert said is not None
        assert (said.kind, ours.known) == ("unsupported", False)
        return
    if kind == "event":
        events = {"unsubscribe": "unsubscribe", "templatesendjobfinish": None}
        event = getattr(theirs, "event", "")
        if event in ("subscribe", "subscribe_scan"):
            assert said is not None
            assert (said.kind, said.scene) == ("follow", theirs.scene_id if event == "subscribe_scan" else "")
        elif event == "scan":
            assert said is not None
            assert (said.kind, said.scene) == ("scan", theirs.scene_id)
        elif event == "click":
            assert said is not None
            assert (said.kind, said.body) == ("payload", theirs.key)
        else:
            assert said is None
            assert ours.trigger == events.get(event)
        if event == "templatesendjobfinish":
            (outcome,) = ours.outcomes
            assert (outcome.job, outcome.delivered) == (str(theirs.id), theirs.status == "success")
        return
    assert said is not None
    assert said.message_id == str(theirs.id)
    if kind == "text":
        assert (said.kind, said.body) == ("text", theirs.content)
    elif kind == "voice" and theirs.recognition:
        assert (said.kind, said.body) == ("text", theirs.recognition)
    elif kind in ("voice", "image"):
        assert said.media is not None
        assert said.media.id == theirs.media_id
    elif kind == "location":
        assert said.place is not None
        assert (said.place.latitude, said.place.longitude, said.place.label) == (
            *map(float, theirs.location),
            theirs.label,
        )
    else:
        assert (said.kind, said.body) == ("unsupported", kind)


def test_thousand_messages_are_read_as_wechatpy_reads_them() -> None:
    seen = set()
    for seed in range(MESSAGES):
        fields, body = made(seed)
        ours = read(parse(body), datetime.now(SHANGHAI))
        agree(ours, wechatpy.parse_message(body))
        seen.add((fields["MsgType"], fields.get("Event")))
    assert len(seen) == 13


def test_oracle_notices_a_reader_that_is_wrong() -> None:
    _, body = made(next(seed for seed in range(99) if made(seed)[0]["MsgType"] == "text"))
    with pytest.raises(AssertionError):
        agree(
            read(parse(body.replace("<Content>", "<Content>x")), datetime.now(SHANGHAI)), wechatpy.parse_message(body)
        )


def test_either_opens_what_the_other_sealed() -> None:
    theirs = importlib.import_module("wechatpy.crypto").WeChatCrypto(TOKEN, KEY, APP_ID)
    for seed in range(200):
        _, body = made(seed)
        sealed = crypto.encrypt(body, KEY, APP_ID)
        signed = crypto.signature(TOKEN, "17", "n", sealed)
        assert theirs.decrypt_message(envelope(sealed, signed, "17", "n"), signed, "17", "n") == body
        said = parse(theirs.encrypt_message(body, "n", "17"))
        crypto.check(said.get("MsgSignature"), TOKEN, "17", "n", said.get("Encrypt"))
        assert crypto.decrypt(said.get("Encrypt"), KEY, APP_ID) == body


def test_wechatpy_reads_our_replies_as_we_meant_them() -> None:
    deserialize = importlib.import_module("wechatpy.replies").deserialize_reply
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        fields, body = made(seed)
        content = words(chance, 500) + "]]>"
        reply = deserialize(passive(parse(body), text_message(content), 1_700_000_000))
        assert (reply.type, reply.content) == ("text", content)
        assert (reply.target, reply.source) == (fields["FromUserName"], fields["ToUserName"])
