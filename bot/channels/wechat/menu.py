"""The account's menu: read from data/wechat/menu.yml, held against WeChat's limits, compared with the platform's. Pure but for the file.

Source: developers.weixin.qq.com, "custom menu": three buttons with five each; 16 and 60 bytes of name, of which a phone shows
four and eight Chinese characters; 128 bytes of key, 1,024 of address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.channels.wechat.oauth import TARGETS
from bot.conversation.payloads import tapped
from bot.errors import BadRequest, InvalidImport
from bot.platform.settings import ROOT

FILE = ROOT / "data" / "wechat" / "menu.yml"
TOP, BELOW = 3, 5
# Columns, of which a Chinese character takes two.
TOP_WIDTH, BELOW_WIDTH = 8, 16
TOP_BYTES, BELOW_BYTES = 16, 60
KEY_BYTES, URL_BYTES = 128, 1024
# Control characters, and what turns the writing round; but emoji of several parts are joined by one of them.
UNSEEN, JOINER = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), "\u200d"
PATH = re.compile(r"/(?!/)[!-~]*")
# What a button is and does, as the platform names it.
SAYS = ("name", "type", "key", "url", "appid", "pagepath", "media_id", "article_id")
Menu = dict[str, Any]


def read_menu(path: Path, base: str, intents: frozenset[str]) -> Menu:
    """Return a menu in WeChat's form. `base` is CHENGFATONG_PUBLIC_URL; `intents` are those that the engine knows.

    Raises InvalidImport with one line for each thing that is wrong.
    """
    try:
        tree = YAML(typ="safe").load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise InvalidImport([f"{path.name}: {' '.join(str(error).split())}"]) from None
    problems = list(_problems(tree, base, intents))
    if problems:
        raise InvalidImport([f"{path.name}: {problem}" for problem in problems])
    return {"button": [_button(each, base) for each in tree]}


def _button(given: dict[str, Any], base: str) -> dict[str, Any]:
    if below := given.get("buttons"):
        return {"name": given["name"], "sub_button": [_button(each, base) for each in below]}
    if "payload" in given:
        return {"type": "click", "name": given["name"], "key": given["payload"]}
    return {"type": "view", "name": given["name"], "url": page_url(given["page"], base)}


def page_url(path: str, base: str) -> str:
    """Return the address behind a menu's page; a citizen's own pages are reached through WeChat, which says who it is."""
    return f"{base}/wechat/oauth/start?to={quote(path)}" if path in TARGETS else f"{base}{path}"


def _problems(tree: Any, base: str, intents: frozenset[str]) -> Iterator[str]:
    if not isinstance(tree, list) or not 1 <= len(tree) <= TOP:
        yield f"it must be a list of 1 to {TOP} buttons"
        return
    for top in tree:
        yield from _wrong_name(top, TOP_WIDTH, TOP_BYTES)
        below = top.get("buttons") if isinstance(top, dict) else None
        if below is None:
            yield from _wrong_act(top, base, intents)
        elif not isinstance(below, list) or not 1 <= len(below) <= BELOW or set(top) - {"name", "buttons"}:
            yield f"{_called(top)}: with buttons above it, it has 1 to {BELOW} of them and nothing else"
        else:
            for each in below:
                yield from _wrong_name(each, BELOW_WIDTH, BELOW_BYTES)
                yield from _wrong_act(each, base, intents)


def _called(button: Any) -> str:
    return str(button.get("name", "?")) if isinstance(button, dict) else "?"


def _wrong_name(button: Any, width: int, most_bytes: int) -> Iterator[str]:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not name.strip():
        yield f"{button!r} has no name"
    elif any(unicodedata.category(each) in UNSEEN and each != JOINER for each in name):
        yield f"{name!r} has a sign that no phone shows"
    elif _width(name) > width or len(name.encode()) > most_bytes:
        yield f"{name}: a phone shows {width // 2} Chinese characters here"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "FWA" else 1 for each in text)


def _wrong_act(button: Any, base: str, intents: frozenset[str]) -> Iterator[str]:
    acts = {name: value for name, value in button.items() if name != "name"} if isinstance(button, dict) else {}
    name, value = next(iter(acts.items()), ("", ""))
    if len(acts) != 1 or name not in ("payload", "page") or not isinstance(value, str):
        yield f"{_called(button)}: it has one payload or one page"
    elif name == "payload":
        yield from _wrong_payload(_called(button), value, intents)
    elif not PATH.fullmatch(value) or len(page_url(value, base).encode()) > URL_BYTES:
        yield f"{_called(button)}: {value!r} is no path of a page of ours"


def _wrong_payload(called: str, payload: str, intents: frozenset[str]) -> Iterator[str]:
    try:
        intent = tapped(payload).partition("{")[0][1:]
    except BadRequest:
        yield f"{called}: {payload!r} is no payload that a tapped button may send"
        return
    if intent not in intents:
        yield f"{called}: nobody understands {intent!r}"
    if len(payload.encode()) > KEY_BYTES:
        yield f"{called}: the payload has over {KEY_BYTES} bytes"


def differences(ours: Menu, theirs: Menu | None) -> list[str]:
    """Return what the platform's menu has otherwise than ours, one line each, empty when they are equal."""
    here, there = _lines(ours), _lines(theirs or {})
    lines = [f"not there: {each}" for each in here if each not in there]
    lines += [f"only there: {each}" for each in there if each not in here]
    return lines or ([] if here == there else ["the order is another"])


def _lines(menu: Menu) -> list[str]:
    """Return a menu's buttons as lines; WeChat adds empty lists and fields of its own, which say nothing."""
    found = []
    for top in menu.get("button") or []:
        found.append(_line(top))
        found += [f"{top.get('name')} / {_line(each)}" for each in top.get("sub_button") or []]
    return found


def _line(button: dict[str, Any]) -> str:
    says = ("name",) if button.get("sub_button") else SAYS
    return " ".join(str(button[name]) for name in says if button.get(name))
