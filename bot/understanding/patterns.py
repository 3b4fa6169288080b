"""What is read by pattern rather than learnt: phones, amounts, articles, references, names. Pure, standard library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Span:
    """An entity found: its name, value, and where it stands in the text."""

    entity: str
    value: Any
    start: int
    end: int


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[- ]?(\d{7,8})(?!\d)")
_NUMBER = r"(?:\d+(?:[,，]\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+)"
_AMOUNT = re.compile(
    rf"(?<![第\d.])(?P<n>{_NUMBER})(?P<u>[十百千]?[万亿]|[wWkK千百](?=[块元多钱]|$))?(?P<tail>[一二三四五六七八九\d](?![\d年月日号点个岁条天]))?(?P<more>多|几|来)?(?P<c>元|块钱|块|圆|人民币|塊)?"
)
_ARTICLE = re.compile(
    r"(?:《(?P<book>[^》]{2,20})》|(?P<law>(?:[一-鿿]{1,10}?)(?:法典|法|条例|解释|规定)))?\s*(?:的)?\s*第?(?P<n>\d{1,4}|[零一二三四五六七八九十百千]{1,9})条"
)
_REFERENCE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2,4}-?[A-Za-z0-9]{4,10})(?![A-Za-z0-9])")
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花"
    "方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝"
    "明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝"
    "管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫"
    "乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍"
    "赖卓蔺屠蒙池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连"
    "茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾"
    "毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公佘纪"
)
_TITLED = re.compile(
    rf"(?<![一-鿿])?(?P<name>[{_SURNAMES}][一-鿿]{{0,2}}?)(?P<title>大?律师|调解员|公证员|法律顾问|顾问|主任|所长|法官)(?!事务所|函|证|费|楼|行|咨询|会|谈)"
)
_CALLED = re.compile(
    rf"(?:我叫|我是叫|名字叫|名叫|姓名[:： ]?|叫做|他叫|她叫|对方叫)"
    rf"(?P<name>[{_SURNAMES}][一-鿿某×xX*]{{1,2}}(?![一-鿿]*(?:的人|了解)))"
)
_LOOKED_FOR = re.compile(
    rf"(?:找一下|查一下|联系一下|帮我找|帮我查|我找|我要找|想找|找|查|联系)(?P<name>[{_SURNAMES}][一-鿿]{{1,2}})$"
)
_ONLY_SURNAME_BEFORE = re.compile(r"(?:找|约|联系|请|跟|和|给|的|是|要|换|想找|位|个|名|叫|见|想|有|看|让|帮|问|同)$")
_ORGANIZATION = re.compile(r"[一-鿿]{2,12}(?:律师事务所|律所|公证处|司法鉴定所|鉴定所|人民调解委员会)")
_NOT_ORGANIZATION = re.compile(
    r"^(?:.*(?:那个|这个|哪个|那家|这家|哪家|那间|这间)|有没有|哪里有|什么|附近的?|最近的?|我想找|我要找|想找|找个|找|请问|一家|好的|有哪些|区里的?|镇上的?|村里的?|县里的?)"
)


def number(said: str) -> Decimal | None:
    """Return a number in digits or Chinese: 三千五百 → 3500; None when it is none."""
    plain = said.replace(",", "").replace("，", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return Decimal(plain)
    total = section = digit = 0
    for char in plain:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            unit = _UNITS[char]
            if unit >= 10_000:
                total, section, digit = (total + section + digit) * unit, 0, 0
            else:
                section, digit = section + (digit or 1) * unit, 0
        else:
            return None
    return Decimal(total + section + digit)


def find(text: str) -> Iterator[Span]:
    """Yield the entities of a text."""
    yield from _phones(text)
    yield from _articles(text)
    yield from _amounts(text)
    yield from _references(text)
    yield from _names(text)


def _phones(text: str) -> Iterator[Span]:
    for match in _MOBILE.finditer(text):
        yield Span("phone_number", "+86" + re.sub(r"\D", "", match[1]), match.start(), match.end())
    for match in _LANDLINE.finditer(text):
        yield Span("phone_number", f"+86{match[1][1:]}{match[2]}", match.start(), match.end())


def _articles(text: str) -> Iterator[Span]:
    for match in _ARTICLE.finditer(text):
        law = (
            re.sub(r"^.*?(?:问|看|查|讲|说|根据|按照|依据|下|的)", "", match["law"] or "")
            or match["law"]
            or match["book"]
        )
        value = number(match["n"])
        if value is not None and (law or match.group().startswith("第")):
            yield Span("law_article", {"law": law, "article": int(value)}, match.start(), match.end())


def _amounts(text: str) -> Iterator[Span]:
    for match in _AMOUNT.finditer(text):
        scaled, currency = match["u"] or "", match["c"]
        if not (currency or "万" in scaled or "亿" in scaled or match["n"].endswith(("万", "亿"))):
            continue
        value = number(match["n"])
        if value is None:
            continue
        for unit in scaled:
            value *= {"w": 10_000, "k": 1000}.get(unit.lower()) or _UNITS[unit]
        if match["tail"] and scaled:
            last = _UNITS.get(scaled[-1], 10_000)
            value += (number(match["tail"]) or 0) * last / 10
        yield Span("amount", format(value.normalize(), "f"), match.start(), match.end())


def _references(text: str) -> Iterator[Span]:
    for match in _REFERENCE.finditer(text):
        if re.search(r"\d", match[1]) and ("-" in match[1] or match[1].upper() == match[1]):
            yield Span("reference", match[1].upper(), match.start(), match.end())


def _names(text: str) -> Iterator[Span]:
    for match in _CALLED.finditer(text):
        yield Span("person_name", match["name"], match.start("name"), match.end("name"))
    for match in _LOOKED_FOR.finditer(text.rstrip("。，！？ ,.!?")):
        yield Span("person_name", match["name"], match.start("name"), match.end("name"))
    for match in _TITLED.finditer(text):
        before = text[: match.start()]
        if not before or not re.match(r"[一-鿿]", before[-1]) or _ONLY_SURNAME_BEFORE.search(before):
            yield Span("person_name", match.group(), match.start(), match.end())
    for match in _ORGANIZATION.finditer(text):
        said = _NOT_ORGANIZATION.sub("", match.group())
        stem = re.sub(r"(?:律师事务所|律所|公证处|司法鉴定所|鉴定所|人民调解委员会)$", "", said)
        if len(stem) >= 2:
            yield Span("organization_name", said, match.end() - len(said), match.end())
