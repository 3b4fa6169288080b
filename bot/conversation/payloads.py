"""Which typed text and which tapped payload may reach the engine. Pure, standard library only."""

from __future__ import annotations

import json
import re

from bot.conversation.model import Button
from bot.errors import BadRequest

# Longer than any button of ours.
MAX_PAYLOAD = 512
_PAYLOAD = re.compile(r"/[a-z][a-z_]{1,40}(\{.*\})?", re.S)
# "2", "2.", "2号", "第二个吧": what people type to pick from a list.
_NUMBER = re.compile(
    r"(?:就|要|选|看)?第?(\d{1,2}|(?<=第)[一二三四五六七八九十])\s*[.。、]?(?:个|位|号|家|条|项)?(?:吧|的|啊|呢)?[。!！]?"
)
_DAY = re.compile(r"^[^第]*\d号")
# What the buttons of offered times carry.
_TIME = '"slot:'
# A choice that is itself a count: 2个, 1位, 一个，留下2个. There a typed number is the count, and not a place in the list.
_COUNT = re.compile(r"(?:^|.*\D)(\d{1,2})[个位天]")
_ORDINALS = {char: number for number, char in enumerate("一二三四五六七八九十", 1)}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def typed(text: str) -> str:
    """Return typed text without invisible characters and without the slash that would make it a payload."""
    return _CONTROL.sub("", text).strip().lstrip("/").strip()


def tapped(payload: str) -> str:
    """Return a payload that is one: `/intent` or `/intent{"entity": "text"}`. Raises BadRequest (422)."""
    if len(payload) <= MAX_PAYLOAD and (match := _PAYLOAD.fullmatch(payload)):
        try:
            entities = json.loads(match[1] or "{}")
        except (ValueError, RecursionError):
            entities = None
        if isinstance(entities, dict) and all(isinstance(v, str) for v in entities.values()):
            return payload
    raise BadRequest(422, "payload", "这个按钮不能用了，请重新发一句话。")


def picked(text: str, offered: tuple[Button, ...]) -> str | None:
    """Return the payload of the button that a typed "2", "２", "第二个" or its very title picks.

    While times are offered, "3号" is a day of the month and no button; "第3号" is none of the calendar's.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match and _DAY.search(text) and any(_TIME in button.payload for button in offered):
        return None
    number = _ORDINALS.get(match[1]) or int(match[1]) if match else 0
    if match and "第" not in text and (counts := _counts(offered)):
        return counts.get(number)
    if 1 <= number <= len(offered):
        return offered[number - 1].payload
    # Dictation puts a full stop behind everything.
    said = text.strip().rstrip("。.！!")
    return next((button.payload for button in offered if button.title in (text.strip(), said)), None)


def _counts(offered: tuple[Button, ...]) -> dict[int, str]:
    """Return the payloads of choices that are counts, by the count."""
    found = ((_COUNT.fullmatch(button.title), button.payload) for button in offered)
    return {int(match[1]): payload for match, payload in found if match}
