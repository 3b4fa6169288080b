"""Which calculator a message asks for, what it already gives, and what is asked next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators import hear
from bot.calculators.choose import READERS, calculator_for
from bot.calculators.inputs import INPUTS, answered, missing, tapped
from bot.calculators.model import Plan
from bot.calculators.service import CALCULATORS, calculate
from bot.calculators.spans import Length
from bot.calculators.told import pack, unpack
from bot.calculators.words import basis, conclusion, steps
from bot.directory.holidays import ChineseCalendar
from bot.errors import InvalidField

TODAY = date(2026, 11, 25)  # a Wednesday
CALENDAR = ChineseCalendar()


@pytest.mark.parametrize(
    ("text", "calculator", "facts", "next_"),
    [
        ("我想起诉要回三万五，诉讼费多少", "court_fee", {"case": "property", "amount": "35000"}, None),
        ("標的十二萬八，訴訟費減半收幾多", "court_fee", {"case": "property", "amount": "128000", "halved": "yes"}, None),
        ("离婚官司法院要收多少", "court_fee", {"case": "divorce"}, "amount"),
        ("离婚不分财产，受理费多少", "court_fee", {"case": "divorce", "amount": "none"}, None),
        ("财产保全六万要交多少", "court_fee", {"case": "preservation", "amount": "60000"}, None),
        ("执行费，两万的", "court_fee", {"case": "enforcement", "amount": "20000"}, None),
        ("诉讼费怎么算", "court_fee", {}, "case"),
        ("柜子一千二，天花板八百五，我去告他法院收多少", "court_fee", {"case": "property"}, "amount"),
        ("劳动仲裁费要多少钱", "court_fee", {"case": "labour_arbitration"}, None),
        ("月薪5800干了三年半 N+1多少", "severance", {"what": "notice", "wage": "5800", "length": "42+0"}, None),
        ("做了八年一个月三千二现在不要我了，该补我多少", "severance", {"wage": "3200", "length": "96+0"}, "what"),
        ("月均九千，违法辞退2N，工龄六年", "severance", {"what": "unlawful", "wage": "9000", "length": "72+0"}, "average"),
        ("没签合同做了七个月，一个月5500，双倍工资多少", "severance", {"what": "no_contract", "wage": "5500", "length": "7+0"}, None),
        ("周末加班三十个小时，月薪五千，加班费多少", "severance", {"what": "overtime", "wage": "5000", "day": "restday", "hours": "30"}, None),
        ("日薪220，国庆加班三天该给多少", "severance", {"what": "overtime", "day": "holiday"}, "wage"),
        ("判决书昨天收到，上诉最后一天是几号", "deadline", {"begin": "2026-11-24"}, "what"),
        ("民事判决10月20号收到，上诉到哪天", "deadline", {"what": "appeal_judgment", "begin": "2026-10-20"}, None),
        ("劳动仲裁还剩几天，我2月28号被辞的", "deadline", {"what": "arbitration", "begin": "2026-02-28"}, None),
        ("罚单9.20收到，复议最后一日是哪日", "deadline", {"what": "review", "begin": "2026-09-20"}, None),
        ("借条写的还款日是2022年6月1号，时效到哪天截止", "deadline", {"what": "limitation", "begin": "2022-06-01"}, None),
        ("2023年5月8号说好月底给钱，时效到哪天", "deadline", {"what": "limitation"}, "begin"),
        ("去年七月初九讨过债，时效到哪天", "deadline", {"what": "limitation"}, "begin"),
        ("2万按年化12%借了14个月，利息多少", "interest", {"principal": "20000", "rate": "0.12", "length": "14+0"}, "lpr"),
        ("三分利，本金3万，14个月，利息多少", "interest", {"principal": "30000", "either": "0.36,0.3", "length": "14+0"}, "rate"),
        ("两万借了三年没写利息，他该给多少利息", "interest", {"principal": "20000", "rate": "none", "length": "36+0"}, None),
        ("买到假货花了三百八，退一赔三是多少", "consumer", {"what": "fraud", "price": "380"}, None),
        ("超市买的牛奶过期了，58块，十倍赔偿怎么算", "consumer", {"what": "food", "price": "58"}, "loss"),
        ("买到假药能赔多少", "consumer", {"what": "medicine"}, "price"),
        ("抚养费一个月该给多少，他月入八千", "support", {"income": "8000"}, "children"),
        ("两个孩子抚养费怎么算，他工资一个月六千", "support", {"income": "6000", "children": "2"}, None),
        ("工伤九级月薪五千能赔多少", "injury", {"grade": "9", "wage": "5000"}, None),
        ("工伤十级能拿多少", "injury", {"grade": "10"}, "wage"),
        ("我给了两万定金，卖家反悔不卖了，定金能退多少", "deposit", {"broken": "receiver", "paid": "20000"}, "deposit"),
        ("定金5000，总价三万，我不想买了，定金能退多少", "deposit", {"broken": "payer", "paid": "5000", "total": "30000"}, "deposit"),
        ("工作12年，月薪6000，年假5天没休，该补多少", "leave", {"wage": "6000", "worked": "144+0", "missed": "5"}, None),
        ("年休假没休能折现多少", "leave", {}, "wage"),
        ("没给过年假，今年6天未休，要补几多", "leave", {"missed": "6"}, "wage"),
        ("收到支付令，异议期限到哪天，11月3号收到的", "deadline", {"what": "payment_order", "begin": "2026-11-03"}, None),
        ("交警的事故认定昨天收到，复核最晚哪天", "deadline", {"what": "accident_review", "begin": "2026-11-24"}, None),
        ("劳动案子上诉要交多少诉讼费", "court_fee", {"case": "labour"}, None),
        ("离婚案上诉，不分财产，上诉费多少", "court_fee", {"case": "divorce", "amount": "none"}, None),
        ("变更抚养权的诉讼费要多少", "court_fee", {"case": "other"}, None),
        ("爸爸的遗产一百二十万，三个子女怎么分", "inheritance", {"children": "3", "total": "1200000"}, "spouse"),
    ],
)  # fmt: skip
def test_citizens_message_gives_the_calculator_its_inputs_and_the_next_question(
    text: str, calculator: str, facts: dict[str, str], next_: str | None
) -> None:
    plan = calculator_for(text, TODAY)
    assert plan is not None
    ask = missing(plan)
    assert (plan.calculator, dict(plan.facts), ask and ask.name) == (calculator, facts, next_)


@pytest.mark.parametrize(
    "text",
    [
        "帮我算个数",
        "律师费按标的三十万要多少",
        "公证费房子八十万",
        "订金三千能双倍退吗",
        "工亡能赔多少钱",
        "产假工资一个月五千能拿多少",
        "交通事故十级伤残能赔多少",
        "被骗子骗了三万能赔几倍",
        "征地一亩二，一亩补四万五，补偿几多",
        "罚款三万逾期每日加3%，迟了二十天",
        "拖两个月工钱，加上赔偿金多少",
        "货款48万逾期八个月利息多少",
        "网贷8000一年利息24%",
    ],
)
def test_what_no_rule_here_covers_is_not_reckoned_by_the_wrong_one(text: str) -> None:
    assert calculator_for(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("年化15.4%", ["0.154"]),
        ("月息一分五", ["0.18"]),
        ("月息1.5%", ["0.18"]),
        ("年息六厘", ["0.06"]),
        ("年利率百分之十四点八", ["0.148"]),
        ("日万分之五", ["0.1825"]),
        ("三分利", ["0.36", "0.3"]),
        ("借四年利息一分半", ["0.18", "0.15"]),  # 四年 is no 年息
        ("LPR四倍", []),
    ],
)
def test_rate_is_read_as_people_say_it(text: str, rates: list[str]) -> None:
    assert list(hear.rates(text)) == [Decimal(rate) for rate in rates]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("10月8号收到", date(2026, 10, 8)),
        ("12月31日", date(2025, 12, 31)),  # the last one, not the coming one
        ("8号拿到", date(2026, 11, 8)),
        ("二〇二二年六月三十日", date(2022, 6, 30)),
        ("2023.5.9判的", date(2023, 5, 9)),
        ("前年7月9日", date(2024, 7, 9)),
        ("昨天", date(2026, 11, 24)),
        ("2021年5月", None),  # no day
        ("算到今天", None),  # where counting ends
        ("去年正月初八", None),  # lunar
        ("2026年2月30日", None),
    ],
)
def test_day_is_read_as_one_gone_by(text: str, day: date | None) -> None:
    assert hear.day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("三年零两个月", Length(38)),
        ("2年半", Length(30)),
        ("3年2个月15天", Length(38, 15)),
        ("一个月三千二，做了八年", Length(96)),
        ("逾期二百一十天", Length(0, 210)),
        ("22年6月还", None),
        ("二〇二二年", None),
    ],
)
def test_length_is_read_and_a_date_or_a_wage_is_none(text: str, length: Length | None) -> None:
    assert hear.length(text) == length


def talk(plan: Plan, *answers: str) -> Plan:
    for answer in answers:
        found = answered(plan, answer, TODAY)
        assert found is not None, (answer, missing(plan))
        plan = found
    assert missing(plan) is None
    return plan


@pytest.mark.parametrize(
    ("calculator", "answers", "said"),
    [
        ("court_fee", ("离婚", "60万"), "离婚案件受理费：2050元到2300元。"),  # 400000×0.5% = 2000
        ("severance", ("单位乱辞退", "五千八", "3年2个月"), "违法辞退的赔偿金：4.06万元。"),  # 5800×3.5×2
        ("severance", ("单位让我走，给了理由", "三万", "15年", "不知道"), "经济补偿：45万元。"),
        ("deadline", ("上诉：民事判决书", "10月20号"), "上诉，最晚2026年11月4日。按这样算，已经过了21天。"),
        ("interest", ("5万", "月息一分", "2年", "3%"), "法院能支持的利息：1.2万元。"),  # 50000×12%×2
        ("interest", ("5万", "没约定利息", "2年"), "这段时间没有利息。"),
        ("inheritance", ("有", "是共同的", "2", "没有", "都不在"), "配偶（本来就是自己的）：1/2。配偶：1/6。子女2人，每人1/6。"),
        ("inheritance", ("在世", "是共同的", "1", "2，1", "都不在"), "配偶（本来就是自己的）：1/2。配偶：1/8。子女：1/8。先去世子女的孩子2人，每人1/16。先去世子女的孩子：1/8。"),
        ("inheritance", ("没有", "0", "没有", "都不在", "1", "两个", "1位"), "兄弟姐妹：1/3。祖父母、外祖父母：1/3。先去世兄弟姐妹的孩子2人，每人1/6。"),
        ("consumer", ("食品不合格、过期", "58", "没有别的损失"), "货款以外，还能要的赔偿：1000元。"),
        ("consumer", ("商家骗人、卖假货", "一千二"), "货款以外，还能要的赔偿：3600元。"),
        ("support", ("八千", "1个"), "抚养费每个月一般：1600元到2400元。"),
        ("injury", ("九级", "5000"), "一次性伤残补助金：4.5万元。"),
        ("deposit", ("是定金", "收定金的一方", "两万", "20万"), "收定金的一方要还：4万元。"),
        ("leave", ("6000", "12年", "5天"), "没休的年休假，还要补：2758.62元。"),
        ("inheritance", ("没有", "0", "0", "0", "2", "0", "0"), "兄弟姐妹2人，每人1/2。"),
    ],
)  # fmt: skip
def test_citizen_answers_one_question_at_a_time_and_reads_the_result(
    calculator: str, answers: tuple[str, ...], said: str
) -> None:
    plan = talk(Plan(calculator), *answers)
    result = calculate(plan, CALENDAR)
    assert conclusion(plan, result, TODAY).startswith(said)
    assert steps(result).startswith("1. ")
    assert "《" in basis(result)


def test_four_times_the_lpr_cannot_be_reckoned_without_it() -> None:
    plan = talk(Plan("interest"), "2万", "LPR四倍", "8个月", "不知道")
    with pytest.raises(InvalidField, match="LPR"):
        calculate(plan, CALENDAR)


@pytest.mark.parametrize("said", ["一个儿子留下两个", "两三个", "不知道", "2，好多"])
def test_lines_that_could_mean_either_number_are_asked_again(said: str) -> None:
    plan = Plan("inheritance", {"spouse": "no", "children": "1"})
    assert missing(plan).name == "gone_children"  # type: ignore[union-attr]
    assert answered(plan, said, TODAY) is None


def test_citizen_who_paid_no_real_deposit_is_not_told_that_it_doubles() -> None:
    plan = talk(Plan("deposit"), "不是", "收定金的一方", "三千", "两万")
    with pytest.raises(InvalidField, match="订金"):
        calculate(plan, CALENDAR)


def test_answer_that_says_nothing_is_no_answer() -> None:
    plan = Plan("severance", {"what": "ended"})
    assert answered(plan, "不知道啊", TODAY) is None
    with pytest.raises(InvalidField, match="金额"):
        answered(plan, "0元", TODAY)


def test_button_of_an_earlier_question_changes_nothing() -> None:
    plan = Plan("court_fee", {"case": "divorce"})
    assert tapped(plan, "case", "labour") is None
    assert tapped(plan, "amount", "free") is None
    assert tapped(plan, "amount", "none") == Plan("court_fee", {"case": "divorce", "amount": "none"})


def test_every_calculator_can_be_chosen_asked_and_run() -> None:
    assert set(READERS) == set(INPUTS) == set(CALCULATORS)


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    plan = calculator_for(text, TODAY)
    assert plan is None or plan.calculator in CALCULATORS


@given(st.integers(0, 600), st.integers(1, 30))
def test_length_is_kept_as_it_was_said(months: int, days: int) -> None:
    assert unpack(pack(Length(months, days))) == Length(months, days)
