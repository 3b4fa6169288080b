"""The days that a law sets aside: each on its date, each with an article that really names it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from bot.knowledge import law_days
from bot.knowledge.citation import read_citation
from bot.knowledge.corpus import standing
from bot.knowledge.law_days import LAW_DAYS, LawDay
from bot.knowledge.library import library

CORPUS = library().corpus(date(2026, 11, 25))


@pytest.mark.parametrize("law_day", LAW_DAYS, ids=lambda law_day: law_day.name)
def test_day_is_named_by_an_article_in_force(law_day: LawDay) -> None:
    cited = read_citation(law_day.named_in)
    assert cited is not None
    assert standing(CORPUS, cited) == "in_force"
    article = CORPUS.article(cited)
    assert article is not None
    assert law_day.name in article.text


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2026, 11, 25), "12月4日是国家宪法日"),
        (date(2026, 12, 4), "今天是国家宪法日"),
        (date(2026, 12, 5), "2027年4月15日是全民国家安全教育日"),
        (date(2027, 5, 16), "今天是全国助残日"),
        (date(2027, 9, 11), "9月18日是全民国防教育日"),
    ],
)
def test_learner_is_told_the_day_that_comes_next(today: date, told: str) -> None:
    assert law_days.said(law_days.coming(today), today) == told


def test_learner_who_names_a_day_is_told_its_date_though_others_come_first() -> None:
    found = law_days.named("助残日是哪一天")
    assert found is not None
    assert law_days.said(found, date(2026, 11, 25)) == "2027年5月16日是全国助残日"
    assert law_days.named("离婚冷静期是哪一天开始") is None


def test_days_stand_in_the_order_of_the_year() -> None:
    assert all(a.in_year(2026) < b.in_year(2026) for a, b in pairwise(LAW_DAYS))
