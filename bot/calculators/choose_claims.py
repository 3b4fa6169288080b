"""Which claim with a calculator of its own a message asks for, and what it already tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from bot.calculators import hear
from bot.calculators.told import Facts, first, only_amount, pack, wage
from bot.understanding.numbers import number

_HOW_MUCH = r"多少|几多|几钱|怎么算|怎样算|算一下|算算|能[赔要拿退]|该[赔给付退]|[赔退]几|几[天块]"
_GRADE = r"(?:伤残)?(?P<grade>[一二三四五六七八九十]|10|[1-9])级"
# The more particular first. Each needs a word that asks for a sum, beside the thing itself.
CLAIMS = (
    ("consumer", r"(?:退一赔三|假一赔[三十]|[三十3]倍赔|赔[三十3]倍|[三十]倍赔偿|10倍)"),
    ("consumer", rf"(?:假货|假冒|买到假|过期(?:的)?(?:食品|奶|牛奶|月饼|零食|面包|饮料)|假药|劣药|欺诈)[^。]*(?:{_HOW_MUCH})"),
    ("support", rf"(?:抚养费|赡养孩子的钱|孩子的?生活费)[^。]*(?:{_HOW_MUCH})|(?:{_HOW_MUCH})[^。]*抚养费"),
    ("injury", rf"工伤[^。]*{_GRADE.replace('?P<grade>', '?:')}|{_GRADE.replace('?P<grade>', '?:')}[^。]*工伤|伤残补助金"),
    ("deposit", rf"(?<!固)定金[^。]*(?:{_HOW_MUCH}|双倍|两倍|退)|双倍[^。]{{0,4}}定金"),
    ("leave", rf"(?:年休假|年假)[^。]*(?:{_HOW_MUCH}|工资|折现|补)|(?:{_HOW_MUCH})[^。]*(?:年休假|年假)"),
)  # fmt: skip
# Other sums that share a word with these.
_OTHER = re.compile(
    r"滞纳|诉讼费|受理费|官司费|保全|执行费|仲裁费|时效|期限|哪[一]?天|最晚|死亡|工亡|交通|车祸|撞|诈骗|骗子|产假|婚假"
)
_BOUGHT = (
    ("medicine", r"假药|劣药|药"),
    ("food", r"十倍|10倍|假一赔十|食品|食物|过期|吃的|奶|月饼|零食|面包|饮料|酒|米|油|肉|海鲜|发霉"),
    ("fraud", r"三倍|3倍|退一赔三|假一赔三|假货|假冒|欺诈"),
)
_RECEIVER = re.compile(
    r"(?:卖家|房东|商家|店家|对方|他|她|厂家?|车行|老板|中介)[^，,。]{0,6}(?:违约|反悔|不卖|不租|不给|不发|毁约|不做)|双倍|两倍"
)
_PAYER = re.compile(r"我[^，,。]{0,6}(?:违约|反悔|不买|不租|不要|不想|毁约)")
_PAID = re.compile(r"定金[是为给付交了]{0,3}(?P<paid>[\d.一二两三四五六七八九十百千万]+)")
_TOTAL = re.compile(
    r"(?:总价|总共|一共|合同价?|房价|车价|货款)[是为款]{0,2}(?P<total>[\d.一二两三四五六七八九十百千万]+)"
)
_CHILDREN = re.compile(r"(?P<n>\d|[一二两三四五六七八九])个?(?:子女|孩子|小孩|孥仔|娃|儿子|女儿|走仔)")
_MISSED = re.compile(
    r"(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,3})天(?:年休假|年假)?(?:没休|未休|没有休|冇休|没给休|没放)|(?:没休|未休|没有休)[^，,。]{0,2}?(?P<m>\d{1,2}|[一二两三四五六七八九十]{1,3})天"
)


def _consumer(text: str, today: date) -> Facts:
    return {"what": first(_BOUGHT, text), "price": only_amount(text)}


def _support(text: str, today: date) -> Facts:
    children = _CHILDREN.search(text)
    return {"income": wage(text), "children": str(number(children["n"])) if children else ""}


def _injury(text: str, today: date) -> Facts:
    grade = re.search(_GRADE, text)
    return {"grade": str(number(grade["grade"])) if grade else "", "wage": wage(text)}


def _deposit(text: str, today: date) -> Facts:
    paid, total = _amount(_PAID, "paid", text), _amount(_TOTAL, "total", text)
    broken = "payer" if _PAYER.search(text) else "receiver" if _RECEIVER.search(text) else ""
    return {"broken": broken, "paid": paid or ("" if total else only_amount(text)), "total": total}


def _amount(pattern: re.Pattern[str], name: str, text: str) -> str:
    found = pattern.search(text)
    value = number(found[name]) if found else None
    return str(value) if value else ""


def _leave(text: str, today: date) -> Facts:
    missed = _MISSED.search(text)
    plain = _MISSED.sub("", text)
    worked = hear.length(plain)
    return {
        "wage": wage(plain),
        "worked": pack(worked) if worked and worked.months >= 1 else "",
        "missed": str(number(missed["n"] or missed["m"])) if missed else "",
    }


CLAIM_READERS: dict[str, Callable[[str, date], Facts]] = {
    "consumer": _consumer,
    "support": _support,
    "injury": _injury,
    "deposit": _deposit,
    "leave": _leave,
}


def claimed(text: str) -> str:
    """Return which of CLAIMS a text asks for, "" for none."""
    return "" if _OTHER.search(text) else first(CLAIMS, text)
