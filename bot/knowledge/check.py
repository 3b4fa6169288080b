"""What an editor's entries must hold to before a citizen reads them: `chengfatong knowledge check`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol

from bot.knowledge.citation import Citation
from bot.knowledge.entry import Entry

# A phone shows about this much of an answer before one must scroll; what follows stands behind 展开.
MOST_CONCLUSION, MOST_ANSWER = 120, 700
# Sentences longer than this are not heard to their end when they are read out.
MOST_SENTENCE = 60
FEWEST_QUESTIONS = 4
# Two questions that share this much of the shorter one's pairs of characters ask the same.
SAME = 0.85
# An answer nobody has looked at for this long is no longer vouched for.
REVIEW_DAYS = 400
OFFICIALESE = (
    "根据相关", "相关规定", "依法依规", "予以", "敬请", "特此", "贵", "之规定", "应当依法", "有关部门", "相关部门", "该等", "前述", "上述",
    "进行处理", "切实", "严格按照", "诉求", "兹", "亦", "系指", "未尽事宜",
)  # fmt: skip
# What a machine may not say: a promise of an outcome.
PROMISES = ("一定能赢", "肯定能赢", "必胜", "包赢", "保证能", "百分之百", "100%")
INTENTS = frozenset(
    {"apply_legal_aid", "ask_legal_aid", "book_mediation", "book_consultation", "book_notary", "book_visit", "find_provider",
     "where_to_go", "calculate", "learn_law", "talk_to_human", "ask_mediation", "ask_notary", "ask_hours", "ask_location"}
)  # fmt: skip


class Standings(Protocol):
    """What the check asks of the corpus."""

    def __call__(self, citation: Citation) -> str:
        """Return "in_force" or why not: unknown_law, unknown_article, repealed, future, superseded."""


def check(entries: Sequence[Entry], standing: Standings, doors: Iterable[str], today: date) -> list[str]:
    """Return one line for each fault: `matter/id: reason`. Empty: every entry may be shown."""
    known = frozenset(doors)
    faults = [
        f"{entry.matter}/{entry.id}: {fault}"
        for entry in entries
        for rule in (_shape, _language, _dates(today), _doors(known), _citations(standing))
        for fault in rule(entry)
    ]
    return [*faults, *_asked_twice(entries), *_named_twice(entries)]


def _shape(entry: Entry) -> Iterator[str]:
    yield from entry.problems
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.id):
        yield "the id must be words in lower case joined by hyphens"
    if len(set(entry.questions)) < FEWEST_QUESTIONS:
        yield f"fewer than {FEWEST_QUESTIONS} different questions"
    if not entry.conclusion:
        yield "no conclusion"
    if not entry.citations:
        yield "no citation: without one nothing may be stated"
    if not entry.reviewer:
        yield "no reviewer"
    for intent in entry.next:
        if intent not in INTENTS:
            yield f"next names an unknown service {intent}"


def _language(entry: Entry) -> Iterator[str]:
    if len(entry.conclusion) > MOST_CONCLUSION:
        yield f"the conclusion has {len(entry.conclusion)} characters, at most {MOST_CONCLUSION}"
    if sum(map(len, entry.said)) > MOST_ANSWER:
        yield f"the whole answer has {sum(map(len, entry.said))} characters, at most {MOST_ANSWER}"
    for text in entry.said:
        for word in (*OFFICIALESE, *PROMISES):
            if word in text:
                yield f"says {word}: {text[:20]}"
        for sentence in re.split(r"[。！？；\n]", text):
            if len(sentence) > MOST_SENTENCE:
                yield f"a sentence of {len(sentence)} characters: {sentence[:20]}…"


def _dates(today: date) -> Callable[[Entry], Iterator[str]]:
    def rule(entry: Entry) -> Iterator[str]:
        for what, said in (("reviewed", entry.reviewed), *((a.name, a.dated) for a in entry.authorities)):
            try:
                day = date.fromisoformat(said)
            except ValueError:
                yield f"{what}: {said!r} is not a date like 2026-11-25"
                continue
            if day > today:
                yield f"{what}: {said} lies ahead"
            elif what == "reviewed" and (today - day).days > REVIEW_DAYS:
                yield f"reviewed {said}, longer than {REVIEW_DAYS} days ago"

    return rule


def _doors(known: frozenset[str]) -> Callable[[Entry], Iterator[str]]:
    def rule(entry: Entry) -> Iterator[str]:
        yield from (
            f"go_to names {door}, which neither the directory nor doors.csv knows"
            for door in entry.go_to
            if door not in known
        )

    return rule


def _citations(standing: Standings) -> Callable[[Entry], Iterator[str]]:
    def rule(entry: Entry) -> Iterator[str]:
        for citation in entry.citations:
            if (found := standing(citation)) != "in_force":
                yield f"{citation}: {found}"

    return rule


def _named_twice(entries: Sequence[Entry]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.id in seen:
            yield f"{entry.matter}/{entry.id}: the id stands in {seen[entry.id]} too"
        seen[entry.id] = entry.matter


def _asked_twice(entries: Sequence[Entry]) -> Iterator[str]:
    """Two entries that answer one question would answer it differently one day."""
    asked = [(entry, question, _pairs(question)) for entry in entries for question in entry.questions]
    by_pair: dict[str, list[int]] = {}
    for number, (entry, question, pairs) in enumerate(asked):
        met: dict[int, int] = {}
        for pair in pairs:
            for other in by_pair.setdefault(pair, []):
                met[other] = met.get(other, 0) + 1
        for other, shared in met.items():
            theirs, said, their_pairs = asked[other]
            if theirs.id != entry.id and shared >= SAME * min(len(pairs), len(their_pairs)):
                yield f"{entry.matter}/{entry.id}: {question} is asked in {theirs.matter}/{theirs.id} too: {said}"
        for pair in pairs:
            by_pair[pair].append(number)


def _pairs(question: str) -> frozenset[str]:
    plain = re.sub(r"\W", "", question)
    return frozenset(plain[i : i + 2] for i in range(max(1, len(plain) - 1)))
