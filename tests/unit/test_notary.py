"""Notarial matters: found by a citizen's words, each sentence resting on a law in force, in plain language."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.errors import InvalidImport
from bot.knowledge.check import MOST_SENTENCE, OFFICIALESE, PROMISES, REVIEW_DAYS
from bot.knowledge.citation import read_citation
from bot.knowledge.corpus import Corpus, standing, statutes
from bot.notary.importer import read_matters
from bot.notary.model import Fact, Matter, find

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 25)
MATTERS = read_matters(ROOT / "data" / "notary" / "matters.yml")
# The law names these (公证法 26); the ministry's rules name the others (公证程序规则 11).
NOBODY_ELSE = {"will", "alive", "adoption", "gift", "house-proxy", "statement", "waive-inheritance"}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(statutes(), TODAY)


def faults(matters: tuple[Matter, ...], corpus: Corpus) -> list[str]:
    """Return what an editor got wrong, one line each."""
    found = []
    for matter in matters:
        found += [f"{matter.id}: {fault}" for fact in matter.facts for fault in _fact(fact, corpus)]
        found += [f"{matter.id}: {fault}" for text in (matter.title, *matter.papers) for fault in _language(text)]
        found += [f"{matter.id}: no papers or words"] if not (matter.papers and matter.words) else []
        age = (TODAY - date.fromisoformat(matter.reviewed)).days
        found += [f"{matter.id}: reviewed {matter.reviewed}"] if not 0 <= age <= REVIEW_DAYS else []
    return found


def _fact(fact: Fact, corpus: Corpus) -> list[str]:
    citation = read_citation(fact.cite)
    stands = standing(corpus, citation) if citation else "no citation"
    return [*_language(fact.says), *([f"{fact.cite}: {stands}"] if stands != "in_force" else [])]


def _language(text: str) -> list[str]:
    words = [f"says {word}" for word in (*OFFICIALESE, *PROMISES) if word in text]
    long = [f"long: {part}" for part in re.split(r"[。！？；]", text) if len(part) > MOST_SENTENCE]
    # No price: the standard table is not confirmed, and an office's price is its own to say.
    return words + long + (["says a price"] if re.search(r"[0-9]+(\.[0-9]+)?(元|%)", text) else [])


def test_every_matter_may_be_shown(corpus: Corpus) -> None:
    assert faults(MATTERS, corpus) == []
    assert len(MATTERS) >= 25
    assert len({matter.id for matter in MATTERS}) == len(MATTERS)


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (Fact("可以公证。", "公证法99"), "unknown_article"),
        (Fact("可以公证。", "婚姻法3"), "unknown_law"),
        (Fact("可以公证。"), "no citation"),
        (Fact("予以公证。", "公证法11"), "says 予以"),
        (Fact("每件210元。", "公证法46"), "price"),
    ],
)
def test_planted_fault_is_told(fact: Fact, told: str, corpus: Corpus) -> None:
    planted = Matter("x", "x", ("x",), "ask", ("x",), (fact,), Fact("x", "公证法26"), (), "2026-11-25", "x")
    assert told in "\n".join(faults((planted,), corpus))


def test_citizen_is_told_where_nobody_else_can_go(corpus: Corpus) -> None:
    alone = {matter.id for matter in MATTERS if matter.who == "self"}
    assert alone >= NOBODY_ELSE
    assert all("本人" in matter.coming.says for matter in MATTERS if matter.who == "self")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我想立遗嘱", "will"),
        ("遗嘱能放公证处保管吗，存遗嘱", "keep-will"),
        ("我爸走了，弟弟说要去放弃继承", "waive-inheritance"),
        ("办继承公证要什么材料", "inheritance"),
        ("人在深圳想委托卖房", "house-proxy"),
        ("房子送给儿子办赠与", "gift"),
        ("要去国外读书，学历公证", "education"),
        ("无犯罪记录公证几份起", "no-record"),
        ("出生公证", "birth"),
        ("我跟我妈的亲属关系怎么公证", "kinship"),
        ("聊天记录公证一下留证据", "evidence"),
        ("借款公证对方不还能直接执行吗", "loan"),
        ("对方不收钱能不能提存", "deposit"),
        ("老人的生存证明", "alive"),
        ("趁现在清醒想办意定监护", "guardian"),
        ("婚前财产公证", "couple-property"),
        ("驾照翻译公证", "licence"),
        ("公司章程", "company"),
        ("租房合同公证", "lease"),
        ("分家协议公证", "division"),
    ],
)
def test_citizen_finds_the_matter_by_saying_it(text: str, found: str) -> None:
    matter = find(text, MATTERS)
    assert matter is not None
    assert matter.id == found


@pytest.mark.parametrize("text", ["公证处在哪里", "今天天气好", ""])
def test_citizen_who_names_no_matter_gets_none(text: str) -> None:
    assert find(text, MATTERS) is None


def test_editor_is_told_which_matter_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "matters.yml"
    text = "reviewed: 2026-11-25\nreviewer: x\ncommon: []\nwho: {self: {says: x}}\nmatters: [{id: broken, who: self}]\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidImport) as error:
        read_matters(file)
    assert "broken" in error.value.problems[0]
