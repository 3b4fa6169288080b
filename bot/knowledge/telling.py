"""An entry as bubbles of a chat: the conclusion and the steps, what it rests on, the rest behind 展开. Pure.

Every word of law in it is the editors'; here are only the labels around it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.conversation.model import Button, Card, Field, Reply
from bot.directory.words import TYPES
from bot.knowledge.entry import Entry
from bot.knowledge.model import Door
from bot.knowledge.standing_words import article_address

# What a citizen reads of an answer before 展开, steps and card together: one screen of a cheap phone. A question asked
# back comes after it.
MOST_BEFORE_MORE = 300
# A button of one line at 390 px holds so many characters.
MOST_ON_BUTTON = 18
READ = "看原文"
UNREVIEWED = "待律师复核"
NEXT = {
    "apply_legal_aid": "申请法律援助",
    "ask_hours": "问上班时间",
    "ask_legal_aid": "问法律援助",
    "ask_location": "问地址电话",
    "ask_mediation": "问调解",
    "ask_notary": "问公证",
    "book_consultation": "约律师",
    "book_mediation": "约调解",
    "book_notary": "约公证",
    "book_visit": "约远程会见",
    "calculate": "算一算",
    "find_provider": "找律师、调解员",
    "learn_law": "看法条",
    "talk_to_human": "转人工",
    "where_to_go": "该找哪个部门",
}


def payload(intent: str, **entities: str) -> str:
    """Return what a button sends."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


def shortened(text: str) -> str:
    """Return a text that fits on a button."""
    return text if len(text) <= MOST_ON_BUTTON else text[: MOST_ON_BUTTON - 1] + "…"


def entry_button(entry: Entry) -> Button:
    """Return the button that opens an entry."""
    return Button(shortened(entry.questions[0]), payload("ask_law", entry=entry.id))


def answer(entry: Entry, moved: bool = False) -> list[Reply]:
    """Return the answer as far as 展开. `moved` says that a cited article changed since the review."""
    text = "\n".join([entry.conclusion, *(f"{number}. {step}" for number, step in enumerate(entry.steps, 1))])
    note = review_note(entry, moved)
    room = MOST_BEFORE_MORE - len(text + "依据" + note)
    card = Card("依据", _rows_within(entry, room), note=note)
    buttons = (*more_button(entry), *next_buttons(entry), *judging(entry))
    return [Reply(text), Reply(card=card, buttons=buttons), *asking(entry, 0)]


def more(entry: Entry, doors: Mapping[str, Door]) -> list[Reply]:
    """Return what stands behind 展开: papers, deadlines and from when they count, whom to go to, all it rests on."""
    parts = [
        ("要带的", entry.papers),
        ("期限", tuple(f"{d.what}：{d.within}，从{d.counted_from}起算" for d in entry.deadlines)),
    ]
    text = "\n".join(
        line for title, lines in parts if lines for line in (f"{title}：", *(f"· {said}" for said in lines))
    )
    hotlines = [doors[number] for number in entry.go_to if number in doors]
    kinds = [kind for kind in entry.go_to if kind in TYPES]
    find = tuple(
        Button(f"找{TYPES[kind].split('（')[0]}", payload("find_provider", provider_type=kind, matter=entry.matter))
        for kind in kinds
    )
    replies = [Reply(text)] if text else []
    if hotlines or kinds:
        rows = [Field(door.name, door.number, f"tel:{door.number}") for door in hotlines]
        replies.append(Reply(card=Card("找谁", tuple(rows)), buttons=find) if rows else Reply("找谁：", find))
    card = Card("全部依据", basis(entry), note=review_note(entry))
    return [*replies, Reply(card=card, buttons=(*next_buttons(entry), *judging(entry)))]


def answered(entry: Entry, number: str) -> list[Reply]:
    """Return what holds for a reply to a condition, counted from "1" over all, and ask the next; [] for no reply."""
    at = 0
    for which, condition in enumerate(entry.conditions):
        for said, then in condition.answers:
            at += 1
            if str(at) == number:
                then_ask = asking(entry, which + 1)
                buttons = () if then_ask else (*more_button(entry), *next_buttons(entry))
                return [Reply(f"{said}：{then}", buttons), *then_ask]
    return []


def asking(entry: Entry, which: int) -> list[Reply]:
    """Ask a condition back as buttons; [] when there are no more."""
    if which >= len(entry.conditions):
        return []
    before = sum(len(condition.answers) for condition in entry.conditions[:which])
    buttons = (
        Button(said, payload("ask_law", entry=entry.id, reply=str(number)))
        for number, (said, _) in enumerate(entry.conditions[which].answers, before + 1)
    )
    return [Reply(entry.conditions[which].ask, tuple(buttons))]


def review_note(entry: Entry, moved: bool = False) -> str:
    """Say who vouches for the answer and since when."""
    who = "编辑整理，律师尚未复核" if UNREVIEWED in entry.reviewer else f"{entry.reviewer}复核"
    return f"{entry.reviewed} {who}" + ("。依据的法条在那之后变了，请先打12348核实" if moved else "")


def next_buttons(entry: Entry) -> list[Button]:
    """Return the services that help further; each knows the matter."""
    return [Button(NEXT[intent], payload(intent, matter=entry.matter)) for intent in entry.next if intent in NEXT]


def more_button(entry: Entry) -> list[Button]:
    """Return 展开."""
    return [Button("展开", payload("ask_law", entry=entry.id, part="more"))]


def judging(entry: Entry) -> list[Button]:
    """Return 有用 and 没用."""
    return [
        Button("有用", payload("give_feedback", entry=entry.id, useful="yes")),
        Button("没用", payload("give_feedback", entry=entry.id, useful="no")),
    ]


def basis(entry: Entry) -> tuple[Field, ...]:
    """Return what the entry rests on: each article with its page, each rule outside the corpus with its date."""
    articles = [Field(str(citation), READ, article_address(citation)) for citation in dict.fromkeys(entry.citations)]
    outside = [Field(f"《{a.name}》{a.article}", f"{a.dated}文本，以现行文本为准") for a in entry.authorities]
    return (*articles, *outside)


def _rows_within(entry: Entry, room: int) -> tuple[Field, ...]:
    """Return as many rows as a number of characters holds, at least one; the last says how many are left for 展开."""
    rows = basis(entry)
    for shown in range(len(rows), 1, -1):
        kept = _first(rows, shown)
        if sum(len(row.label) + len(row.value) for row in kept) <= room:
            return kept
    return _first(rows, 1)


def _first(rows: tuple[Field, ...], shown: int) -> tuple[Field, ...]:
    hidden = len(rows) - shown
    return (*rows[:shown], *([Field(f"另有{hidden}条", "点展开")] if hidden else []))
