"""What goes over WeChat beside the notice's own words: fields of templates, and the text that tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.conversation.model import Reply
from bot.directory.hours import SHANGHAI
from bot.reach.model import TOPICS
from bot.reach.ports import Said

# Somebody else may read it: no matter, no party, no time, and no word that an office would use.
NEUTRAL = Reply("您好，有一条消息给您，方便的时候回来看看。")
HEADINGS = {"reminder": "预约提醒", "confirmation": "预约结果", "change": "预约有变化", "case": "申请进度"}
OPEN_IT = "打开对话就能看详情"
# How long a value of each kind of field may be. A longer one is refused (47003).
# Source: developers.weixin.qq.com, subscription messages, "parameter types".
LENGTHS = {"thing": 20, "character_string": 32, "phrase": 5, "short_thing": 5, "const": 20}


def template_data(fields: Mapping[str, str], what: str, about: str, said: Said, now: float) -> dict[str, str]:
    """Return the values of a template's fields; for a neutral text, values that tell nothing."""
    neutral = said.reply == NEUTRAL
    values = {
        "what": "新消息" if neutral else HEADINGS[TOPICS.get(what, "change")],
        "when": _moment(now if neutral or not said.start else said.start),
        "reference": "0" if neutral else about,
        "note": "方便的时候回来看看" if neutral else OPEN_IT,
    }
    return {field: values[ours][: _length(field)] for field, ours in fields.items()}


def _length(field: str) -> int | None:
    return LENGTHS.get(field.rstrip("0123456789"))


def _moment(at: float) -> str:
    """Return "2026年11月26日 09:45", the form that a time field takes."""
    when = datetime.fromtimestamp(at, SHANGHAI)
    return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}"
