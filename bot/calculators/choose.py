"""Which calculator a citizen's message asks for, and the inputs that it already gives. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from bot.calculators import hear
from bot.calculators.choose_claims import CLAIM_READERS, claimed
from bot.calculators.model import Plan
from bot.calculators.told import BY_DAY, Facts, first, only_amount, pack, wage
from bot.understanding.numbers import number

# The first that fits is meant; a word of time beside 上诉 or 执行 asks for a day, else for money.
_WHEN = r"期限|时效|到期|截止|哪[一]?[天日]|几号|几时|最后[一的]|最[晚迟]|[剩还]\S{0,2}几[天日]|过期|几天|到\S{0,3}为止|告不得|不能告|过未|过了[没吗]"
_WHAT = (
    ("inheritance", r"继承|遗产|代位|(?:无|没有?)遗嘱|(?:走了|过身|去世|留下)[^。]*(?:分|每人|各)|分[^。]*(?:老母|老伴)[^。]*每人"),
    ("deadline", rf"(?:{_WHEN})"),
    ("court_fee", r"诉讼费|受理费|官司费|官司钱|立案费|起诉费|上诉费|保全|执行费|执行申请|申请执行|支付令|法院[^，,。]{0,4}(?:收|交|要)|交[^，,。]{0,4}法院|打官司|标的|诉费|仲裁费"),
    ("severance", r"补偿|赔偿金|[Nn]\s?[+加]\s?[1一]|2\s?[Nn]|双倍工资|二倍工资|两倍工资|没签(?:劳动)?合同|加班|代通知金|辞退|被辞|开除|被裁|裁我|不续签|叫[我他她]\S{0,2}走|不要我|工龄"),
    ("interest", r"利息|利钱|本息|连本带利|连本带息|LPR|lpr|年化|月息|年息|年利|分利|逾期"),
    ("severance", r"(?:做|干)了?[^，,。]{0,4}年[^。]*(?:赔|补)"),
    ("court_fee", r"(?:案子?|起诉|告)[^，,。]{0,8}(?:多少钱|几多|多少|几块|费)|减半"),
)  # fmt: skip
# What a county's citizens also want reckoned, and no rule here covers: better no answer than one by the wrong rule.
_OTHER = re.compile(
    r"律师费|公证费|抚养费|赡养费|彩礼|聘金|退一赔三|假一赔|十倍|违约金|刑期|几年刑|折抵|[一二三四五六七八九十]级|伤残|残疾|误工|护理|丧葬|"
    r"交强|养老|社保(?!费?[，,没])|失业金|年假|产假|征地|拆迁|青苗|每亩|一亩|罚|滞纳|百分之三|社区(?:矫正|戒毒)|拘|追诉|出来|(?:[拖欠押]|没发)[^。]*赔偿金|死亡|撞|25[%％]|押金|定金|分红|港[币纸]|美金|USD"
)
# These words settle it whatever else is told: a fine is appealed against, a case about a bride price has its court fee.
_ASKED_DESPITE = {
    "court_fee": re.compile(r"诉讼费|受理费|官司费|执行费|保全费|上诉费"),
    "deadline": re.compile(r"复议|上诉|仲裁|起诉|去告|时效"),
    "inheritance": re.compile(r"继承|遗产|遗嘱"),
}
_NEVER = re.compile(r"(?!)")
# Money that is owed for something else than a loan between people follows other rules of interest.
_NO_LOAN = re.compile(
    r"货款|工程款|尾款|保险金|判决|判他|迟延|网贷|罚息|信用卡|花呗|白条|车贷|房贷|银行贷|会钱|标会|租金|塘租|港币|美金|USD"
)
# In this order: the more particular word first.
_CASES = (
    ("payment_order", r"支付令"),
    ("preservation", r"保全|冻结|查封|扣押"),
    ("enforcement", r"执行"),
    ("appeal", r"上诉|二审"),
    ("divorce", r"离婚"),
    ("personality", r"名誉|肖像|隐私|姓名权|人格"),
    ("ip", r"专利|商标|著作权|版权|知识产权|知产"),
    ("labour", r"劳动|工资|工钱|加班费|欠薪"),
    ("other", r"抚养权|探望|探视|收养关系|亲子关系|变更监护"),
    ("administrative", r"民告官|行政(?:案|诉讼)|告(?:镇|区|市|县)?(?:政府|公安|派出所|城管|交警|[^，,。]{1,4}局)"),
)
# The same flat fee in both courts.
_APPEALED_ALIKE = frozenset({"divorce", "personality", "labour", "administrative", "other"})
_HALVED = re.compile(r"减半|半价|简易|撤诉|调解结案|小额诉讼|收一半")
_NO_PROPERTY = re.compile(r"不分(?:财产|房)|[没无][有]?财产|冇财产")
_DEADLINES = (
    ("work_injury_employer", r"单位\S{0,6}(?:申请|报)\S{0,4}工伤"),
    ("work_injury", r"工伤"),
    ("arbitration_suit", r"仲裁\S{0,4}(?:后|裁决)[^。]*(?:起诉|告|法院)|裁决书"),
    ("review_suit", r"复议决定"),
    ("protection_review", r"保护令"),
    ("payment_order", r"支付令"),
    ("hearing", r"听证"),
    ("accident_review", r"(?:事故|交警|责任)[^。]*(?:认定|复核)|复核"),
    ("review", r"复议|覆议"),
    ("administrative_suit", r"(?:罚单|处罚|行政|拆)[^。]*(?:起诉|告|六个月|6个月)"),
    ("confirmation", r"司法确认|调解协议"),
    ("retrial", r"再审"),
    ("enforcement", r"执行"),
    ("arbitration", r"仲裁"),
    ("legacy", r"遗赠"),
    ("limitation", r"时效|借条|欠条|借款|欠款|货款|工程款|赊|债|还款|告不得|不能告|起诉"),
)
_APPEAL = re.compile(r"上诉|判决|裁定|不服")
_CRIMINAL = re.compile(r"刑事|坐牢|被告人|判刑|判了?[一二三四五六七八九十\d]+(?:年|个月)")
_CIVIL = re.compile(r"15[天日]|十五[天日]|民事|借|欠|离婚|合同|货款")
_ENDED = (
    ("overtime", r"加班"),
    ("no_contract", r"双倍工资|二倍工资|两倍工资|没签|没有签|没合同"),
    ("unlawful", r"2\s?[Nn]|违法(?:解除|辞退|开除|裁)|乱辞|双倍赔"),
    ("notice", r"[Nn]\s?[+加]\s?[1一]|代通知金|没提前通知"),
    ("ended", r"经济补偿|补偿金|补偿"),
)
_OVERTIME = (("holiday", r"法定|国庆|春节|过年|五一|元旦|中秋|端午|清明|三倍"), ("restday", r"周末|周[六日]|礼拜[六日天]|星期[六日天]|休息日"), ("workday", r"平时|平日|晚上|下班"))  # fmt: skip


# The day a paper was written, or a promise without a day, is not the day from which a period runs.
_OTHER_DAY = re.compile(r"月底|年底|讲好|说好|约定|写明|年内|写的|没写|无写|一年还|借的|生效从")
_THE_DAY = re.compile(r"到期|还款日|收到|拿到|送达|签收")


def calculator_for(question: str, today: date) -> Plan | None:
    """Return which calculator is meant, with what was said; None when no rule here covers the question."""
    question = hear.simplified(question)
    if name := claimed(question):
        return Plan(name, {key: value for key, value in CLAIM_READERS[name](question, today).items() if value})
    name = first(_WHAT, question)
    if not name or (_OTHER.search(question) and not _ASKED_DESPITE.get(name, _NEVER).search(question)):
        return None
    facts = READERS[name](question, today)
    return None if facts is None else Plan(name, {key: value for key, value in facts.items() if value})


def _court_fee(text: str, today: date) -> Facts:
    if "仲裁" in text:
        return {"case": "labour_arbitration" if re.search(r"劳动|工资|欠薪|辞", text) else ""}
    said = only_amount(text)
    case = _case(text) or ("property" if hear.amounts(text) else "")
    said = "none" if case == "divorce" and not said and _NO_PROPERTY.search(text) else said
    return {"case": case, "amount": said, "halved": "yes" if _HALVED.search(text) else ""}


def _case(text: str) -> str:
    """Return which scale; only an appeal about money has one of its own."""
    found = first(_CASES, text)
    if found != "appeal":
        return found
    return next((name for name, words in _CASES if name in _APPEALED_ALIKE and re.search(words, text)), found)


def _severance(text: str, today: date) -> Facts:
    what, length = first(_ENDED, text), hear.length(text)
    found = {"what": what, "wage": wage(text)}
    if what == "overtime":
        hours = (
            None
            if BY_DAY.search(text)
            else re.search(r"(\d{1,4}(?:\.\d)?|[一二两三四五六七八九十百]{1,5})\s?个?(?:小时|钟头)", text)
        )
        counted = number(hours[1]) if hours else None
        return {**found, "day": first(_OVERTIME, text), "hours": str(counted) if counted else ""}
    begun = re.search(
        r"(?:入职|进厂|进来|进站)(?![了有]?(?:[一两二三四五六七八九十]+|\d{1,2})[年个])|来的", text
    )  # A beginning without an end is no length.
    return {**found, "length": pack(length) if length and not begun else ""}


def _deadline(text: str, today: date) -> Facts:
    what = first(_DEADLINES, text)
    if _APPEAL.search(text) and what in ("", "limitation") and not re.search(r"时效", text):
        what = _appeal(text)
    other = _OTHER_DAY.search(text) and not _THE_DAY.search(text)
    begin = None if other else hear.day(text, today)
    return {"what": what, "begin": begin.isoformat() if begin else ""}


def _appeal(text: str) -> str:
    """Return which appeal; "" when it could be ten days or fifteen, since a wrong guess loses the right."""
    ruling = "裁定" in text
    if _CRIMINAL.search(text):
        return "criminal_ruling" if ruling else "criminal_judgment"
    return ("appeal_ruling" if ruling else "appeal_judgment") if _CIVIL.search(text) else ""


def _interest(text: str, today: date) -> Facts | None:
    if _NO_LOAN.search(text):
        return None
    length, found = hear.length(text), hear.rates(text)
    rate = str(found[0]) if len(found) == 1 else ""
    if not found and hear.says_four_times(text):
        rate = "four"
    elif not found and hear.says_no_interest(text):
        rate = "none"
    either = ",".join(map(str, found)) if len(found) > 1 else ""
    late = "yes" if re.search(r"逾期|到期(?:没|不)还|过期(?:没|不)还", text) else ""
    return {
        "principal": only_amount(text),
        "rate": rate,
        "either": either,
        "length": pack(length) if length else "",
        "late": late,
    }


def _inheritance(text: str, today: date) -> Facts:
    children = re.search(r"(\d|[一二两三四五六七八九])个?(?:子女|孩子|孥仔)", text)
    sons = re.search(r"(\d|[一二两三四五六七八九])个?(?:儿子|男孩)", text)
    daughters = re.search(r"(\d|[一二两三四五六七八九])个?(?:女儿|走仔|女孩)", text)
    counted = [number(found[1]) or 0 for found in (sons, daughters) if found]
    total = number(children[1]) if children else sum(counted) if counted else None
    return {"children": str(total) if total is not None else "", "total": only_amount(text)}


READERS: dict[str, Callable[[str, date], Facts | None]] = {
    "court_fee": _court_fee,
    "severance": _severance,
    "deadline": _deadline,
    "interest": _interest,
    "inheritance": _inheritance,
    **CLAIM_READERS,
}
