"""Amounts, lengths of time, interest rates and days gone by, as citizens say them. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from bot.calculators.spans import Length
from bot.errors import InvalidField
from bot.understanding import patterns
from bot.understanding.numbers import number, spelled

_SPOKEN = "一二两三四五六七八九十百"
_NUM = rf"(?:\d{{1,4}}|[{_SPOKEN}]{{1,6}})"
# Not the tail of a longer number or of a written year (二〇二二年, 2022年); not the year or month of a date (22年6月).
_LENGTH = re.compile(
    rf"(?<![\d.零〇{_SPOKEN}年月/-])"
    rf"(?:(?:(?P<years>{_NUM}|半)年(?!\d{{1,2}}月|[{_SPOKEN}]{{1,3}}月|底|初|前)(?P<half>半)?)[零又多]?)?"
    # 一个月三千二 tells a wage, 一个月十五天 a length.
    rf"(?:(?P<months>(?![一1]个月\s*(?:(?!{_NUM}[天日])[\d{_SPOKEN}]|平均|工资|工钱|薪|底薪|拿|挣|赚|才|到手|发)){_NUM})个月[零又]?)?"
    rf"(?:(?P<days>{_NUM})[天日])?"
)
_PER = r"(?P<per>月|日|天|年)?(?:利率|利息|化|息|利|的?利)?[是为按算]?"
_PERCENT = re.compile(rf"{_PER}\s*(?:(?P<n>\d+(?:\.\d+)?)\s*[%％]|百分之(?P<cn>\d+(?:\.\d+)?|[零点{_SPOKEN}]+))")
_SMALL = re.compile(
    rf"(?P<per>日|天|月|年)(?:利率|息|利)?[是为按的]?(?P<of>万|千)分之(?P<n>\d+(?:\.\d+)?|[{_SPOKEN}]+)"
)
_FEN = re.compile(
    rf"(?P<per>(?<!个)月|(?<![\d半两{_SPOKEN}])年)?(?:利率|利息|利|息)?[是按为\s]*(?P<n>[{_SPOKEN}]|\d(?:\.\d)?)(?P<unit>分|厘)(?P<more>半|[一二三四五六七八九])?(?!之|割|[钟手])"
)
_NONE = re.compile(r"没(?:有)?(?:约定|写|讲|说|算)?[^，,。]{0,3}(?:利息|息)|无息|不算利息|没约利息|什么利息都没")
_TIMES_CAP = re.compile(r"(?:LPR|lpr|Lpr)?[^，,。]{0,4}(?:四倍|4倍)[^，,。]{0,4}(?:LPR|lpr)?")
_DIGITS = "零〇一二三四五六七八九"
_YEAR = rf"(?:\d{{4}}|[{_DIGITS}]{{4}}|(?<!\d)\d{{2}}(?=年|\.)|去年|前年|今年|明年)"
_DAY_NUM = rf"(?:\d{{1,2}}|[{_SPOKEN}]{{1,3}})"
_DATE = re.compile(
    rf"(?:(?P<year>{_YEAR})(?:年的?|[./-]|的|(?=\d)|(?=[{_SPOKEN}]))|(?<![\d.{_SPOKEN}]))"
    rf"(?P<month>{_DAY_NUM})(?:月份?|[./-])(?P<day>{_DAY_NUM})(?:[号日]|(?![\d.%％{_SPOKEN}万千元块个天年月]))"
)
_DAY = re.compile(rf"(?<![\d月{_SPOKEN}])(?P<day>{_DAY_NUM})[号](?![楼线店])")
_WORDS = {"大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "刚刚": 0}
# 到今天 is where counting ends, not where it begins.
_NEAR = re.compile(rf"(?<![到至])(?:{'|'.join(_WORDS)})")
# A lunar day is no calendar day that can be counted from; the solar one is asked for.
_LUNAR = re.compile(r"正月|腊月|冬月|初[一二三四五六七八九十]|廿|中秋|端午|除夕|农历|阴历|旧历")
# The app has no converter; these are the characters of the words that choose a calculator or an input.
_FOLD = str.maketrans(
    "標訴訟費減萬執離產遺繼資個幾還號時間賠補償單條決後過計億兩級額錢簽約訂勞動辭雙倍離婚覆議訴狀處罰書證據債務達",
    "标诉讼费减万执离产遗继资个几还号时间赔补偿单条决后过计亿两级额钱签约订劳动辞双倍离婚复议诉状处罚书证据债务达",
)
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1}


def simplified(text: str) -> str:
    """Return the words that the calculators look for in simplified characters; every character keeps its place."""
    return text.translate(_FOLD)


def amounts(text: str) -> list[Decimal]:
    """Return the amounts of money in running text, in yuan."""
    return [Decimal(span.value) for span in patterns.find(text) if span.entity == "amount"]


def asked_amount(text: str) -> Decimal | None:
    """Return an amount where one was asked for: a bare 5800 or 三万五 counts too."""
    found = amounts(text)
    return found[0] if found else number(re.sub(r"[\s元块钱大概约左右是有多吧的]", "", text))


def length(text: str) -> Length | None:
    """Return the first length of time: 三年零两个月, 2年半, 14个月, 413天."""
    for match in _LENGTH.finditer(text):
        if not match.group():
            continue
        years, months, days = (_int(match[name]) for name in ("years", "months", "days"))
        months += 6 if match["years"] == "半" or match["half"] else 0
        try:
            return Length(years * 12 + months, days)
        except InvalidField:
            continue
    return None


def _int(said: str | None) -> int:
    return int(number(said) or 0) if said and said != "半" else 0


def rates(text: str) -> tuple[Decimal, ...]:
    """Return the yearly rates that a text can mean: none, one, or both where 三分利 does not say a month or a year."""
    plain = _TIMES_CAP.sub("", text)
    if found := _SMALL.search(plain):
        return (_decimal(found["n"]) / (10_000 if found["of"] == "万" else 1000) * _times(found["per"]),)
    if found := _PERCENT.search(plain):
        return (_decimal(found["n"] or found["cn"]) / 100 * _times(found["per"]),)
    if found := _FEN.search(plain):
        part = _decimal(found["n"])
        part += Decimal("0.5") if found["more"] == "半" else _decimal(found["more"] or "0") / 10
        part /= 1 if found["unit"] == "分" else 10
        monthly, yearly = part / 100 * 12, part / 10
        return (monthly,) if found["per"] == "月" else (yearly,) if found["per"] == "年" else (monthly, yearly)
    return ()


def _times(per: str | None) -> int:
    return {"月": 12, "日": 365, "天": 365}.get(per or "年", 1)


def _decimal(said: str) -> Decimal:
    if re.fullmatch(r"\d+(?:\.\d+)?", said):
        return Decimal(said)
    whole, _, rest = said.partition("点")
    return (number(whole) or Decimal(0)) + (Decimal(f"0.{spelled(rest)}") if rest else Decimal(0))


def says_no_interest(text: str) -> bool:
    """Whether it says that no interest was agreed."""
    return bool(_NONE.search(text))


def says_four_times(text: str) -> bool:
    """Whether the highest permitted rate is asked for."""
    return bool(re.search(r"四倍|4倍|最高(?:那个)?(?:利率|标准|算)", text))


def day(text: str, today: date) -> date | None:
    """Return the day that a text names, in the past where the year is not said; None for a lunar day or half a date."""
    if _LUNAR.search(text):
        return None
    for date_said in _DATE.finditer(text):
        if found := _dated(date_said, today):
            return found
    if near := _NEAR.search(text):
        return today + timedelta(_WORDS[near.group()])
    if (match := _DAY.search(text)) and not re.search(r"\d月|[一二三四五六七八九十]月", text):
        return _past_day(_int(match["day"]), today)
    return None


def _dated(match: re.Match[str], today: date) -> date | None:
    month, mday, said = _int(match["month"]), _int(match["day"]), match["year"]
    try:
        if said:
            return date(_year(said, today), month, mday)
        found = date(today.year, month, mday)
        return found if found <= today else date(today.year - 1, month, mday)
    except ValueError:
        return None


def _year(said: str, today: date) -> int:
    if said in _YEARS:
        return today.year + _YEARS[said]
    year = int(spelled(said.replace("〇", "零")))
    return year + 2000 if year < 100 else year


def _past_day(mday: int, today: date) -> date | None:
    """Return the latest day of that number, not after today."""
    for back in range(62):
        found = today - timedelta(back)
        if found.day == mday:
            return found
    return None
