"""What is asked further about an answer that was just given: what to bring, where to go, how long there is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from bot.conversation.model import Button, Card, Field, Reply
from bot.directory.words import TYPES
from bot.knowledge.entry import Entry
from bot.knowledge.model import Door
from bot.knowledge.standing_words import article_address
from bot.knowledge.telling import more_button, payload

Aspect = Literal["papers", "where", "deadlines", "law"]
# The first that fits. 要带什么去: what to bring comes before where to go.
ASPECTS: tuple[tuple[Aspect, re.Pattern[str]], ...] = (
    ("papers", re.compile(r"(?:带|备|准备|交|要|需要)(?:哪些|些什么|什么|啥)(?:材料|资料|证据|东西|手续|证件)?|(?:什么|哪些)(?:材料|资料|证据|证件)")),
    ("law", re.compile(r"(?:依据|根据)(?:是)?(?:什么|哪条|哪里)?|哪(?:一)?条(?:法律|法)?(?:规定)?(?:的)?|法律(?:上)?(?:是)?(?:怎么|咋)(?:说|规定)(?:的)?")),
    ("where", re.compile(r"(?:去|到|上|在|找)(?:哪里|哪儿|哪|谁|哪个部门|什么地方|什么人)|哪里(?:能)?(?:办|问|申请|告)")),
    ("deadlines", re.compile(r"(?:有没有|有|什么|多长|过)(?:时间)?(?:期限|时限|时效)|(?:多久|多长时间|几天|多少天|什么时候)(?:内|之内|之前|前)|最(?:晚|迟)(?:什么时候|哪天|几号)?")),
)  # fmt: skip
# What stands around such a question and names no other subject.
_AROUND = re.compile(
    r"[\s,，.。!！?？、~～]|那么?|这个?|它|呢|的话|的|啊|呀|吗|吧|哦|了|我们?|你们?|您|还|要|去|办|办理|申请|告|问|弄|搞|走|是|得|该|应该|请问|到底|一般|具体|需要|可以|能|想|来|先|都|又|再"
)
_TITLES: dict[Aspect, str] = {"papers": "要带的", "where": "找谁", "deadlines": "期限", "law": "依据"}


def aspect_of(text: str) -> Aspect | None:
    """Return what a text asks further, None when it names a subject of its own: 仲裁要带什么 is a question by itself."""
    for aspect, words in ASPECTS:
        found = words.search(text)
        if found and not _AROUND.sub("", text[: found.start()] + text[found.end() :]):
            return aspect
    return None


def told_further(entry: Entry, aspect: Aspect, doors: Mapping[str, Door]) -> list[Reply]:
    """Return what an entry says to it, with what the entry rests on behind 展开; [] when it says nothing."""
    lines = {
        "papers": entry.papers,
        "deadlines": tuple(f"{d.what}：{d.within}，从{d.counted_from}起算" for d in entry.deadlines),
    }
    if aspect == "where":
        return _where(entry, doors)
    if aspect == "law":
        rows = tuple(Field(str(each), "看原文", article_address(each)) for each in dict.fromkeys(entry.citations))
        return [Reply(card=Card(f"“{entry.questions[0]}”的依据", rows), buttons=tuple(more_button(entry)))]
    said = lines[aspect]
    text = "\n".join((f"{_TITLES[aspect]}：", *(f"· {line}" for line in said)))
    return [Reply(text, tuple(more_button(entry)))] if said else []


def _where(entry: Entry, doors: Mapping[str, Door]) -> list[Reply]:
    hotlines = tuple(Field(doors[n].name, doors[n].number, f"tel:{doors[n].number}") for n in entry.go_to if n in doors)
    kinds = [kind for kind in entry.go_to if kind in TYPES]
    names = [TYPES[kind].split("（")[0] for kind in kinds]
    buttons = tuple(
        Button(f"找{name}", payload("find_provider", provider_type=kind, matter=entry.matter))
        for kind, name in zip(kinds, names, strict=True)
    )
    if not hotlines and not kinds:
        return []
    said = f"这事找{'、'.join(names)}。" if names else "先打这个电话问："
    return [
        Reply(said, () if hotlines else buttons),
        *([Reply(card=Card("电话", hotlines), buttons=buttons)] if hotlines else []),
    ]
