"""Which entry is said, and how: every entry of the district's own is rendered."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.channels.wechat.render import parts_of
from bot.conversation.model import Reply
from bot.conversation.payloads import tapped
from bot.directory.model import PROVIDER_TYPES
from bot.knowledge import telling
from bot.knowledge.answers import POSSIBLE, SURE, decide
from bot.knowledge.check import INTENTS, check
from bot.knowledge.corpus import standing
from bot.knowledge.entry import Entry
from bot.knowledge.importer import read_doors
from bot.knowledge.library import library
from bot.knowledge.telling import MOST_BEFORE_MORE

DAY = date(2026, 11, 25)
ENTRIES = library().entries
DOORS = {
    door.number: door for door in read_doors(Path(__file__).resolve().parents[2] / "data" / "knowledge" / "doors.csv")
}
WAGES = ENTRIES["labour-unpaid-wages"]
BASE = "https://falv.example.cn"


def ranked(*probabilities: float) -> list[dict[str, object]]:
    return [{"id": name, "probability": p} for name, p in zip(ENTRIES, probabilities, strict=False)]


def visible(replies: list[Reply]) -> str:
    cards = [reply.card for reply in replies if reply.card]
    rows = "".join(field.label + field.value for card in cards for field in card.fields)
    return "".join(reply.text for reply in replies) + rows + "".join(card.title + (card.note or "") for card in cards)


def payloads(replies: list[Reply]) -> list[str]:
    return [button.payload for reply in replies for button in reply.buttons]


@pytest.mark.parametrize(
    ("probabilities", "answer", "choices"),
    [
        ((SURE, 0.3, 0.2), 0, 0),
        ((SURE - 0.01, 0.2, 0.16, 0.15), None, 3),
        ((POSSIBLE, POSSIBLE - 0.01), None, 1),
        ((POSSIBLE - 0.001, 0.05), None, 0),
        ((), None, 0),
    ],
)
def test_citizen_gets_an_answer_a_choice_or_nothing(
    probabilities: tuple[float, ...], answer: int | None, choices: int
) -> None:
    decision = decide(ranked(*probabilities), ENTRIES)
    assert decision.answer is (None if answer is None else list(ENTRIES.values())[answer])
    assert decision.choices == tuple(ENTRIES.values())[:choices]


def test_entry_that_editors_took_out_is_passed_over() -> None:
    decision = decide([{"id": "gone", "probability": 0.9}, *ranked(0.6)], ENTRIES)
    assert decision.answer is next(iter(ENTRIES.values()))


def test_every_entry_holds_to_the_rules() -> None:
    corpus = library().corpus(DAY)
    doors = (*PROVIDER_TYPES, *DOORS)
    assert check(tuple(ENTRIES.values()), lambda citation: standing(corpus, citation), doors, DAY) == []


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_answer_is_short_says_what_it_rests_on_and_since_when(entry: Entry) -> None:
    replies = telling.answer(entry)
    card = replies[1].card
    assert card is not None
    assert replies[0].text.startswith(entry.conclusion)
    assert len(visible(replies[:2])) <= MOST_BEFORE_MORE
    assert any((field.href or "").startswith("/law/") for field in card.fields)
    assert (card.note or "").startswith(entry.reviewed)
    assert "律师尚未复核" in (card.note or "")
    for payload in payloads(replies):
        assert tapped(payload) == payload
    assert len(parts_of(replies, BASE)) == 1


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_nothing_that_an_editor_wrote_is_lost_behind_more(entry: Entry) -> None:
    said = visible(telling.answer(entry)) + visible(telling.more(entry, DOORS))
    number = 0
    for condition in entry.conditions:
        for _, then in condition.answers:
            number += 1
            replies = telling.answered(entry, str(number))
            assert then in replies[0].text
            said += visible(replies)
    assert telling.answered(entry, str(number + 1)) == []
    for text in entry.said:
        assert text in said
    for basis in (*map(str, entry.citations), *(f"《{a.name}》{a.article}" for a in entry.authorities)):
        assert basis in said
    for authority in entry.authorities:
        assert f"{authority.dated}文本，以现行文本为准" in said
    for number_to_call in set(entry.go_to) & set(DOORS):
        assert number_to_call in said


def test_every_service_that_an_entry_may_name_has_a_button() -> None:
    assert set(telling.NEXT) >= INTENTS


def test_next_step_knows_what_the_trouble_is_about() -> None:
    assert '/book_mediation{"matter": "labour"}' in payloads(telling.answer(WAGES))


def test_answer_whose_law_changed_says_so_until_it_is_reviewed() -> None:
    card = telling.answer(WAGES, moved=True)[1].card
    assert card is not None
    assert "请先打12348核实" in (card.note or "")
