"""A first look at legal aid: every answer rests on an article in force, and an exemption never does harm."""

from __future__ import annotations

import itertools
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidImport
from bot.knowledge.check import MOST_SENTENCE, OFFICIALESE, PROMISES
from bot.knowledge.citation import read_citation
from bot.knowledge.corpus import Corpus, standing, statutes
from bot.knowledge.numerals import chinese
from bot.legal_aid.importer import read_standard
from bot.legal_aid.model import BY_LAW, INCOMES, MATTERS, OUTCOMES, PLACES, ROLES, Facts, Reason, Result, Standard, look
from bot.legal_aid.questions import NONE, QUESTIONS, WORDS, facts_of, missing, options, read, valid

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 25)
CORPUS = Corpus(statutes(), TODAY)
UNKNOWN, KNOWN = Standard(), Standard(2000, "2026-11-25")
WORKER = Facts("wages", "wronged", frozenset({"migrant"}), "unsure")
POOR = Facts("support", "wronged", frozenset(), "below")

FACTS = st.builds(
    Facts,
    st.sampled_from(sorted(MATTERS)),
    st.sampled_from(ROLES),
    st.frozensets(st.sampled_from(sorted(BY_LAW))),
    st.sampled_from(INCOMES),
    st.sampled_from(PLACES),
)
STANDARDS = st.sampled_from((UNKNOWN, KNOWN))


def in_force(reason: Reason) -> bool:
    """Whether the article is in force and has the item that is cited."""
    citation = read_citation(reason.article)
    if citation is None or standing(CORPUS, citation) != "in_force":
        return False
    article = CORPUS.article(citation)
    return article is not None and (not citation.item or f"（{chinese(citation.item)}）" in article.text)


def everything(result: Result) -> tuple[Reason, ...]:
    return (*result.reasons, *result.where, *result.notes)


def results() -> list[Result]:
    """Return what everybody with at most one exemption is told."""
    exempt = (frozenset(), *(frozenset({name}) for name in BY_LAW))
    combinations = list(itertools.product(MATTERS, ROLES, exempt, INCOMES, PLACES))
    return [look(Facts(*combination), standard) for combination in combinations for standard in (UNKNOWN, KNOWN)]


def test_every_sentence_rests_on_an_article_that_is_in_force_and_has_the_item() -> None:
    said = {reason for result in results() for reason in everything(result)}
    assert [reason.article for reason in said if not in_force(reason)] == []


@given(FACTS, STANDARDS)
def test_citizen_always_gets_an_outcome_with_a_reason_that_rests_on_a_law_in_force(
    facts: Facts, standard: Standard
) -> None:
    result = look(facts, standard)
    assert result.outcome in OUTCOMES
    assert result.reasons
    assert all(in_force(reason) for reason in everything(result))
    assert result.papers[0] == "身份证"


@given(FACTS, st.sampled_from(sorted(BY_LAW)), STANDARDS)
def test_citizen_is_never_worse_off_for_one_more_exemption(facts: Facts, exempt: str, standard: Standard) -> None:
    more = Facts(facts.matter, facts.role, facts.exempt | {exempt}, facts.income, facts.place)
    assert OUTCOMES.index(look(more, standard).outcome) >= OUTCOMES.index(look(facts, standard).outcome)


@pytest.mark.parametrize(
    ("facts", "outcome", "article"),
    [
        (WORKER, "likely_yes", "法律援助法第42条第（三）项"),
        (Facts("injury", "wronged", frozenset({"migrant"}), "unsure"), "a_person_looks", "法律援助法第34条"),
        (Facts("violence", "wronged", frozenset(), "enough"), "likely_yes", "法律援助法第32条第（四）项"),
        (Facts("violence", "accused", frozenset(), "enough"), "likely_no", "法律援助法第31条"),
        (
            Facts("criminal", "for_accused", frozenset({"minor"}), "enough"),
            "likely_yes",
            "法律援助法第25条第一款第（一）项",
        ),
        (Facts("criminal", "wronged", frozenset({"minor"}), "enough"), "likely_no", "法律援助法第29条"),
        (Facts("criminal", "accused", frozenset(), "enough"), "a_person_looks", "法律援助法第24条"),
        (Facts("other", "wronged", frozenset({"relief"}), "below"), "a_person_looks", "法律援助法第31条第（九）项"),
        (Facts("wages", "company", frozenset({"migrant"}), "below"), "likely_no", "法律援助法第2条"),
        (Facts("support", "accused", frozenset({"relief"}), "below"), "a_person_looks", "法律援助法第31条第（四）项"),
    ],
)
def test_citizen_can_read_why(facts: Facts, outcome: str, article: str) -> None:
    result = look(facts, UNKNOWN)
    assert result.outcome == outcome
    assert article in [reason.article for reason in result.reasons]


def test_poor_citizen_is_sent_to_a_person_while_nobody_has_confirmed_the_line() -> None:
    assert look(POOR, UNKNOWN).outcome == "a_person_looks"
    known = look(POOR, KNOWN)
    assert known.outcome == "likely_yes"
    assert "2000元" in known.reasons[1].says


def test_relative_of_somebody_in_custody_can_read_how_the_application_gets_out() -> None:
    result = look(Facts("criminal", "for_accused", frozenset(), "below"), UNKNOWN)
    assert {"法律援助法第39条第一款", "法律援助法第40条第二款", "法律援助法第37条"} <= {
        reason.article for reason in everything(result)
    }


def test_citizen_with_an_exemption_is_not_asked_to_show_the_household_accounts() -> None:
    assert not any("收入和花费" in paper for paper in look(WORKER, UNKNOWN).papers)
    assert any("收入和花费" in paper for paper in look(POOR, UNKNOWN).papers)


def test_citizen_reads_plain_sentences() -> None:
    said = {text for result in results() for text in (*(r.says for r in everything(result)), *result.papers)}
    for text in said:
        assert not [word for word in (*OFFICIALESE, *PROMISES) if word in text], text
        assert all(len(sentence) <= MOST_SENTENCE for sentence in re.split(r"[。！？；]", text)), text


@given(st.data())
def test_citizen_who_taps_through_is_asked_at_most_five_questions(data: st.DataObject) -> None:
    answers: dict[str, str] = {}
    while name := missing(answers):
        shown = options(name, answers, UNKNOWN)
        assert all(valid(name, value) for value, _ in shown)
        answers[name] = data.draw(st.sampled_from(shown))[0]
        assert len(answers) <= len(QUESTIONS)
    assert look(facts_of(answers), UNKNOWN).outcome in OUTCOMES


@given(FACTS, STANDARDS)
def test_question_that_is_not_asked_could_change_nothing(facts: Facts, standard: Standard) -> None:
    exempt = next(iter(sorted(facts.exempt)), NONE)
    answers = {"what": facts.matter, "role": facts.role, "exempt": exempt, "income": facts.income, "place": facts.place}
    asked: dict[str, str] = {}
    while name := missing(asked):
        asked[name] = answers[name]
    assert look(facts_of(asked), standard).outcome == look(facts_of(answers), standard).outcome


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("what", "老板欠我三个月工钱", "wages"),
        ("what", "上班受伤了厂里不赔", "work_injury"),
        ("what", "离婚", "other"),
        ("role", "帮我妈问的", "for_wronged"),
        ("exempt", "家里吃低保", "relief"),
        ("exempt", "都不是", NONE),
        ("income", "不困难", "enough"),
        ("income", "家里困难", "below"),
        ("place", "不在澄海", "elsewhere"),
        ("place", "今天天气好", ""),
    ],
)
def test_citizen_can_type_an_answer(name: str, text: str, value: str) -> None:
    assert read(name, text) == value


def test_typed_answer_is_always_one_that_the_question_has() -> None:
    assert all(valid(name, value) for name, rows in WORDS.items() for _, value in rows)


def test_district_says_when_nobody_has_confirmed_its_line() -> None:
    assert read_standard(ROOT / "data" / "legal_aid" / "440515.csv") == Standard()


@pytest.mark.parametrize("row", ["income_line,2000,,x", "income_line,about 2000,2026-11-25,x"])
def test_editor_cannot_give_a_line_without_a_date_or_a_number(row: str, tmp_path: Path) -> None:
    file = tmp_path / "990001.csv"
    file.write_text(f"name,value,confirmed,source\n{row}\n", encoding="utf-8")
    with pytest.raises(InvalidImport):
        read_standard(file)


def test_editor_can_give_a_confirmed_line(tmp_path: Path) -> None:
    file = tmp_path / "990001.csv"
    file.write_text("name,value,confirmed,source\nincome_line,2000,2026-11-25,x\n", encoding="utf-8")
    assert read_standard(file) == KNOWN


def test_nothing_rests_on_the_rule_about_pensioners_at_work_that_was_repealed() -> None:
    """Article 32 of the first interpretation on labour disputes fell with the second one, in force from 2025-09-01."""
    repealed = re.compile(r"劳动争议案件适用法律问题的解释（一）[^\n]*第32条")
    files = [*(ROOT / "data").rglob("*.yml"), *(ROOT / "data").rglob("*.csv"), *(ROOT / "bot").rglob("*.py")]
    assert [file.name for file in files if repealed.search(file.read_text("utf-8"))] == []
    assert repealed.search(
        "{name: 最高人民法院关于审理劳动争议案件适用法律问题的解释（一）, article: 第32条, dated: 2020-12-29}"
    )
