"""Articles, laws and the day's question as bubbles of a chat. Pure apart from the corpus's file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.model import Button, Card, Field, Reply
from bot.knowledge.citation import Citation
from bot.knowledge.corpus import CITABLE, Article, Corpus, Law
from bot.knowledge.entry import Entry
from bot.knowledge.law_names import short_name
from bot.knowledge.lessons import Question
from bot.knowledge.standing_words import article_address, law_address, standing_said, why_absent
from bot.knowledge.telling import READ, basis, entry_button, payload, review_note

# A long article is cut at a paragraph; the page has all of it.
MOST_OF_ARTICLE = 300
# So much of an article tells whether it is worth opening.
BEGINNING = 24
# An article that many answers rest on offers some of them.
ANSWERS_SHOWN = 3
LETTERS = "ABC"


def article(corpus: Corpus, citation: Citation, citing: Sequence[Entry]) -> list[Reply]:
    """Return an article's text, how it stands and the answers that rest on it; or why there is none."""
    found = corpus.article(citation)
    if found is None:
        law = corpus.law(citation.law)
        return [Reply(why_absent(corpus, citation)), *([law_reply(corpus, law)] if law else [])]
    title, standing = f"《{short_name(found.law.name)}》{found.number}", standing_of(corpus, found.law)
    warning = "" if found.law.standing in CITABLE else f"先说清楚：{standing}\n"
    fields = (
        Field("全条", READ, article_address(citation)),
        Field("整部法", "看目录", law_address(citation.law)),
    )
    buttons = tuple(entry_button(entry) for entry in citing[:ANSWERS_SHOWN])
    return [
        Reply(f"{warning}{title}\n{cut(found.text)}"),
        Reply(card=Card(title, fields, note=standing), buttons=buttons),
    ]


def law_reply(corpus: Corpus, law: Law) -> Reply:
    """Return where a whole law can be read, and how it stands."""
    number = len(corpus.articles(law))
    fields = (Field("全文", f"{number}条，点开看", law_address(law.name)),)
    return Reply(card=Card(f"《{short_name(law.name)}》", fields, note=standing_of(corpus, law)))


def standing_of(corpus: Corpus, law: Law) -> str:
    """Say how a law stands, with what is known of its later text."""
    return standing_said(law, corpus.versions(law.name))


def cut(text: str) -> str:
    """Return as many whole paragraphs as MOST_OF_ARTICLE holds; of a first one that is longer, whole sentences."""
    if len(text) <= MOST_OF_ARTICLE:
        return text
    kept = text[:MOST_OF_ARTICLE]
    end = max(kept.rfind("\n"), kept.rfind("。") + 1, kept.rfind("；") + 1)
    return (kept[:end].rstrip() if end > 0 else kept) + "\n……（没完，点下面看全条）"


def nearest(found: Sequence[tuple[Citation, Article]]) -> Reply:
    """Return the nearest articles as something to read."""
    fields = tuple(Field(str(citation), _beginning(read.text), article_address(citation)) for citation, read in found)
    return Reply(card=Card("可以先读读这几条", fields, note="按字面找出来的，不是答案，不一定对得上您的事。"))


def _beginning(text: str) -> str:
    line = text.split("\n")[0]
    return line if len(line) <= BEGINNING else line[:BEGINNING] + "…"


def asked_today(question: Question) -> Reply:
    """Ask the day's question."""
    lines = [f"{LETTERS[at]}. {choice.conclusion}" for at, choice in enumerate(question.choices)]
    head = f"今天一题：{question.entry.questions[0]}？".replace("？？", "？")
    buttons = tuple(
        Button(f"选{LETTERS[at]}", payload("learn_law", quiz=question.day.isoformat(), choice=str(at + 1)))
        for at in range(len(question.choices))
    )
    return Reply("\n".join([head, "下面三句都是真的，哪一句答的是这个问题？", *lines]), buttons)


def graded(question: Question, choice: int) -> list[Reply]:
    """Say whether a choice is right, and why: the answer and what it rests on."""
    right = f"{LETTERS[question.right - 1]}。{question.entry.conclusion}"
    said = f"答对了，是{right}" if choice == question.right else f"这句答的是别的问题。这题是{right}"
    card = Card("依据", basis(question.entry), note=review_note(question.entry))
    whole = Button("看完整回答", payload("ask_law", entry=question.entry.id))
    return [Reply(said), Reply(card=card, buttons=(whole,))]
