"""Articles on request, near ones to read, the day's question, and what a change of the law makes stale."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.knowledge import telling_law
from bot.knowledge.citation import article_of, named_law, read_citation
from bot.knowledge.corpus import statutes
from bot.knowledge.law_names import short_name
from bot.knowledge.lessons import CHOICES, course, question_of
from bot.knowledge.library import library
from bot.knowledge.reading import NEAREST, Reading, index_of
from bot.knowledge.stale import stale
from bot.knowledge.standing_words import article_address, read_number

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 25)
CORPUS = library().corpus(DAY)
ENTRIES = library().entries


def shown(text: str) -> str:
    cited = read_citation(text)
    assert cited is not None
    replies = telling_law.article(CORPUS, cited, library().citing(cited))
    cards = [f"{r.card.title} {r.card.note} {r.card.fields}" for r in replies if r.card]
    return "\n".join([*(r.text for r in replies), *cards])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("民法典1043条", "家庭应当树立优良家风"),
        ("民法典1043条", "现在有效。2020年5月28日通过的文本。"),
        ("刑法133条之一", "醉酒驾驶机动车"),
        ("刑法264条", "以最新文本为准"),
        ("商标法第57条", "修订后的文本2027年1月1日起施行"),
        ("农村土地承包法第27条", "先说清楚：已经废止"),
        ("医疗保障法第1条", "还没生效"),
        ("民法典第一千五百条", "《民法典》没有第一千五百条，我这里的文本最后一条是第一千二百六十条"),
        ("婚姻法第32条", "《民法典》第1260条"),
        ("《火星居民法》第3条", "没有《火星居民法》的文本"),
        ("民事诉讼法第114条", "……（没完，点下面看全条）"),
    ],
)
def test_citizen_can_read_an_article_and_how_it_stands(said: str, told: str) -> None:
    assert told in shown(said)


def test_article_that_is_cut_keeps_whole_sentences() -> None:
    cited = read_citation("民事诉讼法第114条")
    assert cited is not None
    whole = CORPUS.article(cited)
    assert whole is not None
    kept = telling_law.cut(whole.text).split("\n……")[0]
    assert whole.text.startswith(kept)
    assert kept[-1] in "。；：）"


def test_every_article_has_a_page_address_that_reads_back() -> None:
    for name in CORPUS.names():
        law = CORPUS.law(name)
        assert law is not None
        assert CORPUS.named(short_name(name)) == law
        for article in CORPUS.articles(law)[::40]:
            if cited := article_of(name, article.number):
                assert read_number(article_address(cited).rpartition("/")[2]) == (cited.article, cited.suffix)
                assert CORPUS.article(cited, law) is not None


@pytest.mark.parametrize(
    ("said", "law"), [("反家暴法全文", "反家庭暴力法"), ("给我看《公证法》", "公证法"), ("普法视频", "")]
)
def test_law_that_is_named_is_known(said: str, law: str) -> None:
    assert short_name(named_law(said)) == law


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    cache = tmp_path_factory.mktemp("cache")
    began = time.perf_counter()
    index = index_of(statutes(), cache)
    assert time.perf_counter() - began < 20
    stamp = index.stat().st_mtime_ns
    assert index_of(statutes(), cache).stat().st_mtime_ns == stamp, "it is built once"
    assert [path.name for path in cache.iterdir()] == [index.name], "nothing is left half-way"
    return Reading(index)


def test_citizen_gets_the_nearest_articles_in_force_to_read(reading: Reading) -> None:
    found = reading.nearest("用人单位违法解除劳动合同要付几倍赔偿金", CORPUS, library().weigh("labour"))
    assert "《劳动合同法》第87条" in [str(citation) for citation, _ in found]
    assert len(found) == NEAREST
    assert all(article.law.standing in ("in_force", "amended") for _, article in found)
    card = telling_law.nearest(found).card
    assert card is not None
    assert "不是答案" in (card.note or "")


@pytest.mark.parametrize("question", ["", "？", "abc", "我", '" OR x NEAR', "去"])
def test_question_without_words_finds_nothing_and_breaks_nothing(reading: Reading, question: str) -> None:
    assert reading.nearest(question, CORPUS, library().weigh("")) == []


def test_course_shows_every_entry_of_a_matter_page_by_page() -> None:
    of_matter = library().of_matter("labour")
    at, seen = 0, []
    while True:
        page, left = course(of_matter, at)
        seen += page
        at += len(page)
        if not left:
            break
    assert seen == of_matter


def test_everybody_gets_the_same_question_and_another_one_each_day_until_all_were_asked() -> None:
    # 286 days from the beginning of a turn: no entry comes twice.
    first = date.fromordinal(DAY.toordinal() // len(ENTRIES) * len(ENTRIES))
    asked = [question_of(first + timedelta(days=n), ENTRIES) for n in range(len(ENTRIES))]
    assert {question.entry.id for question in asked} == set(ENTRIES)
    assert question_of(DAY, ENTRIES) == question_of(DAY, ENTRIES)
    for question in asked:
        assert len({choice.id for choice in question.choices}) == CHOICES
        assert question.choices[question.right - 1] is question.entry
        assert question.entry.conclusion in telling_law.asked_today(question).text
        assert telling_law.graded(question, question.right)[0].text.startswith("答对了")
        assert question.entry.conclusion in telling_law.graded(question, question.right % CHOICES + 1)[0].text


def test_editor_learns_which_entries_a_new_text_of_a_law_makes_stale() -> None:
    assert stale(ENTRIES.values(), library().corpus, CORPUS) == {}
    later = stale(ENTRIES.values(), library().corpus, library().corpus(date(2027, 1, 1)))
    assert "ip-border-export" in later
    assert all(ENTRIES[name].matter == "ip_business" for name in later)


def test_no_sentence_of_the_machines_own_cites_what_is_not_in_force() -> None:
    """domain.yml says a little of the law too, outside the entries: the same rule holds."""
    from bot.knowledge.corpus import standing

    responses = YAML(typ="safe").load((ROOT / "domain.yml").read_text("utf-8"))["responses"]
    cited = 0
    for variants in responses.values():
        for piece in variants[0]["text"].split("《")[1:]:
            if re.match(
                r"[^》]+》（\d{4}年\d{1,2}月\d{1,2}日）", piece
            ):  # What the corpus does not hold carries its day.
                assert "以现行文本为准" in piece
                continue
            if citation := read_citation(f"《{piece}"):
                cited += 1
                assert standing(CORPUS, citation) == "in_force", citation
    assert cited > 5
