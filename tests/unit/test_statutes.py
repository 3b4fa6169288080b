"""The statute corpus and its traps, and citations as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.citation import Citation, read_citation
from bot.knowledge.corpus import Corpus, clean, standing, statutes
from bot.knowledge.law_names import full_name
from bot.knowledge.numerals import MOST, chinese, read

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(statutes(), TODAY)


def cited(text: str) -> Citation:
    found = read_citation(text)
    assert found is not None
    return found


@given(st.integers(1, MOST))
def test_number_is_read_as_it_is_written(number: int) -> None:
    assert read(chinese(number)) == number == read(str(number))


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("民法典1043", "《民法典》第1043条"),
        ("民法典第一千零四十三条说什么", "《民法典》第1043条"),
        ("农村土地承包经营纠纷调解仲裁法4", "《农村土地承包经营纠纷调解仲裁法》第4条"),
        ("民法典一〇四三条", "《民法典》第1043条"),
        ("《中华人民共和国民法典》第1043条", "《民法典》第1043条"),
        ("劳动合同法第三十八条第一款", "《劳动合同法》第38条第1款"),
        ("消法55条", "《消费者权益保护法》第55条"),
        ("按治安法第43条第一款第（二）项", "《治安管理处罚法》第43条第1款第（二）项"),
        ("刑法133条之一", "《刑法》第133条之一"),
    ],
)
def test_citizen_cites_an_article_in_any_form(said: str, label: str) -> None:
    assert str(cited(said)) == label


@pytest.mark.parametrize("said", ["劳动法怎么规定", "第38条", "我有38条狗", "民法典第零条"])
def test_text_without_a_law_and_a_number_cites_nothing(said: str) -> None:
    assert read_citation(said) is None


def test_law_that_begins_next_year_is_not_todays_law(corpus: Corpus) -> None:
    today = corpus.law(full_name("商标法"))
    assert today is not None
    assert (today.standing, today.version) == ("in_force", date(2019, 4, 23))
    later = Corpus(statutes(), date(2027, 1, 1)).law(full_name("商标法"))
    assert later is not None
    assert later.version == date(2026, 6, 26)
    only = corpus.law(full_name("医疗保障法"))
    assert only is not None
    assert only.standing == "future"
    assert standing(corpus, cited("医疗保障法第1条")) == "future"


def test_of_two_rows_of_a_law_the_newer_one_in_force_counts(corpus: Corpus) -> None:
    law = corpus.law(full_name("仲裁法"))
    assert law is not None
    assert law.version == date(2025, 9, 12)
    assert [v.standing for v in corpus.versions(law.name)] == ["in_force", "superseded"]


def test_article_and_its_sibling_with_a_suffix_are_two(corpus: Corpus) -> None:
    crash, drunk = corpus.article(cited("刑法133条")), corpus.article(cited("刑法133条之一"))
    assert crash is not None
    assert drunk is not None
    assert "交通运输管理法规" in crash.text
    assert "醉酒驾驶机动车" in drunk.text


def test_criminal_law_is_in_force_as_amended(corpus: Corpus) -> None:
    law = corpus.law(full_name("刑法"))
    assert law is not None
    assert law.standing == "amended"
    assert standing(corpus, cited("刑法第276条之一")) == "in_force"


def test_article_does_not_run_into_the_next_heading(corpus: Corpus) -> None:
    article = corpus.article(cited("民法典1163"))
    assert article is not None
    assert article.text.endswith("清偿。")


@given(st.text(alphabet="第一二条章节编\n。款项（）法", max_size=40))
def test_cleaning_takes_whole_lines_from_the_end_only(text: str) -> None:
    assert text.startswith(clean(text))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("农村土地承包法第27条", "repealed"),
        ("民法典第一千五百条", "unknown_article"),
        ("《火星居民法》第3条", "unknown_law"),
        ("人民调解法第4条第9款", "unknown_paragraph"),
        ("婚姻法第32条", "unknown_law"),
    ],
)
def test_article_that_may_not_be_cited_is_told_why(corpus: Corpus, said: str, why: str) -> None:
    assert standing(corpus, cited(said)) == why
