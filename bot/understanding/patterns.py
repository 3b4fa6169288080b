"""What is read by pattern rather than learnt: phones, amounts, articles of law, references. Pure, standard library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.knowledge.law_names import LAWS
from bot.understanding.numbers import UNITS, number, spelled


@dataclass(frozen=True)
class Span:
    """An entity found: its name, value, and where it stands in the text."""

    entity: str
    value: Any
    start: int
    end: int


_GAP = r"[-. ·—]?"
_SPOKEN = "零〇一二三四五六七八九幺两"
_MOBILE = re.compile(rf"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}})(?!\d)")
_SPOKEN_MOBILE = re.compile(
    rf"(?<![{_SPOKEN}])[一幺][三四五六七八九][{_SPOKEN}](?:\s?[{_SPOKEN}]){{8}}(?![{_SPOKEN}十百千万])"
)
_LANDLINE = re.compile(r"(?<!\d)\(?(0\d{2,3})\)?[- ]?(\d{3,4}[- ]?\d{4})(?!\d)")
# Hong Kong, Macau, Taiwan, Thailand, Singapore: where the county's emigrants are.
_ABROAD = re.compile(r"(?:\+|00)(852|853|886|66|65)[- ]?(\d{3,4}[- ]?\d{3,5})(?!\d)")
_NUMBER = r"(?:\d+(?:[,，]\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+)"
_AMOUNT = re.compile(
    rf"(?<![第\d.A-Za-z-])(?P<sign>[￥¥])?(?P<n>{_NUMBER})\s?(?P<u>[十百千]?[万亿]|[wWkK千百](?![A-Za-z]))?"
    rf"(?P<tail>[一二三四五六七八九\d](?![\d.年月日号点个岁条天]))?(?P<more>多|几|来|把)?\s?(?P<c>元|块钱|块|圆|人民币|塊|蚊|钱)?(?P<jiao>\d(?!\d))?"
)
# Where money is spoken of, a bare number of three digits or more is an amount.
_MONEY = re.compile(
    r"(?:欠|借|还|赔|罚|扣|押金|定金|订金|工资|工钱|薪|月入|收入|费|款|骗|花了?|充了?|交了?|给了?|付了?|要了?|转了?|收了?|补偿|赔偿|首付|标的|贷|本金|彩礼|每月|一个月|价|卖|买|"
    r"只有|还有|还剩|值|奖金|提成|退|存|取|损失|赚|镭|铣|要不要|份)[^，。,;；]{0,6}$"
)
# 两千, 一千五 before 多 or 几: nothing else is told in thousands without its unit.
_THOUSANDS = re.compile(r"(?=..)[一二两三四五六七八九]?千[一二三四五六七八九百零十]*")
# A number before one of these counts or dates something else.
_COUNTED = re.compile(
    r"\s*(?:[多几来]?\s*(?:个|人|天|号|月|年|平|亩|斤|次|回|遍|楼|栋|条|點|点|页|米|公里|岁|户|份|件|张|度|吨|台|只|头|名|位|级|成|倍|期|分钟|小时|周|层|间|套|辆|箱|包|盒|路|班|法|分(?!期)|%|％|里|代|种|万别|万要|万不|方百计))"
)
# Hotlines, numbers of documents, 万一 and 千万别.
_NO_AMOUNT = re.compile(r"(?:110|119|120|122|12\d{3}|96110|\d{9,})(?![\d万千元块])|万一|千万(?=别|不|要|记)")
_LAW = "|".join(sorted(map(re.escape, LAWS), key=len, reverse=True))
_ARTICLE_NUMBER = r"第?\s?(?P<n{0}>\d{{1,4}}|[零一二三四五六七八九十百千]{{1,9}})\s?条"
_WHICH = rf"\s?(?:里|里面|的|中)?(?:{_ARTICLE_NUMBER.format('')}|第?(?P<more>\d{{1,4}})(?=[、，,和跟与]第?\d{{1,4}}条))"
_CITED = re.compile(rf"(?:《(?:中华人民共和国)?(?P<book>[^》]{{2,24}}?)(?:（.*?）)?》|(?P<law>{_LAW})){_WHICH}")
# A law that the lexicon does not know, after what people say before its name.
_OTHER_CITED = re.compile(
    rf"(?:^|[^一-鿿]|按照?|根据|依据?|违反|看|查|问|读|讲|说|是|和|跟|那个|这个|的)(?P<law>[一-鿿]{{2,8}}(?:法|条例)){_WHICH}"
)
_BARE = re.compile(rf"{_ARTICLE_NUMBER.format('')}(?:的)?\s?(?P<law>{_LAW})")
_JOINED = re.compile(rf"(?:[、，,和跟与及到至]|还有|或者)\s?{_ARTICLE_NUMBER.format('')}")
_REFERENCE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2,4}[-_ ]?\d[A-Za-z0-9]{2,13}(?:-\d{1,6})?)(?![A-Za-z0-9])")
# What looks like a reference and is a measure, a model or a platform.
_NO_REFERENCE = re.compile(r"^(?:GB|PM|KM|KG|CM|MM|CT|PS|NBA|LPR|VIP|ISO|CCTV|APP|QQ)", re.I)


def find(text: str) -> Iterator[Span]:
    """Yield the entities of a text."""
    phones = list(_phones(text))
    articles = list(_articles(text))
    references = [span for span in _references(text) if not _inside(span, phones)]
    yield from (*phones, *articles, *references)
    yield from (span for span in _amounts(text) if not _inside(span, [*phones, *articles, *references]))


def _inside(span: Span, others: list[Span]) -> bool:
    return any(other.start < span.end and span.start < other.end for other in others)


def _phones(text: str) -> Iterator[Span]:
    for match in _MOBILE.finditer(text):
        yield Span("phone_number", "+86" + re.sub(r"\D", "", match[1]), match.start(), match.end())
    for match in _SPOKEN_MOBILE.finditer(text):
        yield Span("phone_number", "+86" + spelled(re.sub(r"\s", "", match.group())), match.start(), match.end())
    for match in _LANDLINE.finditer(text):
        yield Span("phone_number", f"+86{match[1][1:]}{re.sub(r'[- ]', '', match[2])}", match.start(), match.end())
    for match in _ABROAD.finditer(text):
        yield Span("phone_number", f"+{match[1]}{re.sub(r'[- ]', '', match[2])}", match.start(), match.end())


def _articles(text: str) -> Iterator[Span]:
    """Yield cited articles; those that follow ("1165、1179条", "688条跟686条") are of the same law."""
    read = 0
    for match in (*_CITED.finditer(text), *_OTHER_CITED.finditer(text)):
        if match.start("law") < read and match["law"]:
            continue
        law = _law_of(match)
        yield _article(law, match["n"] or match["more"], match.start(), match.end())
        read = match.end()
        while joined := _JOINED.match(text, read):
            yield _article(law, joined["n"], joined.start("n"), joined.end())
            read = joined.end()
    if not read:
        for match in _BARE.finditer(text):
            yield _article(LAWS[match["law"]], match["n"], match.start(), match.end())


def _law_of(match: re.Match[str]) -> str:
    groups = match.groupdict()
    said = str(groups["law"] or groups.get("book"))
    return LAWS.get(said, said)


def _article(law: str, said: str, start: int, end: int) -> Span:
    return Span("law_article", {"law": law, "article": int(number(said) or 0)}, start, end)


def _amounts(text: str) -> Iterator[Span]:
    for match in _AMOUNT.finditer(text):
        said, scale = match["n"], match["u"] or ""
        value = number(said)
        if value is None or not _is_money(match, text):
            continue
        for unit in scale:
            value *= _worth(unit)
        if match["tail"] and scale:
            value += (number(match["tail"]) or 0) * _worth(scale[-1]) / Decimal(10)
        if match["jiao"] and match["c"] in ("块", "塊"):
            value += (number(match["jiao"]) or 0) / Decimal(10)
        yield Span("amount", format(value.normalize(), "f"), match.start(), match.end())


def _worth(unit: str) -> int:
    return {"w": 10_000, "k": 1000}.get(unit.lower()) or UNITS[unit]


def _is_money(match: re.Match[str], text: str) -> bool:
    """Whether a number is an amount: it has a currency or a large unit, or stands where money is spoken of."""
    if _NO_AMOUNT.match(text, match.start()):
        return False
    if match["sign"] or match["c"] not in (None, "钱"):
        return True
    if not match["u"] and _COUNTED.match(text, match.end("more") if match["more"] else match.end("n")):
        return False
    if _is_large(match):
        return not _COUNTED.match(text, match.end())
    spoken_of = match["c"] or (_is_long(match["n"]) and _MONEY.search(text[: match.start()]))
    return bool(spoken_of or (match["more"] and _THOUSANDS.fullmatch(match["n"])))


def _is_large(match: re.Match[str]) -> bool:
    return len(match.group()) > 1 and bool(match["u"] or re.search(r"[万亿]", match["n"]))


def _is_long(said: str) -> bool:
    return len(said) >= 3 or (len(said) > 1 and bool(re.search(r"[百千]", said)))


def _references(text: str) -> Iterator[Span]:
    for match in _REFERENCE.finditer(text):
        if not _NO_REFERENCE.match(match[1]):
            yield Span("reference", re.sub(r"\s", "", match[1]).upper(), match.start(), match.end())
