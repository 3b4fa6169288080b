"""Every rule that a calculator names exists, is in force, and carries the figure that is drawn from it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest

from bot.calculators.annual_leave import annual_leave
from bot.calculators.consumer import EXTRAS, consumer
from bot.calculators.court_fee import FIXED, SCALES, court_fee
from bot.calculators.deadlines import deadline
from bot.calculators.deposit import deposit
from bot.calculators.inheritance import EXCEPTIONS, Family, shares
from bot.calculators.interest import loan_interest, overdue_interest
from bot.calculators.model import Plan, Result, Rule
from bot.calculators.periods import PERIODS
from bot.calculators.service import calculate
from bot.calculators.severance import OVERTIME, Employment, no_contract, overtime, severance
from bot.calculators.spans import Length
from bot.calculators.support import support
from bot.calculators.work_injury import lump_sum
from bot.directory.holidays import ChineseCalendar
from bot.knowledge.citation import Citation, read_citation
from bot.knowledge.corpus import Corpus, standing, statutes
from bot.knowledge.numerals import chinese

CALENDAR, YUAN = ChineseCalendar(), Decimal(300_000)
# What the corpus does not hold, with the day of the text that was read.
OUTSIDE = {
    "诉讼费用交纳办法": "2006-12-19",
    "劳动合同法实施条例": "2008-09-18",
    "工伤保险条例": "2010-12-20",
    "最高人民法院关于审理民间借贷案件适用法律若干问题的规定": "2020-12-29",
    "职工带薪年休假条例": "2007-12-14",
    "企业职工带薪年休假实施办法": "2008-07-17",
    "道路交通事故处理程序规定": "2018-02-02",
    "最高人民法院关于适用〈民法典〉婚姻家庭编的解释（一）": "2020-12-29",
    "最高人民法院关于审理食品药品惩罚性赔偿纠纷案件适用法律若干问题的解释": "2024-08-21",
    "人力资源社会保障部关于职工全年月平均工作时间和工资折算问题的通知": "2025-01-01",
}


def results() -> list[Result[Any]]:
    """Every calculator on inputs that bring out each of its steps."""
    work, rate = Employment(Length(200), date(2004, 1, 1)), Decimal("0.36")
    fees = (court_fee(case, YUAN, halved) for case in SCALES for halved in (True, False))
    flat = (court_fee(case) for case in SCALES if case in FIXED or not SCALES[case].needs_amount)
    work_pay = (severance(YUAN, work, kind, avg) for kind in ("ended", "notice", "unlawful") for avg in (None, YUAN, Decimal(9000)))  # fmt: skip
    hours = (overtime(YUAN, Decimal(3), kind) for kind in OVERTIME)
    days = (deadline(kind, date(2025, 1, 1 + shift), CALENDAR) for kind in PERIODS for shift in range(7))
    loans = (loan_interest(YUAN, said, Length(20), lpr) for said in (None, rate) for lpr in (None, Decimal("0.03")))
    late = (overdue_interest(YUAN, Length(3), *agreed, Decimal("0.03"), Decimal("0.03")) for agreed in ((None, None), (rate, None), (rate, rate)))  # fmt: skip
    families = (shares(f, c, YUAN) for c in (True, False) for f in (Family(True, 1, 1, (2,)), Family(siblings=1, gone_siblings=(1,)), Family()))  # fmt: skip
    free = calculate(Plan("court_fee", {"case": "labour_arbitration"}), CALENDAR)
    return [
        *chain(fees, flat, work_pay, hours, days, loans, late, families),
        no_contract(YUAN, Length(14, 3)),
        free,
        *(consumer(kind, Decimal(30), loss) for kind in EXTRAS for loss in (None, Decimal(900))),
        *(support(YUAN, children) for children in (1, 2)),
        *(lump_sum(YUAN, grade) for grade in range(1, 11)),
        *(deposit(paid, YUAN, side) for paid in (YUAN, Decimal(100)) for side in ("payer", "receiver")),
        annual_leave(YUAN, Length(130), 3),
    ]


ALL = results()
RULES = sorted({rule for result in ALL for rule in result.rules} | {s.rule for s in EXCEPTIONS}, key=str)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(statutes(), date(2026, 11, 25))


def cited(rule: Rule) -> Citation:
    found = read_citation(f"{rule.law}{rule.article}")
    assert found is not None, rule
    return found


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_rule_is_in_force_or_carries_the_date_of_its_text(rule: Rule, corpus: Corpus) -> None:
    if rule.dated:
        assert OUTSIDE[rule.law] == rule.dated
        assert re.fullmatch(r"(?:第\d{1,3}条、?)+|第二部分", rule.article)
    else:
        assert standing(corpus, cited(rule)) == "in_force"


@pytest.mark.parametrize("kind", sorted(PERIODS))
def test_article_of_each_period_tells_its_length(kind: str, corpus: Corpus) -> None:
    period = PERIODS[kind]
    if period.rule.dated:
        return  # The regulation is not in the corpus; test_deadlines holds its two periods.
    number = period.years or period.months or period.days
    unit = "年" if period.years else "个月" if period.months else "日"
    article = corpus.article(cited(period.rule))
    assert article is not None
    assert f"{chinese(number)}{unit}" in article.text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("劳动合同法第47条", ("六个月以上不满一年", "半个月", "三倍", "十二年", "十二个月")),
        ("劳动合同法第87条", ("二倍",)),
        ("劳动合同法第82条", ("一个月不满一年", "二倍")),
        ("劳动合同法第40条", ("三十日", "一个月工资")),
        ("劳动法第44条", ("百分之一百五十", "百分之二百", "百分之三百")),
        ("劳动争议调解仲裁法第53条", ("不收费",)),
        ("民法典第201条", ("开始的当日不计入",)),
        ("民法典第202条", ("对应日", "月末日")),
        ("民法典第203条", ("法定休假日",)),
        ("民事诉讼法第85条", ("不计算在期间内", "法定休假日", "交邮")),
        ("民事诉讼法第86条", ("正当理由", "十日", "顺延")),
        ("行政复议法第20条", ("正当理由", "障碍消除", "继续计算")),
        ("民法典第195条", ("履行请求", "同意履行", "重新计算")),
        ("刑事诉讼法第105条", ("不算在期间以内", "节假日", "交邮")),
        ("行政复议法第88条", ("民事诉讼法",)),
        ("行政诉讼法第101条", ("期间", "民事诉讼法")),
        ("民法典第1153条", ("一半",)),
        ("民法典第1127条", ("配偶、子女、父母", "兄弟姐妹、祖父母、外祖父母")),
        ("民法典第1128条", ("代位继承",)),
        ("民法典第1130条", ("均等", "多分", "少分")),
        ("消费者权益保护法第55条", ("欺诈", "三倍", "不足五百元的，为五百元")),
        ("食品安全法第148条", ("价款十倍", "损失三倍", "不足一千元的，为一千元", "标签")),
        ("药品管理法第144条", ("假药、劣药", "价款十倍", "损失三倍", "不足一千元的，为一千元")),
        ("民法典第586条", ("百分之二十", "超过部分不产生定金的效力")),
        ("民法典第587条", ("无权请求返还定金", "双倍返还")),
        ("民法典第588条", ("选择适用", "超过定金数额的损失")),
        ("民法典第585条", ("予以增加", "适当减少")),
        ("民法典第1085条", ("抚养费", "超过协议或者判决原定数额")),
        ("民法典第1152条", ("分割前死亡", "转给其继承人")),
        ("社会保险法第38条", ("一次性伤残补助金", "工伤保险基金")),
        ("社会保险法第41条", ("由用人单位支付", "先行支付")),
        ("行政处罚法第85条", ("五日", "工作日")),
        ("反家庭暴力法第31条", ("五日内", "复议一次", "不停止")),
        ("刑事诉讼法第105条", ("在押期间", "不得因节假日而延长")),
        ("劳动法第41条", ("三十六小时",)),
        ("民法典第680条", ("没有利息",)),
        ("民法典第670条", ("预先",)),
    ],
)
def test_article_says_what_the_calculators_draw_from_it(said: str, words: tuple[str, ...], corpus: Corpus) -> None:
    citation = read_citation(said)
    assert citation is not None
    article = corpus.article(citation)
    assert article is not None
    assert all(word in article.text for word in words)


def test_every_step_is_a_plain_sentence() -> None:
    for result in ALL:
        for step in result.steps:
            assert step.text.endswith("。"), step
            assert not re.search(r"根据|相关规定|予以|E\+|\.\d{3}", step.text), step
            assert len(step.text) <= 80, step
